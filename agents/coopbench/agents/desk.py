"""The desk of one trial: where agents and guide put candidates to be judged by the visible tests."""

from dataclasses import dataclass, field, replace

from coopbench.agents.ask import Models
from coopbench.agents.tree import Node, Step, Tree
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate
from coopbench.harness.optimizer import Workbench
from coopbench.harness.trajectory import event


@dataclass(frozen=True)
class Work:
    """A candidate that somebody made, not judged yet."""

    candidate: Candidate
    parent: Node
    step: Step
    agent: str
    claim: str = ""
    edit: Level | None = None
    passes: str | None = None
    """Pipeline that a lowering was done with."""


@dataclass
class Desk:
    """What all agents of a trial share."""

    bench: Workbench
    models: Models
    tree: Tree = field(default_factory=Tree)

    def open(self) -> Node:
        """Put the original on the desk; the first thing to do.

        Raises:
            BudgetSpentError: if the budget does not even allow one evaluation.
        """
        view = self.bench.benchmark
        original = view.original(view.baseline, "original")
        root = Node("n0", original, None, "original", "harness")
        self._note(root, None)
        return self._judged(root)

    def judge(self, work: Work) -> Node:
        """Build, check and cost a candidate, and add it to the tree.

        One whose content is already in the tree is not judged again: its node is returned.

        Raises:
            BudgetSpentError: if the budget does not allow it; the node stays, unchecked.
        """
        known = self.tree.same(work.candidate)
        if known is not None:
            self.bench.record(
                event(
                    "duplicate",
                    f"the same as {known.id}",
                    agent=work.agent,
                    candidate=known.candidate.id,
                )
            )
            return known
        node = Node(
            self.tree.next_id(),
            work.candidate.model_copy(update={"parent": work.parent.candidate.id}),
            work.parent.id,
            work.step,
            work.agent,
            work.claim,
            edit=work.edit,
            passes=work.passes,
        )
        self._note(node, work.parent)
        return self._judged(node)

    def recheck(self, node: Node) -> Node:
        """Check a node again, because the visible tests have grown; it may lose its verdict."""
        verdict = self.bench.check(node.candidate)
        again = replace(node, verdict=verdict, gain=node.gain if verdict.passed else None)
        self.tree.add(again)
        return again

    def _note(self, node: Node, parent: Node | None) -> None:
        of = "" if parent is None else f" of {parent.id}: {node.claim}"
        self.bench.record(
            event(
                "candidate",
                f"{node.id} = {node.step}{of}",
                agent=node.agent,
                level=node.level,
                candidate=node.candidate.id,
                parent=None if parent is None else parent.candidate.id,
                data={
                    "node": node.id,
                    "parent_node": node.parent,
                    "step": node.step,
                    "edit": node.edit,
                    "files": dict(node.candidate.files),
                    "recipe": node.candidate.recipe.model_dump(mode="json"),
                },
            )
        )

    def _judged(self, node: Node) -> Node:
        self.tree.add(node)
        verdict = self.bench.check(node.candidate)
        node = replace(node, verdict=verdict)
        self.tree.add(node)
        if verdict.passed:
            measured = self.bench.cost(node.candidate)
            cost = self.models.observe(node.agent, f"cost {node.candidate.id}", measured)
            base = cost if node.id == "n0" else self.tree.root.cost
            gain = base / cost if base and cost else None
            node = replace(node, cost=cost, gain=gain)
            self.tree.add(node)
        return node
