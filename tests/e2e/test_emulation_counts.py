"""Instruction counts under QEMU: exact, repeatable, and out of reach of the sandbox's limits."""

import contextlib
import itertools
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from coopbench.harness.emulation.emulator import Emulator
from coopbench.harness.emulation.find import find_emulator
from coopbench.harness.errors import MissingToolError
from coopbench.harness.sandbox.command import Sandbox
from coopbench.harness.sandbox.job import Completed, Job, memory_file
from coopbench.harness.sandbox.limits import Limits
from coopbench.harness.sandbox.overhead import measure_launch_overhead
from coopbench.harness.sandbox.probe import open_sandbox
from coopbench.harness.sandbox.run import run
from coopbench.harness.sandbox.session import Died, Finished, Session, Window
from coopbench.harness.sandbox.trusted import build_trusted
from coopbench.harness.toolchain.compilers import ARCHES, Arch

pytestmark = pytest.mark.e2e
SUPPORT = Path(__file__).parents[1] / "support"


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return open_sandbox()


@pytest.fixture(scope="module", params=ARCHES)
def emulator(request: pytest.FixtureRequest) -> Emulator:
    arch: Arch = request.param
    with contextlib.suppress(MissingToolError):
        return find_emulator(arch)
    pytest.skip(f"no counting emulator for {arch} on this machine")


def _run(emulator: Emulator, sandbox: Sandbox, source: str, *argv: str) -> Completed:
    exe = build_trusted(SUPPORT / source, emulator.arch)
    return run(Job(exe, argv, limits=Limits(wall_s=60, cpu_s=60), emulator=emulator), sandbox)


def test_counts_repeat_exactly(emulator: Emulator, sandbox: Sandbox) -> None:
    """Five runs of a program that allocates, formats and writes have one and the same count."""
    counts = {_run(emulator, sandbox, "guests.c", "addresses").instructions for _ in range(5)}
    assert len(counts) == 1
    assert None not in counts


def test_count_is_exact_by_difference(emulator: Emulator, sandbox: Sandbox) -> None:
    """A loop of two instructions, run n times more, retires exactly 2n instructions more."""
    counts = []
    for turns in (100_000, 1_100_000, 2_100_000):  # of equal width, so that parsing costs the same
        done = _run(emulator, sandbox, "guests.c", "loop", f"{turns:09}")
        assert done.ok
        assert done.instructions is not None
        counts.append(done.instructions)
    assert [b - a for a, b in itertools.pairwise(counts)] == [2_000_000, 2_000_000]


def test_windows_count_their_own_instructions(emulator: Emulator, sandbox: Sandbox) -> None:
    """A window has the same count in every launch, and no CPU time is claimed for it."""
    exe = build_trusted(SUPPORT / "drivers.c", emulator.arch)
    arena = memory_file("arena", bytes(4096))
    first: set[int | None] = set()
    second: set[int | None] = set()
    ends: set[int | None] = set()
    try:
        for _ in range(5):
            job = Job(exe, ("honest", "0", "10000", "0"), emulator=emulator)
            with Session(job, sandbox, arena) as session:
                assert session.wait_ready() is None
                windows = [session.go(), session.go()]
                end = session.finish()
            assert isinstance(end, Finished)
            assert end.teardown_cpu_s is None
            ends.add(end.instructions)
            for window, counts in zip(windows, (first, second), strict=True):
                assert isinstance(window, Window)
                assert (window.cpu_s, window.setup_cpu_s, window.threads) == (None, None, 1)
                counts.add(window.instructions)
    finally:
        os.close(arena)
    assert (len(first), len(second), len(ends)) == (1, 1, 1)
    (one,), (two,), (total,) = first, second, ends
    assert one is not None
    assert two is not None
    assert total is not None
    assert 10_000 < one < total
    assert abs(one - two) < 20  # the way out of the first wait differs from that of the second
    assert one + two < total


def test_programs_behave_as_natively(emulator: Emulator, sandbox: Sandbox) -> None:
    """Input, arguments, environment and exit codes go through the emulator unchanged."""
    exe = build_trusted(SUPPORT / "guests.c", emulator.arch)
    copied = run(Job(exe, ("copy",), stdin=b"a\nb", emulator=emulator), sandbox)
    shown = run(Job(exe, ("show", "é"), env={"A": "1=2"}, emulator=emulator), sandbox)
    ended = run(Job(exe, ("exit", "7"), emulator=emulator), sandbox)
    assert copied.stdout == b"a\nb"
    assert shown.stdout.decode().splitlines() == ["arg /subject", "arg show", "arg é", "env A=1=2"]
    assert ended.exit_code == 7


def test_environment_moves_the_count_only_by_a_constant(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    """Whatever the environment, the difference of two repetition counts is the same."""
    exe = build_trusted(SUPPORT / "guests.c", emulator.arch)
    differences = set()
    for env in ({}, {"PADDING": "x" * 1000}):
        jobs = (Job(exe, ("loop", n), env=env, emulator=emulator) for n in ("1000", "9000"))
        low, high = (run(job, sandbox).instructions for job in jobs)
        assert low is not None
        assert high is not None
        differences.add(high - low)
    assert differences == {16_000}


@pytest.mark.parametrize(("name", "number"), [("crash", signal.SIGSEGV), ("abort", signal.SIGABRT)])
def test_crash_of_the_guest_is_its_signal(
    emulator: Emulator, sandbox: Sandbox, name: str, number: signal.Signals
) -> None:
    """A guest's crash ends the emulator by the same signal."""
    done = _run(emulator, sandbox, "attacks.c", name)
    assert (done.exit_code, done.signal) == (None, number)


@pytest.mark.parametrize(
    "name",
    ["fork_daemon", "internet", "abstract_socket", "write_root", "kill_all", "shell", "io_uring"],
)
def test_emulated_attack_is_refused(emulator: Emulator, sandbox: Sandbox, name: str) -> None:
    """What the guest asks of the kernel meets the emulator's filter."""
    done = _run(emulator, sandbox, "attacks.c", name)
    assert done.exit_code == 0
    assert done.stdout.startswith(b"refused ")


def test_emulated_files_outside_do_not_exist(emulator: Emulator, sandbox: Sandbox) -> None:
    """The emulator's libraries are visible, the host's other files are not."""
    assert _run(emulator, sandbox, "attacks.c", "read_passwd").stdout == b"refused 2\n"


def test_guest_that_starts_a_thread_is_ended(emulator: Emulator, sandbox: Sandbox) -> None:
    """A second virtual processor would make counts inexact; it ends the guest."""
    done = _run(emulator, sandbox, "attacks.c", "thread")
    assert not done.ok
    assert b"achieved" not in done.stdout


def test_emulated_flood_and_allocation_end_at_their_limits(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    """Output and memory of an emulated program are limited like any other's."""
    exe = build_trusted(SUPPORT / "attacks.c", emulator.arch)
    limits = Limits(wall_s=60, cpu_s=60, memory_bytes=300 << 20, output_bytes=1 << 20)
    flood = run(Job(exe, ("flood_stdout",), limits=limits, emulator=emulator), sandbox)
    greedy = run(Job(exe, ("allocate",), limits=limits, emulator=emulator), sandbox)
    assert flood.output_exceeded
    assert len(flood.stdout) == 1 << 20
    assert greedy.exit_code == 0
    assert int(greedy.stdout) < 1500


def test_emulated_endless_loop_times_out(emulator: Emulator, sandbox: Sandbox) -> None:
    """The wall limit ends an emulated program, and its session, too."""
    exe = build_trusted(SUPPORT / "attacks.c", emulator.arch)
    done = run(Job(exe, ("spin",), limits=Limits(wall_s=1), emulator=emulator), sandbox)
    assert done.timed_out


def test_emulated_death_in_a_window_is_reported(emulator: Emulator, sandbox: Sandbox) -> None:
    """The handshake finds an emulated driver that exits without saying `done`."""
    exe = build_trusted(SUPPORT / "drivers.c", emulator.arch)
    arena = memory_file("arena", bytes(4096))
    job = Job(exe, ("in_window", "exit"), emulator=emulator)
    try:
        with Session(job, sandbox, arena) as session:
            assert session.wait_ready() is None
            died = session.go()
    finally:
        os.close(arena)
    assert isinstance(died, Died)
    assert (died.kind, died.detail) == ("exited", "exit code 0 in the window")


def test_without_plugin_nothing_is_counted(emulator: Emulator, sandbox: Sandbox) -> None:
    """An emulator without the plugin runs programs and claims no count."""
    exe = build_trusted(SUPPORT / "guests.c", emulator.arch)
    done = run(Job(exe, ("exit", "0"), emulator=replace(emulator, plugin=None)), sandbox)
    assert done.ok
    assert done.instructions is None


def test_emulated_launch_overhead_is_measured(emulator: Emulator, sandbox: Sandbox) -> None:
    """The idle driver of the guest's architecture goes through the whole handshake."""
    assert measure_launch_overhead(sandbox, 2, emulator).median_s > 0
