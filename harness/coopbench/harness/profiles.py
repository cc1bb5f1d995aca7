"""Where the references spend their instructions: a run's last, exact and unjudged observation."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from coopbench.harness.errors import InfraError
from coopbench.harness.model import Target
from coopbench.harness.optimizer import BuildFailed
from coopbench.harness.record import HotSpot, Profile
from coopbench.harness.referee import Referee
from coopbench.harness.tools.toolbox import Toolbox

HOTTEST = 5
"""Basic blocks that are kept of each profile."""


class _NoWatch:
    """Times nothing: nobody is charged."""

    def compiling(self) -> AbstractContextManager[None]:
        """Let it be."""
        return nullcontext()

    def running(self) -> AbstractContextManager[None]:
        """Let it be."""
        return nullcontext()


def profile_all(
    referee: Callable[[str, Target], Referee[Any, Any]], cells: Iterable[tuple[str, Target]]
) -> tuple[Profile, ...]:
    """Profile the references of benchmarks on targets, on all processors.

    What cannot be profiled (nothing counts for the target here, or the machine fails) is left
    out: a profile decides nothing, so it must not spoil a run.
    """
    with ThreadPoolExecutor(max(1, len(os.sched_getaffinity(0))), "profile") as pool:
        futures = [pool.submit(_profile, referee, name, target) for name, target in cells]
        return tuple(p for f in futures if (p := f.result()) is not None)


def _profile(
    referee: Callable[[str, Target], Referee[Any, Any]], name: str, target: Target
) -> Profile | None:
    try:
        judge = referee(name, target)
        blocks = Toolbox(judge).hot_blocks(_NoWatch(), judge.baseline.candidate)
    except InfraError:
        return None
    if blocks is None or isinstance(blocks, BuildFailed):
        return None
    hottest = sorted(blocks, key=lambda b: -b.share)[:HOTTEST]
    return Profile(
        benchmark=name,
        target=target.name,
        instructions=sum(b.instructions * b.executions for b in blocks),
        hottest=tuple(
            HotSpot(function=b.function, instructions=b.instructions, share=round(b.share, 6))
            for b in hottest
        ),
    )
