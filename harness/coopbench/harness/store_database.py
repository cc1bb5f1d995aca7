"""The store's database file: its tables, how it is made, opened and recognised."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coopbench.harness.errors import UsageError
from coopbench.harness.locks import file_lock
from coopbench.harness.record import FORMAT_VERSION
from coopbench.harness.storage_errors import damaged, storage_errors

DATABASE = "store.sqlite3"
_MAGIC = b"SQLite format 3\0"
BUSY_S = 30.0
"""How long an operation waits for another process's transaction."""

TABLES = """\
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    created_at REAL NOT NULL,
    status TEXT NOT NULL,
    json TEXT NOT NULL              -- run manifest
);

CREATE TABLE trials (
    id TEXT PRIMARY KEY,
    run TEXT NOT NULL REFERENCES runs (id),
    entrant TEXT NOT NULL,
    benchmark TEXT NOT NULL,
    target TEXT NOT NULL,
    repetition INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    json TEXT NOT NULL,             -- trial record without measurement.blocks
    UNIQUE (run, entrant, benchmark, target, repetition)
);

CREATE TABLE blocks (
    trial TEXT NOT NULL REFERENCES trials (id) ON DELETE CASCADE,
    block INTEGER NOT NULL,
    json TEXT NOT NULL,             -- block without its launches
    PRIMARY KEY (trial, block)
) WITHOUT ROWID;

CREATE TABLE launches (
    trial TEXT NOT NULL,
    block INTEGER NOT NULL,
    arm TEXT NOT NULL CHECK (arm IN ('baseline', 'candidate')),
    value REAL NOT NULL,            -- as in json, for queries
    json TEXT NOT NULL,             -- launch
    PRIMARY KEY (trial, block, arm),
    FOREIGN KEY (trial, block) REFERENCES blocks (trial, block) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE prepared (
    trial TEXT PRIMARY KEY,         -- a verified trial in flight, not yet in table trials
    json TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE pending_blocks (
    trial TEXT NOT NULL,            -- a trial in flight, not yet in table trials
    block INTEGER NOT NULL,
    json TEXT NOT NULL,             -- block with its launches
    PRIMARY KEY (trial, block)
) WITHOUT ROWID;
"""


class Database:
    """The connection, shared by threads through one lock; every error comes out translated.

    Args:
        root: The store's directory.
        create: Make directory and database if there is none.

    Raises:
        UsageError: if there is none and `create` is false, or it is damaged, of another
            format, not a store, or may not be written.
        InfraError: if the disk is full or fails.
    """

    def __init__(self, root: Path, *, create: bool) -> None:
        self.root = root
        self._lock = threading.RLock()
        self._connection = _connect(root, create=create)

    def close(self) -> None:
        """Close the connection; what was committed is safe even without this."""
        with self._lock, storage_errors(self.root):
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run the enclosed statements as one transaction, all or nothing.

        Raises:
            sqlite3.IntegrityError: for the caller to explain.
        """
        with self._lock, storage_errors(self.root):
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # After some failures (a full disk) SQLite has already rolled back by itself.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self._lock, storage_errors(self.root):
            return self._connection.execute(sql, values).fetchall()

    def verify(self) -> None:
        """Check the file's pages, indices, constraints and references.

        Raises:
            UsageError: naming the first damage found.
        """
        problems = [str(row[0]) for row in self.rows("PRAGMA integrity_check")]
        if problems != ["ok"]:
            raise damaged(self.root, problems[0])
        for table, *_ in self.rows("PRAGMA foreign_key_check"):
            raise damaged(self.root, f"a row of table {table} belongs to nothing")


def _connect(root: Path, *, create: bool) -> sqlite3.Connection:
    path = root / DATABASE
    with storage_errors(root):
        if root.exists() and not root.is_dir():
            raise UsageError(f"{root} is a file; a store is a directory: give another path")
        if not create and not path.exists():
            raise UsageError(
                f"{root} holds no store ({DATABASE} is missing); give the directory of a run"
            )
        root.mkdir(parents=True, exist_ok=True)
        _check_header(path)
    with storage_errors(path):
        connection = sqlite3.connect(
            path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection, root, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _check_header(path: Path) -> None:
    """Refuse a foreign file; SQLite itself takes one shorter than a page for an empty database."""
    if not path.exists():
        return
    with path.open("rb") as file:
        head = file.read(len(_MAGIC))
    if head not in (b"", _MAGIC):
        raise damaged(path, "it is no SQLite database")


def _prepare(connection: sqlite3.Connection, root: Path, path: Path) -> None:
    if not _tables(connection):
        # Switching to WAL does not wait for other processes, so only one may do it.
        with file_lock(root / "locks" / "create.lock"):
            if not _tables(connection):
                _create(connection)
    # No fsync at each commit: a killed process loses nothing, a power cut only the last commits.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    _check_version(connection, path)


def _tables(connection: sqlite3.Connection) -> frozenset[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return frozenset(row[0] for row in rows)


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    for statement in TABLES.split(";\n"):
        connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('format_version', ?)", (str(FORMAT_VERSION),))
    connection.execute("COMMIT")


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    if "meta" not in _tables(connection):
        raise UsageError(f"{path} is a database but no store of ours; give another directory")
    row = connection.execute("SELECT value FROM meta WHERE key = 'format_version'").fetchone()
    version = str(row[0]) if row else ""
    if not version.isdecimal():
        raise damaged(path, f"its format version is {version!r}")
    if int(version) != FORMAT_VERSION:
        raise UsageError(
            f"{path} has format {version}, this program reads format {FORMAT_VERSION}; "
            "use the program version that wrote it, or another store directory"
        )
