"""Positions on the axes of the plots."""

import itertools
import math

import pytest
from tests.support.report_runs import RunShape, make_run

from coopbench.harness.model import Interval
from coopbench.reports.html.axis import Axis, fit_axis
from coopbench.reports.html.charts import forest, scatter


def test_the_axis_is_logarithmic() -> None:
    """A factor of 2 is as long above 1 as below."""
    axis = Axis(0.5, 2.0, 100.0)
    assert [axis.x(v) for v in (0.5, 1.0, 2.0)] == [0.0, 50.0, 100.0]


@pytest.mark.parametrize("value", [0.0, 1e-9, 1e9])
def test_positions_stay_inside_the_axis(value: float) -> None:
    """What lies beyond is held at the edge."""
    assert 0.0 <= Axis(0.5, 2.0, 100.0).x(value) <= 100.0


def test_one_is_always_shown_and_labelled() -> None:
    """Without the reference a forest plot cannot be read."""
    for estimates in ([1.001], [40.0, 60.0], [0.9], []):
        axis = fit_axis(estimates, [], 0.01, 200.0)
        assert axis.holds(1.0)
        assert "1" in {t.label for t in axis.ticks()}


def test_ticks_have_room() -> None:
    """No two labels overlap."""
    xs = [t.x for t in fit_axis([0.6, 30.0], [], 0.01, 220.0).ticks(36.0)]
    assert all(b - a >= 36.0 for a, b in itertools.pairwise(xs))


def test_gains_are_shown_and_great_losses_cut() -> None:
    """Every gain lies on the axis; -O0 at a tenth does not squeeze the others."""
    axis = fit_axis([0.1, 12.0], [], 0.01, 200.0)
    assert axis.holds(12.0)
    assert not axis.holds(0.1)


def test_a_cut_interval_gets_an_arrow() -> None:
    """An interval that leaves the axis says on which side."""
    plot = forest([(1.1, Interval(low=0.001, high=1.2, confidence=0.95))], 0.01)
    mark = plot.mark(1.1, Interval(low=0.001, high=1.2, confidence=0.95), "x")
    assert mark is not None
    assert mark.cut_low
    assert not mark.cut_high
    assert mark.low < mark.x < mark.high


def test_a_row_without_a_number_is_not_drawn() -> None:
    """Failures have no place on the axis."""
    assert forest([], 0.01).mark(None, None, "x") is None


def test_every_raw_pair_is_a_dot() -> None:
    """Outliers are drawn at the edge, not dropped."""
    _, trials = make_run(RunShape(most_pairs=24))
    for trial in trials:
        m = trial.measurement
        if m is None or not m.blocks:
            continue
        drawn = scatter(m)
        assert drawn is not None
        dots = drawn.baseline_first + drawn.candidate_first + drawn.beyond
        assert dots.count("M") == len(m.blocks)


def test_a_wild_outlier_does_not_flatten_the_others() -> None:
    """One pair a thousand times off lies at the edge; the rest keep their height."""
    _, trials = make_run(RunShape(most_pairs=24))
    m = next(t.measurement for t in trials if t.measurement and len(t.measurement.blocks) > 5)
    first = m.blocks[0]
    base, candidate = first.launches
    wild = first.model_copy(
        update={"launches": (base.model_copy(update={"value": base.value * 1000}), candidate)}
    )
    drawn = scatter(m.model_copy(update={"blocks": (wild, *m.blocks[1:])}))
    assert drawn is not None
    assert drawn.beyond.count("M") == 1
    assert len(drawn.ticks) >= 2


def test_even_ticks_are_round_and_inside() -> None:
    """Labels of a narrow axis are multiples of a round step."""
    axis = Axis(1.3327, 1.4219, 96.0)
    assert [t.label for t in axis.even_ticks()] == ["1.35", "1.4"]
    assert all(0 <= t.x <= 96 for t in axis.even_ticks())


def test_forest_positions_follow_the_estimate() -> None:
    """A larger speedup lies further right, by the log of the ratio."""
    plot = forest([(1.0, None), (2.0, None), (4.0, None)], 0.01, 300.0)
    one, two, four = (plot.axis.x(v) for v in (1.0, 2.0, 4.0))
    assert math.isclose(two - one, four - two, abs_tol=0.11)
