"""One append-only conversation with a model."""

from dataclasses import dataclass, field

from coopbench.agents.ask import Models, Question
from coopbench.agents.backends.model import Answer, CallFailed, Message
from coopbench.agents.backends.volatile import clean
from coopbench.agents.prompts.render import Rendered
from coopbench.harness.base import Level

_SILENCE = "(no text)"
"""Stands for an empty answer, which providers do not take back as a turn."""


@dataclass
class Conversation:
    """What was said so far; nothing of it is ever changed or left out.

    Args:
        models: Who is asked, and charged.
        role: Who asks.
        system: The stable prefix.
        level: Level that the calls are spent on.
    """

    models: Models
    role: str
    system: str
    level: Level
    messages: list[Message] = field(default_factory=list)

    def ask(self, prompt: Rendered, step: str) -> Answer | CallFailed:
        """Say something and return what the model says to it.

        Args:
            prompt: The next turn.
            step: Which step of the search it is, for people.

        Raises:
            BudgetSpentError: if the call could overspend.
        """
        self.messages.append(Message(role="user", text=prompt.text))
        answer = self.models.ask(
            Question(
                role=self.role,
                step=step,
                system=self.system,
                messages=tuple(self.messages),
                template=prompt.template,
                template_sha256=prompt.sha256,
                level=self.level,
            )
        )
        if isinstance(answer, Answer):
            said = clean(answer.text)
            self.messages.append(Message(role="assistant", text=said if said.strip() else _SILENCE))
        return answer
