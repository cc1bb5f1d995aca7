"""Comparison of results under float policies."""

import numpy as np
import pytest

from coopbench.harness.contract import Contract, FloatPolicy
from coopbench.harness.driver.arena import Results
from coopbench.harness.verify.compare import differs, first_difference

NAN_PAYLOAD = np.array([0x7FF8000000000001], "<u8").view("<f8")
EXACT = FloatPolicy()
NORM = FloatPolicy(kind="norm", bound=1e-12, element_bound=1e-10)


@pytest.mark.parametrize(
    ("want", "have", "policy", "bad"),
    [
        (1.0, 1.0, EXACT, False),
        (1.0, np.nextafter(1.0, 2), EXACT, True),
        (0.0, -0.0, EXACT, True),
        (np.nan, NAN_PAYLOAD[0], EXACT, False),
        (np.nan, 1.0, EXACT, True),
        (np.inf, -np.inf, EXACT, True),
        (1.0, np.nextafter(1.0, 2), FloatPolicy(kind="ulp", max_ulp=1), False),
        (1.0, 1 + 4 * np.finfo(float).eps, FloatPolicy(kind="ulp", max_ulp=1), True),
        (-5e-324, 5e-324, FloatPolicy(kind="ulp", max_ulp=1), True),
        (-5e-324, 5e-324, FloatPolicy(kind="ulp", max_ulp=2), False),
        (np.inf, 1e308, FloatPolicy(kind="ulp", max_ulp=10**18), True),
        (np.nan, 1.0, NORM, True),
        (1.0, 1.0 + 1e-13, NORM, False),
        (1.0, 1.0 + 1e-9, NORM, True),
    ],
)
def test_scalar_comparisons(want: float, have: float, policy: FloatPolicy, bad: bool) -> None:
    """Each policy accepts exactly what its definition says, class by class."""
    assert bool(differs(np.array([want]), np.array([have]), policy)[0]) is bad


def test_a_small_element_beside_a_large_one_is_held_to_the_element_bound() -> None:
    """Under `norm`, an error is measured against the output's largest magnitude."""
    want = np.array([1e6, 1.0])
    assert not differs(
        want, want + np.array([0, 1e-5]), FloatPolicy(kind="norm", bound=1e-9, element_bound=1e-9)
    ).any()
    assert differs(
        want, want + np.array([0, 1e-2]), FloatPolicy(kind="norm", bound=1e-6, element_bound=1e-9)
    ).any()


def results(*values: float, ret: float = 0.0) -> Results:
    """Return the results of one call with one output array."""
    out = {"y": np.array(values, float)}
    return Results((out,), (np.array([ret], float).tobytes(),), 1, sealed=True, damage=None)


def test_the_first_difference_is_named() -> None:
    """The report names array, index, both values and how many more differ."""
    c = Contract.model_validate(
        {
            "function": "f",
            "returns": "f64",
            "parameters": [{"name": "y", "type": "f64", "shape": "3", "role": "out"}],
        }
    )
    assert first_difference(c, results(1, 2, 3), results(1, 2, 3)) is None
    found = first_difference(c, results(1, 2, 3), results(1, 5, 6))
    assert found is not None
    assert found.where == "y[1] and 1 more of 3"
    assert found.expected.startswith("2.0")
    found = first_difference(c, results(1, ret=4), results(1, ret=5))
    assert found is not None
    assert found.where == "return value"


def test_results_of_different_calls_are_our_own_mistake() -> None:
    """Comparing results with different numbers of calls raises instead of passing."""
    c = Contract.model_validate(
        {"function": "f", "parameters": [{"name": "y", "type": "f64", "shape": "1", "role": "out"}]}
    )
    empty = Results((), (), 0, sealed=True, damage=None)
    with pytest.raises(ValueError, match="different calls"):
        first_difference(c, results(1), empty)
