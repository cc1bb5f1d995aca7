"""Counting by block under QEMU: the sums are exact, and code is found where it lies."""

import contextlib
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from coopbench.harness.emulation.blocks import BlockCounts, BlockTable
from coopbench.harness.emulation.counter import Counter
from coopbench.harness.emulation.emulator import BLOCKS_FD, Emulator
from coopbench.harness.emulation.find import find_emulator
from coopbench.harness.emulation.plugin import GUEST_INSTRUCTIONS, build_guest
from coopbench.harness.errors import MissingToolError
from coopbench.harness.sandbox.command import Sandbox
from coopbench.harness.sandbox.job import Job
from coopbench.harness.sandbox.limits import Limits
from coopbench.harness.sandbox.probe import open_sandbox
from coopbench.harness.sandbox.run import run
from coopbench.harness.sandbox.trusted import build_trusted
from coopbench.harness.toolchain.compilers import ARCHES, Arch

pytestmark = pytest.mark.e2e
SUPPORT = Path(__file__).parents[1] / "support"


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    """Return the sandbox of this machine."""
    return open_sandbox()


@pytest.fixture(scope="module", params=ARCHES)
def emulator(request: pytest.FixtureRequest) -> Emulator:
    """Return the counting emulator of each architecture."""
    arch: Arch = request.param
    with contextlib.suppress(MissingToolError):
        return find_emulator(arch)
    pytest.skip(f"no counting emulator for {arch} on this machine")


def counted(emulator: Emulator, sandbox: Sandbox, exe: Path, *argv: str) -> tuple[int, BlockCounts]:
    """Return the instruction count and the blocks of one run."""
    with BlockTable() as table:
        job = Job(
            exe,
            argv,
            limits=Limits(wall_s=60, cpu_s=60),
            emulator=replace(emulator, by_block=True),
            fds={BLOCKS_FD: table.fd},
        )
        done = run(job, sandbox)
        assert done.ok
        assert done.instructions is not None
        return done.instructions, table.counts()


def test_the_known_guest_is_one_loop(emulator: Emulator, sandbox: Sandbox) -> None:
    """All but a few of the guest's instructions are the 49,999 turns back of its loop."""
    total, blocks = counted(emulator, sandbox, build_guest(emulator.arch))
    assert total == blocks.instructions == GUEST_INSTRUCTIONS
    assert blocks.rest == 0
    hottest = max(blocks.executions, key=lambda s: blocks.executions[s])
    assert (hottest.length, blocks.executions[hottest]) == (2, 49_999)


def test_counting_by_block_counts_the_same(emulator: Emulator, sandbox: Sandbox) -> None:
    """A program with formatting, allocation and output has one count in both modes."""
    exe = build_trusted(SUPPORT / "guests.c", emulator.arch)
    plain = run(Job(exe, ("addresses",), emulator=emulator), sandbox).instructions
    first = counted(emulator, sandbox, exe, "addresses")
    second = counted(emulator, sandbox, exe, "addresses")
    assert first == second
    assert plain == first[0] == first[1].instructions
    assert len(first[1].executions) > 100


def test_differences_show_the_loop_alone(emulator: Emulator, sandbox: Sandbox) -> None:
    """A loop of two instructions that turns a million times more leaves one stretch."""
    exe = build_trusted(SUPPORT / "guests.c", emulator.arch)
    few, many = (counted(emulator, sandbox, exe, "loop", n)[1] for n in ("0100000", "1100000"))
    more = many.minus(few)
    assert more.instructions == 2_000_000
    ((stretch, times),) = [(s, n) for s, n in more.executions.items() if n > 1000]
    assert (stretch.length, times) == (2, 1_000_000)


def test_a_missing_table_stops_the_emulator(emulator: Emulator) -> None:
    """Without the file it was promised, the plugin refuses to run rather than count nothing."""
    with Counter() as counter:
        command = (
            str(emulator.executable),
            *("-plugin", f"{emulator.plugin},fd={counter.fd},blocks=9"),
            str(build_guest(emulator.arch)),
        )
        done = subprocess.run(command, capture_output=True, pass_fds=(counter.fd,), check=False)
        assert done.returncode != 0
        assert counter.instructions == 0
