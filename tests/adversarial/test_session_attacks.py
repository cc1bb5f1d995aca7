"""Drivers that do not play their part in the handshake: each is found out and ended."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coopbench.harness.sandbox.command import Sandbox
from coopbench.harness.sandbox.job import Job, memory_file
from coopbench.harness.sandbox.limits import Limits
from coopbench.harness.sandbox.probe import open_sandbox
from coopbench.harness.sandbox.session import Died, Finished, Session, Window
from coopbench.harness.sandbox.trusted import build_trusted

pytestmark = pytest.mark.e2e
SOURCE = Path(__file__).parents[1] / "support" / "drivers.c"
Opener = Callable[..., Session]


@pytest.fixture(scope="module", params=["bubblewrap", "unsafe"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return open_sandbox(unsafe=request.param == "unsafe")


@pytest.fixture(scope="module")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The test drivers, as a file that no other test runs."""
    return Path(shutil.copy(build_trusted(SOURCE), tmp_path_factory.mktemp("drivers")))


@pytest.fixture
def session(sandbox: Sandbox, drivers: Path) -> Iterator[Opener]:
    """Opens sessions with a driver; afterwards no process may run it."""
    arena = memory_file("arena", bytes(4096))

    def start(*argv: str, limits: Limits | None = None) -> Session:
        return Session(Job(drivers, argv, limits=limits or Limits(wall_s=20)), sandbox, arena)

    yield start
    os.close(arena)
    assert _running(drivers) == []


def _running(exe: Path) -> list[str]:
    """Return the processes that run a file, or that are about to (bubblewrap names it)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            named = os.fsencode(exe) in (entry / "cmdline").read_bytes()
            if named or (entry / "exe").samefile(exe):
                found.append(entry.name)
    return found


def _ready(opened: Session) -> Session:
    assert opened.wait_ready() is None
    return opened


@pytest.mark.parametrize(
    ("argv", "kind", "detail"),
    [
        (("in_window", "exit"), "exited", "exit code 0 in the window"),
        (("in_window", "crash"), "signal", "SIGSEGV in the window"),
        (("in_window", "close"), "protocol", "closed its channel in the window"),
        (("garbage_done",), "protocol", "sent b'?' in the window"),
        (("long_done",), "protocol", "sent b'DDDDDDDD' in the window"),
        (("empty_done",), "protocol", "sent b'' in the window"),
        (("impatient",), "protocol", "sent b'D' out of turn after it said ready"),
        (("flood",), "output_exceeded", "over 65536 bytes in the window"),
    ],
)
def test_misbehaviour_in_the_window_is_a_death(
    session: Opener, argv: tuple[str, ...], kind: str, detail: str
) -> None:
    """Exit code 0 without `done`, a crash, a closed channel, a wrong or early packet, a flood."""
    with session(*argv, limits=Limits(wall_s=20, output_bytes=65536)) as opened:
        died = _ready(opened).go()
        again = opened.go(), opened.finish()
    assert isinstance(died, Died)
    assert (died.kind, died.detail) == (kind, detail)
    assert again == (died, died)


@pytest.mark.parametrize("how", ["spin", "hang"])
def test_endless_window_ends_at_the_wall_limit(session: Opener, how: str) -> None:
    """A kernel that computes or sleeps for ever is killed when its time is up."""
    with session("in_window", how, limits=Limits(wall_s=0.3)) as opened:
        died = _ready(opened).go()
    assert isinstance(died, Died)
    assert died.kind == "timed_out"


def test_endless_window_ends_at_the_cpu_limit(session: Opener) -> None:
    """Out of CPU time is a time-out too, however long the wall limit is."""
    with session("in_window", "spin", limits=Limits(wall_s=60, cpu_s=1)) as opened:
        died = _ready(opened).go()
    assert isinstance(died, Died)
    assert died.kind == "timed_out"


def test_driver_that_never_gets_ready_is_a_death(session: Opener) -> None:
    """Ending, or saying something else, in place of `ready` is a death with its reason."""
    with session("no such driver") as opened:
        ended = opened.wait_ready()
    with session("garbage_ready") as opened:
        garbage = opened.wait_ready()
    assert ended is not None
    assert (ended.kind, ended.detail) == ("exited", "exit code 99 before it was ready")
    assert garbage is not None
    assert garbage.kind == "protocol"


def test_work_behind_an_early_done_is_in_the_window(session: Opener) -> None:
    """A driver that says `done` first and works then is charged for the work all the same."""
    with session("early_done") as opened:
        early = _ready(opened).go()
        end = opened.finish()
    with session("honest", "0", "20000000", "0") as opened:
        honest = _ready(opened).go()
        opened.finish()
    assert isinstance(early, Window)
    assert isinstance(honest, Window)
    assert isinstance(end, Finished)
    assert early.cpu_s is not None
    assert honest.cpu_s is not None
    assert early.cpu_s > 0.5 * honest.cpu_s
    assert end.teardown_cpu_s is not None
    assert end.teardown_cpu_s < 0.1 * honest.cpu_s


def test_work_outside_the_window_shows(session: Opener) -> None:
    """Work moved before `ready` or behind the window is missing there and visible here."""
    with session("honest", "20000000", "0", "20000000") as opened:
        window = _ready(opened).go()
        end = opened.finish()
    assert isinstance(window, Window)
    assert isinstance(end, Finished)
    assert window.setup_cpu_s is not None
    assert window.cpu_s is not None
    assert end.teardown_cpu_s is not None
    assert window.setup_cpu_s > 10 * window.cpu_s
    assert end.teardown_cpu_s > 10 * window.cpu_s


def test_second_done_is_out_of_turn(session: Opener) -> None:
    """A driver that says `done` twice does not get through."""
    with session("says_twice") as opened:
        window = _ready(opened).go()
        end = opened.finish()
    assert isinstance(end, Died)
    assert end.kind == "protocol"
    assert isinstance(window, Window | Died)


@pytest.mark.parametrize("whose", ["init", "parent"])
def test_credentials_cannot_be_forged(session: Opener, whose: str) -> None:
    """A subject that names another pid in its packet is refused by the kernel."""
    with session("forge", "1" if whose == "init" else str(os.getpid())) as opened:
        died = opened.wait_ready()
    assert died is not None
    assert (died.kind, died.detail) == ("exited", "exit code 45 before it was ready")


def test_attached_descriptors_do_not_arrive(session: Opener) -> None:
    """Descriptors attached to a packet are dropped; the session goes on."""
    with session("attach") as opened:
        before = len(list(Path("/proc/self/fd").iterdir()))
        ready = opened.wait_ready()
        after = len(list(Path("/proc/self/fd").iterdir()))
        window = opened.go()
    assert ready is None
    assert after == before + 1  # our own handle of the process
    assert isinstance(window, Window)


def test_wrong_exit_code_after_the_window_is_a_death(session: Opener) -> None:
    """A driver whose end is not the agreed one has not done its part."""
    with session("after_window", "fail") as opened:
        _ready(opened).go()
        end = opened.finish()
    assert isinstance(end, Died)
    assert (end.kind, end.detail) == ("exited", "exit code 7 when it was let go")


def test_driver_that_does_not_leave_is_ended(session: Opener) -> None:
    """A driver that stays after it was let go is killed when its time is up."""
    with session("after_window", "stay", limits=Limits(wall_s=0.3)) as opened:
        _ready(opened).go()
        end = opened.finish()
    assert isinstance(end, Died)
    assert end.kind == "timed_out"


def test_leaving_the_context_ends_a_running_subject(session: Opener) -> None:
    """A session given up half-way leaves no process (checked by the fixture) and no descriptor."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    for pause in range(20):  # while the sandbox is at different points of being set up
        with session("honest", "0", "0", "0"):
            time.sleep(pause * 2e-4)
    with session("honest", "0", "0", "0") as opened:
        _ready(opened)
    with session("in_window", "spin") as opened:
        _ready(opened)
        opened._control.send(b"G")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
