"""The table at the end of a run, at every width."""

import pytest
from rich.cells import cell_len
from tests.support.report_runs import RunShape, make_hostile, make_run, make_unfinished

from coopbench.reports.load import load_report
from coopbench.reports.report import Report, analyse
from coopbench.reports.terminal import plain_summary


@pytest.fixture(scope="module")
def report() -> Report:
    return analyse(load_report(*make_run(RunShape())))


@pytest.mark.parametrize("width", [40, 60, 80, 100, 132])
def test_no_line_is_wider_than_the_terminal(report: Report, width: int) -> None:
    """The table fits, whatever must be left out."""
    assert max(cell_len(line) for line in plain_summary(report, width).splitlines()) <= width


def test_numbers_are_never_cut(report: Report) -> None:
    """At 80 columns score, interval, counts and rank are whole."""
    text = plain_summary(report, 80)
    assert "…" not in text
    for title in ("rank", "entrant", "score", "95 % interval", "faster", "failed"):
        assert title in text


def test_a_wide_terminal_shows_more(report: Report) -> None:
    """Extremes and the wider interval appear when there is room."""
    wide = plain_summary(report, 140)
    assert "programs like these" in wide
    assert "worst" in wide
    assert "worst" not in plain_summary(report, 60)


def test_counts_are_not_called_time(report: Report) -> None:
    """The emulated target's table says what was counted."""
    assert "armv8-a: ratio to clang -O3 (instructions executed: a count, not a time)" in (
        plain_summary(report, 80)
    )


def test_hostile_names_cannot_drive_the_terminal() -> None:
    """No escape sequence and no markup gets through."""
    text = plain_summary(analyse(load_report(*make_hostile())), 100)
    assert "\x1b" not in text
    assert "\\x1b[2J" in text


def test_failed_controls_are_said_beside_the_table() -> None:
    """Who only reads the last lines learns it too."""
    text = plain_summary(analyse(load_report(*make_run(RunShape(controls_healthy=False)))), 80)
    assert "Claims nothing: the controls failed." in text
    assert "x x86-64-v2: Controls failed" in text


def test_missing_trials_stand_beside_the_name() -> None:
    """An unfinished run's rows say how much they lack, with the remedy below."""
    text = plain_summary(analyse(load_report(*make_unfinished())), 80)
    assert "autotune (2 missing)" in text
    assert "coopbench run --resume" in text
