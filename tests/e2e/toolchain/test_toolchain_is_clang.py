"""Our -O3 is clang's -O3: same instructions, over every program of the suite."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from coopbench.harness.base import Level
from coopbench.harness.benchmark import Benchmark, load_benchmark
from coopbench.harness.model import Candidate, Recipe, Target
from coopbench.harness.toolchain.build import Builder, Built
from coopbench.harness.toolchain.compilers import Compiler, Toolkit
from coopbench.harness.toolchain.disassembly import disassemble, same_instructions
from coopbench.harness.toolchain.headers import header_folders
from coopbench.harness.toolchain.host import Host, find_target, targets

pytestmark = pytest.mark.e2e

Build = Callable[..., Built]
SUITES = Path(__file__).parents[3] / "suites" / "coopbench" / "suites"
BENCHMARKS = sorted(path.parent for path in SUITES.glob("*/*/benchmark.toml"))
NAMES = [folder.name for folder in BENCHMARKS]


def plain_clang(
    compiler: Compiler, toolkit: Toolkit, target: Target, benchmark: Benchmark, folder: Path
) -> list[Path]:
    """Compile a benchmark as a user would: one `clang -O3 -c` a file, nothing of ours."""
    headers = header_folders(compiler, toolkit, target.arch)
    include = [word for path in headers for word in ("-isystem", str(path))]
    flags = ["-O3", "-ffp-contract=off", "-ffunction-sections", "-fdata-sections", "-nostdinc"]
    for name, text in benchmark.files.items():
        (folder / name).write_text(text)
    made: list[Path] = []
    for name in sorted(n for n in benchmark.files if n.endswith(".c")):
        made.append(folder / f"{name}.o")
        machine = [f"--target={target.arch}-linux-musl", f"-march={target.march}"]
        command = [*compiler.driver.argv, *machine, *flags, *include, "-c", name]
        subprocess.run([*command, "-o", str(made[-1])], cwd=folder, check=True)
    return made


@pytest.mark.parametrize("folder", BENCHMARKS, ids=NAMES)
def test_o3_is_clang_o3(
    folder: Path, builder: Builder, host: Host, build: Build, tmp_path: Path
) -> None:
    """For every target, one compiler run and the stages one by one both give clang's instructions."""
    benchmark = load_benchmark(folder)
    toolkit = builder.compilers.toolkit
    for target in targets(host):
        reference = plain_clang(builder.compilers.pinned, toolkit, target, benchmark, tmp_path)
        for recipe in (Recipe(), Recipe(passes="default<O3>", codegen=("-O3",))):
            made = Candidate(
                benchmark=benchmark.name,
                level=Level.C,
                files=benchmark.files,
                recipe=recipe,
                made_by="test",
            )
            objects = build(builder, made, target).objects
            for ours, clangs in zip(objects, reference, strict=True):
                difference = same_instructions(builder.context, ours, clangs)
                assert difference is None, f"{target.name}: {difference}"


def test_the_suite_is_there() -> None:
    """The comparison is over real programs, not over nothing."""
    assert len(BENCHMARKS) >= 15


LOOP = """
void scale(double *restrict a, const double *restrict b, long n)
{
    for (long i = 0; i < n; i++)
        a[i] = b[i] * 3.0 + a[i];
}
"""


def test_zig_cc_is_not_used(builder: Builder, host: Host, build: Build, tmp_path: Path) -> None:
    """`zig cc -O3` is another compiler (-O2, frame pointers, host processor); ours differs from it."""
    native = find_target("x86-64-v2" if host.arch == "x86_64" else "armv8-a", host)
    zig = builder.compilers.toolkit.zig.argv
    (tmp_path / "main.c").write_text(LOOP)
    triple = f"{native.arch}-linux-musl"
    subprocess.run(
        [*zig, "cc", "-target", triple, "-O3", "-ffp-contract=off", "-c", "main.c", "-o", "zig.o"],
        cwd=tmp_path,
        check=True,
        env={
            "ZIG_GLOBAL_CACHE_DIR": str(tmp_path / "z"),
            "ZIG_LOCAL_CACHE_DIR": str(tmp_path / "z"),
        },
    )
    made = Candidate(benchmark="b", level=Level.C, files={"main.c": LOOP}, made_by="test")
    ours = build(builder, made, native)
    assert same_instructions(builder.context, ours.objects[0], tmp_path / "zig.o") is not None
    assert "frame" not in ours.assembly[0]
    if native.arch == "x86_64":
        assert "%rbp" in disassemble(builder.context, tmp_path / "zig.o")
        assert "%rbp" not in disassemble(builder.context, ours.objects[0])
    for tool in (builder.compilers.pinned.driver, builder.compilers.toolkit.lld):
        assert tool.argv[1] in ("clang", "ld.lld")


def test_comparison_sees_a_difference(builder: Builder, host: Host, build: Build) -> None:
    """The comparison is no rubber stamp: -O2, -Os and another processor do differ from -O3."""
    native = find_target("x86-64-v2" if host.arch == "x86_64" else "armv8-a", host)
    text = (SUITES / "core" / "gemm_ijk" / "kernel.c").read_text()

    def objects(**recipe: object) -> Path:
        made = Candidate(
            benchmark="b",
            level=Level.C,
            files={"kernel.c": text},
            recipe=Recipe.model_validate(recipe),
            made_by="test",
        )
        return build(builder, made, native).objects[0]

    for other in (objects(frontend=("-O0",)), objects(frontend=("-Os",)), objects(march="native")):
        assert same_instructions(builder.context, objects(), other) is not None
