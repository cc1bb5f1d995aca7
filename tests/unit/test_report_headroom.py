"""Headroom in the report: expert versions are shown, scores are told as shares, nothing is ranked."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.headroom_runs import HEADROOM, make_headroom

from coopbench.harness.model import Outcome
from coopbench.reports.claims import Mark
from coopbench.reports.load import load_report
from coopbench.reports.report import Report, analyse
from coopbench.reports.write import write_reports


@pytest.fixture(scope="module")
def report() -> Report:
    """Return the run's report."""
    return analyse(load_report(*make_headroom()))


def test_a_ceiling_is_never_ranked(report: Report) -> None:
    """It stands in no row, no tier, no summary, no claim and not among the best compilers."""
    (target,) = report.targets
    assert "ceiling" not in {r.entrant.name for r in target.board.rows}
    assert target.board.ranking is not None
    assert "ceiling" not in {s.entrant for s in target.board.ranking.standings}
    assert all(s.entrant.name != "ceiling" for t in target.tables for s in t.summaries)
    assert all(t.best_compiler and t.best_compiler.name != "ceiling" for t in target.tables)
    shown = [r for r in report.results if r.trial.entrant == "ceiling"]
    assert len(shown) == 4
    assert not any(r.claimed or r.adjusted_p is not None for r in shown)
    assert Mark.FASTER in {r.mark for r in shown}


def test_claims_are_the_same_without_ceilings(report: Report) -> None:
    """Judging ceilings beside them costs the entrants nothing in Holm's correction."""
    record, trials = make_headroom()
    fewer = record.model_copy(
        update={"entrants": tuple(e for e in record.entrants if e.name != "ceiling")}
    )
    alone = analyse(load_report(fewer, [t for t in trials if t.entrant != "ceiling"]))
    found = {r.trial.id: r.adjusted_p for r in report.results if r.trial.entrant != "ceiling"}
    assert found == {r.trial.id: r.adjusted_p for r in alone.results}


def test_only_clear_ceilings_count(report: Report) -> None:
    """Neither an unknown expert version nor one that gains 4 % is a ceiling."""
    room = report.targets[0].board.headroom
    assert room is not None
    assert {name: round(c.speedup, 9) for name, c in room.ceilings.items()} == {
        "matmul": 4.0,
        "crc32": 2.0,
    }
    assert room.geomean == pytest.approx(math.sqrt(8.0))
    assert room.benchmarks == 4


def test_scores_are_told_as_shares_of_the_headroom(report: Report) -> None:
    """Twice as fast under ceilings of 4 and 2 is two thirds of the headroom; the identity took none."""
    (target,) = report.targets
    shares = {r.entrant.name: r.headroom for r in target.board.rows}
    assert shares["autotune"] == pytest.approx(2 / 3)
    assert shares["identity"] == pytest.approx(0.0, abs=0.02)
    by_name = {t.benchmark.name: t.ceiling for t in target.tables}
    assert by_name["word_count"] is None
    matmul = by_name["matmul"]
    assert matmul is not None
    assert matmul.share(2.0) == pytest.approx(0.5)
    assert matmul.share(None) is None


def test_a_failure_takes_no_headroom() -> None:
    """A failed trial stays in the denominator and takes nothing."""
    record, trials = make_headroom()
    broken = [
        t.model_copy(update={"outcome": Outcome.CRASHED, "measurement": None})
        if (t.entrant, t.benchmark) == ("autotune", "matmul")
        else t
        for t in trials
    ]
    board = analyse(load_report(record, broken)).targets[0].board
    taken = next(r.headroom for r in board.rows if r.entrant.name == "autotune")
    assert taken == pytest.approx(1 / 3)


def test_nothing_is_normalised_if_the_controls_failed() -> None:
    """A run that claims nothing tells no shares either."""
    board = (
        analyse(load_report(*make_headroom(replace(HEADROOM, controls_healthy=False))))
        .targets[0]
        .board
    )
    assert board.headroom is None
    assert {r.headroom for r in board.rows} == {None}


def test_a_wrong_expert_version_is_pointed_out() -> None:
    """An expert version that fails is named among what the run cannot say."""
    record, trials = make_headroom()
    broken = [
        t.model_copy(update={"outcome": Outcome.WRONG_OUTPUT})
        if (t.entrant, t.benchmark) == ("ceiling", "crc32")
        else t
        for t in trials
    ]
    said = [s.text for s in analyse(load_report(record, broken)).statements]
    assert any("the expert version of crc32 failed" in text for text in said)


def test_every_format_shows_it(tmp_path: Path) -> None:
    """Page, Markdown, JSON, CSV and terminal tell the ceilings and the shares."""
    files = write_reports(*make_headroom(), tmp_path)
    page, markdown = files.html.read_text("utf-8"), files.markdown.read_text("utf-8")
    assert "67 %" in page
    assert "never ranked" in page
    assert "| Headroom taken |" in markdown.replace("  ", " ")
    assert "| Ceiling |" in markdown.replace("  ", " ")
    target = json.loads(files.json.read_text("utf-8"))["conclusions"]["targets"]["x86-64-v2"]
    assert target["ceilings"]["matmul"] == {"speedup": 4.0}
    rows = {r["entrant"]: r["headroom"] for r in target["leaderboard"]["rows"]}
    assert rows["autotune"] == pytest.approx(2 / 3)
    assert sum(",ceiling," in line for line in files.csv.read_text("utf-8").splitlines()) == 4
    assert "headroom" in files.plain(120)


def test_planned_ceilings_are_counted() -> None:
    """A missing expert version shows among what was not made, and ranks stay as they are."""
    record, trials = make_headroom()
    fewer = [t for t in trials if (t.entrant, t.benchmark) != ("ceiling", "crc32")]
    found = analyse(load_report(record, fewer))
    assert found.data.missing == 1
    assert any("1 of 16 planned trials were not made" in s.text for s in found.statements)
    assert found.targets[0].board.ranking is not None
