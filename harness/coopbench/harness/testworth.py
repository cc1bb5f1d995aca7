"""The record of what a trial's proposed tests were worth."""

from typing import ClassVar

from coopbench.harness.base import Frozen
from coopbench.harness.ledger import Count


class TestWorth(Frozen):
    """How much the proposed tests find that the visible tests alone do not.

    Measured after the search on seeded wrong candidates (mutation analysis, DeMillo, Lipton and
    Sayward 1978); nobody who searches ever learns of it.
    """

    __test__: ClassVar[bool] = False  # not a test case, whatever its name begins with

    mutants: Count
    """Mutants judged by the whole ladder, hidden tests included; those that do not build, or build
    to the baseline's own code, do not count."""
    wrong: Count
    """Of these, known to be wrong because the ladder rejects them; the others may be equivalent
    to the original and count for nothing."""
    killed_visible: Count
    """Of the wrong ones, rejected by the visible tests alone."""
    killed_with_proposed: Count
    """Of the wrong ones, rejected by the visible and the proposed tests."""
    beyond_ladder: Count = 0
    """Mutants that the proposed tests reject although the whole ladder lets them pass; not among
    the wrong ones."""
    rejected_candidates: tuple[str, ...] = ()
    """Ids of the trial's candidates that passed the visible tests and failed a proposed one."""
    accepted: Count
    """Proposals that became tests."""
    refused: Count
    """Proposals that were refused: illegal, duplicates, or too large."""
