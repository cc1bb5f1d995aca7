"""Holm's correction on known examples."""

import pytest

from coopbench.harness.measure.multiplicity import bonferroni_alpha, holm


def test_holm_on_a_worked_example() -> None:
    """Smallest p times m, next times m - 1, never falling, in the order given."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


def test_holm_of_nothing_is_nothing() -> None:
    """No claim, no correction."""
    assert holm([]) == ()


def test_bonferroni_divides() -> None:
    """Fifteen intervals at 5 % together are built at a third of a percent each."""
    assert bonferroni_alpha(0.05, 15) == pytest.approx(0.05 / 15)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_no_p_value_is_refused(p: float) -> None:
    """A p-value lies in [0, 1]."""
    with pytest.raises(ValueError, match="p-values"):
        holm([0.5, p])


@pytest.mark.parametrize(("alpha", "claims"), [(0.0, 3), (1.0, 3), (0.05, 0)])
def test_impossible_levels_are_refused(alpha: float, claims: int) -> None:
    """There is no level for no claim, nor outside (0, 1)."""
    with pytest.raises(ValueError, match=r"alpha|claim"):
        bonferroni_alpha(alpha, claims)
