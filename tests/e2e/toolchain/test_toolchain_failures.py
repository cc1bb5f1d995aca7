"""Candidates that do not build end as values with a stage and a reason; bombs do no harm."""

from collections.abc import Callable
from pathlib import Path

import pytest

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Target
from coopbench.harness.toolchain.build import Builder, Built
from coopbench.harness.toolchain.process import Limits
from coopbench.harness.toolchain.step import BuildFailure

pytestmark = pytest.mark.e2e

Make = Callable[..., Candidate]
Build = Callable[..., Built]
MakeBuilder = Callable[..., Builder]

TIGHT = Limits(wall_s=3.0, memory_bytes=1 << 30, file_bytes=1 << 20)

BOMBS = {
    "includes itself": (Level.C, '#include "main.c"\n#include "main.c"\n'),
    "deep nesting": (Level.C, "int main(void) { return " + "(" * 200_000 + "0;\n"),
    "endless constant": (
        Level.C,
        """#define A(x) x x x x x x x x x x
#define B(x) A(A(A(A(x))))
int a[] = { B(B(1,)) };
int main(void) { return 0; }
""",
    ),
    "huge object": (Level.C, "char a[1L << 40] = {1};\nint main(void) { return 0; }\n"),
    "huge fill": (Level.ASM, ".globl main\nmain: ret\n.fill 1000000000, 8, 1\n"),
    "recursive macro": (Level.ASM, ".macro m\nm\nm\n.endm\nm\n"),
    "endless repetition": (Level.ASM, ".rept 1000000000\nnop\n.endr\n"),
    "endless device": (Level.ASM, '.incbin "/dev/zero"\n'),
    "vast array type": (
        Level.IR,
        "@a = global [4000000000 x i64] [i64 1]\ndefine i32 @main() { ret i32 0 }\n",
    ),
}


@pytest.mark.parametrize(("level", "text"), BOMBS.values(), ids=BOMBS.keys())
def test_bombs_end_as_build_failures(
    new_builder: MakeBuilder, native: Target, candidate: Make, level: Level, text: str
) -> None:
    """What makes a compiler run, eat or write without end is the candidate's failure."""
    made = new_builder(limits=TIGHT).build(candidate(text, level), native)
    assert isinstance(made, BuildFailure), made
    assert made.seconds < 20


def test_errors_name_stage_line_and_no_path(
    builder: Builder, native: Target, candidate: Make
) -> None:
    """A syntax error comes back as the compiler words it, with the file as the entrant knows it."""
    cases = {
        "front end": candidate("int main(void) { return x; }\n"),
        "code generator": candidate("define i32 @main() { ret i32 %x }\n", Level.IR),
        "optimizer": candidate("nonsense", Level.IR, passes="default<O3>"),
        "assembler": candidate("\tbogus %rax\n", Level.ASM),
    }
    for stage, made in cases.items():
        failure = builder.build(made, native)
        assert isinstance(failure, BuildFailure)
        assert failure.stage == stage
        assert failure.reason.startswith(f"{stage}: ")
        assert "error" in failure.reason
        assert "/" not in failure.diagnostics.replace("zig: warning", "")
    front = builder.build(cases["front end"], native)
    assert isinstance(front, BuildFailure)
    assert front.diagnostics.startswith("main.c:1:25: error: use of undeclared identifier 'x'")
    assert front.argv[0] == "clang"
    assert not [word for word in front.argv if word.startswith("/")]


def test_unknown_pass_is_a_failure(builder: Builder, native: Target, candidate: Make) -> None:
    """A pipeline that opt does not know is the recipe's failure, not a crash of ours."""
    made = builder.build(candidate(passes="default<O3>,no-such-pass"), native)
    assert isinstance(made, BuildFailure)
    assert made.stage == "optimizer"
    assert "no-such-pass" in made.diagnostics


@pytest.mark.parametrize(
    ("recipe", "why"),
    [
        ({"frontend": ("-O3", "-o/etc/x")}, "not allowed"),
        ({"profile": "0" * 64}, "is not at hand"),
        ({"march": "no/such"}, "no name of an instruction set"),
    ],
)
def test_recipes_that_cannot_be_followed(
    builder: Builder, native: Target, candidate: Make, recipe: dict[str, object], why: str
) -> None:
    """A recipe that is impossible or forbidden fails before any tool runs."""
    made = builder.build(candidate(**recipe), native)
    assert isinstance(made, BuildFailure)
    assert (made.stage, made.seconds) == ("recipe", 0.0)
    assert why in made.diagnostics


def test_native_needs_the_hosts_architecture(
    builder: Builder, target: Target, candidate: Make
) -> None:
    """The host's processor is no instruction set of another architecture."""
    made = builder.build(candidate(march="native"), target)
    if target.emulated:
        assert isinstance(made, BuildFailure)
        assert "march native" in made.reason
    else:
        assert isinstance(made, Built)


def test_missing_function_fails_at_the_link(
    builder: Builder, target: Target, candidate: Make, build: Build, tmp_path: Path
) -> None:
    """An undefined symbol is a value that names it; no executable is left."""
    made = build(builder, candidate("int g(void); int main(void) { return g(); }\n"), target)
    linked = builder.link(made.objects, target, tmp_path / "exe")
    assert isinstance(linked, BuildFailure)
    assert linked.stage == "linker"
    assert "undefined symbol: g" in linked.reason
    assert not (tmp_path / "exe").exists()


def test_failed_steps_before_count_as_spent(builder: Builder, native: Target, build: Build) -> None:
    """The time of files that compiled is in the failure of the one that did not."""
    good = {"a.c": "int a(void) { return 1; }\n"}
    first = build(
        builder, Candidate(benchmark="b", level=Level.C, files=good, made_by="test"), native
    )
    bad = Candidate(
        benchmark="b",
        level=Level.C,
        files={"a.c": "int a(void) { return 2; }\n", "b.c": "int b(\n"},
        made_by="test",
    )
    failure = builder.build(bad, native)
    assert isinstance(failure, BuildFailure)
    assert failure.seconds > 0
    assert first.seconds > 0
