"""The searches with models as Markdown."""

from collections.abc import Mapping

from coopbench.harness.ledger import NANO
from coopbench.reports import wording
from coopbench.reports.claims import Result
from coopbench.reports.exports.markdown_text import escape, table
from coopbench.reports.search.attribution import Attribution
from coopbench.reports.search.parts import LevelPart
from coopbench.reports.search.section import Searches, TargetSearch
from coopbench.reports.search.spending import Share, Spent

_HEADS = ("Calls", "Tokens", "Money", "Compiling", "Running", "Evaluations")


def searches_markdown(searches: Searches, links: Mapping[str, str]) -> list[str]:
    """Return spending, levels, tests and links to trajectories; empty without any search.

    Args:
        searches: Of the run.
        links: Address of the page of a trial's trajectory, by trial id.
    """
    if not searches.targets:
        return []
    lines = ["## Searches with models", ""]
    if searches.budgets is not None:
        lines += [escape(searches.budgets.text), ""]
    if searches.provenance is not None:
        lines += [escape(searches.provenance.text), ""]
    for target in searches.targets:
        lines += _target(target, links)
    return lines


def _target(target: TargetSearch, links: Mapping[str, str]) -> list[str]:
    name = escape(target.data.target.name)
    lines: list[str] = []
    if target.spent:
        head = ("Entrant", "Trials", *_HEADS, "Wall time", "Malformed, failed, refused")
        lines += [f"### {name}: spent per trial (medians)", ""]
        lines += [*table(head, [_medians(s) for s in target.spent], right=1), ""]
        rows = [row for s in target.spent for row in _levels(s)]
        lines += [f"### {name}: spent by level (all trials)", ""]
        lines += [*table(("Entrant", "Level", *_HEADS), rows, left=2), ""]
    if target.attributions:
        lines += [f"### {name}: what each level gives", "", *_attributions(target), ""]
    if target.worths:
        lines += [f"### {name}: what proposed tests are worth", "", *_worths(target), ""]
    return lines + _links(target, links)


def _medians(spent: Spent) -> tuple[str, ...]:
    m = spent.medians
    mishaps = ", ".join(f"{n} {escape(name.replace('_', ' '))}" for name, n in spent.mishaps)
    return (
        escape(spent.entrant.name),
        str(len(spent.trials)),
        wording.quantity(m.model_calls),
        f"{'≈ ' if spent.total.estimated_calls else ''}{wording.quantity(m.tokens)}",
        escape(wording.money(m.money.nano_dollars, whole=m.money.whole)),
        wording.seconds(m.compile_s),
        wording.seconds(m.run_s),
        wording.quantity(m.evaluations),
        wording.seconds(m.wall_s),
        mishaps or "0",
    )


def _levels(spent: Spent) -> list[tuple[str, ...]]:
    return [
        (escape(spent.entrant.name), wording.level_name(s.level), *_amounts(s))
        for s in spent.by_level
    ]


def _amounts(share: Share) -> tuple[str, ...]:
    a, money = share.amounts, share.money
    return (
        wording.count(a.model_calls),
        wording.count(a.tokens),
        escape(wording.money(money.nano_dollars, whole=money.whole)) if a.model_calls else "0",
        wording.seconds(a.compile_ns / NANO),
        wording.seconds(a.run_ns / NANO),
        wording.count(a.evaluations),
    )


def _attributions(target: TargetSearch) -> list[str]:
    head = ("Benchmark", "Entrant", "Level", "Winner", "Without it", "It gives", "Claim")
    rows = [_part(a, p, first=p is a.parts[0]) for a in target.attributions for p in a.parts]
    note = (
        "Each version was verified and measured like an answer, and is never ranked; factors need"
        " not multiply to the whole. † Later edits rest on these and had to go as well; what the"
        " other levels give is taken away from such a level before it is said to give most."
    )
    return [*table(head, rows, left=3, right=1), "", note]


def _part(found: Attribution, part: LevelPart, *, first: bool) -> tuple[str, ...]:
    trial = found.winner.trial
    factor = part.factor
    gives = wording.NOTHING
    if factor is not None:
        gives = f"{wording.times(factor.value)}{_range(wording.interval(factor.interval))}"
    if part is found.leading:
        gives = f"**{gives}**"
    without = "not judged" if part.result is None else _speedup(part.result)
    return (
        escape(trial.benchmark),
        escape(trial.entrant),
        part.name,
        _speedup(found.winner) if first else "",
        without,
        gives,
        escape(found.claim) if first else "",
    )


def _speedup(result: Result) -> str:
    if result.speedup is None:
        return escape(result.label)
    return f"{wording.ratio(result.speedup)}{_range(wording.interval(result.interval))}"


def _range(text: str) -> str:
    return "" if text == wording.NOTHING else f" {text}"


def _worths(target: TargetSearch) -> list[str]:
    head = (
        *("Entrant", "Trials", "Accepted", "Refused", "Rejected candidates that had passed"),
        *("Wrong mutants", "Found by visible tests", "By proposed ones only", "Escaped both"),
    )
    rows = [
        (
            escape(w.entrant),
            str(w.trials),
            str(w.total.accepted),
            str(w.total.refused),
            str(len(w.total.rejected_candidates)),
            f"{w.total.wrong} of {w.total.mutants}",
            str(w.total.killed_visible),
            str(w.more),
            str(w.escaped),
        )
        for w in target.worths
    ]
    return table(head, rows)


def _links(target: TargetSearch, links: Mapping[str, str]) -> list[str]:
    found = [
        f"[{escape(t.entrant)} on {escape(t.benchmark)}]({links[t.id]})"
        for s in target.spent
        for t in s.trials
        if t.id in links
    ]
    return [f"Trajectories: {', '.join(found)}.", ""] if found else []
