"""Content-addressed files: sources, binaries, profiles and logs, each stored once."""

import hashlib
import os
import re
import secrets
import time
import zlib
from pathlib import Path

from coopbench.harness.errors import UsageError
from coopbench.harness.storage_errors import damaged, storage_errors

_SHA256 = re.compile(r"[0-9a-f]{64}")
_STALE_S = 3600.0
"""Age from which a temporary file is taken to be left behind by a killed process."""


class BlobStore:
    """A directory of zlib-compressed files named by the SHA-256 of their contents.

    A blob appears under its name only when it is complete and on disk, so a process killed at
    any point leaves no half-written blob. Safe for any number of threads and processes.

    Args:
        root: The directory; made when the first blob is put.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Return where the blob of that hash lies, whether it exists or not.

        Raises:
            UsageError: if the text is no SHA-256 in lower-case hexadecimal.
        """
        if not _SHA256.fullmatch(sha256):
            raise UsageError(f"{sha256!r} is no blob id: 64 lower-case hexadecimal digits wanted")
        return self.root / sha256[:2] / sha256[2:]

    def put(self, data: bytes) -> str:
        """Store bytes and return their SHA-256; a blob found damaged is written again.

        Raises:
            InfraError: if the disk is full or fails.
            UsageError: if the directory may not be written.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        with storage_errors(self.root):
            if _contents(path, sha256) is None:
                self._write(path, zlib.compress(data))
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return a blob's bytes, verified against its hash.

        Raises:
            UsageError: if there is no such blob or its file is damaged.
        """
        path = self.path(sha256)
        with storage_errors(path):
            if not path.exists():
                raise UsageError(
                    f"blob {sha256} is missing from {self.root}; restore the directory from a copy"
                )
            data = _contents(path, sha256)
        if data is None:
            raise damaged(path, "its contents do not have the hash that is its name")
        return data

    def ids(self) -> tuple[str, ...]:
        """Return the hashes of all blobs, sorted."""
        with storage_errors(self.root):
            found = (p.parent.name + p.name for p in self.root.glob("??/*"))
            return tuple(sorted(name for name in found if _SHA256.fullmatch(name)))

    def sweep(self) -> None:
        """Remove temporary files that killed processes left behind more than an hour ago."""
        oldest = time.time() - _STALE_S
        with storage_errors(self.root):
            for path in self.root.glob("??/tmp-*"):
                # Another process may finish or sweep the same file at this moment.
                try:
                    if path.stat().st_mtime < oldest:
                        path.unlink()
                except FileNotFoundError:
                    continue

    def _write(self, path: Path, packed: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.parent / f"tmp-{secrets.token_hex(8)}"
        try:
            with temporary.open("xb") as file:
                file.write(packed)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        # Without this the new name itself may be lost in a power cut.
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _contents(path: Path, sha256: str) -> bytes | None:
    """Return the unpacked file if it is intact, None if it is missing or damaged."""
    try:
        data = zlib.decompress(path.read_bytes())
    except (FileNotFoundError, zlib.error):
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None
