"""The tree of candidates of one trial: what was tried, from what, at which level, and how it went."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Outcome, Verdict
from coopbench.harness.optimizer import ChainStep

Step = Literal["original", "rewrite", "lower", "passes", "codegen"]
"""How a candidate was made from its parent."""


@dataclass(frozen=True)
class Node:
    """A candidate in the tree."""

    id: str
    """Short name in prompts and on screens: `n0` is the original, `n1` the next…"""
    candidate: Candidate
    parent: str | None
    step: Step
    agent: str
    """Who made it."""
    claim: str = ""
    """Claimed transformation, one line."""
    verdict: Verdict | None = None
    """On the visible tests; None if it was not checked yet."""
    cost: float | None = None
    """Search-time cost in the target's metric; None if not estimated or not to be had."""
    gain: float | None = None
    """cost(original) / cost(this)."""
    edit: Level | None = None
    """Level that its step edits; None for the original and for a lowering by the default way."""
    passes: str | None = None
    """Pipeline that a lowering was done with; None: the default way."""

    @property
    def level(self) -> Level:
        """Level of its text."""
        return self.candidate.level

    @property
    def verified(self) -> bool:
        """Whether it passed the visible tests."""
        return self.verdict is not None and self.verdict.passed

    @property
    def state(self) -> str:
        """One word for its verdict."""
        if self.verdict is None:
            return "unchecked"
        return "ok" if self.verdict.passed else (self.verdict.outcome or Outcome.CRASHED).value


def gain_bucket(gain: float | None) -> str:
    """Return a gain as a coarse step, so that noise does not change what models read."""
    if gain is None:
        return "unknown"
    for limit, word in ((0.9, "much slower"), (0.98, "slower"), (1.02, "same")):
        if gain < limit:
            return word
    for limit, word in ((1.1, "2-10 %"), (1.3, "10-30 %"), (1.6, "30-60 %"), (2.0, "60-100 %")):
        if gain < limit:
            return f"{word} faster"
    return f"{'2x' if gain < 4 else '4x' if gain < 10 else '10x'} or more faster"


@dataclass
class Tree:
    """All candidates of a trial, in the order in which they were made; ids are never reused."""

    _nodes: dict[str, Node] = field(default_factory=dict)

    def next_id(self) -> str:
        """Return the id of the next node."""
        return f"n{len(self._nodes)}"

    def add(self, node: Node) -> None:
        """Add a node, or replace the one of its id by a later state of it."""
        self._nodes[node.id] = node

    def __getitem__(self, node_id: str) -> Node:
        return self._nodes[node_id]

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._nodes

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def __len__(self) -> int:
        return len(self._nodes)

    @property
    def root(self) -> Node:
        """The original."""
        return self._nodes["n0"]

    def same(self, candidate: Candidate) -> Node | None:
        """Return the node that already has this content (text and recipe), None if there is none."""
        return next((n for n in self if n.candidate.id == candidate.id), None)

    def best(self, *levels: Level) -> Node | None:
        """Return the verified node of the highest gain; the earliest of equals.

        Args:
            levels: Consider these levels only; none means all.
        """
        able = [n for n in self if n.verified and n.gain and (not levels or n.level in levels)]
        return max(able, key=lambda n: n.gain or 0.0, default=None)

    def chain(self, node: Node) -> tuple[Node, ...]:
        """Return the way from the original to a node, both included."""
        way = [node]
        while way[-1].parent is not None:
            way.append(self._nodes[way[-1].parent])
        return tuple(reversed(way))

    def steps(self, node: Node) -> tuple[ChainStep, ...]:
        """Return the chain to a node as the harness wants to know it."""
        return tuple(ChainStep(n.candidate, n.step, n.edit, n.passes) for n in self.chain(node))

    def attempts(self, parent: Node) -> tuple[Node, ...]:
        """Return all nodes made from one, by whatever step."""
        return tuple(n for n in self if n.parent == parent.id)
