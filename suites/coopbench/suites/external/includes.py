"""The headers that a program's sources need, found by reading them."""

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.errors import UsageError

_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', re.MULTILINE)
MAX_BYTES = 16 << 20
"""More than this in headers is no program that one process compiles."""


@dataclass(frozen=True)
class Found:
    """What reading found."""

    headers: tuple[tuple[str, bytes], ...]
    """Path relative to the root and contents, by path."""
    missing: tuple[str, ...]
    """Headers in quotes that are nowhere; each with the file that includes it. The compiler may
    still do without, if the line is switched off."""


def find_headers(root: Path, sources: Iterable[str], include: Sequence[str]) -> Found:
    """Return all files below the root that the sources include, directly or not.

    Args:
        root: The program's root.
        sources: Paths of sources, relative to it.
        include: Include folders, relative to it.

    Raises:
        UsageError: if the headers are too many to be one program's.
    """
    headers: dict[str, bytes] = {}
    missing: dict[str, None] = {}
    todo = [(path, (root / path).read_bytes()) for path in sources]
    while todo:
        path, data = todo.pop()
        for quote, raw in _INCLUDE.findall(data):
            name = raw.decode("utf-8", "replace").strip()
            own = (posixpath.dirname(path),) if quote == b'"' else ()
            found = _resolve(root, name, (*own, *include))
            if found is None and quote == b'"':
                missing[f"{name} (included by {path})"] = None
            if found is not None and found not in headers:
                headers[found] = (root / found).read_bytes()
                todo.append((found, headers[found]))
        if sum(map(len, headers.values())) > MAX_BYTES:
            raise UsageError(f"{root}: the headers have more than {MAX_BYTES >> 20} MiB")
    return Found(tuple(sorted(headers.items())), tuple(missing))


def _resolve(root: Path, name: str, folders: Iterable[str]) -> str | None:
    for folder in folders:
        path = posixpath.normpath(posixpath.join(folder, name))
        if not path.startswith("../") and (root / path).is_file():
            return path
    return None
