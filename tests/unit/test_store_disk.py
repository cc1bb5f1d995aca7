"""Full disks and forbidden directories: one message, and nothing stored is lost."""

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.model import Trial
from coopbench.harness.record import RunRecord
from coopbench.harness.store import Store

MakeRun = Callable[..., RunRecord]
MakeTrial = Callable[..., Trial]


@contextmanager
def file_size_limit(limit: int) -> Iterator[None]:
    """Let writes beyond `limit` bytes of any file fail with EFBIG (CPython ignores SIGXFSZ)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Return the mount point of a file system of 512 KiB."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(path)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """Return a directory and act as a user that file permissions apply to."""
    path = Path(tempfile.mkdtemp(prefix="coopbench-test-"))
    path.chmod(0o777)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield path
    finally:
        if root:
            os.seteuid(0)
        for folder, _, _ in os.walk(path):
            Path(folder).chmod(0o755)
        shutil.rmtree(path)


def fill(store: Store, trial: MakeTrial) -> tuple[int, InfraError]:
    """Commit trials until one fails; return how many were stored, and the error."""
    for i in range(200):
        try:
            store.commit_trial(trial(f"trial-{i}", blocks=40, repetition=i))
        except InfraError as e:
            return i, e
    raise AssertionError("the disk never filled up")


def test_file_size_limit(tmp_path: Path, run_record: MakeRun, trial: MakeTrial) -> None:
    """A write that fails half-way is undone; work goes on when there is room again."""
    with Store.open(tmp_path) as store:
        store.create_run(run_record())
        with file_size_limit(300_000):
            stored, error = fill(store, trial)
            assert stored > 0
            assert len(store.trials("run-1")) == stored
        assert str(tmp_path) in str(error)
        assert "nothing already stored is lost" in str(error)
        store.commit_trial(trial("after", repetition=1000))
        store.verify()
    with Store.open(tmp_path) as again:
        assert len(again.trials("run-1")) == stored + 1


def test_blob_over_file_size_limit(tmp_path: Path) -> None:
    """A blob that does not fit leaves no trace and can be put again later."""
    data = os.urandom(100_000)
    with Store.open(tmp_path) as store:
        with file_size_limit(50_000), pytest.raises(InfraError, match="no space left"):
            store.put_blob(data)
        assert [p for p in (tmp_path / "blobs").rglob("*") if p.is_file()] == []
        assert store.get_blob(store.put_blob(data)) == data


def test_full_disk(tiny_disk: Path, run_record: MakeRun, trial: MakeTrial) -> None:
    """On a full disk everything stored stays readable, and freeing space is enough to go on."""
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(bytes(100_000))
    with Store.open(tiny_disk / "store") as store:
        store.create_run(run_record())
        stored, error = fill(store, trial)
        assert "no space left on its disk; free some and resume" in str(error)
        assert len(store.trials("run-1")) == stored
        with pytest.raises(InfraError, match="no space left"):
            store.put_blob(os.urandom(200_000))
        ballast.unlink()
        store.commit_trial(trial("after", repetition=1000))
        store.verify()
        assert len(store.trials("run-1")) == stored + 1


def test_store_on_a_disk_already_full(tiny_disk: Path, run_record: MakeRun) -> None:
    """A store that cannot even be made says why."""
    with pytest.raises(OSError, match="No space"):
        (tiny_disk / "ballast").write_bytes(bytes(600_000))
    with (
        pytest.raises(InfraError, match=f"{tiny_disk}.* no space left"),
        Store.open(tiny_disk / "store") as store,
    ):
        store.create_run(run_record())


def test_unwritable_parent(unprivileged: Path) -> None:
    """A directory that may not be made is one message with a remedy."""
    (unprivileged / "locked").mkdir(mode=0o555)
    with pytest.raises(UsageError, match="may not be written; make it and its directory writable"):
        Store.open(unprivileged / "locked" / "store")


def test_read_only_store(unprivileged: Path, run_record: MakeRun) -> None:
    """A store that may only be read is refused with a remedy, and is left as it was."""
    root = unprivileged / "store"
    with Store.open(root) as store:
        store.create_run(run_record())
    (root / "store.sqlite3").chmod(0o444)
    root.chmod(0o555)
    with pytest.raises(UsageError, match="may not be written"), Store.open(root) as store:
        store.update_run(run_record(status="finished"))
    root.chmod(0o755)
    (root / "store.sqlite3").chmod(0o644)
    with Store.open(root) as store:
        assert store.run("run-1").status == "running"
