"""The agents of the three levels: one function in, a better version out, mended until it holds."""

from coopbench.agents.desk import Desk
from coopbench.agents.focus import Focus, focus
from coopbench.agents.job import Job, repair
from coopbench.agents.levels.asm import AsmCraft
from coopbench.agents.levels.c import CCraft
from coopbench.agents.levels.craft import Craft
from coopbench.agents.levels.ir import IrCraft
from coopbench.agents.protocol.malformed import Malformation
from coopbench.agents.tree import Node
from coopbench.harness.base import Level

__all__ = ["Focus", "LevelAgent", "focus"]

ENOUGH = 1.02
"""Gain over the version it was given (and the original) at which an agent is content."""
_CRAFTS: dict[Level, Craft] = {Level.C: CCraft(), Level.IR: IrCraft(), Level.ASM: AsmCraft()}


class LevelAgent:
    """Rewrites candidates of one level.

    Args:
        level: Which.
        desk: Where its candidates are judged.
    """

    def __init__(self, level: Level, desk: Desk) -> None:
        self._level = level
        self._desk = desk

    def work(self, parent: Node, hint: str, attempts: int) -> tuple[Node, ...]:
        """Try to improve a candidate, in one conversation.

        A malformed answer gets one message to mend it; malformed again, it is a failed attempt.
        What does not build, is wrong, fails or gains nothing goes back to the model with what the
        tools say, as long as attempts are left.

        Args:
            parent: A candidate at this agent's level.
            hint: What the guide suggests; may be empty.
            attempts: Most candidates to be judged.

        Returns:
            The new nodes, in order. Fewer than attempts if one was good enough, if answers were
            malformed or repeated what is in the tree, or if the model could not be reached; none
            if the function is longer than an answer may be.

        Raises:
            BudgetSpentError: if the budget ends; what was judged is in the tree.
            ValueError: if the parent is of another level.
        """
        if parent.level is not self._level:
            raise ValueError(f"{parent.id} is at level {parent.level}, not {self._level}")
        job = Job(self._desk, _CRAFTS[self._level], parent)
        prompt = job.request(hint)
        made: list[Node] = []
        if prompt is None:
            return ()
        for attempt in range(1, attempts + 1):
            found = job.answer(prompt, attempt)
            left = attempts - attempt
            if found is None:
                break
            if isinstance(found, Malformation):
                prompt = repair(found, last=True)
                continue
            known = self._desk.tree.same(found.candidate)
            node = self._desk.judge(found)
            if known is None:
                made.append(node)
                if self._content(node, parent):
                    break
            if left:
                prompt = job.feedback(node, left, known=known is not None)
        return tuple(made)

    @staticmethod
    def _content(node: Node, parent: Node) -> bool:
        """Whether a candidate is so good that the agent stops."""
        floor = max(1.0, parent.gain or 1.0)
        return node.verified and node.gain is not None and node.gain >= ENOUGH * floor
