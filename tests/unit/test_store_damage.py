"""A damaged store is one message that names it and the remedy, and stays as it was."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from coopbench.harness.errors import UsageError
from coopbench.harness.model import Block, Trial
from coopbench.harness.record import RunRecord
from coopbench.harness.store import Store


@pytest.fixture
def root(
    tmp_path: Path,
    run_record: Callable[..., RunRecord],
    trial: Callable[..., Trial],
    pair: Callable[..., Block],
) -> Path:
    """Return the directory of a closed store with a run, five trials, a journal and a blob."""
    path = tmp_path / "store"
    with Store.open(path) as store:
        store.create_run(run_record())
        for i in range(5):
            store.commit_trial(trial(f"trial-{i}", blocks=20, repetition=i))
        store.append_block("trial-9", pair(0))
        store.put_blob(b"blob")
    return path


def _sql(root: Path, statement: str) -> None:
    with closing(sqlite3.connect(root / "store.sqlite3")) as db:
        db.execute(statement)
        db.commit()


def _read_all(root: Path) -> None:
    with Store.open(root, create=False) as store:
        store.verify()


def test_sound_store_verifies(root: Path) -> None:
    """The undamaged store passes the check that the other tests expect to fail."""
    _read_all(root)


@pytest.mark.parametrize("contents", [b"not a database, but long enough to be one" * 40, b"x"])
def test_not_a_database(root: Path, contents: bytes) -> None:
    """A foreign file in the database's place is named and not overwritten."""
    path = root / "store.sqlite3"
    path.write_bytes(contents)
    with pytest.raises(UsageError, match=r"store\.sqlite3 is damaged.*another store directory"):
        Store.open(root)
    assert path.read_bytes() == contents


def test_foreign_database(tmp_path: Path) -> None:
    """Another program's database is recognised and not added to."""
    _sql(tmp_path, "CREATE TABLE recipes (name)")
    with pytest.raises(UsageError, match="no store of ours"):
        Store.open(tmp_path)


@pytest.mark.parametrize("version", ["1", "99", "0"])
def test_other_format_version(root: Path, version: str) -> None:
    """A store of another format is refused with both versions."""
    _sql(root, f"UPDATE meta SET value = '{version}'")
    with pytest.raises(UsageError, match=f"has format {version}, this program reads format 2"):
        Store.open(root)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE meta SET value = 'one'", "UPDATE meta SET value = x'ff'", "DELETE FROM meta"],
)
def test_unreadable_format_version(root: Path, statement: str) -> None:
    """A version that is no number is damage."""
    _sql(root, statement)
    with pytest.raises(UsageError, match="damaged: its format version"):
        Store.open(root)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE runs SET json = '{'", "run run-1"),
        ("UPDATE runs SET json = '{}'", "run run-1: id: Field required"),
        ("UPDATE trials SET json = substr(json, 1, 80) WHERE id = 'trial-3'", "trial trial-3"),
        ("UPDATE trials SET json = x'ff00' WHERE id = 'trial-3'", "trial trial-3"),
        ("UPDATE blocks SET json = '[' WHERE trial = 'trial-2'", "a block of trial trial-2"),
        ("UPDATE launches SET json = 'NaN' WHERE trial = 'trial-2'", "a block of trial trial-2"),
        ("DELETE FROM launches WHERE arm = 'candidate'", "a block of trial trial-0"),
        ("DELETE FROM launches WHERE trial = 'trial-4'", "a block of trial trial-4"),
        ("UPDATE pending_blocks SET json = '3'", "pending block 0 of trial trial-9"),
        ("DELETE FROM runs", "table trials belongs to nothing"),
        ("DROP TABLE pending_blocks", "no such table"),
    ],
)
def test_damaged_record_is_named(root: Path, statement: str, named: str) -> None:
    """Damage inside a record names the record."""
    _sql(root, statement)
    with pytest.raises(UsageError) as caught:
        _read_all(root)
    message = str(caught.value)
    assert named in message
    assert str(root) in message
    assert "restore it from a copy" in message


def test_one_damaged_trial_leaves_the_run_readable(root: Path) -> None:
    """Damage to one trial does not hide the runs."""
    _sql(root, "UPDATE trials SET json = '' WHERE id = 'trial-3'")
    with Store.open(root) as store:
        assert store.run("run-1").id == "run-1"
        assert len(store.done_keys("run-1")) == 5


def test_overwritten_pages(root: Path) -> None:
    """Pages of garbage anywhere in the database end in one message, never a traceback."""
    path = root / "store.sqlite3"
    sound = path.read_bytes()
    messages = []
    for start in range(0, len(sound), 4096):
        path.write_bytes(sound[:start] + b"\xa5" * 4096 + sound[start + 4096 :])
        try:
            _read_all(root)
        except UsageError as e:
            messages.append(str(e))
        for name in ("store.sqlite3-wal", "store.sqlite3-shm"):
            (root / name).unlink(missing_ok=True)
    assert len(messages) == len(sound) // 4096
    assert all(str(root) in message for message in messages)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_truncated_database(root: Path, part: float) -> None:
    """A database cut short is one message."""
    path = root / "store.sqlite3"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    with pytest.raises(UsageError, match="damaged"):
        _read_all(root)


def test_truncated_wal_keeps_whole_transactions(
    tmp_path: Path, run_record: Callable[..., RunRecord], trial: Callable[..., Trial]
) -> None:
    """Whatever is cut from the log's end, what remains is a beginning of what was committed."""
    live, copy = tmp_path / "live", tmp_path / "copy"
    lengths = set()
    with Store.open(live) as store:
        store.create_run(run_record())
        for i in range(6):
            store.commit_trial(trial(f"trial-{i}", repetition=i))
        whole = (live / "store.sqlite3-wal").stat().st_size
        for cut in range(0, whole, whole // 23):
            shutil.rmtree(copy, ignore_errors=True)
            copy.mkdir()
            for name in ("store.sqlite3", "store.sqlite3-wal"):
                shutil.copyfile(live / name, copy / name)
            with (copy / "store.sqlite3-wal").open("r+b") as wal:
                wal.truncate(whole - cut)
            with Store.open(copy) as cut_store:
                cut_store.verify()
                trials = cut_store.trials("run-1") if cut_store.runs() else ()
                assert trials == store.trials("run-1")[: len(trials)]
                lengths.add(len(trials))
    assert {0, 6} <= lengths
    assert len(lengths) > 3
