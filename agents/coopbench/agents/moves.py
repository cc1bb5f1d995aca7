"""Carries out the guide's actions: level agents, compiler constituents, tools and the test agent."""

from dataclasses import dataclass, field

from coopbench.agents.actions import (
    Action,
    Codegen,
    Finish,
    Inspect,
    Lower,
    MoreTests,
    Passes,
    Rewrite,
    level_of,
)
from coopbench.agents.desk import Desk, Work
from coopbench.agents.feedback import failure_words
from coopbench.agents.inspection import inspect
from coopbench.agents.level import LevelAgent
from coopbench.agents.recipes import overridden, strict
from coopbench.agents.testgen import TestAgent
from coopbench.agents.tree import Node, Step, gain_bucket
from coopbench.harness.base import Level
from coopbench.harness.budget import BudgetSpentError
from coopbench.harness.model import Candidate, Recipe
from coopbench.harness.optimizer import BuildFailed
from coopbench.harness.trajectory import event

_SHORT = 200


@dataclass(frozen=True)
class Done:
    """What an action brought."""

    action: Action
    text: str
    """What the guide reads of it."""
    nodes: tuple[Node, ...] = ()
    """Candidates that came of it, in order."""

    @property
    def level(self) -> Level | None:
        """Level that it was spent on."""
        return level_of(self.action)


@dataclass
class Moves:
    """The actions of one trial.

    Attributes:
        desk: Where candidates are judged.
        closed: Levels that turned out to be out of reach, and why.
        tester: The test agent, which remembers what it proposed.
        proposals: Tests that were proposed so far.
    """

    desk: Desk
    closed: dict[Level, str] = field(default_factory=dict)
    proposals: int = 0

    def __post_init__(self) -> None:
        self.tester = TestAgent(self.desk)

    def apply(self, action: Action, by: str) -> Done:
        """Carry out an action that `actions.refusal` has nothing against, and write it down.

        Args:
            action: What to do.
            by: Who chose it: `guide` or `rule`.

        Raises:
            BudgetSpentError: if the budget ends on the way; what was made until then stays.
        """
        try:
            done = self._apply(action)
        except BudgetSpentError as e:
            self._note(Done(action, f"cut short: {e}"), by)
            raise
        self._note(done, by)
        return done

    def _apply(self, action: Action) -> Done:  # noqa: PLR0911 - one line an action
        match action:
            case Rewrite():
                return self._rewrite(action)
            case Lower():
                return self._lower(action)
            case Passes():
                return self._passes(action)
            case Codegen():
                return self._codegen(action)
            case Inspect():
                node = self.desk.tree[action.parent]
                return Done(action, inspect(self.desk.bench, node, action.what))
            case MoreTests():
                return self._test(action)
            case Finish():
                return Done(action, "the search ends")

    def _rewrite(self, action: Rewrite) -> Done:
        parent = self.desk.tree[action.parent]
        if parent.level is not action.level:
            lowered = self._lowered(parent, action.level)
            if isinstance(lowered, str):
                return Done(action, lowered)
            parent = lowered
        agent = LevelAgent(action.level, self.desk)
        nodes = agent.work(parent, action.hint, action.attempts)
        text = told(nodes) or "the agent brought no new candidate"
        return Done(action, f"from {parent.id}: {text}", nodes)

    def _lower(self, action: Lower) -> Done:
        parent = self.desk.tree[action.parent]
        lowered = self._lowered(parent, Level(action.to), action.passes)
        if isinstance(lowered, str):
            return Done(action, lowered)
        return Done(action, told((lowered,)), (lowered,))

    def _passes(self, action: Passes) -> Done:
        changes: dict[str, object] = {
            "passes": action.passes,
            "pass_options": strict(action.options),
        }
        claim = " ".join((action.passes, *action.options))
        return self._rebuilt(action, changes, "passes", claim)

    def _codegen(self, action: Codegen) -> Done:
        recipe = self.desk.tree[action.parent].candidate.recipe
        changes: dict[str, object] = {"codegen": overridden(recipe.codegen, action.options)}
        if self.desk.tree[action.parent].level is Level.C and recipe.passes is None:
            # Only code that comes from `opt` goes through `llc`, whose options these are.
            changes["passes"] = pipeline_of(recipe)
        return self._rebuilt(action, changes, "codegen", " ".join(action.options))

    def _rebuilt(
        self, action: Passes | Codegen, changes: dict[str, object], step: Step, claim: str
    ) -> Done:
        parent = self.desk.tree[action.parent]
        recipe = parent.candidate.recipe.model_copy(update=changes)
        made = self._ours(parent.candidate.model_copy(update={"recipe": recipe}), claim)
        edit = Level.IR if step == "passes" else Level.ASM
        node = self.desk.judge(Work(made, parent, step, "guide", claim, edit))
        return Done(action, told((node,)), (node,))

    def _lowered(self, parent: Node, to: Level, passes: str | None = None) -> Node | str:
        """Return the candidate at a lower level, or why it cannot be had."""
        if to in self.closed:
            return f"level {to.value} is out of reach: {self.closed[to]}"
        made = self.desk.bench.lower(parent.candidate, to, passes)
        if isinstance(made, BuildFailed):
            why = f"{parent.id} cannot be lowered ({made.step}): {_line(made.diagnostics)}"
            if passes is None and parent.id == self.desk.tree.root.id:
                self.closed[to] = _line(made.diagnostics)
            return why
        claim = f"lowered to {to.value}" + (f" by {passes}" if passes else "")
        edit = None if passes is None else Level.IR
        work = Work(self._ours(made, claim), parent, "lower", "guide", claim, edit, passes)
        node = self.desk.judge(work)
        return node if node.verified else f"{node.id}, {claim}, fails: {_how(node)}"

    def _test(self, action: MoreTests) -> Done:
        found = self.tester.propose(action.focus, action.hint)
        self.proposals += found.accepted + found.refused
        text = f"{found.accepted} tests accepted, {found.refused} refused"
        if found.problem:
            text += f"; {_line(found.problem)}"
        if found.rejected_nodes:
            text += f"; wrong by the new tests: {', '.join(found.rejected_nodes)}"
        return Done(action, text)

    def _ours(self, candidate: Candidate, note: str) -> Candidate:
        entrant = self.desk.bench.trial.partition("/")[0]
        return candidate.model_copy(update={"made_by": f"{entrant}:guide", "note": note})

    def _note(self, done: Done, by: str) -> None:
        self.desk.bench.record(
            event(
                "action",
                done.text,
                agent=by,
                level=done.level,
                data={
                    "action": done.action.model_dump(mode="json"),
                    "nodes": [n.id for n in done.nodes],
                },
            )
        )


def pipeline_of(recipe: Recipe) -> str:
    """Return the `opt` pipeline that does what the front end's optimization level does."""
    levels = [flag[2:] for flag in recipe.frontend if flag.startswith("-O")]
    level = levels[-1] if levels else "0"
    return f"default<O{level if level in set('0123sz') else '3'}>"


def told(nodes: tuple[Node, ...]) -> str:
    """Return how candidates fared, one line each."""
    return "\n".join(_fate(n) for n in nodes)


def _fate(n: Node) -> str:
    return f"{n.id} ({n.step} of {n.parent}, {n.level.value}): {_how(n)}"


def _how(n: Node) -> str:
    if n.verdict is None:
        return "not checked"
    return f"ok, {gain_bucket(n.gain)}" if n.verified else _line(failure_words(n.verdict))


def _line(text: str) -> str:
    return next((line.strip()[:_SHORT] for line in text.splitlines() if line.strip()), "no message")
