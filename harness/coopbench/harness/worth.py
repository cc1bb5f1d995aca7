"""Measures what a trial's proposed tests are worth, by the mutants they kill."""

import random
import time
from collections.abc import Iterator
from typing import Any

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Outcome, Rung, Verdict
from coopbench.harness.mutants import seed_mutants
from coopbench.harness.proposals import ProposedWorkloads, failed_proposal
from coopbench.harness.referee import BASELINE, Referee
from coopbench.harness.testworth import TestWorth

MUTANTS = 12
"""Most mutants that are judged."""
SECONDS = 60.0
"""No further mutant is begun after this time; one that hangs takes a launch's whole limit."""

_UNBORN = frozenset({Outcome.BUILD_FAILED, Outcome.REJECTED_BY_SCAN})


def measure_worth(
    referee: Referee[Any, Any], proposals: ProposedWorkloads[Any, Any], seed: int
) -> TestWorth:
    """Return how many seeded wrong candidates the visible and the proposed tests find.

    Call it after the search, never while an entrant can see the result. With the same seed the
    mutants are the same, and the referee remembers their verdicts, so that further trials of a
    benchmark cost little more than running the proposed tests.

    Args:
        referee: Of the benchmark and target.
        proposals: The trial's.
        seed: Of the choice of mutants.

    Raises:
        InfraError: if the machine fails.
    """
    mutants = wrong = visible = both = beyond = 0
    start = time.monotonic()
    for candidate in _candidates(referee, seed):
        if mutants == MUTANTS or time.monotonic() - start > SECONDS:
            break
        examined = referee.examine(candidate)
        verdict = examined.verdict
        if verdict.outcome in _UNBORN or referee.is_baseline(examined):
            continue  # it does not compile, or to the same code: no mutant at all
        mutants += 1
        at_once = _failed_at(verdict) is Rung.VISIBLE
        found = not at_once and _found(referee, candidate, proposals)
        wrong += not verdict.passed
        visible += at_once
        both += not verdict.passed and (at_once or found)
        beyond += verdict.passed and found
    return TestWorth(
        mutants=mutants,
        wrong=wrong,
        killed_visible=visible,
        killed_with_proposed=both,
        beyond_ladder=beyond,
        rejected_candidates=tuple(sorted(proposals.rejected)),
        accepted=proposals.accepted,
        refused=proposals.refused,
    )


def _candidates(referee: Referee[Any, Any], seed: int) -> Iterator[Candidate]:
    """Yield mutants of all source files; some more than are judged, as not all compile."""
    files = referee.benchmark.files
    sources = sorted(name for name in files if name.endswith(".c"))
    made = [(n, m) for n in sources for m in seed_mutants(files[n], None, 2 * MUTANTS, seed)]
    if len(sources) > 1:
        random.Random(seed).shuffle(made)  # noqa: S311 - a choice, no secret
    for name, mutant in made:
        yield Candidate(
            benchmark=referee.benchmark.name,
            level=Level.C,
            files={**files, name: mutant.text},
            recipe=BASELINE,
            made_by="mutation",
            note=mutant.description,
        )


def _found(
    referee: Referee[Any, Any],
    candidate: Candidate,
    proposals: ProposedWorkloads[Any, Any],
) -> bool:
    if not proposals.batches:
        return False
    return failed_proposal(referee.check_visible(candidate, proposals.batches))


def _failed_at(verdict: Verdict) -> Rung | None:
    return None if verdict.passed else verdict.evidence[-1].rung
