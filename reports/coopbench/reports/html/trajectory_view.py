"""A trajectory arranged for its page."""

from dataclasses import dataclass

from coopbench.harness.ledger import Amounts, Caps, Currency
from coopbench.harness.trajectory import Event
from coopbench.reports import wording
from coopbench.reports.html.steps import StepChart, step_chart
from coopbench.reports.html.timeline import Timeline, timeline
from coopbench.reports.search.budgets import spent_of
from coopbench.reports.search.curves import CURRENCIES, Curve, spent_in
from coopbench.reports.search.spending import Money, money_of
from coopbench.reports.trajectory.diffs import Difference, difference
from coopbench.reports.trajectory.events import MISHAPS, brief, mishap_of
from coopbench.reports.trajectory.prompts import Prompt, prompts
from coopbench.reports.trajectory.story import Node, Story
from coopbench.reports.trajectory.totals import Tally, Total, steps, tallies, totals

_LONG = frozenset({"files", "messages", "system", "template_sha256", "attempts"})
"""Keys of an event's data that are shown elsewhere, or are of no use to a reader."""

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class NodeView:
    """A candidate in the tree."""

    node: Node
    depth: int
    anchor: str
    change: Difference
    won: bool
    """Whether it is the winner or one of those it was made from."""


@dataclass(frozen=True)
class EventView:
    """An event in the list."""

    event: Event
    anchor: str
    brief: str
    """In one line."""
    prompt: Prompt | None
    mishap: str
    """Its name; empty if it is none."""
    about: NodeView | None
    data: tuple[tuple[str, str], ...]
    """What else the event says, in short texts."""
    texts: tuple[tuple[str, str], ...]
    """The same in texts of several lines, such as diagnostics."""


@dataclass(frozen=True)
class Gauge:
    """How much of a cap was spent."""

    name: str
    spent: str
    cap: str
    share: float | None
    """None without a cap, or if it is not known."""


@dataclass(frozen=True)
class TrajectoryView:
    """Everything the template is given."""

    story: Story
    nodes: tuple[NodeView, ...]
    chain: tuple[NodeView, ...]
    gauges: tuple[Gauge, ...]
    totals: tuple[Total, ...]
    tallies: tuple[Tally, ...]
    charts: tuple[StepChart, ...]
    timeline: Timeline | None
    events: tuple[EventView, ...]


def arrange_trajectory(story: Story) -> TrajectoryView:
    """Lay a search out for its page."""
    won = {n.candidate for n in story.chain}
    nodes = tuple(
        NodeView(n, depth, f"n{i}", difference(story.node(n.parent), n), won=n.candidate in won)
        for i, (depth, n) in enumerate(story.walk())
    )
    by_id = {v.node.candidate: v for v in nodes}
    asked = prompts(story.events)
    return TrajectoryView(
        story=story,
        nodes=nodes,
        chain=tuple(by_id[n.candidate] for n in story.chain),
        gauges=tuple(_gauges(story)),
        totals=totals(story),
        tallies=tallies(story),
        charts=tuple(_charts(story)),
        timeline=timeline(story),
        events=tuple(
            EventView(
                e,
                f"e{e.seq}",
                brief(e),
                asked.get(e.seq),
                mishap_of(e) if e.kind in MISHAPS else "",
                by_id.get(e.candidate or ""),
                *_data(e),
            )
            for e in story.events
        ),
    )


def _gauges(story: Story) -> list[Gauge]:
    ledger = None if story.trial is None else story.trial.ledger
    caps = Caps() if ledger is None else ledger.caps
    found = []
    for currency in Currency:
        if currency.value not in Caps.model_fields:
            continue
        spent = story.spent.of(currency) if ledger is None else spent_of(ledger, currency)
        cap = caps.of(currency)
        if not spent and cap is None:
            continue
        share = None if cap is None or spent is None or cap == 0 else min(1.0, spent / cap)
        name, limit = wording.currency_name(currency), wording.amount(currency, cap)
        shown = wording.amount(currency, spent)
        if currency is Currency.NANO_DOLLARS:
            known = _money(story)
            shown = wording.money(known.nano_dollars, whole=known.whole)
        found.append(Gauge(name, shown, limit, share))
    return found


def _money(story: Story) -> Money:
    if story.trial is not None:
        return money_of(story.trial.ledger)
    return Money(story.spent.nano_dollars, whole=not story.spent.unpriced_calls)


def _charts(story: Story) -> list[StepChart]:
    found = []
    for currency in CURRENCIES:
        points = steps(story, currency)
        ledger = None if story.trial is None else story.trial.ledger
        whole = _reached(story.spent, currency) if ledger is None else spent_in(ledger, currency)
        end = max(whole, points[-1][0])
        if end > 0 and len(points) > 1:
            curve = Curve("best verified", points, end, 1)
            found.append(step_chart([curve], currency, ["best verified"]))
    return found


def _reached(spent: Amounts, currency: Currency) -> float:
    scale = 1e9 if currency is Currency.COMPILE_NS else 1.0
    return spent.of(currency) / scale


def _data(event: Event) -> tuple[Pairs, Pairs]:
    """Return what is short and what has several lines."""
    shown = [
        (key, value if isinstance(value, str) else str(value))
        for key, value in event.data.items()
        if key not in _LONG and value not in (None, "", [], {})
    ]
    short = tuple((k, v) for k, v in shown if "\n" not in v)
    return short, tuple((k, v) for k, v in shown if "\n" in v and v != event.text)
