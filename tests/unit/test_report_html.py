"""The page: whole, self-contained, and closed to what it shows."""

import base64
import hashlib
import re

import pytest
from tests.support.html_check import PageFacts, assert_self_contained
from tests.support.report_runs import RunShape, make_hostile, make_run, make_unfinished

from coopbench.reports.html.page import render_html
from coopbench.reports.load import load_report
from coopbench.reports.report import analyse

MANY = RunShape(
    entrants=tuple((f"entrant-{i}", "compiler", 1 + i / 20) for i in range(12)),
    benchmarks=tuple(f"benchmark_{i}" for i in range(10)),
    failures={},
    most_pairs=60,
)


def page_of(shape: RunShape) -> str:
    return render_html(analyse(load_report(*make_run(shape))))


@pytest.fixture(scope="module")
def page() -> str:
    return page_of(RunShape())


@pytest.fixture(scope="module")
def facts(page: str) -> PageFacts:
    return assert_self_contained(page)


def test_tags_balance_and_nothing_points_outside(page: str, facts: PageFacts) -> None:
    """Every reference is to an anchor in the page itself."""
    assert facts.references
    assert re.search(r"https?:", page) is None


def test_the_policy_allows_the_own_script_alone(facts: PageFacts) -> None:
    """The content security policy names the hash of the one script that is there."""
    policy = next(m["content"] for m in facts.metas if "http-equiv" in m)
    digest = hashlib.sha256(facts.scripts[0].encode()).digest()
    assert f"script-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert policy.startswith("default-src 'none'")


def test_hostile_text_stays_text() -> None:
    """Names that are markup, scripts, templates or control sequences change no tag."""
    shown = render_html(analyse(load_report(*make_hostile())))
    found = assert_self_contained(shown)
    assert "<script>alert(1)</script>" in found.text
    assert "{{ 7 * 7 }}" in found.text
    assert "\\u202e" in found.text
    assert not set("\x00\x1b\u202e\u2028") & set(shown)


def test_a_large_run_stays_under_three_megabytes() -> None:
    """240 trials, each with up to 60 raw pairs, in one file that can be mailed."""
    shown = page_of(MANY)
    assert len(shown.encode()) < 3_000_000
    assert_self_contained(shown)


def test_every_trial_has_its_evidence(facts: PageFacts) -> None:
    """Rungs, candidate id and raw pairs of each trial can be opened."""
    _, trials = make_run()
    for trial in trials:
        if trial.control is None:
            assert trial.id in facts.text
            assert trial.candidate is None or trial.candidate in facts.text


def test_failures_show_their_counterexample(facts: PageFacts) -> None:
    """A wrong output is shown with input, place, expected and got."""
    for part in ("uniform, n = 1021, seed 88213", "out[17]", "0.30000004172325134"):
        assert part in facts.text


def test_emulated_results_are_called_counts(facts: PageFacts) -> None:
    """The page says that the AArch64 numbers are no times."""
    assert "exact count, not a time" in facts.text
    assert "instructions executed, emulated" in facts.text


def test_an_unhealthy_run_says_so_at_the_top() -> None:
    """Before any number the reader learns that the native results claim nothing."""
    found = assert_self_contained(page_of(RunShape(controls_healthy=False)))
    warning = found.text.index("this run claims nothing")
    assert warning < found.text.index("What this run can and cannot say")
    assert "This leaderboard claims nothing." in found.text


def test_an_unfinished_run_shows_what_is_missing() -> None:
    """Missing trials are rows of their own, and nothing is ranked."""
    found = assert_self_contained(render_html(analyse(load_report(*make_unfinished()))))
    assert "7 of 24 planned trials were not made" in found.text
    assert "nothing is ranked: trials are missing" in found.text
    assert "2 missing" in found.text


def test_a_run_of_one_benchmark_can_be_reported() -> None:
    """There is no interval for other programs, and the page says why."""
    found = assert_self_contained(page_of(RunShape(benchmarks=("matmul",), failures={})))
    assert "Only 1 benchmark" in found.text


def test_the_page_can_be_made_again(page: str) -> None:
    """The same run gives the same bytes."""
    assert page_of(RunShape()) == page
