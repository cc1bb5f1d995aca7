"""Diffs along a winner's chain: one for every level whose text was changed."""

from coopbench.harness.base import Level
from coopbench.harness.chain_diff import diff_texts, diffs_along
from coopbench.harness.model import Candidate
from coopbench.harness.trajectory import Event, event


def made(level: Level, text: str) -> Candidate:
    name = f"kernel{level.suffix}"
    return Candidate(benchmark="k", level=level, files={name: text}, made_by="t")


def step(candidate: Candidate, parent: Candidate, kind: str) -> Event:
    return event(
        "candidate",
        level=candidate.level,
        candidate=candidate.id,
        parent=parent.id,
        data={"files": dict(candidate.files), "step": kind},
    )


def test_each_level_is_compared_with_what_it_began_from() -> None:
    """C is compared with the original, assembly with what the C was lowered to."""
    original = made(Level.C, "a\nb\n")
    in_c = made(Level.C, "a\nB\n")
    lowered = made(Level.ASM, "x\ny\n")
    winner = made(Level.ASM, "x\nY\n")
    events = [
        step(in_c, original, "rewrite"),
        step(lowered, in_c, "lower"),
        step(winner, lowered, "rewrite"),
    ]
    found = dict(diffs_along(events, winner, original.files))
    assert set(found) == {Level.C, Level.ASM}
    assert "-b\n+B\n" in found[Level.C]
    assert "-y\n+Y\n" in found[Level.ASM]
    assert "a/kernel.s" in found[Level.ASM]


def test_without_a_trajectory_only_c_can_be_compared() -> None:
    """A winner at level C is compared with the sources even if nothing was recorded."""
    winner = made(Level.C, "new\n")
    assert diffs_along([], winner, {"kernel.c": "old\n"})[0][0] is Level.C
    assert diffs_along([], made(Level.ASM, "x\n"), {"kernel.c": "old\n"}) == ()


def test_c_is_shown_as_the_user_knows_it() -> None:
    """Only texts in C are told in the user's own terms."""
    original, lowered = made(Level.C, "a\n"), made(Level.ASM, "x\n")
    in_c, winner = made(Level.C, "b\n"), made(Level.ASM, "y\n")
    events = [step(in_c, original, "rewrite"), step(lowered, in_c, "lower")]
    events.append(step(winner, lowered, "rewrite"))
    found = dict(
        diffs_along(
            events, winner, original.files, lambda files: {"my.c": files["kernel.c"] + "end\n"}
        )
    )
    assert found[Level.C] == "--- a/my.c\n+++ b/my.c\n@@ -1,2 +1,2 @@\n-a\n+b\n end\n"
    assert "a/kernel.s" in found[Level.ASM]


def test_equal_texts_have_no_diff() -> None:
    """Nothing is shown for what was not changed."""
    assert diff_texts({"a": "1\n"}, {"a": "1\n"}) == ""
    assert diffs_along([], made(Level.C, "old\n"), {"kernel.c": "old\n"}) == ()


def test_a_text_without_final_newline() -> None:
    """A missing newline at the end of a file does not glue lines together."""
    assert diff_texts({"a": "1"}, {"a": "2"}).splitlines()[-2:] == ["-1", "+2"]
