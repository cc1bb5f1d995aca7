"""The budget of one trial: reserve before, settle after, stop hard.

All sums are integers (nanoseconds, nano-dollars, counts), so they are exact whatever the
order and number of charges.
"""

import threading
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from coopbench.harness.errors import CoopBenchError
from coopbench.harness.model import Frozen, Ledger, Level

NANO = 1_000_000_000

Count = Annotated[int, Field(ge=0)]


class Currency(StrEnum):
    """What can be spent; the values are the field names of `Amounts` and `Caps`."""

    MODEL_CALLS = "model_calls"
    TOKENS = "tokens"
    NANO_DOLLARS = "nano_dollars"
    COMPILE_NS = "compile_ns"
    RUN_NS = "run_ns"
    WALL_NS = "wall_ns"
    EVALUATIONS = "evaluations"


class Amounts(Frozen):
    """An amount of each currency."""

    model_calls: Count = 0
    """Requests to a language model."""
    tokens: Count = 0
    """Tokens in and out."""
    nano_dollars: Count = 0
    """Money, in 1e-9 US dollars."""
    compile_ns: Count = 0
    """Wall nanoseconds in compilers and linkers."""
    run_ns: Count = 0
    """Wall nanoseconds in subject processes."""
    wall_ns: Count = 0
    """Wall nanoseconds altogether."""
    evaluations: Count = 0
    """Cost estimates asked for."""

    def of(self, currency: Currency) -> int:
        """Return the amount of one currency."""
        value: int = getattr(self, currency.value)
        return value

    def plus(self, other: "Amounts") -> "Amounts":
        """Return the sum."""
        return _amounts({c: self.of(c) + other.of(c) for c in Currency})


class Caps(Frozen):
    """The most that may be spent of each currency; None means without limit."""

    model_calls: Count | None = None
    tokens: Count | None = None
    nano_dollars: Count | None = None
    compile_ns: Count | None = None
    run_ns: Count | None = None
    wall_ns: Count | None = None
    evaluations: Count | None = None

    def of(self, currency: Currency) -> int | None:
        """Return the cap of one currency."""
        value: int | None = getattr(self, currency.value)
        return value


class Purpose(Frozen):
    """What something was spent for."""

    level: Level | None = None
    """Level of abstraction worked on, None if of no single level."""
    agent: str = ""
    """Who spent it, e.g. `autotuner`."""
    action: str
    """On what, e.g. `build`, `cost`, `rewrite`."""


class Reservation(Frozen):
    """Amounts set aside for one action; settle or release it exactly once."""

    id: int
    purpose: Purpose
    amounts: Amounts


class Spending(Frozen):
    """What was spent for one purpose."""

    purpose: Purpose
    charges: int
    """Number of settled reservations and direct charges."""
    amounts: Amounts


class BudgetSnapshot(Frozen):
    """State of a budget at one moment."""

    caps: Caps
    spent: Amounts
    reserved: Amounts
    by_purpose: tuple[Spending, ...]
    """In the order in which the purposes first appeared; the amounts add up to `spent`."""


class BudgetSpentError(CoopBenchError):
    """An action was refused because it could overspend; no fault, the trial's search is over."""

    def __init__(self, currency: Currency, cap: int, committed: int, asked: int) -> None:
        super().__init__(
            f"budget spent: {committed} of {cap} {currency.value} are used or reserved, "
            f"{asked} more were asked for"
        )
        self.currency = currency
        self.cap = cap
        self.committed = committed
        self.asked = asked


class Budget:
    """A ledger with caps; safe for several threads.

    An action reserves the most it may cost, acts, and settles what it did cost. If the cost
    turns out higher than reserved, the cap is exceeded by that one action's excess and every
    later reservation is refused: even one that asks for nothing, as long as a cap is exceeded.

    Args:
        caps: Limits; default none.
    """

    def __init__(self, caps: Caps | None = None) -> None:
        self.caps = caps or Caps()
        self._lock = threading.Lock()
        self._spent = dict.fromkeys(Currency, 0)
        self._reserved = dict.fromkeys(Currency, 0)
        self._open: dict[int, Reservation] = {}
        self._by_purpose: dict[Purpose, Spending] = {}
        self._next_id = 0

    def reserve(self, purpose: Purpose, amounts: Amounts) -> Reservation:
        """Set amounts aside for an action that is about to start.

        Raises:
            BudgetSpentError: if any cap would be exceeded; nothing is reserved then.
        """
        with self._lock:
            for currency in Currency:
                cap = self.caps.of(currency)
                committed = self._spent[currency] + self._reserved[currency]
                asked = amounts.of(currency)
                if cap is not None and committed + asked > cap:
                    raise BudgetSpentError(currency, cap, committed, asked)
            for currency in Currency:
                self._reserved[currency] += amounts.of(currency)
            self._next_id += 1
            reservation = Reservation(id=self._next_id, purpose=purpose, amounts=amounts)
            self._open[reservation.id] = reservation
            return reservation

    def settle(self, reservation: Reservation, actual: Amounts) -> None:
        """Replace a reservation by what the action did cost.

        Raises:
            ValueError: if the reservation is not open here.
        """
        with self._lock:
            self._close(reservation)
            self._spend(reservation.purpose, actual)

    def release(self, reservation: Reservation) -> None:
        """Give back the reservation of an action that did not happen and cost nothing.

        Raises:
            ValueError: if the reservation is not open here.
        """
        with self._lock:
            self._close(reservation)

    def charge(self, purpose: Purpose, amounts: Amounts) -> None:
        """Record a cost that has already arisen; never refused."""
        with self._lock:
            self._spend(purpose, amounts)

    def remaining(self, currency: Currency) -> int | None:
        """Return what may still be reserved of a currency (never negative), None if uncapped."""
        with self._lock:
            cap = self.caps.of(currency)
            if cap is None:
                return None
            return max(0, cap - self._spent[currency] - self._reserved[currency])

    def snapshot(self) -> BudgetSnapshot:
        """Return a consistent copy of all sums."""
        with self._lock:
            return BudgetSnapshot(
                caps=self.caps,
                spent=_amounts(self._spent),
                reserved=_amounts(self._reserved),
                by_purpose=tuple(self._by_purpose.values()),
            )

    def ledger(self) -> Ledger:
        """Return what was spent, in the units of the trial record."""
        spent = self.snapshot().spent
        return Ledger(
            compile_s=spent.compile_ns / NANO,
            run_s=spent.run_ns / NANO,
            wall_s=spent.wall_ns / NANO,
            evaluations=spent.evaluations,
        )

    def _close(self, reservation: Reservation) -> None:
        if self._open.get(reservation.id) != reservation:
            raise ValueError(f"reservation {reservation.id} is not open in this budget")
        del self._open[reservation.id]
        for currency in Currency:
            self._reserved[currency] -= reservation.amounts.of(currency)

    def _spend(self, purpose: Purpose, amounts: Amounts) -> None:
        for currency in Currency:
            self._spent[currency] += amounts.of(currency)
        before = self._by_purpose.get(purpose)
        self._by_purpose[purpose] = Spending(
            purpose=purpose,
            charges=before.charges + 1 if before else 1,
            amounts=before.amounts.plus(amounts) if before else amounts,
        )


def nanoseconds(seconds: float) -> int:
    """Return a duration in whole nanoseconds, rounded to the nearest."""
    return round(seconds * NANO)


def _amounts(values: Mapping[Currency, int]) -> Amounts:
    return Amounts.model_validate({c.value: n for c, n in values.items()})
