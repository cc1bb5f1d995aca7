"""Recognizes the texts of our own prompts' format descriptions where an answer copies them."""

import re
from functools import lru_cache
from importlib import resources

from pydantic import JsonValue

_PROMPTS = "coopbench.agents.prompts"
_SUFFIX = ".md.j2"
_VALUE = re.compile(r'"\w+": "([^"{}]*\s[^"{}]*)"')
_BRACKETS = re.compile(r"<[a-z][^<>]{4,80}>")
_DOTS = frozenset({"...", "…"})
_IN_CODE = re.compile(
    r"(your|the|insert|put|write|add)\s+(\w+\s+){0,3}code\s+(goes\s+)?here|goes here"
    r"|TODO:?\s*(implement|fill|complete|write)|<(your|the|insert)\b[^>\n]*>",
    re.IGNORECASE,
)


def copied_value(data: dict[str, JsonValue]) -> str | None:
    """Return the first field whose text describes what should stand there, None if none does."""
    for key, value in data.items():
        if isinstance(value, str) and _is_placeholder(value.strip()):
            return key
    return None


def placeholder_comment(comments: tuple[str, ...]) -> str | None:
    """Return the first comment that holds the place of code which was not written."""
    return next((text for text in comments if _IN_CODE.search(text[:300])), None)


def _is_placeholder(value: str) -> bool:
    return value in _DOTS or value in _described() or bool(_BRACKETS.fullmatch(value))


@lru_cache(maxsize=1)
def _described() -> frozenset[str]:
    """Return the texts that stand for values where the prompts describe a format."""
    found: set[str] = set()
    for file in resources.files(_PROMPTS).iterdir():
        if file.name.endswith(_SUFFIX):
            found.update(_VALUE.findall(file.read_text("utf-8")))
    return frozenset(found)
