"""Results of tools, kept by the content they were made from, safe for any number of users.

A key names what a result was made from; its entry names the result by content hash. Both are
written aside and moved into place, so a reader sees a whole file or none, and two writers of
one key do no harm. Damage of either file is found by its hash and counts as a miss.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from coopbench.harness.base import Frozen
from coopbench.harness.storage_errors import storage_errors


class _Record(Frozen):
    """Contents of an entry file."""

    ok: bool
    blob: str
    suffix: str
    cost_s: float


@dataclass(frozen=True)
class Entry:
    """A result found in the cache."""

    path: Path
    """The file with the result; never to be changed."""
    sha256: str
    ok: bool
    """False if the result is the text of a failure."""
    cost_s: float
    """Wall seconds it took to make."""


def cache_home(environment: Mapping[str, str]) -> Path:
    """Return the folder of all caches: COOPBENCH_CACHE, or the user's XDG cache folder."""
    own = environment.get("COOPBENCH_CACHE")
    if own:
        return Path(own).absolute()
    shared = environment.get("XDG_CACHE_HOME")
    base = Path(shared) if shared else Path(environment.get("HOME", "/")) / ".cache"
    return (base / "coopbench").absolute()


def content_key(*parts: object) -> str:
    """Return the SHA-256 of a sequence of JSON values: the key of what is made from them."""
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


class Cache:
    """A folder of results.

    Args:
        home: The folder; made when first written to.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    def get(self, key: str) -> Entry | None:
        """Return the result kept under a key; None if there is none or it is damaged."""
        try:
            digest, _, text = self._entry(key).read_text("utf-8").partition("\n")
            if hashlib.sha256(text.encode()).hexdigest() != digest:
                return None
            record = _Record.model_validate_json(text)
            path = self._blob(record.blob, record.suffix)
            if hashlib.sha256(path.read_bytes()).hexdigest() != record.blob:
                return None
        except (OSError, UnicodeDecodeError, ValidationError):
            return None
        return Entry(path, record.blob, record.ok, record.cost_s)

    def put(
        self, key: str, data: bytes, *, ok: bool = True, cost_s: float = 0.0, suffix: str = ""
    ) -> Entry:
        """Keep a result under a key and return its entry.

        Raises:
            InfraError: if the disk is full or fails.
            UsageError: if the cache folder may not be written.
        """
        digest = hashlib.sha256(data).hexdigest()
        path = self._blob(digest, suffix)
        record = _Record(ok=ok, blob=digest, suffix=suffix, cost_s=cost_s).model_dump_json()
        check = hashlib.sha256(record.encode()).hexdigest()
        with storage_errors(self.home):
            if not _holds(path, digest):
                write_aside(path, data)
            write_aside(self._entry(key), f"{check}\n{record}".encode())
        return Entry(path, digest, ok, cost_s)

    def _entry(self, key: str) -> Path:
        return self.home / "entries" / key[:2] / key

    def _blob(self, digest: str, suffix: str) -> Path:
        return self.home / "results" / digest[:2] / f"{digest}{suffix}"


def write_aside(path: Path, data: bytes, mode: int = 0o444) -> None:
    """Write a whole file beside its place and move it there, so that no one sees a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _holds(path: Path, digest: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == digest
    except OSError:
        return False
