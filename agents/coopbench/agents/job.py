"""One function of one candidate, and the conversation about it."""

from functools import cached_property

from coopbench.agents.backends.model import Answer
from coopbench.agents.backends.volatile import clean
from coopbench.agents.conversation import Conversation
from coopbench.agents.desk import Desk, Work
from coopbench.agents.evidence import Evidence, evidence_text, gather
from coopbench.agents.feedback import duplicate_feedback, failure_words, verdict_feedback
from coopbench.agents.focus import Focus, focus, functions
from coopbench.agents.levels.craft import Craft, Proposal, Subject
from coopbench.agents.prompts.render import Rendered, render
from coopbench.agents.prompts.specification import specification
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.reply import Reply, read_reply
from coopbench.agents.tree import Node, gain_bucket
from coopbench.harness.trajectory import event

MOST_ATTEMPTS_SHOWN = 6
ROOM = 2
"""Bytes of code per token that an answer may have: what is left beside thinking and the claim."""
CUT = 4000
"""Characters that are shown of a function which is too long to be rewritten."""
_HOPELESS = frozenset({Malformed.REFUSAL, Malformed.CONTEXT})
"""What no further message of the same conversation mends."""
_CLAIMS = ("transformation", "legality", "expected")
_CLAIM = 160
_HINT = 600


class Job:
    """One function of one candidate, and the conversation about it."""

    def __init__(self, desk: Desk, craft: Craft, parent: Node) -> None:
        self._desk = desk
        self._craft = craft
        self._parent = parent
        self._spot = focus(desk, parent)
        self._subject = self._about(self._spot)
        self._shown = craft.show(self._subject)
        self._talk = Conversation(desk.models, craft.level.value, self._system(), craft.level)

    def request(self, hint: str) -> Rendered | None:
        """Return the first message; None if the function is too long to be rewritten."""
        desk, parent, spot, code = self._desk, self._parent, self._spot, self._shown.code
        room = ROOM * desk.bench.surroundings.settings.max_tokens
        too_long = len(code.encode()) > room
        if too_long and self._craft.code_required:
            self._refuse(len(code.encode()), room)
            return None
        return render(
            "request",
            function=spot.function,
            file=spot.file,
            node=parent.id,
            standing=_standing(parent),
            hint=_line(hint, _HINT),
            code=f"{code[:CUT]}\n" if too_long else code,
            too_long=too_long,
            context=self._shown.context,
            language=self._craft.language,
            evidence=evidence_text(desk.bench, parent.candidate, spot, self._evidence),
            attempts=self._attempts(),
            others=desk.bench.benchmark.kind == "program" and self._has_others(),
        )

    @cached_property
    def _evidence(self) -> Evidence:
        return gather(self._desk.bench, self._parent.candidate)

    def answer(self, prompt: Rendered, attempt: int) -> Work | Malformation | None:
        """Put a message to the model; a malformed answer may be mended once.

        Returns:
            What is to be judged; what was wrong with the second answer too; None if there is no
            point in going on.
        """
        step = f"{self._craft.level.value} from {self._parent.id}, attempt {attempt}"
        for mending in (False, True):
            said = self._talk.ask(prompt, f"{step}, mended" if mending else step)
            if not isinstance(said, Answer):
                return None
            found = self._read(said)
            if not isinstance(found, Malformation):
                return found
            self._note(found)
            if found.kind in _HOPELESS:
                return None
            if mending:
                return found
            prompt = repair(found, last=False)
        raise AssertionError("two turns, and neither ended")

    def feedback(self, node: Node, left: int, *, known: bool) -> Rendered:
        """Return what to say about a candidate that is not good enough."""
        if known:
            return duplicate_feedback(node, left)
        return verdict_feedback(self._desk, node, self._parent, self._evidence.costs, left)

    def _about(self, spot: Focus) -> Subject:
        bench = self._desk.bench
        return Subject(self._parent.candidate, spot, bench.benchmark, bench.surroundings)

    def _system(self) -> str:
        desk, craft, candidate = self._desk, self._craft, self._parent.candidate
        around, view = desk.bench.surroundings, desk.bench.benchmark
        wanted = candidate.recipe.compiler
        known = {c.id: f"{c.family} {c.version}" for c in around.compilers}
        return render(
            craft.level.value,
            level=craft.level.value,
            name=view.name,
            kernel=view.kind == "kernel",
            specification=specification(view),
            target=around.target,
            march=candidate.recipe.march or around.target.march,
            compiler=known.get(wanted, wanted),
            **craft.facts(self._subject),
        ).text

    def _read(self, said: Answer) -> Work | Malformation:
        craft = self._craft
        reply = read_reply(said, craft.language, code_required=craft.code_required)
        if isinstance(reply, Malformation):
            return reply
        found = craft.propose(self._about(self._chosen(reply)), reply)
        if isinstance(found, Malformation):
            return found
        return self._work(found, reply)

    def _work(self, found: Proposal, reply: Reply) -> Work:
        role = self._craft.level.value
        entrant = self._desk.models.scope.partition("/")[0]
        said = {key: _line(reply.data.get(key), _CLAIM) for key in _CLAIMS}
        note = "; ".join(f"{key}: {text}" for key, text in said.items() if text)
        changed = {"made_by": f"{entrant}:{role}", "note": note}
        claim = said["transformation"] or f"unexplained {found.step}"
        candidate = found.candidate.model_copy(update=changed)
        return Work(candidate, self._parent, found.step, role, claim, found.edit)

    def _chosen(self, reply: Reply) -> Focus:
        """Return the function that an answer is for; a program's other functions may be chosen."""
        name = reply.data.get("function")
        other = Focus(self._spot.file, name) if isinstance(name, str) else self._spot
        return other if other in functions(self._parent.candidate) else self._spot

    def _has_others(self) -> bool:
        found = functions(self._parent.candidate)
        return any(s.file == self._spot.file and s != self._spot for s in found)

    def _attempts(self) -> str:
        tried = [n for n in self._desk.tree.attempts(self._parent) if n.verdict is not None]
        return "\n".join(_told(n) for n in tried[-MOST_ATTEMPTS_SHOWN:])

    def _refuse(self, length: int, room: int) -> None:
        text = f"{self._spot.function} has {length} bytes at level {self._craft.level.value}"
        self._desk.bench.record(
            event(
                "refused",
                f"{text}; answers have room for {room}: raise max_tokens",
                agent=self._craft.level.value,
                level=self._craft.level,
                candidate=self._parent.candidate.id,
                data={"kind": "function_too_long", "bytes": length, "room": room},
            )
        )

    def _note(self, found: Malformation) -> None:
        self._desk.bench.record(
            event(
                "malformed",
                f"{found.kind.value}: {found.message}",
                agent=self._craft.level.value,
                level=self._craft.level,
                data={"kind": found.kind.value, "message": found.message},
            )
        )


def _standing(node: Node) -> str:
    if node.parent is None:
        return "the original"
    return f"against the original: {gain_bucket(node.gain)}"


def repair(found: Malformation, *, last: bool) -> Rendered:
    """Return what to say to a malformed answer; the last one ended its attempt."""
    return render("repair", kind=found.kind.value, message=clean(found.message), last=last)


def _told(node: Node) -> str:
    how = gain_bucket(node.gain)
    if node.verdict is not None and not node.verified:
        how = failure_words(node.verdict)
    return f"{node.id} ({node.agent}, {node.step}): {_line(node.claim, _CLAIM)} -> {how}"


def _line(value: object, most: int) -> str:
    """Return a text as one clean line of limited length; empty for what is no text."""
    return " ".join(clean(value).split())[:most] if isinstance(value, str) else ""
