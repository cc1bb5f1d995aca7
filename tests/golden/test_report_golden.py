"""Whole reports, compared with the files that people have looked at.

After a wanted change run with COOPBENCH_UPDATE_GOLDEN=1 and read the difference.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.report_runs import RunShape, make_hostile, make_run, make_unfinished

from coopbench.harness.model import Trial
from coopbench.harness.record import RunRecord
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
    "full": (full, ("report.html", "report.md", "trials.csv", "summary.txt")),
    "unfinished": (make_unfinished, ("report.md", "summary.txt")),
    "unhealthy": (unhealthy, ("report.md", "summary.txt")),
    "one_benchmark": (one_benchmark, ("report.md", "run.json", "summary.txt")),
    "hostile": (make_hostile, ("report.md", "trials.csv", "summary.txt")),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_report_is_what_was_looked_at(case: str, tmp_path: Path) -> None:
    """Every format of every kind of run is byte for byte the stored one."""
    make, names = CASES[case]
    files = write_reports(*make(), tmp_path)
    (tmp_path / "summary.txt").write_text(files.plain(80), "utf-8")
    golden = HERE / f"report_{case}"
    if os.environ.get("COOPBENCH_UPDATE_GOLDEN"):
        golden.mkdir(exist_ok=True)
        for name in names:
            (golden / name).write_bytes((tmp_path / name).read_bytes())
    for name in names:
        assert (tmp_path / name).read_bytes() == (golden / name).read_bytes(), name


def test_the_full_run_has_every_outcome() -> None:
    """A golden report that lacks an outcome would not show how it is written."""
    _, trials = full()
    assert len({t.outcome for t in trials}) == 12
