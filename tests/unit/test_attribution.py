"""Attribution: a winner's chain built anew without one level's edits."""

from dataclasses import dataclass, field
from typing import Any, cast

from coopbench.harness.attribution import ablations
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Outcome, Recipe, Verdict
from coopbench.harness.optimizer import Ablation, BuildFailed, ChainStep, Workbench
from coopbench.harness.trajectory import Event

C_TEXT = "int f(void)\n{\n  slow();\n  rest();\n  end();\n}\n"


@dataclass
class Bench:
    """Lowers by translating line by line, and rejects texts with forbidden words."""

    forbidden: tuple[str, ...] = ()
    lowers: bool = True
    events: list[Event] = field(default_factory=list)

    def lower(
        self, candidate: Candidate, to: Level, passes: str | None = None
    ) -> Candidate | BuildFailed:
        if not self.lowers:
            return BuildFailed("passes", "no")
        text = next(iter(candidate.files.values()))
        mark = f"; {passes}\n" if passes else ""
        lowered = mark + "".join(f"{to.value} {line}\n" for line in text.splitlines())
        return made(to, lowered, Recipe())

    def check(self, candidate: Candidate) -> Verdict:
        text = next(iter(candidate.files.values()))
        wrong = any(word in text for word in self.forbidden)
        outcome = Outcome.WRONG_OUTPUT if wrong else None
        return Verdict(outcome=outcome, reason="", evidence=())

    def record(self, event: Event) -> None:
        self.events.append(event)


def made(level: Level, text: str, recipe: Recipe) -> Candidate:
    return Candidate(
        benchmark="k",
        level=level,
        files={f"kernel{level.suffix}": text},
        recipe=recipe,
        made_by="t",
    )


def parts(bench: Bench, chain: list[ChainStep]) -> dict[Level, Ablation]:
    return {a.level: a for a in ablations(cast("Workbench", cast("Any", bench)), chain)}


def text_of(ablation: Ablation) -> str:
    return next(iter(ablation.candidate.files.values()))


def three_levels(bench: Bench) -> list[ChainStep]:
    """Return a chain that edits line 3 in C, the pipeline in IR, and the last line in assembly."""
    original = made(Level.C, C_TEXT, Recipe())
    in_c = made(Level.C, C_TEXT.replace("slow()", "fast()"), Recipe())
    tuned = in_c.model_copy(update={"recipe": Recipe(passes="default<O2>")})
    lowered = bench.lower(tuned, Level.ASM)
    assert isinstance(lowered, Candidate)
    asm = lowered.files["kernel.s"].replace("asm }", "asm ret")
    return [
        ChainStep(original, "original"),
        ChainStep(in_c, "rewrite", Level.C),
        ChainStep(tuned, "passes", Level.IR),
        ChainStep(lowered, "lower"),
        ChainStep(made(Level.ASM, asm, Recipe()), "rewrite", Level.ASM),
    ]


def test_each_level_is_left_out_once() -> None:
    """Every edited level has an ablation that lacks its edit and has all the others."""
    found = parts(Bench(), three_levels(Bench()))
    assert set(found) == set(Level)
    without_c = text_of(found[Level.C])
    assert "slow()" in without_c
    assert "asm ret" in without_c
    assert "fast()" in text_of(found[Level.ASM])
    assert "asm ret" not in text_of(found[Level.ASM])
    assert "asm ret" in text_of(found[Level.IR])
    assert not any(a.with_dependants for a in found.values())


def test_edits_that_depend_on_what_is_left_out_go_too() -> None:
    """An edit of a line that another level had changed before cannot stay without it."""
    bench = Bench()
    chain = three_levels(bench)
    last = chain[-1].candidate.files["kernel.s"].replace("fast()", "fastest()")
    chain[-1] = ChainStep(made(Level.ASM, last, Recipe()), "rewrite", Level.ASM)
    found = parts(bench, chain)
    assert found[Level.C].with_dependants
    assert "slow()" in text_of(found[Level.C])
    assert "asm ret" not in text_of(found[Level.C])
    assert not found[Level.ASM].with_dependants


def test_a_carried_edit_that_fails_its_tests_is_dropped() -> None:
    """If the merged text is wrong, the ablation is made without the dependent edits."""
    bench = Bench(forbidden=("asm   slow();\nasm   rest();\nasm   end();\nasm ret",))
    found = parts(bench, three_levels(Bench()))
    assert found[Level.C].with_dependants
    assert "asm ret" not in text_of(found[Level.C])


def test_one_level_needs_no_ablation() -> None:
    """A chain that edits one level owes all its gain to it."""
    chain = three_levels(Bench())
    assert parts(Bench(), chain[:2]) == {}


def test_what_cannot_be_built_is_left_out_and_said() -> None:
    """If a chain cannot be lowered again, there is no ablation and the trajectory says so."""
    bench = Bench(lowers=False)
    assert parts(bench, three_levels(Bench())) == {}
    assert all("nothing is left" in e.text for e in bench.events)
    assert len(bench.events) == 3


def test_recipe_edits_survive_the_loss_of_another_level() -> None:
    """Passes and code generation options are set again on whatever text remains."""
    original = made(Level.C, C_TEXT, Recipe())
    in_c = made(Level.C, C_TEXT.replace("slow", "fast"), Recipe())
    tuned = in_c.model_copy(update={"recipe": Recipe(passes="default<O2>")})
    chain = [
        ChainStep(original, "original"),
        ChainStep(in_c, "rewrite", Level.C),
        ChainStep(tuned, "passes", Level.IR),
    ]
    found = parts(Bench(), chain)
    assert found[Level.C].candidate.recipe.passes == "default<O2>"
    assert text_of(found[Level.C]) == C_TEXT
    assert found[Level.IR].candidate.recipe.passes is None
