"""Every level and every compiler leads to the same kind of working executable."""

import functools
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from coopbench.harness.base import Level
from coopbench.harness.errors import UsageError
from coopbench.harness.model import Candidate, Recipe, Target
from coopbench.harness.toolchain.build import Builder, Built
from coopbench.harness.toolchain.compilers import Compilers
from coopbench.harness.toolchain.constituents import Source, compile_to_ir
from coopbench.harness.toolchain.disassembly import disassemble
from coopbench.harness.toolchain.host import Host, find_target
from coopbench.harness.toolchain.link import canonical_hash
from coopbench.harness.toolchain.step import Artifact, BuildFailure

pytestmark = pytest.mark.e2e

Make = Callable[..., Candidate]
Build = Callable[..., Built]
Run = Callable[..., str]
EXPECTED = f"{functools.reduce(lambda s, i: s + (math.sqrt(i) + 4) * (i % 8 + 1), range(1000), 0.0):.17g}\n"

RECIPES: dict[str, dict[str, object]] = {
    "-O0": {"frontend": ("-O0",)},
    "-O3": {},
    "passes": {"passes": "default<O3>"},
    "passes over -O0": {"frontend": ("-O0",), "passes": "default<O2>", "codegen": ("-O2",)},
    "lto": {"lto": True},
    "passes and lto": {"passes": "lto-pre-link<O2>", "lto": True},
}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
def test_c_builds_and_runs(
    builder: Builder,
    target: Target,
    candidate: Make,
    build: Build,
    run_exe: Run,
    tmp_path: Path,
    recipe: dict[str, object],
) -> None:
    """Whatever the recipe, the program prints the same."""
    made = build(builder, candidate(**recipe), target)
    exe = builder.link(made.objects, target, tmp_path / "exe")
    assert isinstance(exe, Path), exe
    assert run_exe(exe, target) == EXPECTED


def test_every_system_compiler_builds(
    builder: Builder,
    compilers: Compilers,
    target: Target,
    candidate: Make,
    build: Build,
    run_exe: Run,
    tmp_path: Path,
) -> None:
    """Each compiler found here makes working code for the architectures it claims."""
    for compiler in compilers.system:
        if target.arch not in compiler.arches:
            made = builder.build(candidate(compiler=compiler.id), target)
            assert isinstance(made, BuildFailure)
            assert "makes no code for" in made.reason
            continue
        exe = builder.link(
            build(builder, candidate(compiler=compiler.id), target).objects,
            target,
            tmp_path / compiler.id,
        )
        assert isinstance(exe, Path), exe
        assert run_exe(exe, target) == EXPECTED


def test_lowered_levels_give_the_same_object(
    builder: Builder, target: Target, candidate: Make, build: Build
) -> None:
    """A C candidate's own assembly, handed in as an assembly candidate, is the very same object."""
    c = build(builder, candidate(), target)
    asm = build(builder, candidate(c.assembly[0], Level.ASM), target)
    assert asm.sha256 == c.sha256
    assert asm.toolchain == c.toolchain


def test_ir_builds_and_runs(
    builder: Builder,
    target: Target,
    candidate: Make,
    build: Build,
    run_exe: Run,
    program: str,
    tmp_path: Path,
) -> None:
    """Readable IR, as an IR candidate with and without passes and as LTO, is a working program."""
    setting = builder.setting(Recipe(), target)
    ir = compile_to_ir(setting, Source("main.c", program), ("-O3",), form="text")
    assert isinstance(ir, Artifact)
    assert "%argc" in ir.text(), "values keep the names that people gave them"
    recipes: tuple[dict[str, object], ...] = ({}, {"passes": "default<O3>"}, {"lto": True})
    for i, recipe in enumerate(recipes):
        made = build(builder, candidate(ir.text(), Level.IR, **recipe), target)
        exe = builder.link(made.objects, target, tmp_path / f"exe{i}")
        assert isinstance(exe, Path), exe
        assert run_exe(exe, target) == EXPECTED


def test_ir_cannot_raise_the_instruction_set(
    builder: Builder, host: Host, candidate: Make, build: Build
) -> None:
    """IR that asks for AVX-512 gets what the target has; a recipe's march is what decides."""
    target = find_target("x86-64-v2", host)
    ir = (
        "define void @main(ptr %p) #0 {\n"
        "  %v = load <16 x float>, ptr %p\n  %w = fadd <16 x float> %v, %v\n"
        "  store <16 x float> %w, ptr %p\n  ret void\n}\n"
        'attributes #0 = { "target-cpu"="znver4" "target-features"="+avx512f"'
        ' "prefer-vector-width"="512" }\n'
    )
    plain = build(builder, candidate(ir, Level.IR), target)
    assert "%xmm" in plain.assembly[0]
    assert "%zmm" not in plain.assembly[0]
    assert "%ymm" not in plain.assembly[0]
    raised = build(builder, candidate(ir, Level.IR, march="x86-64-v3"), target)
    assert "%ymm" in raised.assembly[0]


def test_ir_without_target_lines_is_for_the_target(
    builder: Builder, target: Target, candidate: Make, build: Build
) -> None:
    """IR that names no triple, no layout and no processor is compiled for the target's."""
    ir = "define i32 @main() {\n  ret i32 0\n}\n"
    made = build(builder, candidate(ir, Level.IR), target)
    machine = {"x86_64": "elf64-x86-64", "aarch64": "elf64-littleaarch64"}[target.arch]
    assert machine in disassemble(builder.context, made.objects[0])


def test_several_files_and_headers(
    builder: Builder, target: Target, build: Build, run_exe: Run, tmp_path: Path
) -> None:
    """A program of several files builds file by file and as a whole, in the order of names."""
    files = {
        "main.c": '#include "sum.h"\n#include <stdio.h>\n'
        'int main(void) { printf("%d\\n", sum(2, 3)); return 0; }\n',
        "sum.c": '#include "sum.h"\nint sum(int a, int b) { return a + b; }\n',
        "sum.h": "int sum(int a, int b);\n",
    }
    for lto in (False, True):
        made = Candidate(
            benchmark="b",
            level=Level.C,
            files=dict(reversed(files.items())),
            recipe=Recipe(lto=lto),
            made_by="test",
        )
        result = build(builder, made, target)
        assert len(result.objects) == (1 if lto else 2)
        exe = builder.link(result.objects, target, tmp_path / f"exe{lto}")
        assert isinstance(exe, Path), exe
        assert run_exe(exe, target) == "5\n"
        assert ("sum:" in "".join(result.assembly)) is not lto, "LTO inlines what is not an entry"


def test_lto_keeps_the_entries(builder: Builder, target: Target, candidate: Make) -> None:
    """Link-time optimization keeps a kernel's function if it is named as an entry."""
    kernel = candidate("int kernel(int x) { return x + 1; }\n", lto=True)
    made = builder.build(kernel, target, entries=("kernel",))
    assert isinstance(made, Built)
    assert "kernel:" in made.assembly[0]
    lost = builder.build(kernel, target)
    assert isinstance(lost, BuildFailure)
    assert "none of the entries main" in lost.reason


def test_contraction_is_off_but_in_fast_maths(
    builder: Builder, host: Host, candidate: Make, build: Build, compilers: Compilers
) -> None:
    """No arm fuses a product and a sum, whatever the instruction set, unless it asked for fast maths."""
    targets = [find_target("armv8-a", host)]
    if host.arch == "x86_64":
        targets.append(find_target("x86-64-v3", host))
    text = "double f(double a, double b, double c) { return a * b + c; }\n"
    for target in targets:
        fused = {"x86_64": "vfmadd", "aarch64": "fmadd"}[target.arch]
        able = [c.id for c in compilers.all if target.arch in c.arches]
        for compiler in able:
            plain = build(builder, candidate(text, compiler=compiler), target)
            assert fused not in plain.assembly[0], compiler
        for recipe in ({"passes": "default<O3>"}, {"lto": True}):
            staged = builder.build(candidate(text, **recipe), target, entries=("f",))
            assert isinstance(staged, Built)
            assert fused not in staged.assembly[0]
        fast = candidate(text, frontend=("-O3", "-ffast-math"))
        assert fused in build(builder, fast, target).assembly[0]
        ir = (
            "define double @f(double %a, double %b, double %c) {\n"
            "  %r = call double @llvm.fmuladd.f64(double %a, double %b, double %c)\n"
            "  ret double %r\n}\ndeclare double @llvm.fmuladd.f64(double, double, double)\n"
        )
        if target.arch == "aarch64":
            assert fused not in build(builder, candidate(ir, Level.IR), target).assembly[0]


def test_unknown_compiler_is_the_users_mistake(
    builder: Builder, native: Target, candidate: Make
) -> None:
    """A recipe that names a compiler nobody has is one message with what there is."""
    with pytest.raises(UsageError, match=r"no compiler 'clang-999' on this machine.*found: pinned"):
        builder.build(candidate(compiler="clang-999"), native)


def test_toolchain_names_everything(
    builder: Builder, target: Target, candidate: Make, build: Build
) -> None:
    """A result's fingerprint has the compiler, the linker and the C library, and no path."""
    made = build(builder, candidate(), target)
    names = {tool.name for tool in made.toolchain.tools}
    assert {"clang", "opt", "llc", "ld.lld", f"musl-{target.arch}"} <= names
    assert "/" not in made.toolchain.model_dump_json()


def test_comments_do_not_make_a_program_different(
    builder: Builder, target: Target, candidate: Make, build: Build, tmp_path: Path
) -> None:
    """Programs that load the same bytes have the same canonical hash, others do not."""
    plain = build(builder, candidate(), target)
    noted = build(builder, candidate(plain.assembly[0] + '\t.ident "mine"\n', Level.ASM), target)
    other = build(builder, candidate(frontend=("-O1",)), target)
    hashes = []
    for i, made in enumerate((plain, noted, other)):
        exe = builder.link(made.objects, target, tmp_path / f"exe{i}")
        assert isinstance(exe, Path)
        hashes.append(canonical_hash(exe))
    assert plain.sha256 != noted.sha256
    assert hashes[0] == hashes[1] != hashes[2]
