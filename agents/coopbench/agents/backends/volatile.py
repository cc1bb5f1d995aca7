"""Parts of a prompt that differ between machines although they mean the same.

Measured times, sizes of caches, versions: the model gets the true text, a tape's key only the
kind, so that a recorded answer is found again on another machine. The marks are private-use
code points, which are removed from everything that comes from outside.
"""

import re

_OPEN, _MIDDLE, _CLOSE = "\ue000", "\ue001", "\ue002"
_PART = re.compile(f"{_OPEN}([^{_OPEN}{_MIDDLE}{_CLOSE}]*){_MIDDLE}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_MARKS = re.compile(f"[{_OPEN}{_MIDDLE}{_CLOSE}]")


def volatile(kind: str, text: object) -> str:
    """Mark a text as volatile: `kind` stands for it in keys, e.g. `seconds`."""
    return f"{_OPEN}{clean(kind)}{_MIDDLE}{clean(str(text))}{_CLOSE}"


def plain(text: str) -> str:
    """Return the text as the model gets it."""
    return _MARKS.sub("", _PART.sub(r"\2", text))


def keyed(text: str) -> str:
    """Return the text as it enters a key: `<kind>` in place of every volatile part."""
    return _MARKS.sub("", _PART.sub(r"<\1>", text))


def clean(text: str) -> str:
    """Return foreign text without marks."""
    return _MARKS.sub("", text)
