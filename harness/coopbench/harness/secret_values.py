"""Finds what looks like a secret in settings that would be stored in plain text."""

import re
from collections.abc import Mapping, Sequence

_NAMES = re.compile(
    r"(^|[_-])(api[_-]?keys?|keys?|token|secrets?|passwords?|passwd|credentials?|authorization)$",
    re.IGNORECASE,
)
_VALUES = re.compile(
    r"\bsk-[A-Za-z0-9_-]{16,}"  # keys of several providers
    r"|\b(gh[pousr]|hf)_[A-Za-z0-9]{16,}"
    r"|\bBearer\s+[A-Za-z0-9._~+/-]{16,}"
    r"|--(api[_-]?key|token|password|secret)[= ]\S"
    r"|://[^/\s:@]*:[^/\s@]+@"  # a password in an address
)


def find_secret(value: object, place: str = "") -> str | None:
    """Return where a secret seems to stand, e.g. `backends.haiku.api_key`; None if nowhere.

    A name tells (`api_key`, `auth_token`, but not `api_key_env` or `max_tokens`), or a value that
    has the form of a key.
    """
    if isinstance(value, str):
        return place if _VALUES.search(value) else None
    if isinstance(value, Mapping):
        for key, inner in value.items():
            below = f"{place}.{key}" if place else str(key)
            if isinstance(inner, str) and inner and _NAMES.search(str(key)):
                return below
            found = find_secret(inner, below)
            if found is not None:
                return found
    elif isinstance(value, Sequence):
        for inner in value:
            found = find_secret(inner, place)
            if found is not None:
                return found
    return None
