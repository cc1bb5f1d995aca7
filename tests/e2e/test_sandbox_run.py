"""Well-behaved programs in the sandbox get exactly what they were given."""

import os
from pathlib import Path

import pytest

from coopbench.harness.sandbox import probe
from coopbench.harness.sandbox.bwrap import find_bubblewraps
from coopbench.harness.sandbox.command import Sandbox
from coopbench.harness.sandbox.job import Job, memory_file
from coopbench.harness.sandbox.limits import Limits
from coopbench.harness.sandbox.overhead import measure_launch_overhead
from coopbench.harness.sandbox.probe import open_sandbox
from coopbench.harness.sandbox.run import run
from coopbench.harness.sandbox.trusted import build_trusted
from coopbench.harness.toolchain.compilers import ARCHES, Arch

pytestmark = pytest.mark.e2e
SOURCE = Path(__file__).parents[1] / "support" / "guests.c"
LAUNCHER = Path(probe.__file__).parent / "launcher.c"
TIERS = [b.version for b in find_bubblewraps()]


@pytest.fixture(scope="module")
def guests() -> Path:
    return build_trusted(SOURCE)


@pytest.fixture(scope="module", params=TIERS)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Every bubblewrap of this machine."""
    return open_sandbox(
        find=lambda: tuple(b for b in find_bubblewraps() if b.version == request.param)
    )


@pytest.mark.parametrize("data", [b"", b"x", b"no newline", os.urandom(300_000)], ids=len)
def test_stdin_bytes_reach_stdout(sandbox: Sandbox, guests: Path, data: bytes) -> None:
    """A program that copies its input gives back every byte, and nothing on standard error."""
    done = run(Job(guests, ("copy",), stdin=data), sandbox)
    assert done.ok
    assert (done.stdout, done.stderr) == (data, b"")


def test_one_memory_file_serves_many_launches(sandbox: Sandbox, guests: Path) -> None:
    """A descriptor as standard input is read from its start every time, whatever its position."""
    fd = memory_file("input", b"line\n" * 10_000)
    try:
        outputs = [run(Job(guests, ("copy",), stdin=fd), sandbox).stdout for _ in range(3)]
    finally:
        os.close(fd)
    assert outputs == [b"line\n" * 10_000] * 3


def test_missing_stdin_is_empty(sandbox: Sandbox, guests: Path) -> None:
    """Without standard input a program reads end of file, not the terminal."""
    assert run(Job(guests, ("copy",)), sandbox).stdout == b""


def test_arguments_and_environment_are_exact(sandbox: Sandbox, guests: Path) -> None:
    """Arguments arrive unchanged, the program name is fixed, no variable of ours leaks in."""
    words = ("show", "", "a b", "--", "é", "x=1")
    done = run(Job(guests, words, env={"B": "2=2", "A": ""}), sandbox)
    lines = done.stdout.decode().splitlines()
    assert lines == [*(f"arg {w}" for w in ("/subject", *words)), "env B=2=2", "env A="]


@pytest.mark.parametrize("code", [0, 1, 7, 125, 137, 255])
def test_exit_codes_are_no_signals(sandbox: Sandbox, guests: Path, code: int) -> None:
    """Each exit code arrives, also those that a shell or bubblewrap uses for signals."""
    done = run(Job(guests, ("exit", str(code))), sandbox)
    assert (done.exit_code, done.signal, done.timed_out) == (code, None, False)
    assert done.ok is (code == 0)


def test_exactly_the_output_limit_is_allowed(sandbox: Sandbox, guests: Path) -> None:
    """Output of the limit's size is complete; one byte more is an excess."""
    limits = Limits(output_bytes=5000)
    exact = run(Job(guests, ("copy",), stdin=b"y" * 5000, limits=limits), sandbox)
    above = run(Job(guests, ("copy",), stdin=b"y" * 5001, limits=limits), sandbox)
    assert (exact.ok, exact.output_exceeded, len(exact.stdout)) == (True, False, 5000)
    assert (above.ok, above.output_exceeded, len(above.stdout)) == (False, True, 5000)


def test_named_files_are_readable(sandbox: Sandbox, guests: Path, tmp_path: Path) -> None:
    """A file given for reading appears at its path inside, and cannot be written."""
    (tmp_path / "data.txt").write_text("hello\n", "ascii")
    shown = {"/input/data.txt": tmp_path / "data.txt"}
    read = run(Job(guests, ("read", "/input/data.txt"), read_only=shown), sandbox)
    write = run(Job(guests, ("write", "/input/data.txt"), read_only=shown), sandbox)
    assert read.stdout == b"hello\n"
    assert write.exit_code == 3
    assert (tmp_path / "data.txt").read_text("ascii") == "hello\n"


def test_writable_folders_keep_what_is_written(
    sandbox: Sandbox, guests: Path, tmp_path: Path
) -> None:
    """A folder given for writing has the file afterwards; beside it nothing can be written."""
    job = Job(guests, ("write", "/output/result"), writable={"/output": tmp_path})
    assert run(job, sandbox).ok
    assert (tmp_path / "result").read_text("ascii") == "written\n"
    outside = Job(guests, ("write", "/result"), writable={"/output": tmp_path})
    assert run(outside, sandbox).exit_code == 3


def test_private_tmp_is_writable_and_fresh(sandbox: Sandbox, guests: Path) -> None:
    """A private /tmp exists only on request and starts empty."""
    written = run(Job(guests, ("write", "/tmp/file"), tmp_bytes=1 << 20), sandbox)
    again = run(Job(guests, ("read", "/tmp/file"), tmp_bytes=1 << 20), sandbox)
    without = run(Job(guests, ("write", "/tmp/file")), sandbox)
    assert (written.exit_code, again.exit_code, without.exit_code) == (0, 3, 3)
    assert not Path("/tmp/file").exists()


def test_processor_is_the_named_one(sandbox: Sandbox, guests: Path) -> None:
    """A bound job may run on its processor only."""
    for cpu in sorted(os.sched_getaffinity(0)):
        done = run(Job(guests, ("processors",), cpu=cpu), sandbox)
        assert done.stdout.split() == [str(cpu).encode()]


def test_layout_is_fixed_only_on_request(sandbox: Sandbox, guests: Path) -> None:
    """Without randomization stack and heap lie at the same place in every launch."""
    fixed = {run(Job(guests, ("addresses",), aslr=False), sandbox).stdout for _ in range(4)}
    varied = {run(Job(guests, ("addresses",)), sandbox).stdout for _ in range(4)}
    assert len(fixed) == 1
    assert len(varied) > 1


def test_usage_is_the_subjects(sandbox: Sandbox, guests: Path) -> None:
    """Memory, faults and CPU time are what the program did, not what the sandbox costs."""
    idle = run(Job(guests, ("exit", "0")), sandbox).usage
    busy = run(Job(guests, ("touch", "64")), sandbox).usage
    work = run(Job(guests, ("loop", "100000000")), sandbox).usage
    assert busy.max_rss_kib - idle.max_rss_kib > 60 * 1024
    # huge pages may back the block, then there is one fault per 2 MiB
    assert busy.minor_faults - idle.minor_faults >= 30
    assert idle.cpu_s < 0.01 < work.cpu_s <= work.wall_s * 1.01


def test_launch_overhead_is_measured(sandbox: Sandbox) -> None:
    """The idle driver goes through the whole handshake; its launches cost something."""
    overhead = measure_launch_overhead(sandbox, 3)
    assert overhead.launches == 3
    assert 0 < overhead.median_s <= overhead.worst_s


@pytest.mark.parametrize("arch", ARCHES)
def test_launcher_and_its_filter_compile_for_every_architecture(arch: Arch) -> None:
    """The tables of system calls exist for both architectures (compiled with -Werror)."""
    launcher = build_trusted(LAUNCHER, arch)
    machine = int.from_bytes(launcher.read_bytes()[18:20], "little")  # e_machine
    assert machine == {"x86_64": 62, "aarch64": 183}[arch]
