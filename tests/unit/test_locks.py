"""Locks exclude, say who holds them, and die with their holder."""

import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.locks import (
    Holder,
    _shared_directory,
    file_lock,
    measuring_lock,
    run_lock,
)

HOLD = """
import sys
from pathlib import Path
from coopbench.harness.locks import measuring_lock, run_lock
where = Path(sys.argv[1])
with measuring_lock(wait=False, directory=where), run_lock(where, "run/1"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder_process(where: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that holds both locks until its stdin closes or it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(where)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_second_process_is_refused_by_name(tmp_path: Path) -> None:
    """The refusal names the holder's process and the way out."""
    with holder_process(tmp_path) as other:
        with (
            pytest.raises(UsageError, match=rf"process {other.pid} \(-c .*\), since 2.*--wait"),
            measuring_lock(wait=False, directory=tmp_path),
        ):
            pass
        with (
            pytest.raises(UsageError, match=rf"run run/1 is already .*process {other.pid}"),
            run_lock(tmp_path, "run/1"),
        ):
            pass
        with run_lock(tmp_path, "run/2"):
            pass


def test_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    """A lock does not outlive its holder, however that died."""
    with holder_process(tmp_path) as other:
        other.kill()
        other.wait()
        with measuring_lock(wait=False, directory=tmp_path), run_lock(tmp_path, "run/1"):
            pass


def test_waiting_ends_when_the_holder_does(tmp_path: Path) -> None:
    """With `wait` the lock is taken as soon as it is free, after telling whom it waits for."""
    told: list[Holder | None] = []
    order: list[str] = []
    waiting = threading.Event()

    def on_wait(holder: Holder | None) -> None:
        told.append(holder)
        waiting.set()

    def wait() -> None:
        with measuring_lock(wait=True, on_wait=on_wait, directory=tmp_path):
            order.append("waiter")

    with measuring_lock(wait=False, directory=tmp_path):
        thread = threading.Thread(target=wait)
        thread.start()
        assert waiting.wait(30)
        order.append("holder")
    thread.join(30)
    assert order == ["holder", "waiter"]
    assert [h.pid for h in told if h] == [os.getpid()]


def test_one_process_cannot_take_it_twice(tmp_path: Path) -> None:
    """Two measurements in one process exclude each other too."""
    with (
        measuring_lock(wait=False, directory=tmp_path),
        pytest.raises(UsageError, match=f"process {os.getpid()} "),
        measuring_lock(wait=False, directory=tmp_path),
    ):
        pass


def test_lock_is_released_after_an_error(tmp_path: Path) -> None:
    """An exception inside frees the lock, and the note about its holder is gone."""
    with pytest.raises(KeyError), measuring_lock(wait=False, directory=tmp_path):
        raise KeyError
    assert (tmp_path / "coopbench-measuring.lock").read_text() == ""
    with measuring_lock(wait=False, directory=tmp_path):
        pass


def test_every_user_can_take_the_lock(tmp_path: Path) -> None:
    """The lock file is open to all users, whatever the umask of the first one."""
    old = os.umask(0o077)
    try:
        with measuring_lock(wait=False, directory=tmp_path):
            mode = (tmp_path / "coopbench-measuring.lock").stat().st_mode
    finally:
        os.umask(old)
    assert stat.S_IMODE(mode) == 0o666


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    """A symbolic link in the lock's place is refused and its target untouched."""
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "coopbench-measuring.lock").symlink_to(tmp_path / "victim")
    with (
        pytest.raises(InfraError, match=r"coopbench-measuring\.lock"),
        measuring_lock(wait=False, directory=tmp_path),
    ):
        pass
    assert (tmp_path / "victim").read_text() == "precious"


@pytest.mark.parametrize("note", [b"", b"garbage", b"[]", b'{"pid": "x"}', b"\xff\xfe"])
def test_unreadable_note(tmp_path: Path, note: bytes) -> None:
    """A holder that left no readable note is still a holder."""
    path = tmp_path / "coopbench-measuring.lock"
    with measuring_lock(wait=False, directory=tmp_path):
        path.write_bytes(note)
        with (
            pytest.raises(UsageError, match="holder unknown"),
            measuring_lock(wait=False, directory=tmp_path),
        ):
            pass


def test_default_place_is_shared(tmp_path: Path) -> None:
    """Without a directory the lock lies where every user finds the same file."""
    assert _shared_directory() in (Path("/run/lock"), Path("/tmp"))
    assert _shared_directory().stat().st_mode & stat.S_IWOTH


def test_file_lock_serialises_threads(tmp_path: Path) -> None:
    """A short lock lets one through at a time and makes its directory."""
    inside = 0
    most = 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(15):
            with file_lock(tmp_path / "locks" / "x"):
                inside += 1
                most = max(most, inside)
                time.sleep(0.001)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
