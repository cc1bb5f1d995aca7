"""Whatever is reserved, settled, released and charged, the budget's sums are exact."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from coopbench.harness.base import Level
from coopbench.harness.budget import Budget, BudgetSpentError, Reservation
from coopbench.harness.ledger import Amounts, Caps, Currency, Purpose

CAPS = Caps(tokens=1000, compile_ns=500, evaluations=20)
AMOUNTS = st.builds(
    Amounts,
    tokens=st.integers(0, 400),
    compile_ns=st.integers(0, 300),
    evaluations=st.integers(0, 8),
    wall_ns=st.integers(0, 10**18),
)
PURPOSES = st.builds(
    Purpose, level=st.sampled_from([None, *Level]), agent=st.sampled_from("ab"), action=st.just("x")
)


class Spender(RuleBasedStateMachine):
    """Spends at random against a model that adds up plain integers."""

    held_open = Bundle("held_open")

    def __init__(self) -> None:
        super().__init__()
        self.budget = Budget(CAPS, clock=lambda: 0)
        self.spent = dict.fromkeys(Currency, 0)
        self.held = dict.fromkeys(Currency, 0)
        self.excess = dict.fromkeys(Currency, 0)
        """Most by which settled actions and charges went beyond what was reserved for them."""

    def affordable(self, amounts: Amounts) -> bool:
        caps = ((c, CAPS.of(c)) for c in Currency)
        return all(
            cap is None or self.spent[c] + self.held[c] + amounts.of(c) <= cap for c, cap in caps
        )

    @rule(target=held_open, purpose=PURPOSES, amounts=AMOUNTS)
    def reserve(self, purpose: Purpose, amounts: Amounts) -> Reservation | None:
        """A reservation is granted exactly if every cap has room for it."""
        try:
            reservation = self.budget.reserve(purpose, amounts)
        except BudgetSpentError:
            assert not self.affordable(amounts)
            return None
        assert self.affordable(amounts)
        for c in Currency:
            self.held[c] += amounts.of(c)
        return reservation

    def close(self, reservation: Reservation) -> None:
        for c in Currency:
            self.held[c] -= reservation.amounts.of(c)

    @rule(reservation=consumes(held_open), actual=AMOUNTS)
    def settle(self, reservation: Reservation | None, actual: Amounts) -> None:
        if reservation is None:
            return
        self.close(reservation)
        self.budget.settle(reservation, actual)
        for c in Currency:
            self.spent[c] += actual.of(c)
            self.excess[c] += max(0, actual.of(c) - reservation.amounts.of(c))

    @rule(reservation=consumes(held_open))
    def release(self, reservation: Reservation | None) -> None:
        if reservation is not None:
            self.close(reservation)
            self.budget.release(reservation)

    @rule(purpose=PURPOSES, amounts=AMOUNTS)
    def charge(self, purpose: Purpose, amounts: Amounts) -> None:
        self.budget.charge(purpose, amounts)
        for c in Currency:
            self.spent[c] += amounts.of(c)
            self.excess[c] += amounts.of(c)

    @invariant()
    def sums_match(self) -> None:
        """Totals, reservations and the breakdown agree with plain addition, to the unit."""
        snapshot = self.budget.snapshot()
        for c in Currency:
            assert snapshot.spent.of(c) == self.spent[c]
            assert snapshot.reserved.of(c) == self.held[c]
            assert sum(s.amounts.of(c) for s in snapshot.by_purpose) == self.spent[c]

    @invariant()
    def caps_hold(self) -> None:
        """A cap is exceeded at most by what actions cost beyond their reservations."""
        for c in Currency:
            cap = CAPS.of(c)
            if cap is not None:
                assert self.spent[c] + self.held[c] <= cap + self.excess[c]
                left = self.budget.remaining(c)
                assert left == max(0, cap - self.spent[c] - self.held[c])


Spender.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestSpender = Spender.TestCase


class OneAtATime(RuleBasedStateMachine):
    """An entrant that acts one step at a time and always reserves something."""

    def __init__(self) -> None:
        super().__init__()
        self.budget = Budget(Caps(compile_ns=500), clock=lambda: 0)
        self.before = 0
        self.last = 0

    @rule(estimate=st.integers(1, 50), actual=st.integers(0, 200))
    def act(self, estimate: int, actual: int) -> None:
        purpose = Purpose(action="build")
        try:
            held = self.budget.reserve(purpose, Amounts(compile_ns=estimate))
        except BudgetSpentError:
            return
        self.before = self.budget.snapshot().spent.compile_ns
        self.last = actual
        self.budget.settle(held, Amounts(compile_ns=actual))

    @invariant()
    def at_most_one_call_over(self) -> None:
        """Without the last settled call the cap would not be exceeded."""
        spent = self.budget.snapshot().spent.compile_ns
        assert spent - self.last == self.before
        assert self.before < 500


OneAtATime.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestOneAtATime = OneAtATime.TestCase
