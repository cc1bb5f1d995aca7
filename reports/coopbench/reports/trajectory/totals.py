"""What a search spent, by level, agent and action, and what it had gained by when."""

from collections.abc import Sequence
from dataclasses import dataclass

from coopbench.harness.base import Level
from coopbench.harness.ledger import NANO, Amounts, Currency, Purpose, Spending
from coopbench.harness.trajectory import Event
from coopbench.reports.search.spending import Money
from coopbench.reports.trajectory.story import Story

_SPENT = tuple(c for c in Currency if c is not Currency.WALL_NS)


@dataclass(frozen=True)
class Total:
    """What was spent for one purpose in a trial."""

    purpose: Purpose
    number: int
    """Charges of the ledger; while the trial runs, events."""
    amounts: Amounts

    @property
    def money(self) -> Money:
        """What is known of the money."""
        return Money(self.amounts.nano_dollars, self.amounts.unpriced_calls == 0)


@dataclass(frozen=True)
class Tally:
    """How one agent's work at one level turned out."""

    agent: str
    level: Level | None
    candidates: int
    verified: int
    best: float | None
    """Highest search-time gain of a verified candidate."""


def totals(story: Story) -> tuple[Total, ...]:
    """Return what was spent for what, the most tokens first.

    A finished trial's ledger tells it exactly; while the trial runs it is read from what was
    spent between one event and the next.
    """
    ledger = story.trial.ledger.by_purpose if story.trial is not None else ()
    parts = ledger or _between(story.events)
    found = [Total(p.purpose, p.charges, p.amounts) for p in parts]
    return tuple(sorted(found, key=_order))


def tallies(story: Story) -> tuple[Tally, ...]:
    """Return how each agent fared at each level, in the order of their first candidates."""
    found: dict[tuple[str, Level | None], list[float | None]] = {}
    verified: dict[tuple[str, Level | None], int] = {}
    for node in story.nodes:
        key = (node.agent, node.level)
        found.setdefault(key, []).append(node.gain)
        verified[key] = verified.get(key, 0) + node.verified
    return tuple(
        Tally(*key, len(gains), verified[key], max((g for g in gains if g), default=None))
        for key, gains in found.items()
    )


def steps(story: Story, currency: Currency) -> tuple[tuple[float, float], ...]:
    """Return (spent, best verified gain): where it rose, from (0, 1) on."""
    if story.trial is not None and story.trial.ledger.curve:
        reached = [(p.spent, p.gain) for p in story.trial.ledger.curve]
    else:
        reached = [(n.spent, n.gain) for n in story.nodes if n.gain is not None]
    scale = NANO if currency is Currency.COMPILE_NS else 1
    found = [(0.0, 1.0)]
    for spent, gain in reached:
        if gain > found[-1][1]:
            found.append((spent.of(currency) / scale, gain))
    return tuple(found)


def _between(events: Sequence[Event]) -> tuple[Spending, ...]:
    found: dict[Purpose, Spending] = {}
    before = Amounts()
    for event in events:
        gone = {c.value: max(0, event.spent.of(c) - before.of(c)) for c in _SPENT}
        before = event.spent
        if not any(gone.values()):
            continue
        purpose = Purpose(level=event.level, agent=event.agent, action=event.kind)
        old = found.get(purpose) or Spending(purpose=purpose, charges=0, amounts=Amounts())
        found[purpose] = Spending(
            purpose=purpose,
            charges=old.charges + 1,
            amounts=old.amounts.plus(Amounts.model_validate(gone)),
        )
    return tuple(found.values())


def _order(total: Total) -> tuple[int, int, str, str]:
    a = total.amounts
    return -a.tokens, -(a.compile_ns + a.run_ns), total.purpose.agent, total.purpose.action
