"""The tree of candidates of one trial, as its events tell it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from coopbench.harness.base import Level
from coopbench.harness.ledger import Amounts, CurvePoint
from coopbench.harness.model import Trial
from coopbench.harness.store_rows import TrialKey
from coopbench.harness.trajectory import Event
from coopbench.reports.trajectory.events import (
    MISHAPS,
    UNCHECKED,
    VERIFIED,
    files_of,
    number_of,
    outcome_of,
    recipe_of,
    text_of,
)

_JUDGING = frozenset({"build", "check", "cost", "best"})
"""Kinds of events that tell more of a candidate."""


@dataclass(frozen=True)
class Node:
    """A candidate of the search."""

    candidate: str
    """Candidate id."""
    name: str
    """`n3`, or the beginning of the id if nobody gave it a name."""
    parent: str | None
    """Candidate id."""
    level: Level | None
    step: str
    """How it was made, e.g. `rewrite`; empty if the log does not say."""
    agent: str
    claim: str
    seq: int
    """Number of the event that brought it."""
    spent: Amounts
    """What the trial had spent when this was judged first."""
    files: Mapping[str, str] = field(default_factory=dict)
    recipe: Mapping[str, JsonValue] = field(default_factory=dict)
    state: str = UNCHECKED
    """`unchecked`, `ok`, or the outcome that it failed with."""
    reason: str = ""
    """The checker's line."""
    cost: float | None = None
    """Search-time cost in the target's metric."""
    gain: float | None = None
    """Search-time cost(original) / cost(this); never a result."""

    @property
    def verified(self) -> bool:
        """Whether it passed the visible tests."""
        return self.state == VERIFIED


@dataclass(frozen=True)
class Story:
    """A trial's search from beginning to end."""

    key: TrialKey
    trial_id: str
    trial: Trial | None
    """The trial's record; None while it runs, or if it was killed."""
    events: tuple[Event, ...]
    nodes: tuple[Node, ...]
    """In the order in which they were made; parents before children where the log has them."""
    winner: Node | None
    """What was handed in; while the trial runs, the best verified candidate."""
    chain: tuple[Node, ...]
    """From the original to the winner, both included; empty without a winner."""

    @property
    def finished(self) -> bool:
        """Whether the trial has ended and has a record."""
        return self.trial is not None

    @property
    def mishaps(self) -> tuple[Event, ...]:
        """Malformed answers, failed calls and refused actions."""
        return tuple(e for e in self.events if e.kind in MISHAPS)

    @property
    def spent(self) -> Amounts:
        """What the trial had spent at the last event."""
        return self.events[-1].spent if self.events else Amounts()

    def node(self, candidate: str | None) -> Node | None:
        """Return the node of a candidate id, None if there is none."""
        return next((n for n in self.nodes if n.candidate == candidate), None)

    def walk(self) -> Iterator[tuple[int, Node]]:
        """Yield every node once, children under their parents, with its depth."""
        children: dict[str | None, list[Node]] = {}
        known = {n.candidate for n in self.nodes}
        for n in self.nodes:
            children.setdefault(n.parent if n.parent in known else None, []).append(n)
        stack = [(0, n) for n in reversed(children.get(None, []))]
        while stack:
            depth, node = stack.pop()
            yield depth, node
            stack += [(depth + 1, n) for n in reversed(children.get(node.candidate, []))]


def tell(key: TrialKey, trial_id: str, trial: Trial | None, events: Sequence[Event]) -> Story:
    """Work out the tree, the winner and its chain.

    Args:
        key: Which trial.
        trial_id: Its id.
        trial: Its record, if it has ended.
        events: Its log, in order.
    """
    nodes = _nodes(events, trial.ledger.curve if trial is not None else ())
    by_id = {n.candidate: n for n in nodes}
    winner = _winner(nodes, by_id, trial)
    return Story(key, trial_id, trial, tuple(events), nodes, winner, _chain(winner, by_id))


def _nodes(events: Sequence[Event], curve: Sequence[CurvePoint]) -> tuple[Node, ...]:
    found: dict[str, Node] = {}
    names = {
        e.parent: name
        for e in events
        if e.parent is not None and (name := text_of(e.data, "parent_node"))
    }
    for event in _searching(events):
        if event.candidate is None or not (event.kind == "candidate" or event.kind in _JUDGING):
            continue
        known = found.get(event.candidate)
        if known is None or (event.kind == "candidate" and not known.step):
            found[event.candidate] = _new(event, names, known)
        if event.kind in _JUDGING:
            found[event.candidate] = _judged(found[event.candidate], event)
    gains = {p.candidate: p.gain for p in curve}
    nodes = _without_loops(list(found.values()))
    base = next((n.cost for n in nodes if n.parent is None and n.cost), None)
    return tuple(_with_gain(n, gains.get(n.candidate), base) for n in nodes)


def _searching(events: Sequence[Event]) -> Iterator[Event]:
    """Yield the events up to the end of the search; the parts of the winner are built later."""
    for event in events:
        yield event
        if event.kind == "end":
            return


def _new(event: Event, names: Mapping[str, str], known: Node | None) -> Node:
    """Return the node of an event, with what is known of it from earlier events without a name."""
    candidate = event.candidate or ""
    claim = event.text.partition(": ")[2] if event.kind == "candidate" else ""
    return Node(
        candidate=candidate,
        name=text_of(event.data, "node") or names.get(candidate, candidate[:8]),
        parent=event.parent,
        level=event.level,
        step=text_of(event.data, "step"),
        agent=event.agent,
        claim=text_of(event.data, "claim") or claim,
        seq=event.seq,
        spent=event.spent,
        files=files_of(event),
        recipe=recipe_of(event),
        state=known.state if known else UNCHECKED,
        reason=known.reason if known else "",
        cost=known.cost if known else None,
        gain=known.gain if known else None,
    )


def _judged(node: Node, event: Event) -> Node:
    state = outcome_of(event)
    fresh = node.state == UNCHECKED or (event.kind == "cost" and node.cost is None)
    return replace(
        node,
        state=state or node.state,
        reason=event.text if state is not None else node.reason,
        level=node.level or event.level,
        parent=node.parent or (event.parent if event.parent != node.candidate else None),
        cost=number_of(event.data, "cost", "value") if event.kind == "cost" else node.cost,
        gain=number_of(event.data, "gain") or node.gain,
        spent=event.spent if fresh else node.spent,
    )


def _with_gain(node: Node, recorded: float | None, base: float | None) -> Node:
    if not node.verified:
        return replace(node, gain=None)
    ratio = base / node.cost if base and node.cost else None
    return replace(node, gain=recorded or node.gain or ratio)


def _without_loops(nodes: list[Node]) -> list[Node]:
    """Cut a parent that is its own descendant: no search makes one, a damaged log may."""
    parents = {n.candidate: n.parent for n in nodes}
    kept = []
    for node in nodes:
        seen, up = {node.candidate}, node.parent
        while up is not None and up not in seen:
            seen.add(up)
            up = parents.get(up)
        if up is not None:
            parents[node.candidate] = None
            node = replace(node, parent=None)  # noqa: PLW2901
        kept.append(node)
    return kept


def _winner(nodes: Sequence[Node], by_id: Mapping[str, Node], trial: Trial | None) -> Node | None:
    if trial is not None:
        return by_id.get(trial.candidate or "")
    verified = [n for n in nodes if n.verified and n.gain is not None]
    return max(verified, key=lambda n: n.gain or 0.0, default=None)


def _chain(winner: Node | None, by_id: Mapping[str, Node]) -> tuple[Node, ...]:
    chain: list[Node] = []
    node = winner
    while node is not None:
        chain.append(node)
        node = by_id.get(node.parent or "")
    return tuple(reversed(chain))
