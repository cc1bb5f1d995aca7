"""Lowered text builds to the code of what it was lowered from, over the whole curated suite."""

from collections.abc import Callable, Iterator

import pytest

from coopbench.harness.base import Level
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.compose import open_builder
from coopbench.harness.executables import Executables, Made
from coopbench.harness.model import Candidate, Recipe, Target
from coopbench.harness.sandbox.probe import open_sandbox
from coopbench.harness.suite import find_suite
from coopbench.harness.toolchain.build import Builder
from coopbench.harness.toolchain.host import find_target, read_host
from coopbench.harness.toolchain.step import BuildFailure
from coopbench.harness.tools.lowering import Lowered, lower
from coopbench.harness.verify.prelude import with_prototype

pytestmark = pytest.mark.e2e

SUITE = find_suite("curated")
TARGETS = ("x86-64-v2", "armv8-a")
SOME = ("gemm_ijk", "jacobi5", "word_freq")
RECIPES = {
    "O0": Recipe(frontend=("-O0",)),
    "O1": Recipe(frontend=("-O1",)),
    "O2": Recipe(frontend=("-O2",)),
    "Os": Recipe(frontend=("-Os",)),
    "fast-math": Recipe(frontend=("-O3", "-ffast-math")),
    "lto": Recipe(lto=True),
    "passes": Recipe(passes="default<O3>", pass_options=("-force-vector-width=4",)),
    "both": Recipe(passes="default<O2>", lto=True, codegen=("-O2",)),
    "backend": Recipe(frontend=("-O3", "-falign-functions=64", "-mllvm", "-enable-misched=false")),
}

Open = Callable[[str, str], Executables]


@pytest.fixture(scope="module")
def builder() -> Builder:
    """Return the builder that runs use, with confined compilers."""
    return open_builder(open_sandbox())


@pytest.fixture(scope="module")
def opened(builder: Builder) -> Iterator[Open]:
    """Return a function that opens a benchmark's executables for a target."""
    made: list[Executables] = []

    def start(benchmark: str, target: str) -> Executables:
        found: Target = find_target(target, read_host())
        made.append(Executables(builder, benchmark_named(benchmark), found))
        return made[-1]

    yield start
    for executables in made:
        executables.close()


def benchmark_named(name: str) -> Benchmark:
    """Return a benchmark of the curated suite."""
    return next(b for b in SUITE.benchmarks if b.name == name)


def original(name: str, recipe: Recipe | None = None) -> Candidate:
    """Return a benchmark's own sources as a candidate."""
    return Candidate(
        benchmark=name,
        level=Level.C,
        files=benchmark_named(name).files,
        recipe=recipe or Recipe(),
        made_by="cooperative:c",
    )


def code_of(executables: Executables, candidate: Candidate) -> str:
    """Return the hash of a candidate's executable."""
    made = executables.make(with_prototype(executables.parts.benchmark, candidate))
    assert isinstance(made, Made), made
    return made.sha256


def lowered(
    executables: Executables, c: Candidate, to: Level, passes: str | None = None
) -> Lowered:
    """Lower a candidate that can be lowered."""
    made = lower(executables, c, to, passes)
    assert isinstance(made, Lowered), made
    assert made.candidate.level is to
    assert made.candidate.parent is not None
    assert made.candidate.made_by == c.made_by
    return made


def assert_same_all_the_way(executables: Executables, c: Candidate, wanted: str) -> None:
    """C to IR, C to assembly, and IR to assembly all build to the wanted executable."""
    ir, asm = (lowered(executables, c, to) for to in (Level.IR, Level.ASM))
    below = lowered(executables, ir.candidate, Level.ASM)
    assert ir.same_code
    assert asm.same_code
    assert [code_of(executables, x.candidate) for x in (ir, asm, below)] == [wanted] * 3


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", [b.name for b in SUITE.benchmarks])
def test_the_whole_suite_keeps_its_machine_code(opened: Open, name: str, target: str) -> None:
    """At -O3, unedited IR and assembly give the executable of the C text, bit by bit."""
    executables = opened(name, target)
    c = original(name)
    assert_same_all_the_way(executables, c, code_of(executables, c))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("recipe", list(RECIPES))
@pytest.mark.parametrize("name", SOME)
def test_every_recipe_keeps_its_machine_code(
    opened: Open, name: str, recipe: str, target: str
) -> None:
    """So do other levels of optimization, pipelines, merged programs and back-end options."""
    executables = opened(name, target)
    c = original(name, RECIPES[recipe])
    assert_same_all_the_way(executables, c, code_of(executables, c))


@pytest.mark.parametrize("target", TARGETS)
def test_a_pipeline_takes_the_recipes_place(opened: Open, target: str) -> None:
    """Lowering with passes gives what a recipe with these passes gives, at both levels below."""
    executables = opened("gemm_ijk", target)
    pipeline = "function(mem2reg,instcombine,simplifycfg)"
    wanted = code_of(executables, original("gemm_ijk", Recipe(passes=pipeline)))
    assert wanted != code_of(executables, original("gemm_ijk"))
    for to in (Level.IR, Level.ASM):
        made = lowered(executables, original("gemm_ijk", Recipe(lto=True)), to, pipeline)
        assert code_of(executables, made.candidate) == wanted
    ir = lowered(executables, original("gemm_ijk", Recipe(frontend=("-O1",))), Level.IR, pipeline)
    again = lowered(executables, ir.candidate, Level.ASM, "default<O3>")
    assert code_of(executables, again.candidate) != wanted
    assert ir.candidate.recipe.codegen == ("-O1",), "code generation stays the candidate's own"


def test_text_is_made_for_people(opened: Open) -> None:
    """IR keeps the names of variables; files are named after the sources, headers are gone."""
    executables = opened("word_freq", "x86-64-v2")
    ir = lowered(executables, original("word_freq"), Level.IR).candidate
    assert set(ir.files) == {"main.ll", "table.ll"}
    assert "%hash" in ir.files["table.ll"]
    assert set(lowered(executables, ir, Level.ASM).candidate.files) == {"main.s", "table.s"}
    whole = lowered(executables, original("word_freq", Recipe(lto=True)), Level.IR).candidate
    assert set(whole.files) == {"whole.ll"}
    assert not whole.recipe.lto
    kernel = opened("gemm_ijk", "x86-64-v2")
    assert set(lowered(kernel, original("gemm_ijk"), Level.ASM).candidate.files) == {"kernel.s"}


@pytest.mark.parametrize(
    ("passes", "word"),
    [
        ("default<O9>", "optimizer"),
        ("no-such-pass", "optimizer"),
        ("a;$(rm)", "recipe"),
        ("", "recipe"),
    ],
)
def test_a_wrong_pipeline_is_a_value(opened: Open, passes: str, word: str) -> None:
    """What opt or the policy refuses comes back as the step's failure."""
    executables = opened("gemm_ijk", "x86-64-v2")
    for to in (Level.IR, Level.ASM):
        made = lower(executables, original("gemm_ijk"), to, passes)
        assert isinstance(made, BuildFailure)
        assert made.stage == word


def test_only_downwards(opened: Open) -> None:
    """Nothing is lowered to its own level or a higher one."""
    executables = opened("gemm_ijk", "x86-64-v2")
    asm = lowered(executables, original("gemm_ijk"), Level.ASM).candidate
    for c, to in ((asm, Level.ASM), (asm, Level.IR), (original("gemm_ijk"), Level.C)):
        made = lower(executables, c, to)
        assert isinstance(made, BuildFailure)
        assert made.stage == "lowering"


def test_sources_that_do_not_compile_say_so(opened: Open) -> None:
    """The front end's message comes back, with the lines of the candidate's own text."""
    executables = opened("gemm_ijk", "x86-64-v2")
    broken = original("gemm_ijk").model_copy(update={"files": {"kernel.c": "int f(void) {\n"}})
    made = lower(executables, broken, Level.IR)
    assert isinstance(made, BuildFailure)
    assert "kernel.c:1" in made.diagnostics or "kernel.c:2" in made.diagnostics


def test_what_ir_cannot_carry_is_told(opened: Open) -> None:
    """A front-end flag for other instructions is lost at level IR; the result says that it differs."""
    executables = opened("gemm_ijk", "x86-64-v2")
    c = original("gemm_ijk", Recipe(frontend=("-O3", "-mavx2")))
    made = lowered(executables, c, Level.IR)
    assert not made.same_code
    assert "uselistorder" not in "".join(made.candidate.files.values())
    assert code_of(executables, made.candidate) != code_of(executables, c)
    assert code_of(executables, lowered(executables, c, Level.ASM).candidate) == code_of(
        executables, c
    )


def test_orders_of_uses_never_stand_in_an_editors_way(opened: Open) -> None:
    """Text that states them still builds when an edit makes them wrong, and when they are deleted."""
    executables = opened("gemm_ijk", "x86-64-v2")
    ir = lowered(executables, original("gemm_ijk"), Level.IR).candidate
    (text,) = ir.files.values()
    assert "  uselistorder i64 %n, " in text, "this program needs them"
    entry = text.index("entry:\n") + len("entry:\n")
    edited = text[:entry] + "  %unused = add i64 %n, 1\n" + text[entry:]
    without = "\n".join(x for x in text.splitlines() if "uselistorder" not in x) + "\n"
    for changed in (edited, without):
        code_of(executables, ir.model_copy(update={"files": {"kernel.ll": changed}}))
    wrong = ir.model_copy(update={"files": {"kernel.ll": edited.replace("add i64 %n", "add %n")}})
    made = executables.make(wrong)
    assert isinstance(made, BuildFailure)
    assert "uselistorder" not in made.reason


def test_gcc_is_lowered_to_assembly_only(opened: Open, builder: Builder) -> None:
    """gcc's own assembly builds to gcc's code; IR it has none."""
    all_of_them = builder.compilers.all
    gcc = next((c.id for c in all_of_them if c.kind == "gcc" and "x86_64" in c.arches), None)
    if gcc is None:
        pytest.skip("no gcc for x86-64 on this machine")
    executables = opened("gemm_ijk", "x86-64-v2")
    c = original("gemm_ijk", Recipe(compiler=gcc))
    asm = lowered(executables, c, Level.ASM)
    assert code_of(executables, asm.candidate) == code_of(executables, c)
    made = lower(executables, c, Level.IR)
    assert isinstance(made, BuildFailure)
    assert gcc in made.diagnostics
