"""Whole reports, compared with the files that people have looked at.

After a wanted change run with COOPBENCH_UPDATE_GOLDEN=1 and read the difference.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.headroom_runs import make_headroom
from tests.support.model_runs import events_of, make_model_run
from tests.support.report_runs import RunShape, make_hostile, make_run, make_unfinished

from coopbench.harness.model import Trial
from coopbench.harness.record import RunRecord
from coopbench.harness.store_rows import TrialKey
from coopbench.reports.trajectory.entry import open_trajectory
from coopbench.reports.write import write_reports

HERE = Path(__file__).parent
Maker = Callable[[], tuple[RunRecord, tuple[Trial, ...]]]


def full() -> tuple[RunRecord, tuple[Trial, ...]]:
    """Three entrants, four benchmarks, two targets, every outcome."""
    return make_run(RunShape(most_pairs=16))


def unhealthy() -> tuple[RunRecord, tuple[Trial, ...]]:
    return make_run(RunShape(most_pairs=16, controls_healthy=False))


def one_benchmark() -> tuple[RunRecord, tuple[Trial, ...]]:
    return make_run(RunShape(benchmarks=("matmul",), failures={}, most_pairs=12))


CASES: dict[str, tuple[Maker, tuple[str, ...]]] = {
    "full": (full, ("report.html", "programs.html", "report.md", "trials.csv", "summary.txt")),
    "unfinished": (make_unfinished, ("report.md", "summary.txt")),
    "unhealthy": (unhealthy, ("report.md", "summary.txt")),
    "one_benchmark": (one_benchmark, ("report.md", "run.json", "summary.txt")),
    "headroom": (make_headroom, ("report.html", "programs.html", "report.md", "summary.txt")),
    "hostile": (make_hostile, ("report.md", "trials.csv", "summary.txt")),
}


def compare(golden: Path, made: Path, names: tuple[str, ...]) -> None:
    """Compare files with the stored ones, or store them."""
    if os.environ.get("COOPBENCH_UPDATE_GOLDEN"):
        golden.mkdir(exist_ok=True)
        for name in names:
            (golden / name).write_bytes((made / name).read_bytes())
    for name in names:
        assert (made / name).read_bytes() == (golden / name).read_bytes(), name


@pytest.mark.parametrize("case", sorted(CASES))
def test_report_is_what_was_looked_at(case: str, tmp_path: Path) -> None:
    """Every format of every kind of run is byte for byte the stored one."""
    make, names = CASES[case]
    files = write_reports(*make(), tmp_path)
    (tmp_path / "summary.txt").write_text(files.plain(80), "utf-8")
    compare(HERE / f"report_{case}", tmp_path, names)


def test_report_of_models_is_what_was_looked_at(tmp_path: Path) -> None:
    """Budgets, spending, levels, tests and provenance are byte for byte the stored ones."""
    run = make_model_run()
    files = write_reports(run.record, run.trials, tmp_path, blob=run.blob)
    (tmp_path / "summary.txt").write_text(files.plain(80), "utf-8")
    page = files.html.read_text("utf-8")
    begin, end = (
        page.index(f'<section aria-labelledby="{x}">') for x in ("searches", "benchmarks")
    )
    (tmp_path / "searches.html").write_text(page[begin:end], "utf-8")
    names = ("report.md", "trials.csv", "summary.txt", "searches.html")
    compare(HERE / "report_models", tmp_path, names)


def test_trajectory_is_what_was_looked_at(tmp_path: Path) -> None:
    """A trial's page, its text with all prompts, and a killed one's, are the stored ones."""
    run = make_model_run()
    trial = next(t for t in run.trials if t.entrant == "cooperative")
    events = events_of(run, trial)
    told = open_trajectory(TrialKey.of(trial), trial.id, trial, events)
    killed = open_trajectory(TrialKey.of(trial), trial.id, None, events[:30])
    (tmp_path / "page.html").write_text(told.html(), "utf-8")
    (tmp_path / "full.txt").write_text(told.plain(100, full=True), "utf-8")
    (tmp_path / "killed.txt").write_text(killed.plain(100), "utf-8")
    compare(HERE / "trajectory", tmp_path, ("page.html", "full.txt", "killed.txt"))


def test_the_full_run_has_every_outcome() -> None:
    """A golden report that lacks an outcome would not show how it is written."""
    _, trials = full()
    assert len({t.outcome for t in trials}) == 12
