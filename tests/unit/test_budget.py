"""The budget refuses before overspending, counts exactly, and says what is left."""

import threading

import pytest

from coopbench.harness.base import Level
from coopbench.harness.budget import Budget, BudgetSpentError, nanoseconds
from coopbench.harness.ledger import Amounts, Caps, Currency, Purpose

BUILD = Purpose(level=Level.C, agent="autotuner", action="build")
COST = Purpose(level=Level.IR, agent="autotuner", action="cost")
ONE = Amounts(evaluations=1)


def test_cap_is_reached_exactly() -> None:
    """As many evaluations as the cap allows are granted, and not one more."""
    budget = Budget(Caps(evaluations=3))
    for left in (2, 1, 0):
        budget.settle(budget.reserve(COST, ONE), ONE)
        assert budget.remaining(Currency.EVALUATIONS) == left
    with pytest.raises(BudgetSpentError, match="3 of 3 evaluations are used or reserved, 1 more"):
        budget.reserve(COST, ONE)
    assert budget.ledger().evaluations == 3


def test_open_reservations_count() -> None:
    """What is reserved cannot be promised twice; released, it can be used again."""
    budget = Budget(Caps(tokens=100))
    held = budget.reserve(COST, Amounts(tokens=60))
    assert budget.remaining(Currency.TOKENS) == 40
    with pytest.raises(BudgetSpentError):
        budget.reserve(COST, Amounts(tokens=41))
    budget.release(held)
    assert budget.remaining(Currency.TOKENS) == 100
    assert budget.snapshot().by_purpose == ()


def test_overrun_stops_everything() -> None:
    """An action that cost more than it reserved is counted in full and is the last one."""
    budget = Budget(Caps(compile_ns=10))
    budget.settle(budget.reserve(BUILD, Amounts(compile_ns=8)), Amounts(compile_ns=25))
    assert budget.snapshot().spent.compile_ns == 25
    assert budget.remaining(Currency.COMPILE_NS) == 0
    with pytest.raises(BudgetSpentError) as caught:
        budget.reserve(COST, ONE)
    assert caught.value.currency is Currency.COMPILE_NS


def test_refused_reservation_leaves_no_trace() -> None:
    """A reservation refused for one currency sets nothing aside of the others."""
    budget = Budget(Caps(evaluations=5, tokens=5))
    with pytest.raises(BudgetSpentError):
        budget.reserve(COST, Amounts(evaluations=1, tokens=6))
    assert budget.snapshot().reserved == Amounts()
    budget.reserve(COST, Amounts(evaluations=5, tokens=5))


def test_without_caps_nothing_is_refused() -> None:
    """A budget without caps only counts."""
    budget = Budget()
    budget.charge(BUILD, Amounts(nano_dollars=10**30))
    budget.reserve(BUILD, Amounts(nano_dollars=10**30))
    assert budget.remaining(Currency.NANO_DOLLARS) is None


def test_settling_twice_or_elsewhere() -> None:
    """A reservation is closed once, in the budget that made it."""
    budget = Budget(clock=lambda: 0)
    held = budget.reserve(COST, ONE)
    with pytest.raises(ValueError, match="not open"):
        Budget().settle(held, ONE)
    with pytest.raises(ValueError, match="not open"):
        budget.settle(held.model_copy(update={"amounts": Amounts()}), ONE)
    budget.settle(held, ONE)
    with pytest.raises(ValueError, match="not open"):
        budget.settle(held, ONE)
    with pytest.raises(ValueError, match="not open"):
        budget.release(held)
    assert budget.snapshot().spent == ONE


def test_negative_amounts_are_impossible() -> None:
    """Nothing can be paid back through a negative amount."""
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        Amounts(tokens=-1)


def test_breakdown_by_purpose() -> None:
    """The snapshot says what each level, agent and action spent, and how often."""
    budget = Budget()
    for ns in (5, 7):
        budget.charge(BUILD, Amounts(compile_ns=ns))
    budget.settle(budget.reserve(COST, ONE), Amounts(evaluations=1, run_ns=nanoseconds(0.25)))
    rows = {(s.purpose.level, s.purpose.action): s for s in budget.snapshot().by_purpose}
    assert rows[Level.C, "build"].amounts == Amounts(compile_ns=12)
    assert rows[Level.C, "build"].charges == 2
    assert rows[Level.IR, "cost"].amounts == Amounts(evaluations=1, run_ns=250_000_000)
    assert budget.ledger().run_s == 0.25


def test_threads_never_exceed_a_cap() -> None:
    """However many threads ask at once, exactly the cap is granted."""
    budget = Budget(Caps(evaluations=200))
    granted: list[int] = []

    def work() -> None:
        while True:
            try:
                held = budget.reserve(COST, ONE)
            except BudgetSpentError:
                return
            budget.settle(held, ONE)
            granted.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 200
    assert budget.ledger().evaluations == 200
