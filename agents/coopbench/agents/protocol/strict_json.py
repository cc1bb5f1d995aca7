"""Reads JSON that a model wrote: plain JSON only, bounded in size and depth."""

import json
import math
import re
from collections.abc import Iterator

from pydantic import JsonValue

from coopbench.agents.backends.volatile import clean

LONGEST = 200_000
"""Characters of a JSON block."""
DEEPEST = 24
_MOST_DIGITS = 40
_MOST_TRIES = 40
_AT_LINE_START = re.compile(r"^[ \t]*(?=\{)", re.MULTILINE)


class _NotAllowedError(ValueError):
    """What JSON allows, or some parsers do, but we do not."""


def read_object(text: str) -> dict[str, JsonValue] | str:
    """Return the object that a text is, or in one line why it is none."""
    if len(text) > LONGEST:
        return f"it has more than {LONGEST} characters"
    start = len(text) - len(text.lstrip())
    found = _decoded(text, start)
    if isinstance(found, str):
        return found
    value, end = found
    return "there is text after the object" if text[end:].strip() else value


def bare_objects(prose: str) -> Iterator[dict[str, JsonValue] | str]:
    """Yield every object that begins a line of prose, or why what looks like one is none."""
    if len(prose) > LONGEST:
        prose = prose[-LONGEST:]
    end = 0
    for tries, match in enumerate(_AT_LINE_START.finditer(prose)):
        if tries >= _MOST_TRIES:
            return
        if match.end() < end:
            continue
        found = _decoded(prose, match.end())
        if isinstance(found, str):
            yield found
        else:
            value, end = found
            yield value


def _decoded(text: str, start: int) -> tuple[dict[str, JsonValue], int] | str:
    try:
        value, end = _DECODER.raw_decode(text, start)
        checked = _checked(value, 0)
    except json.JSONDecodeError as e:
        return f"{e.msg} at line {e.lineno}, column {e.colno}"
    except ValueError as e:
        return str(e) if isinstance(e, _NotAllowedError) else "it has a number that is none"
    except RecursionError:
        return f"it is nested more than {DEEPEST} deep"
    return (checked, end) if isinstance(checked, dict) else "it is not an object"


def _checked(value: JsonValue, depth: int) -> JsonValue:
    """Return the value with clean strings; refuse what could not be stored or sent on."""
    if depth > DEEPEST:
        raise _NotAllowedError(f"it is nested more than {DEEPEST} deep")
    match value:
        case str():
            return _text(value)
        case list():
            return [_checked(item, depth + 1) for item in value]
        case dict():
            return {_text(key): _checked(item, depth + 1) for key, item in value.items()}
        case _:
            return value


def _text(value: str) -> str:
    if any("\ud800" <= c <= "\udfff" for c in value):
        raise _NotAllowedError("it has half a character (a lone surrogate) in a string")
    return clean(value)


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for key, value in pairs:
        if key in found:
            raise _NotAllowedError(f"the key {key[:40]!r} is there twice")
        found[key] = value
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _NotAllowedError(f"the number {text[:20]} is too large")
    return number


def _bounded(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise _NotAllowedError(f"it has an integer of {len(text)} digits")
    return int(text)


def _constant(text: str) -> float:
    raise _NotAllowedError(f"{text} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_int=_bounded, parse_constant=_constant
)
