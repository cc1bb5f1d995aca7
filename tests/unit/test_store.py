"""The store keeps runs, trials and raw launches, and says clearly what it cannot do."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic_core import PydanticSerializationError

from coopbench.harness.errors import CoopBenchError, InfraError, UsageError
from coopbench.harness.model import Block, Trial
from coopbench.harness.record import RunRecord
from coopbench.harness.store import Store
from coopbench.harness.store_rows import TrialKey

MakeRun = Callable[..., RunRecord]
MakeTrial = Callable[..., Trial]
MakeBlock = Callable[..., Block]


@pytest.fixture
def store(tmp_path: Path, run_record: MakeRun) -> Iterator[Store]:
    """Return a store that holds the run `run-1`."""
    with Store.open(tmp_path / "store") as opened:
        opened.create_run(run_record())
        yield opened


def test_everything_survives_reopening(store: Store, trial: MakeTrial, run_record: MakeRun) -> None:
    """What was committed is what another opening of the store returns, raw launches included."""
    store.commit_trial(trial())
    sha = store.put_blob(b"int main;")
    with Store.open(store.root, create=False) as again:
        assert again.runs() == (run_record(),)
        assert again.trials("run-1") == (trial(),)
        assert again.get_blob(sha) == b"int main;"
        again.verify()


def test_trial_json_holds_no_launches(store: Store, trial: MakeTrial) -> None:
    """Raw launches are stored once, in their own table, with their value for queries."""
    store.commit_trial(trial(blocks=4))
    with sqlite3.connect(store.root / "store.sqlite3") as db:
        text = db.execute("SELECT json FROM trials").fetchone()[0]
        launches = db.execute("SELECT block, arm, value FROM launches ORDER BY block, arm")
        rows = launches.fetchall()
    db.close()
    assert '"launches"' not in text
    assert rows == [
        (i, a, v) for i in range(4) for a, v in (("baseline", 0.0123), ("candidate", 0.0041))
    ]


def test_trials_without_blocks(store: Store, trial: MakeTrial) -> None:
    """A listing can leave the raw launches out; all else is the same."""
    store.commit_trial(trial())
    (light,) = store.trials("run-1", blocks=False)
    assert light.measurement is not None
    assert light.measurement.blocks == ()
    assert light.measurement.speedup == 3.0


def test_trials_come_in_order_of_commit(store: Store, trial: MakeTrial) -> None:
    """Trials are listed in the order in which they were finished, whatever their ids."""
    for i, name in enumerate(("z", "a", "m")):
        store.commit_trial(trial(name, repetition=i))
    assert [t.id for t in store.trials("run-1")] == ["z", "a", "m"]


def test_update_run_replaces_the_manifest(store: Store, run_record: MakeRun) -> None:
    """A finished run's manifest takes the place of the running one."""
    store.update_run(run_record(status="finished", secret="s"))
    assert store.run("run-1").status == "finished"
    with pytest.raises(UsageError, match="no run 'other'"):
        store.update_run(run_record("other"))


def test_run_created_twice(store: Store, run_record: MakeRun) -> None:
    """A run id is used once; the message says to resume."""
    with pytest.raises(UsageError, match=r"already has a run run-1; resume"):
        store.create_run(run_record())


def test_done_keys_and_trial_ids(store: Store, trial: MakeTrial) -> None:
    """A resumed run learns which trials are done, and finds the same ids again."""
    store.commit_trial(trial())
    key = TrialKey("identity", "scan", "x86-64-v2", 0)
    assert store.done_keys("run-1") == {key}
    assert key.trial_id("run-1") == TrialKey.of(trial()).trial_id("run-1")
    assert key.trial_id("run-1") != key.trial_id("run-2")
    assert key.trial_id("run-1") != key._replace(repetition=1).trial_id("run-1")


def test_same_trial_key_is_refused(store: Store, trial: MakeTrial) -> None:
    """A trial of the same entrant, benchmark, target and repetition is stored once."""
    store.commit_trial(trial())
    with pytest.raises(UsageError, match="already stored"):
        store.commit_trial(trial("other-id"))
    assert len(store.trials("run-1")) == 1


def test_trial_of_unknown_run(store: Store, trial: MakeTrial) -> None:
    """A trial needs its run; nothing of it is stored otherwise."""
    with pytest.raises(UsageError, match="no run 'nowhere'"):
        store.commit_trial(trial(run="nowhere"))
    store.verify()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("run-11", r"did you mean 'run-1'\?"),
        ("zzz", "the latest is 'run-1'"),
        ("", "the latest is 'run-1'"),
    ],
)
def test_unknown_run_has_a_hint(store: Store, asked: str, message: str) -> None:
    """An unknown run id is answered with the nearest or the latest one."""
    with pytest.raises(UsageError, match=message):
        store.run(asked)


def test_run_by_unique_prefix(store: Store, run_record: MakeRun) -> None:
    """The beginning of an id is enough if only one run has it; an exact id always wins."""
    store.create_run(run_record("abc-1"))
    store.create_run(run_record("abc-12"))
    assert store.run("run").id == "run-1"
    assert store.run("abc-1").id == "abc-1"
    with pytest.raises(UsageError, match="may mean abc-1, abc-12"):
        store.trials("abc")


def test_empty_store_says_so(tmp_path: Path) -> None:
    """Asking an empty store for a run is one clear message."""
    with Store.open(tmp_path) as store, pytest.raises(UsageError, match="none yet"):
        store.run("x")


def test_journal_outlives_the_process_until_commit(
    store: Store, trial: MakeTrial, pair: MakeBlock
) -> None:
    """Blocks in flight can be read back after reopening, and go when their trial is committed."""
    for i in (0, 1):
        store.append_block("trial-1", pair(i))
    store.append_block("trial-2", pair(0))
    with Store.open(store.root) as again:
        assert again.pending("trial-1") == (pair(0), pair(1))
        again.commit_trial(trial(blocks=2))
        assert again.pending("trial-1") == ()
        assert again.pending("trial-2") == (pair(0),)


def test_journalled_block_is_refused_twice(store: Store, pair: MakeBlock) -> None:
    """Two processes that measure one trial are found out by the second block of an index."""
    store.append_block("trial-1", pair(0))
    with pytest.raises(InfraError, match="already journalled"):
        store.append_block("trial-1", pair(0))
    assert store.pending("trial-1") == (pair(0),)


def test_discard_pending(store: Store, pair: MakeBlock) -> None:
    """A journal that no longer fits can be dropped."""
    store.append_block("trial-1", pair(0))
    store.discard_pending("trial-1")
    assert store.pending("trial-1") == ()


def test_blocks_that_rows_cannot_hold(store: Store, trial: MakeTrial, pair: MakeBlock) -> None:
    """Blocks out of order or with swapped arms are refused, not silently reordered."""
    good = trial()
    assert good.measurement is not None
    swapped = pair(0).model_copy(update={"launches": pair(0).launches[::-1]})
    for blocks in ((pair(1), pair(0)), (pair(0), pair(0)), (swapped,)):
        measurement = good.measurement.model_copy(update={"blocks": blocks})
        with pytest.raises(ValueError, match="trial-1"):
            store.commit_trial(good.model_copy(update={"measurement": measurement}))
    assert store.trials("run-1") == ()


def test_interrupted_transaction_leaves_nothing(store: Store) -> None:
    """Ctrl-C inside a transaction undoes it, and the store can be written again at once."""

    def interrupted() -> None:
        with store._database.transaction() as db:
            db.execute("INSERT INTO pending_blocks VALUES ('t', 0, '{}')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert store.pending("t") == ()
    store.update_run(store.run("run-1").model_copy(update={"status": "interrupted"}))


def test_threads_share_one_store(store: Store, trial: MakeTrial, pair: MakeBlock) -> None:
    """Several threads write and read at once without losing or mixing anything."""
    errors: list[BaseException] = []

    def work(thread: int) -> None:
        try:
            for i in range(10):
                name = f"{thread}-{i}"
                store.append_block(name, pair(0))
                store.commit_trial(trial(name, entrant=str(thread), repetition=i))
                store.put_blob(b"same for all")
                store.trials("run-1", blocks=False)
        except (CoopBenchError, sqlite3.Error) as e:
            errors.append(e)

    threads = [threading.Thread(target=work, args=(t,)) for t in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(store.trials("run-1")) == 60
    store.verify()


def test_no_store_is_not_made_by_reading(tmp_path: Path) -> None:
    """Opening for reading names the missing store and leaves no directory behind."""
    with pytest.raises(UsageError, match=r"holds no store .*give the directory of a run"):
        Store.open(tmp_path / "typo", create=False)
    assert not (tmp_path / "typo").exists()


def test_store_path_is_a_file(tmp_path: Path) -> None:
    """A file in the store's place is named, not overwritten."""
    (tmp_path / "f").write_text("precious")
    with pytest.raises(UsageError, match="is a file"):
        Store.open(tmp_path / "f")
    assert (tmp_path / "f").read_text() == "precious"


def test_store_below_a_file(tmp_path: Path) -> None:
    """A path that leads through a file is one clear message."""
    (tmp_path / "f").write_text("precious")
    with pytest.raises(InfraError, match="Not a directory"):
        Store.open(tmp_path / "f" / "store")


def test_interrupt_inside_serialization(
    store: Store, trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Ctrl-C that pydantic wraps in an error of its own still arrives as a Ctrl-C."""

    def wrapped(*_: object, **__: object) -> str:
        raise PydanticSerializationError("Error serializing to JSON: KeyboardInterrupt: ")

    monkeypatch.setattr(Trial, "model_dump_json", wrapped)
    with pytest.raises(KeyboardInterrupt):
        store.commit_trial(trial())
    monkeypatch.undo()
    store.commit_trial(trial())
