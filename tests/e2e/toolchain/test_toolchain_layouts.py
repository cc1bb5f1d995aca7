"""Layouts move code and data, and change nothing else."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Target
from coopbench.harness.toolchain.build import Builder, Built
from coopbench.harness.toolchain.link import Layout, canonical_hash

pytestmark = pytest.mark.e2e

Make = Callable[..., Candidate]
Build = Callable[..., Built]
Run = Callable[..., str]

ADDRESSES = """
#include <stdio.h>
int numbers[64] = {1};
int others[64];
static const int table[64] = {7};
__attribute__((noinline)) int one(int x) { return x + table[x & 63]; }
__attribute__((noinline)) int two(int x) { return x * numbers[x & 63] + others[x & 63]; }
int main(int argc, char **argv)
{
    if (argc > 1)
        printf("%p %p %p %p %p %p\\n", (void *)one, (void *)two, (void *)main, (void *)numbers,
               (void *)others, (void *)table);
    printf("%d\\n", one(argc) + two(argc));
    return 0;
}
"""


def text_size(path: Path) -> int:
    """Return the size of the code."""
    with path.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".text")
        assert section is not None
        return int(section["sh_size"])


def test_layouts_move_everything_and_change_nothing(
    builder: Builder, target: Target, candidate: Make, build: Build, run_exe: Run, tmp_path: Path
) -> None:
    """Over ten seeds every function and array changes its place, and the result stays."""
    objects = build(builder, candidate(ADDRESSES), target).objects
    seen: list[set[str]] = [set() for _ in range(6)]
    sizes = set()
    for seed in range(10):
        exe = builder.link(objects, target, tmp_path / f"{seed}", Layout(seed))
        assert isinstance(exe, Path), exe
        addresses, result = run_exe(exe, target, "show").splitlines()
        for place, address in zip(seen, addresses.split(), strict=True):
            place.add(address)
        assert result == "2"
        assert run_exe(exe, target) == "1\n"
        sizes.add(text_size(exe))
    assert all(len(place) >= 6 for place in seen), seen
    assert len(sizes) >= 8, "the padding differs"


def test_layout_is_a_function_of_its_seed(
    builder: Builder, target: Target, candidate: Make, build: Build, tmp_path: Path
) -> None:
    """The same objects and seed give the same bytes; another seed gives others."""
    objects = build(builder, candidate(ADDRESSES), target).objects
    files = []
    for i, seed in enumerate((3, 3, 4, None, None)):
        exe = builder.link(objects, target, tmp_path / f"{i}", Layout(seed))
        assert isinstance(exe, Path)
        files.append(exe.read_bytes())
    assert files[0] == files[1]
    assert files[3] == files[4]
    assert len(set(files)) == 3


def test_canonical_layout_has_no_padding(
    builder: Builder, target: Target, candidate: Make, build: Build, tmp_path: Path
) -> None:
    """Without a seed the code is as small as it gets; padding stays below a page."""
    objects = build(builder, candidate(ADDRESSES), target).objects
    plain = builder.link(objects, target, tmp_path / "plain")
    assert isinstance(plain, Path)
    for seed in range(5):
        exe = builder.link(objects, target, tmp_path / f"{seed}", Layout(seed))
        assert isinstance(exe, Path)
        # Alignment gaps move with the order, by less than one line of 64 bytes a section.
        assert -4096 < text_size(exe) - text_size(plain) < 2 * 4096
        assert canonical_hash(exe) != canonical_hash(plain)


def test_layouts_leave_no_trace_in_the_cache(
    builder: Builder, native: Target, candidate: Make, build: Build, tmp_path: Path
) -> None:
    """Throw-away links do not fill the cache; the canonical one is kept."""
    objects = build(builder, candidate(ADDRESSES), native).objects
    builder.link(objects, native, tmp_path / "a", Layout(1))
    before = sorted((builder.context.cache.home / "results").rglob("*"))
    for seed in range(2, 6):
        builder.link(objects, native, tmp_path / "a", Layout(seed))
    assert sorted((builder.context.cache.home / "results").rglob("*")) == before
    builder.link(objects, native, tmp_path / "b")
    assert len(sorted((builder.context.cache.home / "results").rglob("*.exe"))) == 1


def test_executable_is_static_stripped_and_has_no_executable_stack(
    builder: Builder, target: Target, candidate: Make, build: Build, tmp_path: Path
) -> None:
    """The executable needs no interpreter, names no symbol and has an ordinary stack."""
    exe = builder.link(build(builder, candidate(), target).objects, target, tmp_path / "exe")
    assert isinstance(exe, Path)
    assert os.access(exe, os.X_OK)
    with exe.open("rb") as file:
        elf = ELFFile(file)
        kinds = {segment["p_type"]: segment["p_flags"] for segment in elf.iter_segments()}
        assert "PT_INTERP" not in kinds
        assert kinds["PT_GNU_STACK"] & 1 == 0
        assert elf.get_section_by_name(".symtab") is None
        assert elf["e_type"] == "ET_EXEC"


def test_object_cannot_ask_for_libraries(
    builder: Builder, native: Target, candidate: Make, build: Build, tmp_path: Path
) -> None:
    """A request for another library in an object's own words is not followed."""
    asm = (
        ".globl main\nmain: ret\n"
        '.section .deplibs,"MS",@llvm_dependent_libraries,1\n.asciz "m"\n.asciz "/etc/passwd"\n'
    )
    objects = build(builder, candidate(asm, Level.ASM), native).objects
    assert isinstance(builder.link(objects, native, tmp_path / "exe"), Path)
