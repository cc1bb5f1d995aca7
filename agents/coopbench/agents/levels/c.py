"""Level C: a function in its file, spliced by syntax."""

import re

from coopbench.agents.levels.craft import Proposal, Shown, Subject, with_text
from coopbench.agents.protocol.malformed import Malformation
from coopbench.agents.protocol.reply import Language, Reply
from coopbench.agents.protocol.splice_c import CFunction, c_functions, splice_c
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate

WHOLE = 6000
"""Longest file in bytes that is shown as it is."""
MOST_CONTEXT = 8000
"""Longest text in characters that is shown beside a function."""


class CCraft:
    """Rewrites of one C function."""

    level = Level.C
    language: Language = "c"
    code_required = True

    def facts(self, _: Subject, /) -> dict[str, object]:
        """Return nothing: the template knows all about C."""
        return {}

    def show(self, subject: Subject, /) -> Shown:
        """Return a short file whole; else the function, and what of the sources it needs."""
        text = subject.text
        headers = _headers(subject.candidate)
        if len(text.encode()) <= WHOLE:
            return Shown(text, headers)
        found = c_functions(text)
        own = next(f for f in found if f.name == subject.spot.function)
        data = text.encode()
        code = data[own.start : own.end].decode()
        context = _surroundings_of(data, own, found)
        if len(context) > MOST_CONTEXT:
            context = f"{context[:MOST_CONTEXT]}\n/* cut here */"
        return Shown(code, f"{headers}{context}")

    def propose(self, subject: Subject, reply: Reply, /) -> Proposal | Malformation:
        """Return the file with the function replaced."""
        return with_text(subject, splice_c(subject.text, subject.spot.function, reply.code or ""))


def _headers(candidate: Candidate) -> str:
    own = sorted((n, t) for n, t in candidate.files.items() if n.endswith(".h"))
    return "".join(f"/* {name} */\n{text.strip()}\n\n" for name, text in own)[:MOST_CONTEXT]


def _surroundings_of(data: bytes, own: CFunction, found: tuple[CFunction, ...]) -> str:
    """Return a file without a function; of the others, bodies are kept of those it calls."""
    names = set(re.findall(rb"[A-Za-z_]\w*", data[own.start : own.end]))
    parts: list[bytes] = []
    at = 0
    for function in found:
        parts.append(data[at : function.start])
        at = function.end
        if function == own:
            parts.append(f"/* {own.name} stands here */".encode())
        elif function.name.encode() in names:
            parts.append(data[function.start : function.end])
        else:
            parts.append(f"{function.signature};".encode())
    parts.append(data[at:])
    return b"".join(parts).decode()
