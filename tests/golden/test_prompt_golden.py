"""Whole first requests and feedback, compared with the prompts that people have looked at.

After a wanted change run with COOPBENCH_UPDATE_GOLDEN=1 and read the difference.
"""

import os
from pathlib import Path

import pytest
from tests.support.fake_bench import ARM, X86, FakeBench
from tests.support.level_prompts import first_request, suite_views

from coopbench.agents.backends.volatile import keyed, plain
from coopbench.agents.prompts.render import render
from coopbench.harness.base import Level
from coopbench.harness.model import Target

HERE = Path(__file__).parent
FEEDBACK: dict[str, dict[str, object]] = {
    "build_failed": {"step": "front end", "diagnostics": "kernel.c:3:1: error: expected ';'"},
    "rejected_by_scan": {"reason": "imports 'puts', which is not on the allow-list"},
    "wrong_output": {
        "input": "the input `visible n=37`",
        "difference": "at out[17] and 3 more of 37\nexpected: 4\ngot:      5",
    },
    "crashed": {"input": "the input `visible n=37`", "reason": "SIGSEGV after go"},
    "timed_out": {"input": "the input `visible n=37`"},
    "duplicate": {"node": "n3", "state": "wrong_output"},
    "slower": {"change": "same", "before": "10 instructions", "after": "11 instructions"},
}


def same_as_stored(name: str, text: str) -> None:
    """Compare with, or update, a stored prompt."""
    path = HERE / f"prompt_{name}.md"
    if os.environ.get("COOPBENCH_UPDATE_GOLDEN"):
        path.write_text(f"{text}\n", "utf-8")
    assert f"{text}\n" == path.read_text("utf-8")


@pytest.mark.parametrize("target", [X86, ARM], ids=lambda t: t.arch)
@pytest.mark.parametrize("level", list(Level))
def test_first_requests(level: Level, target: Target) -> None:
    """Prefix and first message of each level's agent, for each architecture."""
    asked = first_request(FakeBench(target=target), level, hint="try four accumulators")
    text = f"{plain(asked.system)}\n\n---\n\n{plain(asked.message)}"
    same_as_stored(f"{level.value}_{target.arch}", text)


@pytest.mark.parametrize("name", ["fir_alias", "gram_rel", "word_freq"])
def test_first_requests_of_programs_that_come_with_the_project(name: str) -> None:
    """Overlap, a relaxed float rule, and a whole program of two files, as a key sees them."""
    (view,) = (v for v in suite_views() if v.name == name)
    asked = first_request(FakeBench(), Level.C, view=view)
    same_as_stored(f"c_{name}", f"{keyed(asked.system)}\n\n---\n\n{keyed(asked.message)}")


def test_feedback() -> None:
    """What is said about every kind of result that is not good enough."""
    texts = [
        plain(render("feedback", kind=kind, left=1, **values).text)
        for kind, values in FEEDBACK.items()
    ]
    repairs = [
        render("repair", kind="truncated", message="Answer more briefly.", last=last).text
        for last in (False, True)
    ]
    same_as_stored("feedback", "\n\n---\n\n".join((*texts, *repairs)))
