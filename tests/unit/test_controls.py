"""The judge of a run's controls."""

import math

import pytest

from coopbench.harness.measure.controls import (
    AaResult,
    ControlReport,
    PlantedResult,
    judge_controls,
)
from coopbench.harness.model import Decision, Interval, Measurement, Metric

SLOWDOWN = -math.log(1.02)


def aa(n: int, false: int = 0, positive: int | None = None) -> list[AaResult]:
    """A/A results with so many false claims and so many estimates above 0 (default: half)."""
    above = n // 2 if positive is None else positive
    return [
        AaResult(
            benchmark=f"b{i}",
            decision=Decision.FASTER if i < false else Decision.EQUIVALENT,
            log_estimate=0.001 if i < above else -0.001,
        )
        for i in range(n)
    ]


def planted(found: int, missed: int = 0, wrong: int = 0) -> list[PlantedResult]:
    """Results of a planted 2 % slowdown."""
    decisions = (
        [Decision.SLOWER] * found + [Decision.INCONCLUSIVE] * missed + [Decision.FASTER] * wrong
    )
    return [
        PlantedResult(
            benchmark=f"p{i}",
            true_log_ratio=SLOWDOWN,
            decision=decision,
            log_interval=Interval(low=-0.03, high=-0.01, confidence=0.95)
            if decision is Decision.SLOWER
            else None,
        )
        for i, decision in enumerate(decisions)
    ]


def test_clean_controls_are_healthy() -> None:
    """No false claim, balanced signs, every plant found: the run may speak."""
    report = judge_controls(aa(12), planted(12))
    assert report.healthy
    assert (report.n_aa, report.false_positives, report.planted_found) == (12, 0, 12)
    assert report.planted_covered == 12
    assert report.statement.startswith("Controls passed: 0 of 12")


def test_rate_interval_is_wilsons() -> None:
    """2 of 12 at 95 %: the published closed form."""
    report = judge_controls(aa(12, false=2), planted(1))
    z, n, p = 1.959964, 12, 2 / 12
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    found = report.false_positive_interval
    assert found is not None
    assert (found.low, found.high) == pytest.approx((centre - half, centre + half), rel=1e-5)


@pytest.mark.parametrize(("n", "false", "healthy"), [(12, 2, True), (12, 3, False), (1, 1, False)])
def test_more_false_claims_than_chance_allows_are_unhealthy(
    n: int, false: int, healthy: bool
) -> None:
    """The run is condemned once the interval of the rate lies above alpha."""
    report = judge_controls(aa(n, false=false), planted(5))
    assert report.healthy is healthy
    assert ("claims nothing" in report.statement) is not healthy


def test_one_sided_controls_are_unhealthy() -> None:
    """Without a single false claim, twelve estimates on one side are bias."""
    report = judge_controls(aa(12, positive=12), planted(5))
    assert not report.healthy
    assert (report.positive_signs, report.negative_signs) == (12, 0)
    assert report.sign_p == pytest.approx(2 / 2**12)
    assert "lean to one side" in report.statement
    assert judge_controls(aa(12, positive=9), planted(5)).healthy


@pytest.mark.parametrize(
    ("found", "missed", "healthy"), [(10, 2, True), (9, 3, False), (4, 1, True)]
)
def test_missed_plants_are_unhealthy(found: int, missed: int, healthy: bool) -> None:
    """At least four in five planted effects must be found."""
    assert judge_controls(aa(12), planted(found, missed)).healthy is healthy


def test_a_reversed_plant_is_unhealthy() -> None:
    """One known slowdown called faster condemns the run."""
    report = judge_controls(aa(12), planted(11, wrong=1))
    assert not report.healthy
    assert report.planted_reversed == 1
    assert "wrong way round" in report.statement


@pytest.mark.parametrize(
    ("report", "missing"),
    [
        (judge_controls([], planted(3)), "no A/A control"),
        (judge_controls(aa(4), []), "no planted effect"),
    ],
)
def test_a_run_without_controls_claims_nothing(report: ControlReport, missing: str) -> None:
    """Controls that were not run vouch for nothing."""
    assert not report.healthy
    assert missing in report.statement


def test_every_fault_is_named() -> None:
    """A person reads all reasons, not only the first."""
    statement = judge_controls(aa(12, false=6, positive=12), planted(0, missed=3)).statement
    for part in ("6 of 12", "lean to one side", "only 0 of 3", "claims nothing"):
        assert part in statement


def test_ties_have_no_sign() -> None:
    """Estimates of exactly 0 are neither above nor below."""
    ties = [AaResult(benchmark="b", decision=Decision.EQUIVALENT, log_estimate=0.0)] * 5
    report = judge_controls(ties, planted(1))
    assert (report.positive_signs, report.negative_signs, report.sign_p) == (0, 0, None)
    assert report.healthy


def test_controls_are_taken_from_measurements() -> None:
    """Ratios become logs; a planted speedup expects faster."""
    measurement = Measurement(
        metric=Metric.CPU_SECONDS,
        decision=Decision.FASTER,
        speedup=1.02,
        interval=Interval(low=1.01, high=1.03, confidence=0.95),
    )
    assert AaResult.of("a", measurement).log_estimate == pytest.approx(math.log(1.02))
    result = PlantedResult.of("a", 1.02, measurement)
    assert result.expected is Decision.FASTER
    assert result.log_interval is not None
    assert result.log_interval.low == pytest.approx(math.log(1.01))
    unmeasured = measurement.model_copy(update={"speedup": None})
    with pytest.raises(ValueError, match="leave it out"):
        AaResult.of("a", unmeasured)
    with pytest.raises(ValueError, match="leave it out"):
        PlantedResult.of("a", 1.02, unmeasured)


def test_alpha_out_of_range_is_refused() -> None:
    """An error probability lies strictly between 0 and 1."""
    with pytest.raises(ValueError, match="alpha"):
        judge_controls(aa(2), planted(1), alpha=1.0)
