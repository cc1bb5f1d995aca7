"""No damage of the cache's files is ever served as a result."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from coopbench.harness.toolchain.cache import Cache, content_key


@given(
    data=st.binary(max_size=200),
    which=st.integers(0, 1),
    at=st.integers(0, 10_000),
    bit=st.integers(0, 7),
)
def test_flipped_bit_is_a_miss(data: bytes, which: int, at: int, bit: int) -> None:
    """Flipping any bit of an entry or a result makes it a miss, never another result."""
    with tempfile.TemporaryDirectory() as folder:
        cache, key = Cache(Path(folder)), content_key("k")
        entry = cache.put(key, data, cost_s=0.25, suffix=".o")
        path = (entry.path, next(Path(folder, "entries").rglob(key)))[which]
        raw = bytearray(path.read_bytes())
        if not raw:
            return
        raw[at % len(raw)] ^= 1 << bit
        path.chmod(0o644)
        path.write_bytes(raw)
        assert cache.get(key) is None
        cache.put(key, data, cost_s=0.25, suffix=".o")
        assert cache.get(key) == entry


@given(data=st.binary(min_size=1, max_size=200), which=st.integers(0, 1), keep=st.integers(0, 199))
def test_truncated_file_is_a_miss(data: bytes, which: int, keep: int) -> None:
    """A file that was cut short, as by a crash, is a miss."""
    with tempfile.TemporaryDirectory() as folder:
        cache, key = Cache(Path(folder)), content_key("k")
        entry = cache.put(key, data)
        path = (entry.path, next(Path(folder, "entries").rglob(key)))[which]
        raw = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(raw[: keep % len(raw)])
        assert cache.get(key) is None
