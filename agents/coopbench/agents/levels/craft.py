"""What a level agent must know of its level."""

from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from coopbench.agents.focus import Focus
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.reply import Language, Reply
from coopbench.agents.tree import Step
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate
from coopbench.harness.optimizer import BenchmarkView, Surroundings


@dataclass(frozen=True)
class Shown:
    """A function as a model sees it."""

    code: str
    """What it is to rewrite."""
    context: str = ""
    """What else it needs to know of the sources; may be empty."""


@dataclass(frozen=True)
class Proposal:
    """A candidate that an answer describes."""

    candidate: Candidate
    step: Step
    edit: Level
    """Level whose text or options it edits."""


@dataclass(frozen=True)
class Subject:
    """What an agent works on."""

    candidate: Candidate
    spot: Focus
    """The function."""
    view: BenchmarkView
    around: Surroundings

    @property
    def text(self) -> str:
        """The file that the function is in."""
        return self.candidate.files[self.spot.file]


class Craft(Protocol):
    """One level's way to show a function and to read an answer."""

    @property
    def level(self) -> Level:
        """Which level."""

    @property
    def language(self) -> Language:
        """Language of its text, as behind a fence."""

    @property
    def code_required(self) -> bool:
        """Whether an answer without code is malformed."""

    def facts(self, subject: Subject, /) -> dict[str, object]:
        """Return the values of the level's system template that no other level has."""

    def show(self, subject: Subject, /) -> Shown:
        """Return what the model sees of the function."""

    def propose(self, subject: Subject, reply: Reply, /) -> Proposal | Malformation:
        """Return the candidate that an answer describes, or what is wrong with the answer."""


def with_text(subject: Subject, text: str | Malformation) -> Proposal | Malformation:
    """Return the proposal to replace the function's file; an unchanged one is an echo."""
    if isinstance(text, Malformation):
        return text
    candidate, spot = subject.candidate, subject.spot
    if text == subject.text:
        said = f"The function {spot.function!r} is unchanged; answer with a version that differs."
        return Malformation(Malformed.ECHO, said)
    files = {**candidate.files, spot.file: text}
    return Proposal(candidate.model_copy(update={"files": files}), "rewrite", candidate.level)


def words_of(value: JsonValue) -> tuple[str, ...] | None:
    """Return a JSON list of texts, or one text as a list of one; None if it is neither."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(str(item) for item in value)
    return None
