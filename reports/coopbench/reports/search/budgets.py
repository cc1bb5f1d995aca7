"""Whether the entrants that use models were allowed the same, and whether they kept to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from coopbench.harness.ledger import NANO, Caps, Currency, Ledger
from coopbench.reports import wording
from coopbench.reports.search.spending import Spent


@dataclass(frozen=True)
class Allowance:
    """What one entrant was allowed in each of its trials."""

    entrant: str
    caps: tuple[Caps, ...]
    """One if all its trials had the same; in the order in which they first appear."""


@dataclass(frozen=True)
class Budgets:
    """The allowances of a run's entrants that use models."""

    allowances: tuple[Allowance, ...]
    overspent: tuple[str, ...]
    """A line for each entrant and currency that went over its cap."""

    @property
    def equal(self) -> bool:
        """Whether every trial of every entrant had the same caps."""
        return len({c for a in self.allowances for c in a.caps}) == 1

    @property
    def caps(self) -> Caps | None:
        """The caps that all share; None if they differ."""
        return self.allowances[0].caps[0] if self.equal else None

    @property
    def text(self) -> str:
        """The comparison in one sentence."""
        names = [a.entrant for a in self.allowances]
        if self.caps is None:
            each = "; ".join(f"{a.entrant}: {_each(a)}" for a in self.allowances)
            return f"Budgets differ, so scores are not at equal budget. Per trial {each}."
        allowed = wording.caps(self.caps)
        if len(names) == 1:
            return f"Budget of {names[0]}: {allowed} per trial."
        return f"Equal budget: {wording.listing(names)} had the same caps per trial: {allowed}."


def compare_budgets(spent: Sequence[Spent]) -> Budgets | None:
    """Compare the caps of entrants that use models, over all targets; None without any.

    The caps are read from what each trial recorded, not from the plan.
    """
    if not spent:
        return None
    found: dict[str, dict[Caps, None]] = {}
    for s in spent:
        caps = found.setdefault(s.entrant.name, {})
        caps.update(dict.fromkeys(t.ledger.caps for t in s.trials))
    allowances = tuple(Allowance(name, tuple(caps)) for name, caps in found.items())
    return Budgets(allowances, tuple(_overspent(spent)))


def spent_of(ledger: Ledger, currency: Currency) -> float | None:
    """Return what a ledger spent of a capped currency; None if that is not known."""
    seconds = {
        Currency.COMPILE_NS: ledger.compile_s,
        Currency.RUN_NS: ledger.run_s,
        Currency.WALL_NS: ledger.wall_s,
    }
    if currency in seconds:
        return seconds[currency] * NANO
    value: float | None = getattr(ledger, currency.value)
    return value


def _each(allowance: Allowance) -> str:
    return " or ".join(wording.caps(c) for c in allowance.caps)


def _overspent(spent: Sequence[Spent]) -> list[str]:
    worst: dict[tuple[str, Currency], tuple[int, float, int]] = {}
    for s in spent:
        for ledger in (t.ledger for t in s.trials):
            for currency in Currency:
                cap, value = ledger.caps.of(currency), None
                if cap is not None:
                    value = spent_of(ledger, currency)
                if cap is None or value is None or value <= cap or currency is Currency.WALL_NS:
                    continue
                key = (s.entrant.name, currency)
                number, most, _ = worst.get(key, (0, 0.0, cap))
                worst[key] = (number + 1, max(most, value), cap)
    return [
        f"{name} spent up to {wording.amount(currency, most)} of"
        f" {wording.amount(currency, cap)} {wording.currency_name(currency)}"
        f" in {wording.plural(number, 'trial')}"
        for (name, currency), (number, most, cap) in worst.items()
    ]
