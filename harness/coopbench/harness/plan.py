"""Makes a plan from names: what is judged, by whom, on which targets."""

from collections.abc import Iterable, Mapping, Sequence

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.errors import UsageError
from coopbench.harness.model import Target
from coopbench.harness.optimizer import Optimizer
from coopbench.harness.record import Plan
from coopbench.harness.registry import unknown_name
from coopbench.harness.store_rows import TrialKey


def choose_benchmarks(names: Sequence[str], known: Mapping[str, Benchmark]) -> tuple[str, ...]:
    """Return the chosen benchmarks' names, all if none is named.

    Raises:
        UsageError: for an unknown name, with the nearest known one.
    """
    return _choose("benchmark", names, known)


def choose_entrants(
    names: Sequence[str], known: Mapping[str, Optimizer], *, ceilings: bool = False
) -> tuple[str, ...]:
    """Return the chosen entrants' names, all that compete if none is named.

    Args:
        names: As the user gave them.
        known: All that may be chosen.
        ceilings: Add the reference ceilings, which show how much there is to gain.

    Raises:
        UsageError: for an unknown name, with the nearest known one.
    """
    above = tuple(name for name, e in known.items() if e.kind == "ceiling")
    competing = {name: e for name, e in known.items() if name not in above}
    chosen = _choose("entrant", names, known if names else competing)
    return tuple(dict.fromkeys((*chosen, *above))) if ceilings else chosen


def trial_keys(plan: Plan, targets: Iterable[Target]) -> tuple[TrialKey, ...]:
    """Return every trial of a plan on the given targets."""
    return tuple(
        TrialKey(entrant, benchmark, target.name, repetition)
        for target in targets
        for benchmark in plan.benchmarks
        for entrant in plan.entrants
        for repetition in range(plan.repetitions)
    )


def _choose(what: str, names: Sequence[str], known: Mapping[str, object]) -> tuple[str, ...]:
    if not known:
        raise UsageError(f"there is no {what} to choose from")
    for name in names:
        if name not in known:
            raise unknown_name(what, name, known)
    return tuple(dict.fromkeys(names)) or tuple(known)
