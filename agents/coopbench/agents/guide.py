"""The guide: a model that chooses the search's next action; a rule steps in where it fails."""

from dataclasses import dataclass
from typing import Protocol

from coopbench.agents.actions import (
    Action,
    MoreTests,
    parse_action,
    refusal,
    unknown_parent,
)
from coopbench.agents.ask import Question
from coopbench.agents.backends.model import Answer, CallFailed, Message
from coopbench.agents.desk import Desk
from coopbench.agents.guide_view import step_values, task_values
from coopbench.agents.prompts.render import Rendered, render
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.reply import read_reply
from coopbench.agents.rule import Rule
from coopbench.agents.situation import Situation
from coopbench.harness.trajectory import event

ROLE = "guide"


@dataclass(frozen=True)
class Choice:
    """An action, and who chose it."""

    action: Action
    by: str
    """`guide` or `rule`."""


class Guide(Protocol):
    """Chooses actions."""

    @property
    def understood(self) -> int:
        """Answers of a model that made sense so far."""

    def choose(self, situation: Situation) -> Choice:
        """Return an action that can be carried out.

        Raises:
            BudgetSpentError: if the budget does not allow to ask.
        """


class RuleGuide:
    """Chooses by the rule alone; asks no model."""

    understood = 0

    def __init__(self, desk: Desk) -> None:
        self._rule = Rule(desk.tree)

    def choose(self, situation: Situation) -> Choice:
        """Return the rule's next action."""
        return Choice(self._rule.action(situation.open_levels), "rule")


class ModelGuide:
    """Chooses by asking the model of role `guide`.

    Every step is a fresh request that holds the whole situation, after a prefix that stays the
    same within a trial: so prompts stay short however long the search. An answer that is no
    action gets one message that says why; after that the rule acts.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rule = Rule(desk.tree)
        self._system = render("guide", **task_values(desk.bench))
        self.understood = 0

    def choose(self, situation: Situation) -> Choice:
        """Return the model's action, or the rule's if the model has none that can be done."""
        prompt = render("guide_step", **step_values(self._desk, situation))
        messages: tuple[Message, ...] = (Message(role="user", text=prompt.text),)
        for _ in range(2):
            answer = self._ask(situation, messages, prompt)
            if isinstance(answer, CallFailed):
                break
            found = self._read(answer, situation)
            if not isinstance(found, str):
                self.understood += 1
                self._rule.tested |= isinstance(found, MoreTests)
                return Choice(found, ROLE)
            prompt = render("guide_repair", problem=found)
            messages = (
                *messages,
                Message(role="assistant", text=answer.text or "(empty)"),
                Message(role="user", text=prompt.text),
            )
        return Choice(self._rule.action(situation.open_levels), "rule")

    def _ask(
        self, situation: Situation, messages: tuple[Message, ...], prompt: Rendered
    ) -> Answer | CallFailed:
        return self._desk.models.ask(
            Question(
                role=ROLE,
                step=f"step {situation.step}" + (", repair" if len(messages) > 1 else ""),
                system=self._system.text,
                messages=messages,
                template=prompt.template,
                template_sha256=prompt.sha256,
                action="choose",
            )
        )

    def _read(self, answer: Answer, situation: Situation) -> Action | str:
        """Return the action in an answer, or what is wrong with it, which is then counted."""
        found = read_action(answer)
        if isinstance(found, Malformation):
            return self._unusable("malformed", found.kind, found.message)
        problem = unknown_parent(found, self._desk.tree)
        if problem is not None:
            return self._unusable("malformed", Malformed.UNKNOWN_OPTION, problem)
        problem = refusal(found, self._desk.tree, situation.open_levels)
        if problem is not None:
            # It was understood: an action that does not fit is no sign of a model that cannot speak.
            self.understood += 1
            return self._unusable("refused", "action_refused", problem)
        return found

    def _unusable(self, what: str, kind: str, problem: str) -> str:
        data = {"kind": kind, "message": problem}
        self._desk.bench.record(event(what, f"{kind}: {problem}", agent=ROLE, data=data))
        return problem


def read_action(answer: Answer) -> Action | Malformation:
    """Read the action in a guide's answer; whatever the answer holds, nothing is raised."""
    reply = read_reply(answer, None)
    if isinstance(reply, Malformation):
        return reply
    found = parse_action(reply.data)
    return Malformation(Malformed.INVALID_JSON, found) if isinstance(found, str) else found
