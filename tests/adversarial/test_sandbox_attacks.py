"""Hostile programs in the sandbox: each attack is refused or ended, and leaves nothing behind."""

import contextlib
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coopbench.harness.sandbox.bwrap import find_bubblewraps
from coopbench.harness.sandbox.command import Sandbox
from coopbench.harness.sandbox.job import Completed, Job
from coopbench.harness.sandbox.limits import Limits
from coopbench.harness.sandbox.probe import open_sandbox
from coopbench.harness.sandbox.run import run
from coopbench.harness.sandbox.spawn import Launched
from coopbench.harness.sandbox.trusted import build_trusted

pytestmark = pytest.mark.e2e
SOURCE = Path(__file__).parents[1] / "support" / "attacks.c"
MIB = 1 << 20
TIERS = [f"bubblewrap-{b.version}" for b in find_bubblewraps()] + ["unsafe"]


@pytest.fixture(scope="module")
def attacks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The attack program, as a file that no other test runs."""
    return Path(shutil.copy(build_trusted(SOURCE), tmp_path_factory.mktemp("attacks")))


@pytest.fixture(scope="module", params=TIERS)
def sandbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """Each tier of this machine, with a launcher of its own."""
    if request.param == "unsafe":
        opened = open_sandbox(unsafe=True)
    else:
        wanted = [b for b in find_bubblewraps() if request.param == f"bubblewrap-{b.version}"]
        opened = open_sandbox(find=lambda: tuple(wanted))
    launcher = shutil.copy(opened.launcher, tmp_path_factory.mktemp("launcher"))
    return replace(opened, launcher=Path(launcher))


@pytest.fixture(autouse=True)
def _nothing_left_behind(sandbox: Sandbox, attacks: Path) -> Iterator[None]:
    """After every attack no process runs our programs and no descriptor stays open."""
    before = _descriptors()
    yield
    assert _running(attacks) == []
    assert _running(sandbox.launcher) == []
    assert _descriptors() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _running(exe: Path) -> list[str]:
    """Return the processes of this host that run a file, whatever its path inside a sandbox."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "exe").samefile(exe):
                found.append(entry.name)
    return found


def _attack(sandbox: Sandbox, exe: Path, name: str, limits: Limits | None = None) -> Completed:
    return run(Job(exe, (name,), limits=limits or Limits(wall_s=20)), sandbox)


REFUSED = [
    "fork_daemon",
    "thread",
    "map_code",
    "make_code",
    "abstract_socket",
    "raise_limit",
    "write_root",
    "write_tmp",
    "write_self",
    "rename_self",
    "internet",
    "trace",
    "user_namespace",
    "mount",
    "kill_launcher",
    "kill_all",
    "shell",
    "become_launcher",
    "new_session",
    "priority",
    "shared_memory",
    "perf_event",
    "io_uring",
    "set_clock",
    "no_death_signal",
]


@pytest.mark.parametrize("name", REFUSED)
def test_attempt_is_refused_by_the_filter(sandbox: Sandbox, attacks: Path, name: str) -> None:
    """The system call fails with EPERM in every tier, and the subject goes on."""
    done = _attack(sandbox, attacks, name)
    assert done.stdout.decode() == f"refused {errno.EPERM}\n"
    assert done.exit_code == 0


@pytest.mark.parametrize("name", ["read_passwd", "read_memory"])
def test_files_outside_do_not_exist(sandbox: Sandbox, attacks: Path, name: str) -> None:
    """In bubblewrap there is no file but the subject and the launcher."""
    if sandbox.bwrap is None:
        pytest.skip("files can be read without bubblewrap, which is why it is called unsafe")
    assert _attack(sandbox, attacks, name).stdout.decode() == f"refused {errno.ENOENT}\n"


def test_fork_bomb_has_no_children(sandbox: Sandbox, attacks: Path) -> None:
    """Not one of 200 forks succeeds."""
    assert _attack(sandbox, attacks, "fork_bomb").stdout == b"0 children, 200 failures\n"


@pytest.mark.parametrize("name", ["spin", "sleep", "spin_stubbornly"])
def test_endless_program_ends_at_the_wall_limit(sandbox: Sandbox, attacks: Path, name: str) -> None:
    """An endless loop, an endless sleep and one that ignores signals are killed and named so."""
    done = _attack(sandbox, attacks, name, Limits(wall_s=0.3))
    assert done.timed_out
    assert (done.exit_code, done.signal) == (None, signal.SIGKILL)
    assert done.usage.wall_s >= 0.3


@pytest.mark.parametrize("name", ["spin", "spin_stubbornly"])
def test_endless_loop_ends_at_the_cpu_limit(sandbox: Sandbox, attacks: Path, name: str) -> None:
    """The kernel ends a program that is out of CPU time, also one that ignores SIGXCPU."""
    done = _attack(sandbox, attacks, name, Limits(wall_s=60, cpu_s=1))
    assert done.timed_out
    assert done.signal in (signal.SIGXCPU, signal.SIGKILL)
    assert 0.5 < done.usage.cpu_s < 4  # the kernel counts in ticks here


def test_memory_ends_at_its_limit(sandbox: Sandbox, attacks: Path) -> None:
    """A program that wants 10 GiB gets less than its limit."""
    done = _attack(sandbox, attacks, "allocate", Limits(wall_s=20, memory_bytes=300 * MIB))
    assert done.exit_code == 0
    assert 0 < int(done.stdout) < 300
    assert done.usage.max_rss_kib < 300 * 1024


@pytest.mark.parametrize("name", ["flood_stdout", "flood_stderr"])
def test_endless_output_ends_at_its_limit(sandbox: Sandbox, attacks: Path, name: str) -> None:
    """A program that writes without end is killed by the kernel; what is kept has the limit's size."""
    done = _attack(sandbox, attacks, name, Limits(wall_s=20, output_bytes=MIB))
    assert done.output_exceeded
    assert not done.timed_out
    assert done.signal == signal.SIGXFSZ
    assert max(len(done.stdout), len(done.stderr)) == MIB


def test_stubborn_flood_is_capped_too(sandbox: Sandbox, attacks: Path) -> None:
    """A program that ignores the signal for too much output gains nothing by it."""
    done = _attack(sandbox, attacks, "flood_stubbornly", Limits(wall_s=0.5, output_bytes=MIB))
    assert done.output_exceeded
    assert len(done.stdout) == MIB


def test_sparse_output_is_capped(sandbox: Sandbox, attacks: Path) -> None:
    """Writing one byte at an offset of a tebibyte counts as too much output."""
    done = _attack(sandbox, attacks, "far_write")
    assert done.output_exceeded
    assert done.signal == signal.SIGXFSZ


@pytest.mark.parametrize(("name", "number"), [("crash", signal.SIGSEGV), ("abort", signal.SIGABRT)])
def test_crash_is_reported_by_its_signal(
    sandbox: Sandbox, attacks: Path, name: str, number: signal.Signals
) -> None:
    """The signal of a crash arrives as such, not as an exit code."""
    done = _attack(sandbox, attacks, name)
    assert (done.exit_code, done.signal) == (None, number)
    assert not done.timed_out


def test_no_descriptor_is_inherited(sandbox: Sandbox, attacks: Path, tmp_path: Path) -> None:
    """A subject has standard input, output and error, whatever this process has open."""
    with (tmp_path / "secret").open("w") as secret:
        secret_fd = secret.fileno()
        done = _attack(sandbox, attacks, "descriptors")
    assert secret_fd > 2
    assert done.stdout == b"0 1 2 \n"


def test_subject_may_lock_itself_further(sandbox: Sandbox, attacks: Path) -> None:
    """The trusted driver can install a second, stricter filter."""
    assert _attack(sandbox, attacks, "own_filter").stdout == b"achieved\n"


def test_running_subject_is_seen_by_the_check_for_leftovers(
    sandbox: Sandbox, attacks: Path
) -> None:
    """The check that guards every test here does find a subject and a launcher that run."""
    with Launched(sandbox, Job(attacks, ("sleep",)), {}) as launched:
        launched.await_start()
        deadline = time.monotonic() + 20  # until it has passed execve
        while _running(attacks) != [str(launched.pid)]:
            assert time.monotonic() < deadline
        assert _running(sandbox.launcher) == [str(launched.launcher_pid)]


PARENT = """
import sys
from pathlib import Path
from coopbench.harness.sandbox.bwrap import Bubblewrap
from coopbench.harness.sandbox.command import Sandbox, SandboxInfo
from coopbench.harness.sandbox.job import Job
from coopbench.harness.sandbox.spawn import Launched
exe, launcher, bwrap = sys.argv[1:]
found = Bubblewrap(Path(bwrap), "0.8") if bwrap else None
with Launched(Sandbox(SandboxInfo("", "", ""), Path(launcher), found), Job(Path(exe), ("sleep",)), {}) as job:
    job.await_start()
    print("started", flush=True)
    job.await_end(3600)
"""


def test_subject_dies_with_a_killed_parent(sandbox: Sandbox, attacks: Path) -> None:
    """After `kill -9` of the process that runs a job, launcher and subject are ended too."""
    bwrap = str(sandbox.bwrap.path) if sandbox.bwrap else ""
    command = (sys.executable, "-c", PARENT, str(attacks), str(sandbox.launcher), bwrap)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        assert _running(sandbox.launcher) != []
        parent.kill()
    deadline = time.monotonic() + 20
    while _running(attacks) or _running(sandbox.launcher):
        assert time.monotonic() < deadline


def test_abstract_sockets_of_the_host_are_unreachable(sandbox: Sandbox, attacks: Path) -> None:
    """A server on an abstract socket of this host sees no connection."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(b"\0coopbench-test")
        server.listen()
        server.setblocking(False)
        _attack(sandbox, attacks, "abstract_socket")
        with pytest.raises(BlockingIOError):
            server.accept()
