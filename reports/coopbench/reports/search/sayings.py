"""What is said up front of the searches with models: budgets, provenance, levels."""

from collections.abc import Sequence

from coopbench.reports import wording
from coopbench.reports.search.attribution import summary
from coopbench.reports.search.budgets import Budgets
from coopbench.reports.search.provenance import Provenance
from coopbench.reports.search.section import Searches
from coopbench.reports.statements import Statement, Tone


def search_statements(searches: Searches, unreadable: Sequence[str] = ()) -> list[Statement]:
    """Return what the report says up front of budgets, provenance and levels.

    Args:
        searches: Of the run.
        unreadable: A line for each trajectory that is missing or damaged.
    """
    found = []
    if searches.budgets is not None:
        found += _budgets(searches.budgets)
    if searches.provenance is not None:
        found += _provenance(searches.provenance)
    for target in searches.targets:
        text = summary(target.attributions)
        if text:
            found.append(Statement("info", f"{target.data.target.name}: {text}", brief=True))
    if unreadable:
        number = wording.plural(len(unreadable), "trajectory", "trajectories")
        text = f"{number} cannot be read and have no page, e.g. of {unreadable[0]}"
        found.append(Statement("warn", text))
    return found


def _budgets(budgets: Budgets) -> list[Statement]:
    over = [Statement("info", f"{line}.") for line in budgets.overspent]
    if not budgets.equal:
        remedy = "compare them in one run with one set of caps"
        return [Statement("warn", budgets.text, remedy, brief=True), *over]
    tone: Tone = "good" if len(budgets.allowances) > 1 else "info"
    return [Statement(tone, budgets.text, brief=True), *over]


def _provenance(origin: Provenance) -> list[Statement]:
    found = [Statement("info", origin.text, brief=True)]
    if origin.estimated_calls:
        text = (
            f"The tokens of {origin.estimated_calls} of {origin.model_calls} model calls are"
            " estimates from the texts: their models do not tell."
        )
        found.append(Statement("info", text))
    return found
