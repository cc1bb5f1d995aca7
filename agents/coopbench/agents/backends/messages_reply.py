"""Answers of the Messages API, read with distrust.

Nothing is taken over unchecked: local servers leave fields out, send null, or cut off, and a
client library passes much of that on silently. Blocks are selected by type, a stop reason must
be a known one, token counts must be plausible numbers. What does not hold is a `Failure`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from coopbench.agents.backends.model import FailureKind, StopReason, Usage
from coopbench.agents.backends.reply import parse_object
from coopbench.agents.backends.retry import Failure, one_line
from coopbench.agents.backends.volatile import clean

_STOPS: dict[object, StopReason] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "max_tokens": "length",
    "refusal": "refusal",
    "model_context_window_exceeded": "context",
}
_THOUGHTS = {"thinking", "redacted_thinking"}
_MOST_TOKENS = 1 << 32
"""No call has as many; a larger count would be a server's nonsense in the ledger."""
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class MessageReply:
    """A checked answer.

    Attributes:
        text: The text blocks, joined.
        stop: Why it ended.
        usage: None if the server did not tell, or not plausibly.
        model: As the server names it; empty if it does not.
        detail: Category of a refusal.
    """

    text: str
    stop: StopReason
    usage: Usage | None
    model: str
    detail: str = ""


def read_message(
    body: bytes, *, hour_cache: bool = False
) -> MessageReply | Failure | Mapping[str, object]:
    """Read a whole answer.

    Args:
        body: Of a response with status 200.
        hour_cache: Whether cache writes of unnamed lifetime are those of an hour.

    Returns:
        The answer; what is wrong with it; or the body of an error in the place of an answer.
    """
    found = parse_object(body)
    if isinstance(found, str):
        return malformed(f"{found}; it begins {one_line(body[:80].decode('utf-8', 'replace'))!r}")
    return found if is_error(found) else check_message(found, hour_cache=hour_cache)


def is_error(found: Mapping[str, object]) -> bool:
    """Whether a body reports an error, whatever the status said."""
    return found.get("type") == "error" or isinstance(found.get("error"), dict)


def check_message(
    message: Mapping[str, object], *, hour_cache: bool = False
) -> MessageReply | Failure:
    """Check a decoded answer."""
    stop = message.get("stop_reason")
    if not isinstance(stop, str) or stop not in _STOPS:
        return malformed(
            f"stop reason {one_line(repr(stop), 60)} where one of {sorted(map(str, _STOPS))} belongs"
        )
    if message.get("role", "assistant") != "assistant":
        return malformed("the answer is not from the assistant")
    text = _text(message.get("content"), ended=_STOPS[stop] == "end")
    if isinstance(text, Failure):
        return text
    model = message.get("model")
    return MessageReply(
        text=text,
        stop=_STOPS[stop],
        usage=_usage(message.get("usage"), hour_cache=hour_cache),
        model=one_line(whole(model), 200) if isinstance(model, str) else "",
        detail=_category(message.get("stop_details")),
    )


def malformed(why: str) -> Failure:
    """Return the failure of an answer that is none; it was made, so it may have been billed."""
    return Failure(
        FailureKind.MALFORMED_RESPONSE,
        f"malformed answer: {why}",
        "a server that keeps doing this does not speak the Messages API",
        "once",
        maybe_billed=True,
    )


def whole(text: str) -> str:
    """Return foreign text without marks and half characters (pairs of halves are joined)."""
    if _SURROGATES.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return clean(text)


def _text(content: object, *, ended: bool) -> str | Failure:
    if not isinstance(content, list):
        return malformed(f"content is {type(content).__name__}, not a list of blocks")
    parts: list[str] = []
    others: set[str] = set()
    for block in content:
        kind = block.get("type") if isinstance(block, dict) else None
        if not isinstance(kind, str):
            return malformed("a block of the content has no type")
        if kind == "text":
            part = block.get("text")
            if not isinstance(part, str):
                return malformed("a text block without text")
            parts.append(part)
        elif kind not in _THOUGHTS:
            others.add(one_line(kind, 40))
    if ended and others and not parts:
        return malformed(f"blocks of type {', '.join(sorted(others))} where text was asked for")
    return whole("".join(parts))


def _usage(usage: object, *, hour_cache: bool) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    inward, outward = _count(usage.get("input_tokens")), _count(usage.get("output_tokens"))
    if inward is None or outward is None:
        return None
    written = _count(usage.get("cache_creation_input_tokens")) or 0
    split = usage.get("cache_creation")
    hour = _count(split.get("ephemeral_1h_input_tokens")) if isinstance(split, dict) else None
    short = _count(split.get("ephemeral_5m_input_tokens")) if isinstance(split, dict) else None
    if hour is None and short is None:
        hour, short = (written, 0) if hour_cache else (0, written)
    hour = hour or 0
    return Usage(
        input_tokens=inward,
        cache_read_tokens=_count(usage.get("cache_read_input_tokens")) or 0,
        cache_write_tokens=max(short or 0, written - hour),
        cache_write_1h_tokens=hour,
        output_tokens=outward,
    )


def _count(value: object) -> int | None:
    plausible = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_TOKENS
    return value if plausible and isinstance(value, int) else None


def _category(details: object) -> str:
    category = details.get("category") if isinstance(details, dict) else None
    return one_line(f"refused: {whole(category)}", 100) if isinstance(category, str) else ""
