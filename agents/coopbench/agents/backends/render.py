"""A request as text or as JSON, for programs and people.

The JSON schema (an object; the same for `command` and `filebox`):

- `key`: names the request; an answer from a file box quotes it.
- `scope`, `role`, `step`: the trial, who asks, and which step of the search it is.
- `system`: the instructions that stay the same.
- `messages`: a list of `{"role": "user" | "assistant", "text": …}`; the last one asks.
- `max_tokens`: most tokens of the answer.
- `effort`: `low` … `max`, or null.

What is answered to it is described in `reply`.
"""

import json

from coopbench.agents.backends.model import Request
from coopbench.agents.backends.volatile import plain

_TURNS = {"user": "=== request ===", "assistant": "=== your earlier answer ==="}


def as_json(request: Request, key: str) -> str:
    """Return a request as one JSON object; only ASCII, so that no locale can spoil it."""
    messages = [{"role": m.role, "text": plain(m.text)} for m in request.messages]
    content = {
        "key": key,
        "scope": request.scope,
        "role": request.role,
        "step": request.step,
        "system": plain(request.system),
        "messages": messages,
        "max_tokens": request.max_tokens,
        "effort": request.effort,
    }
    return json.dumps(content, indent=1) + "\n"


def as_text(request: Request) -> str:
    """Return a request as one prompt: the system text, then the turns.

    A single turn stands alone; several are told apart by headings.
    """
    parts = [plain(request.system)]
    if len(request.messages) == 1:
        parts.append(plain(request.messages[0].text))
    else:
        parts += [f"{_TURNS[m.role]}\n\n{plain(m.text)}" for m in request.messages]
        parts.append("=== end; answer the last request ===")
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"
