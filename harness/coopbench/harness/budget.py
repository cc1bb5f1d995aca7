"""The budget of one trial: reserve before, settle after, stop hard."""

import threading
import time
from collections.abc import Callable

from coopbench.harness.base import Frozen
from coopbench.harness.errors import CoopBenchError
from coopbench.harness.ledger import (
    NANO,
    Amounts,
    Caps,
    Currency,
    CurvePoint,
    Ledger,
    Purpose,
    Spending,
    amounts_of,
)


class Reservation(Frozen):
    """Amounts set aside for one action; settle or release it exactly once."""

    id: int
    purpose: Purpose
    amounts: Amounts


class BudgetSnapshot(Frozen):
    """State of a budget at one moment."""

    caps: Caps
    spent: Amounts
    reserved: Amounts
    by_purpose: tuple[Spending, ...]
    """In the order in which the purposes first appeared; the amounts add up to `spent`, but for
    wall time, which passes for all purposes at once."""


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
    Wall time runs from construction on by itself; nobody charges it.

    Args:
        caps: Limits; default none.
        clock: Returns nanoseconds that never go back.
    """

    def __init__(
        self, caps: Caps | None = None, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self.caps = caps or Caps()
        self._clock = clock
        self._start = clock()
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
                committed = self._total(currency) + self._reserved[currency]
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
            return max(0, cap - self._total(currency) - self._reserved[currency])

    def snapshot(self) -> BudgetSnapshot:
        """Return a consistent copy of all sums."""
        with self._lock:
            return BudgetSnapshot(
                caps=self.caps,
                spent=amounts_of({c: self._total(c) for c in Currency}),
                reserved=amounts_of(self._reserved),
                by_purpose=tuple(self._by_purpose.values()),
            )

    def ledger(self, curve: tuple[CurvePoint, ...] = ()) -> Ledger:
        """Return what was spent, in the units of the trial record.

        Args:
            curve: The trial's anytime curve.
        """
        snapshot = self.snapshot()
        spent = snapshot.spent
        return Ledger(
            compile_s=spent.compile_ns / NANO,
            run_s=spent.run_ns / NANO,
            wall_s=spent.wall_ns / NANO,
            evaluations=spent.evaluations,
            model_calls=spent.model_calls,
            tokens=spent.tokens,
            nano_dollars=None if spent.unpriced_calls else spent.nano_dollars,
            estimated_calls=spent.estimated_calls,
            replayed_calls=spent.replayed_calls,
            caps=snapshot.caps,
            by_purpose=snapshot.by_purpose,
            curve=curve,
        )

    def _total(self, currency: Currency) -> int:
        elapsed = self._clock() - self._start if currency is Currency.WALL_NS else 0
        return self._spent[currency] + elapsed

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
