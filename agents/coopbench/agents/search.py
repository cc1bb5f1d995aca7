"""The cooperative search: policy, guide and moves take turns until the budget or the guide ends it."""

from dataclasses import dataclass, field

from coopbench.agents.actions import Finish
from coopbench.agents.ask import Models
from coopbench.agents.backends.model import FailureKind
from coopbench.agents.desk import Desk
from coopbench.agents.guide import Guide
from coopbench.agents.moves import Done, Moves
from coopbench.agents.policies import Policy, Slice, State
from coopbench.agents.situation import Situation
from coopbench.agents.tree import Node
from coopbench.harness.base import Level
from coopbench.harness.budget import BudgetSpentError
from coopbench.harness.errors import InfraError
from coopbench.harness.ledger import Amounts, Currency, amounts_of
from coopbench.harness.model import Outcome
from coopbench.harness.optimizer import Failed
from coopbench.harness.trajectory import event

MOST_FAILURES = 3
"""Calls without an answer in a row after which a provider counts as down."""
REMEMBERED = 3
"""Steps whose results the guide sees."""

_AGENTS = frozenset({"c", "ir", "asm"})
_FATAL = frozenset({FailureKind.INVALID_REQUEST, FailureKind.BUDGET_EXCEEDED})
"""Failures that the next call would meet again."""


@dataclass
class Search:
    """One search.

    Attributes:
        desk: The trial's desk, not opened yet.
        policy: Which levels may be worked on.
        guide: Which action is next.
        steps: Most steps, whatever the budget.
    """

    desk: Desk
    policy: Policy
    guide: Guide
    steps: int
    moves: Moves = field(init=False)
    _slices: list[Slice] = field(default_factory=list)
    _last: list[Done] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.moves = Moves(self.desk)

    def run(self) -> Node | Failed:
        """Search; return the candidate to hand in, or how the search failed.

        Returns:
            The best candidate that passed the visible tests, the original if none is better.

        Raises:
            InfraError: if no model ever answered, or the original fails its own tests.
        """
        spent: BudgetSpentError | None = None
        try:
            self._open()
            why = self._steps()
        except BudgetSpentError as e:
            spent, why = e, str(e)
        self.desk.bench.record(event("stop", why))
        return self._failed(spent) or self._winner()

    def _open(self) -> None:
        root = self.desk.open()
        if not root.verified:
            why = root.verdict.reason if root.verdict else "not checked"
            raise InfraError(f"the original fails its own visible tests: {why}")

    def _steps(self) -> str:
        """Take steps; return why there are no more."""
        for number in range(1, self.steps + 1):
            possible = frozenset(Level) - self.moves.closed.keys()
            seed = self.desk.bench.seed
            levels = self.policy.levels(State(possible, tuple(self._slices), seed))
            if not levels:
                return f"policy {self.policy.name} has no level left: {self._closed()}"
            done = self._step(number, levels)
            if provider_down(self.desk.models):
                return f"no answers from the model: {_failure(self.desk.models)}"
            if done is not None and isinstance(done.action, Finish):
                return f"finished: {done.action.reason}"
        return f"all {self.steps} steps are taken"

    def _step(self, number: int, levels: frozenset[Level]) -> Done | None:
        """Choose and carry out one action; None if the provider went down over the choice."""
        before, gain = self.desk.bench.spent().spent, self._gain()
        closed = dict(self.moves.closed)
        choice = self.guide.choose(Situation(number, levels, closed, tuple(self._last)))
        if provider_down(self.desk.models):
            return None
        done = self.moves.apply(choice.action, choice.by)
        spent = _difference(self.desk.bench.spent().spent, before)
        self._slices.append(Slice(done.level, self._observed(number, spent), gain, self._gain()))
        self._last = [*self._last, done][-REMEMBERED:]
        return done

    def _observed(self, number: int, spent: Amounts) -> Amounts:
        """Return what a step spent as policies see it.

        Attempts that failed and may have been billed are not billed again by a replay, which must
        take the same path all the same.
        """
        tokens = self.desk.models.observe("guide", f"tokens of step {number}", float(spent.tokens))
        known = spent.tokens if tokens is None else round(tokens)
        return spent.model_copy(update={"tokens": known})

    def _failed(self, spent: BudgetSpentError | None) -> Failed | None:
        """Return how the search failed, None if what the tree holds is its answer."""
        models = self.desk.models
        failure = models.last_failure
        if models.answers:
            if self._understood():
                return None
            why = f"none of the models' {models.answers} answers could be used"
            return Failed(Outcome.TOOL_CALL_FAILED, why)
        if failure is not None and failure.kind is not FailureKind.BUDGET_EXCEEDED:
            raise InfraError(f"no model ever answered: {failure.message}")
        if spent is not None or failure is not None:
            why = str(spent) if spent else _failure(models)
            return Failed(Outcome.BUDGET_SPENT, f"the budget does not allow one answer: {why}")
        return None

    def _understood(self) -> bool:
        """Whether any answer of any model was of use."""
        made = any(n.agent in _AGENTS for n in self.desk.tree)
        return bool(made or self.guide.understood or self.moves.proposals)

    def _winner(self) -> Node:
        """Return the best candidate that passes all visible tests, also those that came later."""
        tree = self.desk.tree
        while (best := tree.best()) is not None and (best.gain or 0.0) > 1.0:
            if not self.moves.tester.accepted or self._still_right(best):
                return self._unlowered(best)
        return tree.root

    def _still_right(self, node: Node) -> bool:
        try:
            return self.desk.recheck(node).verified
        except BudgetSpentError:
            return True  # its verdict stands; the referee has the last word

    def _unlowered(self, node: Node) -> Node:
        """Return the text that a default lowering came from: it is the same code, and readable."""
        while node.step == "lower" and node.edit is None and node.parent is not None:
            parent = self.desk.tree[node.parent]
            if not parent.verified:
                break
            node = parent
        return node

    def _gain(self) -> float:
        best = self.desk.tree.best()
        return max(1.0, best.gain) if best is not None and best.gain else 1.0

    def _closed(self) -> str:
        return "; ".join(f"{k.value}: {v}" for k, v in sorted(self.moves.closed.items()))


def provider_down(models: Models) -> bool:
    """Whether asking again is of no use."""
    if not models.failures_in_a_row or models.last_failure is None:
        return False
    return models.failures_in_a_row >= MOST_FAILURES or models.last_failure.kind in _FATAL


def _difference(after: Amounts, before: Amounts) -> Amounts:
    return amounts_of({c: after.of(c) - before.of(c) for c in Currency})


def _failure(models: Models) -> str:
    return models.last_failure.message if models.last_failure else "none"
