"""What a launch costs beyond its window: sandbox, handshake and the parent's own work."""

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.emulation.emulator import Emulator
from coopbench.harness.errors import InfraError
from coopbench.harness.sandbox.command import Sandbox
from coopbench.harness.sandbox.job import Job, memory_file
from coopbench.harness.sandbox.session import Session
from coopbench.harness.sandbox.trusted import build_trusted
from coopbench.harness.sandbox.window import Died


@dataclass(frozen=True)
class Overhead:
    """Wall seconds of launches of an idle driver, without their windows."""

    launches: int
    median_s: float
    worst_s: float


def measure_launch_overhead(
    sandbox: Sandbox, launches: int, emulator: Emulator | None = None
) -> Overhead:
    """Launch an idle driver repeatedly and time everything around its window.

    Args:
        sandbox: What confines it.
        launches: How often.
        emulator: Launches under this emulator instead of natively.

    Raises:
        InfraError: if the idle driver fails.
    """
    source = Path(__file__).parent / "probe.c"
    job = Job(
        build_trusted(source, emulator.arch if emulator else None), ("idle",), emulator=emulator
    )
    arena = memory_file("arena", bytes(4096))
    try:
        seconds = [_launch(job, sandbox, arena) for _ in range(launches)]
    finally:
        os.close(arena)
    return Overhead(launches, statistics.median(seconds), max(seconds))


def _launch(job: Job, sandbox: Sandbox, arena: int) -> float:
    start = time.perf_counter()
    with Session(job, sandbox, arena) as session:
        ready = session.wait_ready()
        window = session.go()
        end = session.finish()
    seconds = time.perf_counter() - start
    if isinstance(window, Died) or ready is not None or isinstance(end, Died):
        raise InfraError(f"the idle driver failed: {ready or window} {end}")
    return seconds - window.wall_s
