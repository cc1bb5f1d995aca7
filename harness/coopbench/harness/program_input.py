"""One run of a program: what it is given and what is known of its result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Expected:
    """What a run is known to give; None where nothing is known."""

    output: bytes | None = None
    digest: str | None = None
    """Of the output, in hexadecimal, where keeping the whole would be too much: MD5, SHA-1 or
    SHA-256 by its length. Some suites digest a last line `exit N` with it."""
    exit_code: int | None = None


@dataclass(frozen=True)
class ProgramInput:
    """One run's arguments and standard input."""

    label: str
    argv: tuple[str, ...]
    stdin: bytes
    files: Mapping[str, Path] = field(default_factory=dict)
    """Path that the program sees to a file or folder of this machine; readable only."""
    expected: Expected | None = None
    """What the run is known to give, if it comes with a program of others."""
