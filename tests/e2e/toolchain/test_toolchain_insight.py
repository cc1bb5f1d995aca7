"""What the tools tell: remarks and modelled throughput."""

from collections.abc import Callable

import pytest

from coopbench.harness.errors import MissingToolError
from coopbench.harness.model import Candidate, Recipe, Target
from coopbench.harness.toolchain.build import Builder, Built
from coopbench.harness.toolchain.compilers import Compilers
from coopbench.harness.toolchain.constituents import Passes, Source, compile_to_ir
from coopbench.harness.toolchain.remarks import remarks_of_passes, remarks_of_source
from coopbench.harness.toolchain.step import Artifact, BuildFailure
from coopbench.harness.toolchain.throughput import throughput

pytestmark = pytest.mark.e2e

Make = Callable[..., Candidate]
Build = Callable[..., Built]

KERNEL = """
extern int seen(int);

float sum(const float *a, int n)
{
    float s = 0;
    for (int i = 0; i < n; i++)
        s += a[i];
    return s;
}

void twice(int *restrict a, const int *restrict b, int n)
{
    for (int i = 0; i < n; i++)
        a[i] = 2 * b[i];
    seen(n);
}
"""


def test_remarks_say_what_was_done_and_what_was_not(builder: Builder, target: Target) -> None:
    """A strict float sum is reported as not reordered, a simple loop as vectorized, with lines."""
    setting = builder.setting(Recipe(), target)
    found = remarks_of_source(setting, Source("k.c", KERNEL), ("-O3",))
    assert not isinstance(found, BuildFailure)
    assert len(found) == len(set(found))
    done = [r for r in found if r.kind == "passed" and r.name == "Vectorized"]
    assert ("twice", 14) in [(r.function, r.line) for r in done]
    missed = [r for r in found if r.kind != "passed" and r.function == "sum"]
    assert any(r.pass_name == "loop-vectorize" and r.line == 7 for r in missed) or (
        target.arch == "aarch64"
    )
    assert any("'" not in r.message and "seen will not be inlined" in r.message for r in found)


def test_remarks_of_a_pipeline(builder: Builder, target: Target) -> None:
    """opt's remarks over a module of its own are the same kind of record."""
    setting = builder.setting(Recipe(), target)
    ir = compile_to_ir(setting, Source("k.c", KERNEL), ("-O3",))
    assert isinstance(ir, Artifact)
    found = remarks_of_passes(setting, ir.read(), Passes("default<O3>"))
    assert not isinstance(found, BuildFailure)
    assert any(r.name == "Vectorized" and r.function == "twice" for r in found)


def test_remarks_of_nothing_and_of_nonsense(builder: Builder, native: Target) -> None:
    """Code that gives no remark gives none; code that does not compile is a failure."""
    setting = builder.setting(Recipe(), native)
    assert remarks_of_source(setting, Source("k.c", "int x;\n"), ("-O3",)) == ()
    failure = remarks_of_source(setting, Source("k.c", "int x\n"), ("-O3",))
    assert isinstance(failure, BuildFailure)
    assert failure.stage == "front end"


def test_gcc_gives_no_llvm_remarks(builder: Builder, compilers: Compilers, native: Target) -> None:
    """Asking a gcc for LLVM's remarks is one clear message."""
    gcc = compilers.newest("gcc", native.arch)
    if gcc is None:
        pytest.skip("no gcc on this machine")
    setting = builder.setting(Recipe(compiler=gcc.id), native)
    with pytest.raises(MissingToolError, match="use a clang"):
        remarks_of_source(setting, Source("k.c", KERNEL), ("-O3",))


def test_throughput_finds_the_dependent_loop(
    builder: Builder, target: Target, candidate: Make, build: Build
) -> None:
    """Every block is modelled; a chain of additions costs more than its resources."""
    setting = builder.setting(Recipe(), target)
    asm = build(builder, candidate(KERNEL, frontend=("-O1",)), target).assembly[0]
    blocks = throughput(setting, asm, "sum")
    assert not isinstance(blocks, BuildFailure)
    assert len(blocks) >= 3
    assert blocks[0].block == "sum"
    assert all(b.instructions > 0 and b.cycles > 0 and b.block_rthroughput > 0 for b in blocks)
    loop = max(blocks, key=lambda b: b.cycles - b.block_rthroughput)
    assert loop.bottleneck.startswith("register dependences")
    assert len({b.block for b in blocks}) == len(blocks)


def test_throughput_models_the_asked_processor(
    builder: Builder, native: Target, candidate: Make, build: Build
) -> None:
    """Another processor is another model."""
    setting = builder.setting(Recipe(), native)
    asm = build(builder, candidate(KERNEL), native).assembly[0]
    cpus = {"x86_64": ("znver3", "skylake"), "aarch64": ("cortex-a72", "neoverse-n2")}[native.arch]
    modelled = [throughput(setting, asm, "sum", cpu=cpu) for cpu in cpus]
    assert modelled[0] != modelled[1]
    assert not isinstance(modelled[0], BuildFailure)
    assert modelled[0][0].cpu == cpus[0]


def test_throughput_of_a_missing_function(
    builder: Builder, native: Target, candidate: Make, build: Build
) -> None:
    """A function that is not in the assembly is a failure that names it."""
    setting = builder.setting(Recipe(), native)
    asm = build(builder, candidate(KERNEL), native).assembly[0]
    failure = throughput(setting, asm, "sun")
    assert isinstance(failure, BuildFailure)
    assert "'sun'" in failure.reason
