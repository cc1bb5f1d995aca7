"""Expected outputs as files: `*.reference_output` holds the output, then a line `exit N`."""

import re

_EXIT = re.compile(rb"(?:^|\n)exit (-?\d+)\s*\Z")


_DIGEST = re.compile(rb"\s*((?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}))\s*(?:exit \d+\s*)?")


def reference_digest(data: bytes) -> str | None:
    """Return the digest that stands in place of a long output; None if it is the output itself."""
    match = _DIGEST.fullmatch(data)
    return match[1].decode() if match else None


def split_reference(data: bytes) -> tuple[bytes, int | None]:
    """Return the expected output and the exit status, if the last line tells one."""
    match = _EXIT.search(data)
    if match is None:
        return data, None
    start = match.start() + (1 if data[match.start() : match.start() + 1] == b"\n" else 0)
    return data[:start], int(match[1])
