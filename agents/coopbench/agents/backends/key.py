"""The canonical form of a request, and the key that stands for it.

Two requests that mean the same have one key on every machine: volatile parts count by their
kind only, text is NFC, and the step's name and the template do not count at all.
"""

import hashlib
import json
import unicodedata
from typing import Literal

from coopbench.agents.backends.model import Message, Request
from coopbench.agents.backends.volatile import keyed
from coopbench.harness.base import Frozen

KEY_FORMAT = 1
"""Part of every key: a new way to make them must not find old recordings by accident."""


class KeyedRequest(Frozen):
    """What of a request counts for its key; also what a tape keeps of it."""

    scope: str
    role: str
    system: str
    messages: tuple[Message, ...]
    max_tokens: int
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None
    model: str
    """Name of the model that is asked, as configured; empty if the backend names none."""


def keyed_request(request: Request, model: str) -> KeyedRequest:
    """Return the canonical form of a request to a model."""
    return KeyedRequest(
        scope=request.scope,
        role=request.role,
        system=_canonical(request.system),
        messages=tuple(Message(role=m.role, text=_canonical(m.text)) for m in request.messages),
        max_tokens=request.max_tokens,
        effort=request.effort,
        model=_canonical(model),
    )


def key_of(request: KeyedRequest) -> str:
    """Return the key of a canonical request: 64 hexadecimal digits."""
    content = [KEY_FORMAT, request.model_dump(mode="json")]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def request_key(request: Request, model: str) -> str:
    """Return the key of a request to a model."""
    return key_of(keyed_request(request, model))


def _canonical(text: str) -> str:
    # Lone surrogates have no UTF-8 form; nothing could be stored or compared with them.
    whole = keyed(text).encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", whole)
