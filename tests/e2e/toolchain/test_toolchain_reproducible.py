"""Builds are functions of their inputs: bit-identical, path-free, mended when damaged."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Target
from coopbench.harness.toolchain.build import Builder, Built
from coopbench.harness.toolchain.compilers import Compilers

pytestmark = pytest.mark.e2e

Make = Callable[..., Candidate]
Build = Callable[..., Built]
MakeBuilder = Callable[..., Builder]

TALKATIVE = """
#include <assert.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    assert(argc < 100);
    return printf("%s %s %s\\n", __FILE__, __DATE__, __TIME__) < 0;
}
"""


def recipes(compilers: Compilers, target: Target) -> list[dict[str, object]]:
    """Return a recipe for every way of building that this machine has."""
    able = [c for c in compilers.all if target.arch in c.arches]
    found: list[dict[str, object]] = [{"compiler": c.id} for c in able]
    found += [{"compiler": c.id, "lto": True} for c in able if c.features.lto]
    found += [{"compiler": c.id, "passes": "default<O3>"} for c in able if c.tools.opt]
    return found


def test_two_builds_are_bit_identical(
    new_builder: MakeBuilder,
    compilers: Compilers,
    target: Target,
    candidate: Make,
    build: Build,
    tmp_path: Path,
) -> None:
    """With every cache cleared, each recipe gives the same object and the same executable again."""
    for recipe in recipes(compilers, target):
        made = candidate(TALKATIVE, **recipe)
        results = []
        for name in ("one", "another-folder-with-a-longer-name"):
            builder = new_builder(f"{name}-{abs(hash(str(recipe)))}")
            objects = build(builder, made, target)
            assert objects.seconds > 0
            exe = builder.link(objects.objects, target, tmp_path / name)
            assert isinstance(exe, Path), exe
            results.append((objects.sha256, exe.read_bytes()))
        assert results[0] == results[1], recipe


def test_objects_name_no_path_and_no_date(
    builder: Builder, compilers: Compilers, target: Target, candidate: Make, build: Build
) -> None:
    """What a program can ask about its own making tells neither place nor time."""
    for recipe in recipes(compilers, target):
        made = build(builder, candidate(TALKATIVE, **recipe), target)
        data = made.objects[0].read_bytes()
        for word in (b"/tmp", b"coopbench", b"site-packages", b"/home", b"/root"):
            assert word not in data, recipe
        assert b"Jan  1 1970" in data
        assert b"main.c" in data


def test_second_build_is_free(
    builder: Builder, target: Target, candidate: Make, build: Build
) -> None:
    """A build from the cache spends no compiler time, and still knows what it once cost."""
    first = build(builder, candidate(), target)
    second = build(builder, candidate(), target)
    assert first.seconds == pytest.approx(first.cost_s)
    assert second.seconds == 0.0
    assert second.cost_s == pytest.approx(first.cost_s)
    assert second.objects == first.objects


def test_flipped_bit_in_the_cache_is_mended(
    builder: Builder, native: Target, candidate: Make, build: Build
) -> None:
    """A damaged object is made again, as it was."""
    first = build(builder, candidate(passes="default<O3>"), native)
    whole = first.objects[0].read_bytes()
    for path in (builder.context.cache.home / "results").rglob("*.*"):
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 1
        path.chmod(0o644)
        path.write_bytes(raw)
    again = build(builder, candidate(passes="default<O3>"), native)
    assert again.seconds > 0
    assert again.sha256 == first.sha256
    assert again.objects[0].read_bytes() == whole


def test_header_is_part_of_the_input(builder: Builder, native: Target, build: Build) -> None:
    """A change of a header alone is another program."""
    results = []
    for value in (1, 2):
        files = {
            "main.c": '#include "v.h"\nint main(void) { return V; }\n',
            "v.h": f"#define V {value}\n",
        }
        made = Candidate(benchmark="b", level=Level.C, files=files, made_by="test")
        results.append(build(builder, made, native).sha256)
    assert results[0] != results[1]


def test_many_threads_and_builders_agree(
    new_builder: MakeBuilder, native: Target, candidate: Make, build: Build, tmp_path: Path
) -> None:
    """Builders that share a cache and work at the same time all get the same whole result."""
    results: list[tuple[str, bytes]] = []

    def work(number: int) -> None:
        builder = new_builder()
        made = build(builder, candidate(), native)
        exe = builder.link(made.objects, native, tmp_path / f"exe{number}")
        assert isinstance(exe, Path)
        results.append((made.sha256, exe.read_bytes()))

    new_builder()
    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert len(set(results)) == 1
