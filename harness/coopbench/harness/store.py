"""The store: every run, trial and raw launch in one SQLite file, blobs beside it.

A trial is one transaction. While it is being measured, its blocks go one by one into a
journal, so that a run killed at any point loses at most the block in flight.
"""

import difflib
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from coopbench.harness.blobs import BlobStore
from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.model import Block, Prepared, Trial
from coopbench.harness.record import RunRecord
from coopbench.harness.store_database import Database
from coopbench.harness.store_rows import (
    TrialKey,
    block_rows,
    join_blocks,
    parse,
    render,
    with_blocks,
)

_LAUNCHES = """\
SELECT b.trial, b.json, coalesce(l.json, 'null')
FROM trials t
JOIN blocks b ON b.trial = t.id
LEFT JOIN launches l ON l.trial = b.trial AND l.block = b.block
WHERE t.run = ?
ORDER BY b.trial, b.block, l.arm
"""
"""The arms' names sort as a block wants them: baseline, candidate."""
_UNIQUE = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})


class Store:
    """Runs, trials and blobs in one directory; open it with `Store.open`.

    Safe for several threads of one process (one lock around the connection) and for several
    processes (SQLite's own locking); use it as a context manager.

    Attributes:
        root: The directory.
        blobs: The blob store in it.
    """

    def __init__(self, root: Path, database: Database) -> None:
        self.root = root
        self.blobs = BlobStore(root / "blobs")
        self._database = database

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Self:
        """Open the store in directory `path`.

        Args:
            path: The store's directory.
            create: Make it if there is none.

        Raises:
            UsageError: if there is no store (and `create` is false), it is damaged, of another
                format, or may not be written.
            InfraError: if the disk is full or fails.
        """
        store = cls(path, Database(path, create=create))
        try:
            store.blobs.sweep()
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Close the database; committed work is safe even without this."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Runs

    def create_run(self, run: RunRecord) -> None:
        """Store a new run's manifest.

        Raises:
            UsageError: if a run of that id exists.
        """
        try:
            with self._database.transaction() as db:
                db.execute(
                    "INSERT INTO runs (id, created_at, status, json) VALUES (?, ?, ?, ?)",
                    (run.id, run.created_at, run.status, render(run)),
                )
        except sqlite3.IntegrityError:
            raise UsageError(f"{self.root} already has a run {run.id}; resume it instead") from None

    def update_run(self, run: RunRecord) -> None:
        """Replace a stored run's manifest.

        Raises:
            UsageError: if there is no run of that id.
        """
        with self._database.transaction() as db:
            changed = db.execute(
                "UPDATE runs SET created_at = ?, status = ?, json = ? WHERE id = ?",
                (run.created_at, run.status, render(run), run.id),
            ).rowcount
        if changed == 0:
            raise self._unknown_run(run.id)

    def run(self, run_id: str) -> RunRecord:
        """Return a run's manifest.

        Args:
            run_id: The id, or the beginning of one if only one run has it.

        Raises:
            UsageError: if no run or more than one is meant, or the record is damaged.
        """
        full = self._resolve(run_id)
        text = self._database.rows("SELECT json FROM runs WHERE id = ?", full)[0][0]
        return parse(RunRecord, text, self.root, f"run {full}")

    def runs(self) -> tuple[RunRecord, ...]:
        """Return the manifests of all runs, oldest first."""
        rows = self._database.rows("SELECT id, json FROM runs ORDER BY created_at, id")
        return tuple(parse(RunRecord, text, self.root, f"run {name}") for name, text in rows)

    # Trials

    def commit_trial(self, trial: Trial) -> None:
        """Store a finished trial with all its raw launches and drop its journal, or do nothing.

        Raises:
            UsageError: if its run is unknown or a trial of the same key is already stored.
            ValueError: if its blocks are not numbered upwards as (baseline, candidate) pairs.
        """
        blocks = trial.measurement.blocks if trial.measurement is not None else ()
        heads, launches = block_rows(trial.id, blocks)
        text = render(trial, {"measurement": {"blocks"}})
        key = TrialKey.of(trial)
        try:
            with self._database.transaction() as db:
                db.execute(
                    "INSERT INTO trials (id, run, entrant, benchmark, target, repetition, outcome,"
                    " json) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (trial.id, trial.run, *key, trial.outcome.value, text),
                )
                db.executemany("INSERT INTO blocks VALUES (?, ?, ?)", heads)
                db.executemany("INSERT INTO launches VALUES (?, ?, ?, ?, ?)", launches)
                db.execute("DELETE FROM pending_blocks WHERE trial = ?", (trial.id,))
                db.execute("DELETE FROM prepared WHERE trial = ?", (trial.id,))
        except sqlite3.IntegrityError as e:
            if e.sqlite_errorcode not in _UNIQUE:
                raise self._unknown_run(trial.run) from None
            raise UsageError(
                f"{self.root}: trial {trial.id} ({key}) of run {trial.run} is already stored; "
                "do not resume one run twice at once"
            ) from None

    def trials(self, run_id: str, *, blocks: bool = True) -> tuple[Trial, ...]:
        """Return a run's trials in the order they were committed.

        Args:
            run_id: The id, or a unique beginning of one.
            blocks: Load the raw launches too; without them `measurement.blocks` is empty.
        """
        full = self._resolve(run_id)
        texts = self._database.rows(
            "SELECT id, json FROM trials WHERE run = ? ORDER BY rowid", full
        )
        launches = self._database.rows(_LAUNCHES, full) if blocks else []
        joined = join_blocks(launches, self.root)
        return tuple(
            with_blocks(parse(Trial, text, self.root, f"trial {name}"), joined.get(name, ()))
            for name, text in texts
        )

    def done_keys(self, run_id: str) -> frozenset[TrialKey]:
        """Return the keys of a run's stored trials: what a resumed run need not do again."""
        full = self._resolve(run_id)
        sql = "SELECT entrant, benchmark, target, repetition FROM trials WHERE run = ?"
        return frozenset(TrialKey(*row) for row in self._database.rows(sql, full))

    # The journal of the trials in flight

    def put_prepared(self, trial_id: str, prepared: Prepared) -> None:
        """Keep a verified candidate until its trial is finished."""
        with self._database.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO prepared VALUES (?, ?)", (trial_id, render(prepared))
            )

    def prepared(self, trial_id: str) -> Prepared | None:
        """Return the verified candidate of a trial in flight, None if there is none."""
        rows = self._database.rows("SELECT json FROM prepared WHERE trial = ?", trial_id)
        if not rows:
            return None
        return parse(Prepared, rows[0][0], self.root, f"prepared trial {trial_id}")

    def append_block(self, trial_id: str, block: Block) -> None:
        """Journal one block of a trial in flight; it is safe once this returns.

        Raises:
            InfraError: if a block of that index is already journalled.
        """
        try:
            with self._database.transaction() as db:
                db.execute(
                    "INSERT INTO pending_blocks VALUES (?, ?, ?)",
                    (trial_id, block.index, render(block, nulls=False)),
                )
        except sqlite3.IntegrityError:
            raise InfraError(
                f"{self.root}: block {block.index} of trial {trial_id} is already journalled; "
                "another process works on the same run: stop it and resume"
            ) from None

    def pending(self, trial_id: str) -> tuple[Block, ...]:
        """Return the journalled blocks of a trial in flight, by index."""
        sql = "SELECT block, json FROM pending_blocks WHERE trial = ? ORDER BY block"
        return tuple(
            parse(Block, text, self.root, f"pending block {index} of trial {trial_id}")
            for index, text in self._database.rows(sql, trial_id)
        )

    def discard_pending(self, trial_id: str) -> None:
        """Drop a trial's journal, e.g. because its executables are no longer the same."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM pending_blocks WHERE trial = ?", (trial_id,))

    # Blobs and health

    def put_blob(self, data: bytes) -> str:
        """Store bytes and return their SHA-256 (see `BlobStore.put`)."""
        return self.blobs.put(data)

    def get_blob(self, sha256: str) -> bytes:
        """Return a blob's verified bytes (see `BlobStore.get`)."""
        return self.blobs.get(sha256)

    def verify(self) -> None:
        """Read everything: database pages, references, every record and every blob.

        Raises:
            UsageError: naming the first damage found.
        """
        self._database.verify()
        for run in self.runs():
            self.trials(run.id)
        for (trial_id,) in self._database.rows("SELECT DISTINCT trial FROM pending_blocks"):
            self.pending(trial_id)
        for sha256 in self.blobs.ids():
            self.get_blob(sha256)

    # Which run is meant

    def _resolve(self, run_id: str) -> str:
        known = [
            str(row[0])
            for row in self._database.rows("SELECT id FROM runs ORDER BY created_at, id")
        ]
        if run_id in known:
            return run_id
        found = [name for name in known if run_id and name.startswith(run_id)]
        if len(found) > 1:
            raise UsageError(f"run {run_id!r} may mean {', '.join(found)}: give more of its id")
        if not found:
            raise self._unknown_run(run_id)
        return found[0]

    def _unknown_run(self, run_id: str) -> UsageError:
        known = [
            row[0]
            for row in self._database.rows("SELECT id FROM runs ORDER BY created_at DESC, id")
        ]
        close = difflib.get_close_matches(run_id, known, n=1)
        if close:
            hint = f"did you mean {close[0]!r}?"
        elif known:
            hint = f"the latest is {known[0]!r}"
        else:
            hint = "it has none yet"
        return UsageError(f"{self.root} has no run {run_id!r}; {hint}")
