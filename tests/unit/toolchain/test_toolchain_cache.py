"""The cache of tool results: round trip, damage, concurrent writers."""

import threading
from pathlib import Path

import pytest

from coopbench.harness.errors import InfraError
from coopbench.harness.toolchain.cache import Cache, cache_home, content_key, write_aside


def test_round_trip(tmp_path: Path) -> None:
    """What was put comes back with its cost, under a file name that keeps its suffix."""
    cache = Cache(tmp_path)
    put = cache.put(content_key("a"), b"object", cost_s=1.5, suffix=".o")
    got = cache.get(content_key("a"))
    assert got == put
    assert got is not None
    assert (got.path.read_bytes(), got.cost_s, got.ok, got.path.suffix) == (
        b"object",
        1.5,
        True,
        ".o",
    )


def test_unknown_key_is_a_miss(tmp_path: Path) -> None:
    """An empty cache knows nothing and is not created by asking."""
    assert Cache(tmp_path / "none").get(content_key("a")) is None
    assert not (tmp_path / "none").exists()


def test_keys_do_not_run_together() -> None:
    """Moving a character from one part to the next gives another key."""
    assert content_key("ab", "c") != content_key("a", "bc")
    assert content_key(["a"], "b") != content_key("a", ["b"])
    assert content_key(None) != content_key("null")


def test_equal_results_share_a_file_and_survive_damage(tmp_path: Path) -> None:
    """Two keys with one result share a file; putting again mends it for both."""
    cache = Cache(tmp_path)
    a = cache.put(content_key("a"), b"same")
    b = cache.put(content_key("b"), b"same")
    assert a.path == b.path
    a.path.chmod(0o644)
    a.path.write_bytes(b"sane")
    assert cache.get(content_key("a")) is None
    assert cache.get(content_key("b")) is None
    cache.put(content_key("b"), b"same")
    assert cache.get(content_key("a")) is not None


def test_failures_are_kept_as_failures(tmp_path: Path) -> None:
    """A kept failure does not come back as a result."""
    cache = Cache(tmp_path)
    cache.put(content_key("a"), b"error: no", ok=False)
    got = cache.get(content_key("a"))
    assert got is not None
    assert not got.ok


def test_results_are_read_only(tmp_path: Path) -> None:
    """A file of the cache has no permission to be written, so that nobody changes it by accident."""
    entry = Cache(tmp_path).put(content_key("a"), b"x")
    assert entry.path.stat().st_mode & 0o222 == 0


def test_many_writers_of_one_key(tmp_path: Path) -> None:
    """Concurrent writers and readers of one key never see a part of a result."""
    cache, key, data = Cache(tmp_path), content_key("k"), b"x" * 100_000
    wrong: list[bytes] = []

    def work() -> None:
        for _ in range(20):
            cache.put(key, data)
            entry = cache.get(key)
            if entry is None or entry.path.read_bytes() != data:
                wrong.append(b"")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert not list(tmp_path.rglob(".new-*"))


def test_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If moving into place fails, the old file stays and no scrap is left."""
    target = tmp_path / "file"
    write_aside(target, b"old")

    def refuse(self: Path, other: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        write_aside(target, b"new")
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_full_disk_is_the_machines_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is one clear message, and not the candidate's failure."""

    def refuse(self: Path, other: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(InfraError, match="no space left"):
        Cache(tmp_path).put(content_key("a"), b"x")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"COOPBENCH_CACHE": "/c", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/c"),
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/coopbench"),
        ({"COOPBENCH_CACHE": "", "HOME": "/h"}, "/h/.cache/coopbench"),
    ],
)
def test_cache_home(environment: dict[str, str], expected: str) -> None:
    """The project's own variable comes before the user's cache folder, which comes before home."""
    assert cache_home(environment) == Path(expected)
