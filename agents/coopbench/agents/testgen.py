"""The test agent: a model proposes inputs as data, the harness admits them as further tests."""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from coopbench.agents.ask import Question
from coopbench.agents.backends.model import Answer, Message
from coopbench.agents.backends.volatile import clean
from coopbench.agents.desk import Desk
from coopbench.agents.prompts.render import Rendered, render
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.reply import read_reply
from coopbench.agents.testgen_prompt import MOST, round_prompt, system_prompt
from coopbench.harness.trajectory import event

ROLE = "tests"


@dataclass(frozen=True)
class TestRound:
    """What one round of proposals brought."""

    __test__ = False  # not a test case, whatever its name begins with

    accepted: int
    """Proposals that became tests."""
    refused: int
    rejected_nodes: tuple[str, ...] = ()
    """Nodes that had passed all tests before and fail the new ones."""
    problem: str = ""
    """Why the model proposed nothing; empty if it did."""


@dataclass
class TestAgent:
    """Proposes tests to the workbench of a trial; remembers what became of them.

    Attributes:
        desk: Whose benchmark is tested, and whose candidates are checked again.
        accepted: The tests that were accepted so far, one line each.
        refused: The proposals that were refused in the last round, with the reasons.
        rounds: Rounds begun so far.
    """

    __test__ = False

    desk: Desk
    accepted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    rounds: int = 0

    def propose(self, focus: Literal["correctness", "performance"], hint: str = "") -> TestRound:
        """Ask for tests, propose them, and check every verified candidate again if any is new.

        Args:
            focus: What they are for; performance tests are tests of correctness, too.
            hint: What to look at, from whoever plans the search; may be empty.

        Raises:
            BudgetSpentError: if the budget ends; tests accepted until then stay.
        """
        self.rounds += 1
        workloads = self._asked(round_prompt(self, focus, hint))
        if isinstance(workloads, str):
            return TestRound(0, 0, problem=workloads)
        before = len(self.accepted)
        self.refused = []
        for workload in workloads[:MOST]:
            self._submit(workload)
        for _ in workloads[MOST:]:
            self._refuse("-", f"more than {MOST} in one answer")
        new = len(self.accepted) - before
        rejected = self._rechecked() if new else ()
        return TestRound(new, len(self.refused), rejected)

    def _asked(self, prompt: Rendered) -> list[JsonValue] | str:
        """Return the proposals, or why there are none; a malformed answer is mended once."""
        system = system_prompt(self.desk.bench.benchmark).text
        messages: list[Message] = []
        problem = ""
        for step in (f"test {self.rounds}", f"test {self.rounds}, mended"):
            messages.append(Message(role="user", text=prompt.text))
            said = self.desk.models.ask(
                Question(
                    role=ROLE,
                    step=step,
                    system=system,
                    messages=tuple(messages),
                    template=prompt.template,
                    template_sha256=prompt.sha256,
                    action="test",
                )
            )
            if not isinstance(said, Answer):
                return said.message
            found = self._read(said)
            if not isinstance(found, Malformation):
                return found
            self._note_malformed(found)
            problem = f"{found.kind.value}: {found.message}"
            if found.kind in {Malformed.REFUSAL, Malformed.CONTEXT}:
                break
            messages.append(Message(role="assistant", text=clean(said.text).strip() or "(no text)"))
            prompt = render("repair", kind=found.kind.value, message=found.message, last=False)
        return problem

    @staticmethod
    def _read(said: Answer) -> list[JsonValue] | Malformation:
        reply = read_reply(said, None)
        if isinstance(reply, Malformation):
            return reply
        workloads = reply.data.get("workloads")
        if not isinstance(workloads, list):
            text = 'The JSON object must have one key, "workloads", with a list of inputs.'
            return Malformation(Malformed.INVALID_JSON, text)
        return workloads

    def _submit(self, workload: JsonValue) -> None:
        if not isinstance(workload, dict):
            self._refuse("-", "a workload is an object")
            return
        given = workload.get("note")
        note = clean(" ".join(given.split()))[:80] if isinstance(given, str) else "-"
        admission = self.desk.bench.propose(workload)
        if not admission.accepted:
            self._refuse(note, admission.reason)
            return
        self.accepted.append(clean(admission.reason))

    def _refuse(self, note: str, reason: str) -> None:
        self.refused.append(f"{note}: {clean(reason)}")
        self.desk.bench.record(
            event("refused", f"{note}: {reason}", agent=ROLE, data={"kind": "workload_refused"})
        )

    def _rechecked(self) -> tuple[str, ...]:
        """Check all verified nodes again, the most promising first: the budget may end."""
        nodes = sorted((n for n in self.desk.tree if n.verified), key=lambda n: -(n.gain or 0.0))
        rejected = [n.id for n in nodes if not self.desk.recheck(n).verified]
        if rejected:
            text = f"the new tests reject {', '.join(rejected)}"
            self.desk.bench.record(event("note", text, agent=ROLE, data={"nodes": rejected}))
        return tuple(rejected)

    def _note_malformed(self, found: Malformation) -> None:
        self.desk.bench.record(
            event(
                "malformed",
                f"{found.kind.value}: {found.message}",
                agent=ROLE,
                data={"kind": found.kind.value, "message": found.message},
            )
        )
