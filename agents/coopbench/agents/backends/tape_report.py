"""What is on a tape, and whether it still fits: `coopbench tape check` and `coopbench tape show`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from coopbench.agents.backends.key import key_of
from coopbench.agents.backends.tape_entries import (
    AnswerEntry,
    Header,
    ObservationEntry,
    toolchain_note,
)
from coopbench.agents.backends.tape_file import read_tape
from coopbench.agents.backends.tape_index import TapeIndex
from coopbench.harness.base import Frozen
from coopbench.harness.errors import UsageError


class TapeCount(Frozen):
    """How much of a trial one role recorded from one source."""

    scope: str
    role: str
    source: str
    """Where the answers came from; `no answer` for failed calls."""
    model: str
    answers: int
    tokens: int | None
    """In and out; None if the source does not tell."""


class TapeCheck(Frozen):
    """What is on a tape, and what is wrong with it."""

    path: str
    header: Header
    counts: tuple[TapeCount, ...]
    answers: int
    observations: int
    voided: int
    """Answers that no longer count, because their trial was recorded anew."""
    notes: tuple[str, ...]
    """What may matter on replay."""
    findings: tuple[str, ...]
    """What is wrong; empty means the tape is good."""


class TapeRow(Frozen):
    """A recording, for people."""

    scope: str
    role: str
    step: str
    n: int
    key: str
    template: str
    model: str
    outcome: str
    """The stop reason, or the kind of failure."""
    source: str
    recorded_at: str
    request: str
    """The whole request; kinds stand in the place of volatile parts."""
    answer: str
    """The whole answer, or the failure's message."""


def check_tape(path: Path) -> TapeCheck:
    """Look a tape through.

    Raises:
        UsageError: if there is none, or it is damaged.
    """
    header, index, observations = _open(path)
    answers = tuple(index.answers())
    return TapeCheck(
        path=str(path),
        header=header,
        counts=tuple(_counts(answers)),
        answers=len(answers),
        observations=observations,
        voided=index.voided,
        notes=tuple(_notes(header, answers)),
        findings=tuple(_findings(index, answers)),
    )


def show_tape(path: Path, role: str | None = None, scope: str | None = None) -> list[TapeRow]:
    """Return the recordings that count, in the order in which they were made.

    Args:
        path: The tape.
        role: Only this one's.
        scope: Only those of trials whose name contains this.

    Raises:
        UsageError: if there is no such tape, or it is damaged.
    """
    _, index, _ = _open(path)
    return [
        _row(e)
        for e in index.answers()
        if role in (None, e.request.role) and (scope or "") in e.request.scope
    ]


def _open(path: Path) -> tuple[Header, TapeIndex, int]:
    recording = read_tape(path)
    if recording.header is None:
        raise UsageError(f"there is no tape {path}; correct the path")
    count = sum(isinstance(e, ObservationEntry) for e in recording.entries)
    return recording.header, TapeIndex(recording.entries), count


def _counts(answers: Iterable[AnswerEntry]) -> Iterable[TapeCount]:
    groups: defaultdict[tuple[str, str, str, str], list[AnswerEntry]] = defaultdict(list)
    for e in answers:
        model = (e.answer.model if e.answer else "") or e.request.model
        groups[e.request.scope, e.request.role, _source(e), model].append(e)
    for (scope, role, source, model), group in sorted(groups.items()):
        usages = [e.answer.usage for e in group if e.answer and e.answer.usage]
        yield TapeCount(
            scope=scope,
            role=role,
            source=source,
            model=model,
            answers=len(group),
            tokens=sum(u.total for u in usages) if usages else None,
        )


def _source(entry: AnswerEntry) -> str:
    return entry.answer.provenance.text if entry.answer else "no answer"


def _notes(header: Header, answers: Iterable[AnswerEntry]) -> Iterable[str]:
    here = toolchain_note()
    if header.toolchain != here:
        yield f"recorded with {header.toolchain or 'unknown tools'}; here {here or 'none'}"
    failed = sum(e.answer is None for e in answers)
    if failed:
        yield (
            f"{failed} calls failed when it was recorded, and fail again when it is replayed; "
            "--tape-mode record-missing asks them anew"
        )


def _findings(index: TapeIndex, answers: Iterable[AnswerEntry]) -> Iterable[str]:
    for e in index.doubles:
        yield f"{_name(e)} is recorded more than once; the first counts"
    for e in answers:
        if key_of(e.request) != e.key:
            yield f"{_name(e)} was changed by hand: its request has another key"
    current = _current_templates()
    changed: dict[str, int] = {}
    for e in answers:
        if e.template and current.get(e.template) != e.template_sha256:
            changed[e.template] = changed.get(e.template, 0) + 1
    for template, count in sorted(changed.items()):
        how = "has changed" if template in current else "no longer exists"
        yield f"prompt template {template!r} {how} since {count} of the answers were recorded"


def _current_templates() -> Mapping[str, str]:
    from coopbench.agents.prompts.render import templates

    return templates()


def _name(entry: AnswerEntry) -> str:
    return f"{entry.request.scope}, {entry.request.role}, {entry.step} (key {entry.key[:16]})"


def _row(entry: AnswerEntry) -> TapeRow:
    request = entry.request
    turns = [f"--- {m.role}\n{m.text}" for m in request.messages]
    if entry.answer is not None:
        outcome: str = entry.answer.stop
        text, source = entry.answer.text, _source(entry)
    else:
        assert entry.failure is not None
        outcome, text, source = entry.failure.kind.value, entry.failure.message, "no answer"
    return TapeRow(
        scope=request.scope,
        role=request.role,
        step=entry.step,
        n=entry.n,
        key=entry.key,
        template=entry.template,
        model=(entry.answer.model if entry.answer else "") or request.model,
        outcome=outcome,
        source=source,
        recorded_at=entry.recorded_at,
        request="\n".join((f"--- system\n{request.system}", *turns)),
        answer=text,
    )
