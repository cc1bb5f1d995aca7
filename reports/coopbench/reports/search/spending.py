"""What each entrant that uses models spent on a target: medians, purposes, mishaps.

Trials that our own machine ended before they spent anything are left out. Sums are of integers, so
they are exact.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coopbench.harness.base import Level
from coopbench.harness.ledger import Amounts, Ledger
from coopbench.harness.model import Outcome, Trial
from coopbench.harness.record import EntrantRecord
from coopbench.reports.load import TargetData


@dataclass(frozen=True)
class Money:
    """What is known of an amount of money."""

    nano_dollars: float
    """In 1e-9 US dollars."""
    whole: bool
    """False if more was spent than that, by calls whose price is unknown."""


@dataclass(frozen=True)
class Medians:
    """Medians per trial, each currency for itself."""

    model_calls: float
    tokens: float
    money: Money
    compile_s: float
    run_s: float
    wall_s: float
    evaluations: float


@dataclass(frozen=True)
class Share:
    """What was spent for one purpose, over all trials of an entrant on a target."""

    level: Level | None
    agent: str
    """Empty on a level's subtotal."""
    action: str
    """Empty on a level's subtotal."""
    charges: int
    amounts: Amounts

    @property
    def money(self) -> Money:
        """What is known of the money."""
        return Money(self.amounts.nano_dollars, self.amounts.unpriced_calls == 0)


@dataclass(frozen=True)
class Spent:
    """Everything that one entrant spent on one target."""

    entrant: EntrantRecord
    trials: tuple[Trial, ...]
    """Those that count here."""
    medians: Medians
    total: Amounts
    by_level: tuple[Share, ...]
    """Subtotals; what is of no single level comes last."""
    by_purpose: tuple[Share, ...]
    """Per level, agent and action, the costliest in tokens and compiling first in each level."""
    mishaps: tuple[tuple[str, int], ...]
    """Malformed answers, failed calls and refused actions by name, the most frequent first."""

    @property
    def money(self) -> Money:
        """What is known of the money that all trials together cost."""
        return Money(self.total.nano_dollars, self.total.unpriced_calls == 0)


def uses_models(entrant: EntrantRecord, trials: Sequence[Trial]) -> bool:
    """Whether an entrant's answers come from a model, by its kind or by what it did."""
    return entrant.kind == "llm" or any(t.ledger.model_calls or t.sources for t in trials)


def counted(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Return the trials whose ledger says what a search cost."""
    failed = Outcome.INFRA_FAILED
    return tuple(t for t in trials if t.outcome is not failed or t.ledger.by_purpose)


def money_of(ledger: Ledger) -> Money:
    """Return what a ledger knows of the money; that of known calls where some are unknown."""
    if ledger.nano_dollars is not None:
        return Money(ledger.nano_dollars, whole=True)
    return Money(sum(s.amounts.nano_dollars for s in ledger.by_purpose), whole=False)


def spending(data: TargetData) -> tuple[Spent, ...]:
    """Return what each entrant that uses models spent on a target, in the plan's order.

    An entrant without a trial that counts is left out.
    """
    found = []
    for entrant in data.entrants:
        all_trials = [t for c in data.row(entrant.name) for t in c.trials]
        trials = counted(all_trials)
        if trials and uses_models(entrant, all_trials):
            found.append(spent_by(entrant, trials))
    return tuple(found)


def spent_by(entrant: EntrantRecord, trials: Sequence[Trial]) -> Spent:
    """Sum up an entrant's trials; there must be at least one."""
    shares = _shares(trials)
    return Spent(
        entrant=entrant,
        trials=tuple(trials),
        medians=_medians([t.ledger for t in trials]),
        total=_sum([s.amounts for s in shares]),
        by_level=tuple(_subtotals(shares)),
        by_purpose=tuple(shares),
        mishaps=_ranked(Counter[str](), *(Counter(t.mishaps) for t in trials)),
    )


def sources_of(trials: Sequence[Trial]) -> tuple[tuple[str, int], ...]:
    """Return where models' answers came from, the most frequent first."""
    return _ranked(*(Counter(t.sources) for t in trials))


def _ranked(*counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    total = sum(counts, Counter[str]())
    return tuple(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def _medians(ledgers: Sequence[Ledger]) -> Medians:
    def middle(get: Callable[[Ledger], float]) -> float:
        return statistics.median(get(x) for x in ledgers)

    money = [money_of(x) for x in ledgers]
    return Medians(
        model_calls=middle(lambda x: x.model_calls),
        tokens=middle(lambda x: x.tokens),
        money=Money(
            statistics.median(m.nano_dollars for m in money), whole=all(m.whole for m in money)
        ),
        compile_s=middle(lambda x: x.compile_s),
        run_s=middle(lambda x: x.run_s),
        wall_s=middle(lambda x: x.wall_s),
        evaluations=middle(lambda x: x.evaluations),
    )


def _shares(trials: Sequence[Trial]) -> list[Share]:
    found: dict[tuple[Level | None, str, str], list[tuple[int, Amounts]]] = defaultdict(list)
    for trial in trials:
        for part in trial.ledger.by_purpose:
            key = (part.purpose.level, part.purpose.agent, part.purpose.action)
            found[key].append((part.charges, part.amounts))
    shares = [
        Share(*key, sum(n for n, _ in parts), _sum([a for _, a in parts]))
        for key, parts in found.items()
    ]
    return sorted(shares, key=_order)


def _order(share: Share) -> tuple[int, int, int, str, str]:
    levels = [*Level, None]
    spent = share.amounts
    time = spent.compile_ns + spent.run_ns
    return levels.index(share.level), -spent.tokens, -time, share.agent, share.action


def _subtotals(shares: Sequence[Share]) -> list[Share]:
    found = []
    for level in (*Level, None):
        here = [s for s in shares if s.level is level]
        if here:
            amounts = _sum([s.amounts for s in here])
            found.append(Share(level, "", "", sum(s.charges for s in here), amounts))
    return found


def _sum(amounts: Sequence[Amounts]) -> Amounts:
    total = Amounts()
    for a in amounts:
        total = total.plus(a)
    return total
