"""How many calls make a launch long enough, and how much work a planted slowdown takes."""

import math
import statistics
from pathlib import Path

from coopbench.harness.cases import Cases, Conditions, Failure, Inputs, Observed
from coopbench.harness.errors import InfraError, UsageError

TARGET_WINDOW_S = 0.008
"""Aimed-at length of the timed window of one launch, in CPU seconds."""
MAX_WINDOW_S = 0.5
"""A single call longer than this makes a run take hours; the benchmark's `ref` is too large."""
_CHAIN = 4_000_000


def calibrate_reps(
    cases: Cases[Inputs, Observed], exe: Path, seed: int, most: int, name: str
) -> int:
    """Return the number of calls per launch that make the baseline's window about 8 ms long.

    Args:
        cases: The benchmark's inputs.
        exe: The baseline.
        seed: Seed of the trial inputs.
        most: Upper limit, from memory.
        name: The benchmark's name, for messages.

    Raises:
        UsageError: if one call takes too long to be timed.
        InfraError: if the baseline fails.
    """
    once = _cpu(cases, exe, seed, 1)
    if once > MAX_WINDOW_S:
        raise UsageError(
            f"benchmark {name!r}: one call of size `ref` takes {once:.2f} s; make it 0.3 to 3 ms"
        )
    few = max(1, min(most, math.ceil(TARGET_WINDOW_S / 4 / max(once, 1e-7))))
    per_call = _cpu(cases, exe, seed, few) / few
    return max(1, min(most, math.ceil(TARGET_WINDOW_S / max(per_call, 1e-7))))


def calibrate_work(
    cases: Cases[Inputs, Observed], exe: Path, seed: int, reps: int, slowdown: float
) -> int:
    """Return the iterations of the driver's chain that slow a launch down by a known share.

    Raises:
        InfraError: if the baseline fails.
    """
    window = statistics.median(_cpu(cases, exe, seed + i, reps) for i in range(5))
    with_chain = statistics.median(_cpu(cases, exe, seed + i, reps, _CHAIN) for i in range(5))
    per_iteration = max(with_chain - window, 1e-6) / _CHAIN
    return round(slowdown * window / per_iteration)


def _cpu(
    cases: Cases[Inputs, Observed], exe: Path, seed: int, reps: int, extra_work: int = 0
) -> float:
    batch = cases.timed(f"calibration {seed} {reps}", seed, reps)
    run = cases.time(exe, batch, Conditions(extra_work=extra_work))
    if isinstance(run, Failure):
        raise InfraError(f"the baseline failed while calibrating: {run.detail}")
    return run[1].value
