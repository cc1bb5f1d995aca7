"""Sessions with an honest driver: what a window contains."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from coopbench.harness.sandbox.command import Sandbox
from coopbench.harness.sandbox.job import Job, memory_file
from coopbench.harness.sandbox.probe import open_sandbox
from coopbench.harness.sandbox.session import Finished, Session, Window
from coopbench.harness.sandbox.trusted import build_trusted

pytestmark = pytest.mark.e2e
SOURCE = Path(__file__).parents[1] / "support" / "drivers.c"


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return open_sandbox()


@pytest.fixture(scope="module")
def drivers() -> Path:
    return build_trusted(SOURCE)


@pytest.fixture
def arena() -> Iterator[int]:
    fd = memory_file("arena", bytes(4096))
    yield fd
    os.close(fd)


def _first_word(fd: int) -> int:
    return int(struct.unpack("<Q", os.pread(fd, 8, 0))[0])


def test_arena_is_shared_and_windows_repeat(sandbox: Sandbox, drivers: Path, arena: int) -> None:
    """What a kernel writes is seen here after each window, before the driver is let go."""
    seen = []
    with Session(Job(drivers, ("honest", "0", "1000", "0")), sandbox, arena) as session:
        assert session.wait_ready() is None
        seen.append(_first_word(arena))
        for _ in range(3):
            assert isinstance(session.go(), Window)
            seen.append(_first_word(arena))
        assert isinstance(session.finish(), Finished)
    assert seen == [0, 1, 2, 3]


def test_window_contains_the_work_and_nothing_else(
    sandbox: Sandbox, drivers: Path, arena: int
) -> None:
    """CPU time of window, preparation and end is where the work was done."""
    job = Job(drivers, ("honest", "0", "30000000", "0"), cpu=min(os.sched_getaffinity(0)))
    with Session(job, sandbox, arena) as session:
        session.wait_ready()
        window = session.go()
        end = session.finish()
    assert isinstance(window, Window)
    assert isinstance(end, Finished)
    assert window.cpu_s is not None
    assert window.setup_cpu_s is not None
    assert end.teardown_cpu_s is not None
    assert 0 <= window.setup_cpu_s < 0.2 * window.cpu_s
    assert 0 <= end.teardown_cpu_s < 0.2 * window.cpu_s
    assert window.cpu_s <= window.wall_s * 1.05
    assert window.threads == 1
    assert window.steal_ticks is not None
    assert window.instructions is None
    assert end.stdout == b""


def test_steal_is_unknown_without_a_processor(sandbox: Sandbox, drivers: Path, arena: int) -> None:
    """An unbound job has no processor whose stolen time could be given."""
    with Session(Job(drivers, ("honest", "0", "0", "0")), sandbox, arena) as session:
        session.wait_ready()
        window = session.go()
    assert isinstance(window, Window)
    assert window.steal_ticks is None


def test_page_faults_before_ready_are_not_in_the_window(
    sandbox: Sandbox, drivers: Path, arena: int
) -> None:
    """The first touch of the arena's one page is in the first window, not in the second."""
    with Session(Job(drivers, ("honest", "0", "0", "0")), sandbox, arena) as session:
        session.wait_ready()
        first = session.go()
        second = session.go()
    assert isinstance(first, Window)
    assert isinstance(second, Window)
    assert first.minor_faults > second.minor_faults == 0
