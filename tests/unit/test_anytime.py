"""The best candidate at any time and the anytime curve, in whatever order checks and costs come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbench.harness.anytime import Anytime
from coopbench.harness.base import Level
from coopbench.harness.ledger import Amounts
from coopbench.harness.model import Candidate

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("check"), st.integers(0, 4), st.booleans()),
        st.tuples(st.just("cost"), st.integers(0, 4), st.integers(1, 9)),
    ),
    max_size=40,
)


def candidate(number: int) -> Candidate:
    """Return a candidate that differs from the others in its text."""
    return Candidate(
        benchmark="b", level=Level.C, files={"kernel.c": f"// {number}"}, made_by="test"
    )


def anytime(baseline: float | None = 10.0) -> Anytime:
    """Return an empty one with a baseline of known cost."""
    return Anytime("the baseline's id", lambda: baseline)


def spent(run_ns: int) -> Amounts:
    """Return what was spent by some moment."""
    return Amounts(run_ns=run_ns)


@pytest.mark.parametrize("order", ["check first", "cost first"])
def test_order_does_not_matter(order: str) -> None:
    """A candidate counts from the moment at which both its verdict and its cost are known."""
    a = anytime()
    if order == "check first":
        assert a.checked(candidate(1), spent(1), passed=True) is None
        lead = a.costed(candidate(1), 5.0, spent(2))
    else:
        assert a.costed(candidate(1), 5.0, spent(1)) is None
        assert a.best() is None
        lead = a.checked(candidate(1), spent(2), passed=True)
    assert lead is not None
    assert lead.gain == 2.0
    assert a.best() == candidate(1)
    (point,) = a.curve
    assert (point.gain, point.spent) == (2.0, spent(2))


def test_wrong_candidates_never_lead() -> None:
    """However cheap, a candidate that fails its check is neither best nor on the curve."""
    a = anytime()
    a.costed(candidate(1), 0.1, spent(1))
    a.checked(candidate(1), spent(2), passed=False)
    assert a.best() is None
    assert a.curve == ()


def test_a_leader_that_fails_later_makes_room() -> None:
    """Tests may grow; then the best of the others leads, and the curve forgets the failed one."""
    a = anytime()
    for number, cost in ((1, 5.0), (2, 1.0), (3, 4.0)):
        a.costed(candidate(number), cost, spent(number))
        a.checked(candidate(number), spent(number), passed=True)
    assert [p.candidate for p in a.curve] == [candidate(1).id, candidate(2).id]
    assert a.checked(candidate(2), spent(9), passed=False) is None
    assert a.best() == candidate(3)
    assert [p.candidate for p in a.curve] == [candidate(1).id, candidate(3).id]


def test_the_baseline_is_asked_once_and_only_if_need_be() -> None:
    """The entrant's own estimate of the baseline serves; otherwise one is made, once."""
    asked: list[int] = []

    def ask() -> float:
        asked.append(1)
        return 8.0

    mine = Anytime(candidate(0).id, ask)
    mine.costed(candidate(0), 6.0, spent(1))
    mine.checked(candidate(0), spent(1), passed=True)
    mine.costed(candidate(1), 3.0, spent(2))
    mine.checked(candidate(1), spent(2), passed=True)
    assert asked == []
    assert [p.gain for p in mine.curve] == [1.0, 2.0]
    other = Anytime(candidate(0).id, ask)
    assert asked == []
    for number in (1, 2):
        other.costed(candidate(number), 4.0 / number, spent(1))
        other.checked(candidate(number), spent(1), passed=True)
    assert asked == [1]
    assert [p.gain for p in other.curve] == [2.0, 4.0]


def test_without_the_baselines_cost_there_is_a_best_but_no_curve() -> None:
    """A gain that refers to nothing is not made up."""
    a = anytime(None)
    a.costed(candidate(1), 2.0, spent(1))
    lead = a.checked(candidate(1), spent(1), passed=True)
    assert lead is not None
    assert lead.gain is None
    assert a.best() == candidate(1)
    assert a.curve == ()


@given(STEPS)
def test_best_and_curve_hold_in_any_order(steps: list[tuple[str, int, int]]) -> None:
    """Best is the cheapest that passed last; the curve rises and ends at no less than the best."""
    a = anytime()
    passed: dict[int, bool] = {}
    costs: dict[int, float] = {}
    for moment, (kind, number, value) in enumerate(steps):
        before = a.best()
        if kind == "check":
            passed[number] = bool(value)
            lead = a.checked(candidate(number), spent(moment), passed=bool(value))
        else:
            costs[number] = min(float(value), costs.get(number, 99.0))
            lead = a.costed(candidate(number), float(value), spent(moment))
        if lead is not None:
            assert lead.candidate == a.best() != before
    able = {n: c for n, c in costs.items() if passed.get(n)}
    best = a.best()
    if not able:
        assert best is None
        assert a.curve == ()
        return
    lowest = min(able.values())
    assert best in [candidate(n) for n, c in able.items() if c == lowest]
    gains = [p.gain for p in a.curve]
    assert gains == sorted(set(gains))
    assert {p.candidate for p in a.curve} <= {candidate(n).id for n in able}
    assert a.curve[-1].candidate in {candidate(n).id for n, c in able.items() if c == lowest}
    assert [p.spent.run_ns for p in a.curve] == sorted(p.spent.run_ns for p in a.curve)
