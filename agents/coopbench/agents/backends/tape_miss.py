"""Explains what a tape does not hold: what changed since it was recorded, and how to go on."""

import difflib
import shlex
from collections import Counter
from dataclasses import dataclass

from coopbench.agents.backends.key import KeyedRequest, key_of
from coopbench.agents.backends.model import Request
from coopbench.agents.backends.tape_entries import AnswerEntry, Header, toolchain_note
from coopbench.agents.backends.tape_index import TapeIndex
from coopbench.harness.errors import CoopBenchError
from coopbench.harness.settings import TapeSettings

_DIFF_LINES = 60
_DIFF_WIDTH = 200
_SCOPES_SHOWN = 5


class TapeMissError(CoopBenchError):
    """A replayed tape does not hold what was asked (exit code 3); nobody was asked instead."""


@dataclass(frozen=True)
class Miss:
    """A request that a tape does not hold."""

    request: Request
    keyed: KeyedRequest
    n: int
    """How many of its kind came before it."""
    taken: frozenset[str]
    """Keys of the recordings of its trial that were used."""
    unobserved: tuple[str, ...]
    """Observations of its trial that the tape did not hold either."""


def explain(miss: Miss, index: TapeIndex, header: Header | None, settings: TapeSettings) -> str:
    """Return what the tape lacks, why that may be, and how it can be recorded."""
    request, key = miss.request, key_of(miss.keyed)
    asked = f"role {request.role!r}, step {request.step!r} of {request.scope}"
    lines = [f"the tape {settings.path} holds no answer for {asked} (key {key[:16]})"]
    lines += _causes(miss, index)
    lines += _circumstances(miss, header)
    lines.append(_remedy(settings, request.scope))
    return "\n".join(lines)


def _remedy(settings: TapeSettings, scope: str) -> str:
    """Return how to record what a tape lacks of a trial; the rest of the command is not known."""
    words = shlex.join(["--tape", settings.path, "--tape-mode", "record-missing"])
    told = f"to record what is missing, give the same command with {words} --backend NAME"
    parts = scope.split("/")
    if len(parts) != 4:
        return told
    entrant, benchmark, target, _ = parts
    return (
        f"{told} (this trial alone: {shlex.join(['-e', entrant, '-b', benchmark, '-t', target])})"
    )


def _causes(miss: Miss, index: TapeIndex) -> list[str]:
    keyed, request = miss.keyed, miss.request
    if miss.n and index.answer(keyed.scope, key_of(keyed), 0) is not None:
        return [f"it was recorded {miss.n} times and is asked once more"]
    nearest = _nearest(miss, index)
    if nearest is None:
        held = index.scopes
        shown = ", ".join(held[:_SCOPES_SHOWN]) or "no trial"
        more = f" and {len(held) - _SCOPES_SHOWN} more" if len(held) > _SCOPES_SHOWN else ""
        return [f"it holds nothing for this role; recorded: {shown}{more}"]
    lines = []
    if nearest.request.scope != keyed.scope:
        lines.append(f"nothing of this trial is left; compared with {nearest.request.scope}")
    diff = _diff(nearest, miss)
    if not diff:
        hint = "its request has another key (see `coopbench tape check`)"
        return [*lines, f"the recording was changed by hand: {hint}"]
    return [*lines, _template_change(nearest, request), *diff]


def _template_change(nearest: AnswerEntry, request: Request) -> str:
    if nearest.template != request.template:
        return f"asked with template {request.template!r}, recorded with {nearest.template!r}"
    if nearest.template_sha256 != request.template_sha256:
        return f"the prompt template {request.template!r} has changed since the recording"
    return "the template is the same, its content has changed"


def _circumstances(miss: Miss, header: Header | None) -> list[str]:
    lines = []
    if miss.unobserved:
        count = len(miss.unobserved)
        lines.append(
            f"before it, {count} measured values were not on the tape either (first: "
            f"{miss.unobserved[0]}): the search had left the recorded path"
        )
    here = toolchain_note()
    if header is not None and header.toolchain != here:
        lines.append(f"recorded with {header.toolchain or 'unknown tools'}; here {here}")
    return lines


def _nearest(miss: Miss, index: TapeIndex) -> AnswerEntry | None:
    """Return the most similar recording of the role: of this trial if there is one, unused first."""
    mine = Counter(_lines(miss.keyed))
    best: tuple[tuple[bool, bool, bool, int], AnswerEntry] | None = None
    for entry in index.answers():
        if entry.request.role != miss.keyed.role:
            continue
        common = (mine & Counter(_lines(entry.request))).total()
        rank = (
            entry.request.scope == miss.keyed.scope,
            entry.key not in miss.taken,
            entry.step == miss.request.step,
            common,
        )
        if best is None or rank > best[0]:
            best = (rank, entry)
    return best[1] if best else None


def _diff(nearest: AnswerEntry, miss: Miss) -> list[str]:
    lines = list(
        difflib.unified_diff(
            _lines(nearest.request),
            _lines(miss.keyed),
            f"recorded {nearest.step}",
            f"asked {miss.request.step}",
            n=2,
            lineterm="",
        )
    )
    if len(lines) > _DIFF_LINES:
        left = len(lines) - _DIFF_LINES
        lines = [*lines[:_DIFF_LINES], f"... {left} more lines of difference"]
    return [line[:_DIFF_WIDTH] for line in lines]


def _lines(request: KeyedRequest) -> list[str]:
    head = [
        f"model: {request.model or 'none named'}",
        f"max_tokens: {request.max_tokens}",
        f"effort: {request.effort or 'default'}",
        "--- system",
        *request.system.splitlines(),
    ]
    for m in request.messages:
        head += [f"--- {m.role}", *m.text.splitlines()]
    return head
