"""Making the C library: once, whole, and again if it is damaged. zig is a script here."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from coopbench.harness.errors import InfraError
from coopbench.harness.toolchain.cache import Cache
from coopbench.harness.toolchain.compilers import Compilers, Toolkit
from coopbench.harness.toolchain.fingerprint import executable
from coopbench.harness.toolchain.runtime import LIBRARIES, ensure_runtime

Script = Callable[..., Path]

ZIG = """
[ "$1" = clang ] && {{ echo object > main.o; exit 0; }}
echo made >> {log}
sleep 0.1
out=$ZIG_LOCAL_CACHE_DIR/o
mkdir -p $out
for name in crt1.o libc.a libzigc.a libcompiler_rt.a; do
  echo "$name for $3" > $out/$name
  echo "$name" > $out/member_of_$name
done
echo "ar rcs libc.a" >&2
echo "ld.lld -static -o main.exe zig-cache/o/crt1.o main.o {parts}" >&2
"""
PARTS = " ".join(f"zig-cache/o/{name}" for name in LIBRARIES)
AR = """
case "$1" in
  t) echo zig-cache/o/member_of_$(basename "$2");;
  *) shift; out=$1; shift; (for f in "$@"; do echo "$f"; cat "$f"; done) > "$out";;
esac
"""


@pytest.fixture
def toolkit(script: Script, pinned_only: Compilers, tmp_path: Path) -> Toolkit:
    """Return a toolkit whose tools are scripts; every making is noted in the file `log`."""
    cache = Cache(tmp_path / "tools")
    zig = script("zig", ZIG.format(log=tmp_path / "log", parts=PARTS))
    ar = script("llvm-ar", AR)
    strip = script("llvm-objcopy", 'cp "$2" "$3"')
    return replace(
        pinned_only.toolkit,
        zig=executable("zig", (str(zig),), "0.1", cache),
        ar=executable("llvm-ar", (str(ar),), "1", cache),
        objcopy=executable("llvm-objcopy", (str(strip),), "1", cache),
    )


def makings(tmp_path: Path) -> int:
    """Return how often the library was made."""
    log = tmp_path / "log"
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_made_once_and_free_of_paths(toolkit: Toolkit, tmp_path: Path) -> None:
    """The library is made when first asked for; its archives name no folder of this machine."""
    cache = Cache(tmp_path / "cache")
    first = ensure_runtime(toolkit, "x86_64", cache)
    again = ensure_runtime(toolkit, "x86_64", cache)
    assert first == again
    assert makings(tmp_path) == 1
    for library in first.libraries:
        assert (
            library.read_text() == f"{library.stem}/0000-member_of_{library.name}\n{library.name}\n"
        )
    assert first.tool.name == "musl-x86_64"
    left = {path.name for path in first.folder.parent.iterdir()}
    assert left == {first.folder.name, f"{first.folder.name}.lock"}


def test_architectures_have_their_own(toolkit: Toolkit, tmp_path: Path) -> None:
    """Each architecture has a library and a fingerprint of its own."""
    cache = Cache(tmp_path / "cache")
    x86, arm = (ensure_runtime(toolkit, arch, cache) for arch in ("x86_64", "aarch64"))
    assert "x86_64-linux-musl" in x86.crt.read_text()
    assert "aarch64-linux-musl" in arm.crt.read_text()
    assert x86.tool.sha256 != arm.tool.sha256


def test_many_at_once_make_it_once(toolkit: Toolkit, tmp_path: Path) -> None:
    """Of several that need it at the same time one makes it and the others wait."""
    results = []

    def work() -> None:
        results.append(ensure_runtime(toolkit, "x86_64", Cache(tmp_path / "cache")))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert len({result.tool.sha256 for result in results}) == 1
    assert makings(tmp_path) == 1


@pytest.mark.parametrize("name", ["crt1.o", *LIBRARIES, "runtime.json"])
def test_damage_is_found_and_mended(toolkit: Toolkit, tmp_path: Path, name: str) -> None:
    """A library with any file changed is made again, and is as before."""
    cache = Cache(tmp_path / "cache")
    before = ensure_runtime(toolkit, "x86_64", cache)
    damaged = before.folder / name
    damaged.chmod(0o644)
    damaged.write_bytes(b"damaged" + damaged.read_bytes())
    assert ensure_runtime(toolkit, "x86_64", cache) == before
    assert makings(tmp_path) == 2
    assert not (before.folder / name).read_bytes().startswith(b"damaged")


def test_failure_of_zig_is_the_machines_fault(
    toolkit: Toolkit, script: Script, tmp_path: Path
) -> None:
    """If the library cannot be made, the message has zig's last word and nothing is left."""
    script("zig", '[ "$1" = clang ] && exit 0; echo "error: no such target" >&2; exit 1')
    with pytest.raises(
        InfraError, match="cannot make the C library: zig cc: error: no such target"
    ):
        ensure_runtime(toolkit, "x86_64", Cache(tmp_path / "cache"))
    assert [p.suffix for p in (tmp_path / "cache" / "runtime").iterdir()] == [".lock"]


def test_link_line_without_a_part_is_refused(
    toolkit: Toolkit, script: Script, tmp_path: Path
) -> None:
    """If zig links against something else than expected, that is said and not guessed around."""
    script("zig", ZIG.format(log=tmp_path / "log", parts="zig-cache/o/libc.a"))
    with pytest.raises(InfraError, match=r"does not name libcompiler_rt\.a, libzigc\.a"):
        ensure_runtime(toolkit, "x86_64", Cache(tmp_path / "cache"))
