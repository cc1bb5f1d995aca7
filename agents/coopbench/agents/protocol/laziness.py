"""Recognizes comments that stand for code which was left out or never written."""

import re
from collections.abc import Iterable

from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.placeholder import placeholder_comment
from coopbench.agents.protocol.text import shortened

_ELLIPSIS = r"(\.{3,}|…)"
_REST = (
    r"(rest|remainder|remaining|existing|same|unchanged|previous|original|other|omitted|as before)"
)
_PART = r"(code|implementation|function|body|logic|instructions?|lines?|blocks?|file|program|cases)"
_END = r"(\s*(goes\s+)?here|\s+(remains?|stays?|is|are)?\s*(the\s+)?(same|unchanged|as before|omitted).*)?"
_LEFT_OUT = re.compile(
    rf"^{_ELLIPSIS}$"
    rf"|^{_ELLIPSIS}.*\b{_REST}\b"
    rf"|\b{_REST}\b.*{_ELLIPSIS}$"
    rf"|^(the\s+)?(rest|remainder)(\s+of\s+(the\s+)?(original\s+)?{_PART})?\s+"
    r"(is\s+|remains?\s+|stays?\s+|goes\s+)?(the\s+)?(unchanged|same|as before|identical|omitted|here)"
    rf"|^(the\s+)?(rest|remainder)\s+of\s+(the\s+|your\s+)?(original\s+)?{_PART}$"
    rf"|^(existing|unchanged|remaining|same|original|previous)\s+{_PART}{_END}$"
    r"|^\(?(unchanged|same as (before|above|in the original)|as before|no changes?)\)?$"
    r"|\bomitted for brevity\b",
    re.IGNORECASE,
)
_LONGEST = 300
_DOTS_LINE = re.compile(rf"[ \t]*{_ELLIPSIS}[ \t]*")


def omission(comments: Iterable[str], code: str, original: str) -> Malformation | None:
    """Return what stands in the place of code, None if nothing does.

    Args:
        comments: Comments that stand alone on their lines, without their marks.
        code: The answer, for lines of dots that no comment mark precedes.
        original: What the model was shown; what stands there already is no omission.
    """
    alone = tuple(comments)
    gap = _left_out(alone, code, original)
    if gap is not None:
        text = f"{shortened(gap)!r} stands for code that is left out; write the whole function."
        return Malformation(Malformed.REST_UNCHANGED, text)
    gap = placeholder_comment(alone)
    if gap is not None:
        text = f"{shortened(gap)!r} holds the place of code; write the code itself."
        return Malformation(Malformed.PLACEHOLDER, text)
    return None


def _left_out(comments: tuple[str, ...], code: str, original: str) -> str | None:
    shown = " ".join(original.split())
    for comment in comments:
        text = " ".join(comment[:_LONGEST].split()).strip(" *-=[]")
        if _LEFT_OUT.search(text) and text not in shown:
            return text
    return next((s.strip() for s in code.split("\n") if _DOTS_LINE.fullmatch(s)), None)
