"""How the budget is distributed between the levels: one policy, one small file of this package.

A module of this package is a policy: its name is the policy's, its `make(argument)` returns
one. What follows a colon in a policy's name is the argument, e.g. `single:ir`.
"""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from coopbench.harness.base import Level
from coopbench.harness.errors import UsageError
from coopbench.harness.ledger import Amounts, Currency
from coopbench.harness.registry import unknown_name


@dataclass(frozen=True)
class Slice:
    """One finished step of a search: what it was spent on, and what it brought."""

    level: Level | None
    """Level it worked on; None if none in particular, e.g. for new tests."""
    spent: Amounts
    """What the trial spent meanwhile: the choice of the step included, so that nothing that a
    level costs is left out."""
    gain_before: float
    """Best verified gain before it; 1 is the original's."""
    gain_after: float


@dataclass(frozen=True)
class State:
    """All that a policy may look at."""

    levels: frozenset[Level]
    """Levels that can be worked on at all."""
    slices: tuple[Slice, ...]
    """Finished steps, in order."""
    seed: int
    """The trial's seed, the only source of chance: a replay takes the same path."""


class Policy(Protocol):
    """Says which levels the next step may be spent on."""

    @property
    def name(self) -> str:
        """Its name, argument included."""

    def levels(self, state: State) -> frozenset[Level]:
        """Return the open levels; none ends the search."""


def policy(name: str) -> Policy:
    """Return the policy of a name, e.g. `uniform` or `single:ir`.

    Raises:
        UsageError: if there is none, or its argument is wrong.
    """
    kind, _, argument = name.partition(":")
    known = [m.name for m in pkgutil.iter_modules(__path__)]
    if kind not in known:
        raise unknown_name("policy", kind, known)
    made: Policy = import_module(f"{__name__}.{kind}").make(argument)
    return made


def spent_by_level(
    slices: tuple[Slice, ...], currency: Currency = Currency.TOKENS
) -> Mapping[Level, int]:
    """Return what was spent on each level.

    Args:
        slices: The finished steps.
        currency: In what to count. If no step spent any of it, calls of models are counted
            instead, and steps if there were no calls either.
    """
    worked = [s for s in slices if s.level is not None]
    unit = next(
        (c for c in (currency, Currency.MODEL_CALLS) if any(s.spent.of(c) for s in worked)), None
    )
    sums = dict.fromkeys(Level, 0)
    for s in worked:
        assert s.level is not None
        sums[s.level] += 1 if unit is None else s.spent.of(unit)
    return sums


def no_argument(kind: str, argument: str) -> None:
    """Refuse an argument for a policy that takes none."""
    if argument:
        raise UsageError(f"policy {kind!r} takes no argument, so not {argument!r}")
