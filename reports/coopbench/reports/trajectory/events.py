"""Reads what events say, whoever wrote them: a foreign or newer event is never an error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from coopbench.harness.model import Outcome
from coopbench.harness.trajectory import Event
from coopbench.reports import wording

MISHAPS = ("malformed", "call_failed", "refused")
"""Kinds of events that tell of something gone wrong between agents and models."""
_LEAST, _MOST = 1e-100, 1e100
UNCHECKED = "unchecked"
VERIFIED = "ok"
_PASSING = frozenset({"ok", "passed", "made", *(o.value for o in Outcome if o.correct)})


@dataclass(frozen=True)
class Turn:
    """One message of a prompt."""

    role: str
    text: str


def text_of(data: Mapping[str, JsonValue], key: str) -> str:
    """Return a text in an event's data; empty if it is not there or no text."""
    value = data.get(key)
    return value if isinstance(value, str) else ""


def number_of(data: Mapping[str, JsonValue], *keys: str) -> float | None:
    """Return the first positive number among the named ones; None if there is none.

    Numbers that no cost or gain can have are passed over, so that their ratios stay numbers.
    """
    for key in keys:
        value = data.get(key)
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and _LEAST < value < _MOST
        ):
            return float(value)
    return None


def files_of(event: Event) -> dict[str, str]:
    """Return a candidate's files; what is no text is left out."""
    files = event.data.get("files")
    if not isinstance(files, dict):
        return {}
    return {name: text for name, text in files.items() if isinstance(text, str)}


def recipe_of(event: Event) -> dict[str, JsonValue]:
    """Return a candidate's recipe; empty if the event does not tell."""
    recipe = event.data.get("recipe")
    return recipe if isinstance(recipe, dict) else {}


def outcome_of(event: Event) -> str | None:
    """Return what a build or check found of a candidate: `ok`, an outcome that is a failure.

    None means that the event does not tell: what was built is not verified, and an action that
    the budget did not allow found nothing.
    """
    outcome, passed = text_of(event.data, "outcome"), event.data.get("passed")
    if event.kind not in ("build", "check") or outcome == Outcome.BUDGET_SPENT.value:
        return None
    if outcome in _PASSING or (not outcome and passed is True):
        return VERIFIED if event.kind == "check" else None
    if not outcome and passed is False:
        return Outcome.WRONG_OUTPUT.value
    return outcome or None


def mishap_of(event: Event) -> str:
    """Return the name of a mishap, as it is counted in the trial's record."""
    return text_of(event.data, "kind") or event.kind


def brief(event: Event) -> str:
    """Return an event in one line, without what stands beside it anyway."""
    if event.kind == "answer":
        return _answer(event.data)
    line = first_line(event.text)
    if event.kind in MISHAPS:
        name = mishap_of(event)
        return f"{name.replace('_', ' ')}: {line.removeprefix(f'{name}: ')}"
    action = text_of(event.data, "action")
    return f"{action}: {line}" if action and action != event.kind else line


def _answer(data: Mapping[str, JsonValue]) -> str:
    cost, seconds = data.get("cost"), number_of(data, "seconds")
    tokens = number_of(cost, "tokens") if isinstance(cost, dict) else None
    parts = (
        "" if tokens is None else f"{wording.count(tokens)} tokens",
        "" if seconds is None else wording.seconds(seconds),
        f"stopped by {stop}" if (stop := text_of(data, "stop")) not in ("", "end") else "",
        text_of(data, "source"),
    )
    return ", ".join(p for p in parts if p)


def turns_of(event: Event) -> tuple[Turn, ...]:
    """Return the messages of a request; none for other events."""
    messages = event.data.get("messages")
    if event.kind != "request" or not isinstance(messages, list):
        return ()
    return tuple(
        Turn(text_of(m, "role") or "?", text_of(m, "text")) for m in messages if isinstance(m, dict)
    )


def first_line(text: str) -> str:
    """Return the first line with something in it."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def exchanges(events: Sequence[Event]) -> dict[int, Event]:
    """Return, by the request's number, the answer or failure that it got."""
    open_of: dict[str, int] = {}
    found: dict[int, Event] = {}
    for event in events:
        if event.kind == "request":
            open_of[event.agent] = event.seq
        elif event.kind in ("answer", "call_failed") and event.agent in open_of:
            found[open_of.pop(event.agent)] = event
    return found
