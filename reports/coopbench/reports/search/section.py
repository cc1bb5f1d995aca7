"""All that a report says of searches with models, worked out once for every format."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from coopbench.harness.ledger import Currency
from coopbench.harness.record import EntrantRecord
from coopbench.reports.claims import Result
from coopbench.reports.load import ReportData, TargetData
from coopbench.reports.search.attribution import Attribution, attributions
from coopbench.reports.search.budgets import Budgets, compare_budgets
from coopbench.reports.search.curves import CURRENCIES, Curve, anytime_curve
from coopbench.reports.search.provenance import Provenance, provenance
from coopbench.reports.search.spending import Spent, spending
from coopbench.reports.search.worth import Worth, worths


@dataclass(frozen=True)
class Plot:
    """The anytime curves of a target against one currency."""

    currency: Currency
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class TargetSearch:
    """The searches on one target."""

    data: TargetData
    spent: tuple[Spent, ...]
    """One for each entrant that uses models and has a trial."""
    plots: tuple[Plot, ...]
    """Only currencies that somebody spent; entrants without models are there to compare."""
    attributions: tuple[Attribution, ...]
    worths: tuple[Worth, ...]
    """One for each entrant that proposed tests."""

    @property
    def trials(self) -> int:
        """Number of trials that count here."""
        return sum(len(s.trials) for s in self.spent)


@dataclass(frozen=True)
class Searches:
    """The searches of a run; empty if no entrant uses models."""

    targets: tuple[TargetSearch, ...]
    """Those with such an entrant or with attributions."""
    budgets: Budgets | None
    provenance: Provenance | None

    @property
    def spent(self) -> tuple[Spent, ...]:
        """What was spent, target after target."""
        return tuple(s for t in self.targets for s in t.spent)


def analyse_searches(
    data: ReportData, results: Mapping[str, Result], distrusted: Collection[str]
) -> Searches:
    """Work out budgets, spending, curves, attribution and provenance.

    Args:
        data: The report's tables.
        results: Result of each trial, by trial id.
        distrusted: Targets whose controls failed.
    """
    found = [_target(d, results, healthy=d.target.name not in distrusted) for d in data.targets]
    kept = tuple(t for t in found if t.spent or t.attributions)
    spent = [s for t in kept for s in t.spent]
    return Searches(kept, compare_budgets(spent), provenance(spent))


def _target(data: TargetData, results: Mapping[str, Result], *, healthy: bool) -> TargetSearch:
    spent = spending(data)
    plots = []
    for currency in CURRENCIES if spent else ():
        curves = [anytime_curve(e.name, data.row(e.name), currency) for e in _searching(data)]
        drawn = tuple(c for c in curves if c is not None)
        if drawn:
            plots.append(Plot(currency, drawn))
    told = attributions(data, results, healthy=healthy)
    return TargetSearch(data, spent, tuple(plots), told, worths(spent))


def _searching(data: TargetData) -> list[EntrantRecord]:
    """Return the entrants whose gain grew while they searched."""
    return [
        e
        for e in data.entrants
        if any(t.ledger.curve or t.ledger.model_calls for c in data.row(e.name) for t in c.trials)
    ]
