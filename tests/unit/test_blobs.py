"""Blobs are stored once, verified on reading, and repaired by storing them again."""

import hashlib
import os
from pathlib import Path

import pytest

from coopbench.harness.blobs import BlobStore
from coopbench.harness.errors import UsageError


def test_round_trip_and_address(tmp_path: Path) -> None:
    """A blob's id is the SHA-256 of its bytes, and equal bytes are one file."""
    blobs = BlobStore(tmp_path)
    data = bytes(range(256)) * 100
    sha = blobs.put(data)
    assert sha == hashlib.sha256(data).hexdigest() == blobs.put(data)
    assert blobs.get(sha) == data
    assert blobs.put(b"") != sha
    assert set(blobs.ids()) == {sha, hashlib.sha256(b"").hexdigest()}
    assert blobs.path(sha).stat().st_size < len(data) / 10


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b"", lambda b: b[:20] + b"X" + b[21:], lambda b: b[::-1]]
)
def test_damage_is_found_and_mended(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    """A cut or altered blob is never returned; putting the same bytes again repairs it."""
    blobs = BlobStore(tmp_path)
    data = os.urandom(3000)
    sha = blobs.put(data)
    path = blobs.path(sha)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UsageError, match=f"{path} is damaged.*restore"):
        blobs.get(sha)
    assert blobs.put(data) == sha
    assert blobs.get(sha) == data


def test_blob_of_other_contents(tmp_path: Path) -> None:
    """An intact file under the wrong name is damage too."""
    blobs = BlobStore(tmp_path)
    one, two = blobs.put(b"one"), blobs.put(b"two")
    blobs.path(one).write_bytes(blobs.path(two).read_bytes())
    with pytest.raises(UsageError, match="damaged"):
        blobs.get(one)


def test_missing_blob(tmp_path: Path) -> None:
    """A missing blob is named."""
    with pytest.raises(UsageError, match=f"blob {'0' * 64} is missing"):
        BlobStore(tmp_path).get("0" * 64)


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "0" * 63, "G" * 64, "A" * 64])
def test_malformed_id(tmp_path: Path, text: str) -> None:
    """An id that is no hash cannot lead to a path."""
    with pytest.raises(UsageError, match="is no blob id"):
        BlobStore(tmp_path).get(text)


def test_sweep_removes_only_stale_temporaries(tmp_path: Path) -> None:
    """Leftovers of killed processes go after an hour; blobs and files in flight stay."""
    blobs = BlobStore(tmp_path)
    sha = blobs.put(b"x")
    folder = blobs.path(sha).parent
    (folder / "tmp-old").write_bytes(b"")
    (folder / "tmp-new").write_bytes(b"")
    os.utime(folder / "tmp-old", (0, 0))
    os.utime(blobs.path(sha), (0, 0))
    blobs.sweep()
    assert {p.name for p in folder.iterdir()} == {sha[2:], "tmp-new"}
    assert blobs.ids() == (sha,)
