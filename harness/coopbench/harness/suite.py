"""What the harness needs of a suite; suites themselves come through entry points."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.record import Unavailable
from coopbench.harness.registry import SUITES, Plugins

READERS = "coopbench.readers"
"""Group of callables that take a folder and return a suite."""
SCHEMES = "coopbench.suite_schemes"
"""Group of callables that make a suite from its name and what follows the scheme in it."""
FRESH = "secret"
"""In a suite's name, stands for a seed that is drawn now."""


class Suite(Protocol):
    """A named set of benchmarks."""

    @property
    def name(self) -> str:
        """Name on the command line and in results."""

    @property
    def benchmarks(self) -> tuple[Benchmark, ...]:
        """All benchmarks in order of their names."""


def settle(name: str) -> str:
    """Return a suite's name with a fresh seed in the place of `secret`.

    A run keeps the settled name, so that it can be resumed and repeated: `families:secret`
    becomes `families:SEED`.
    """
    scheme, *words = name.split(":")
    if FRESH not in words or scheme not in Plugins(SCHEMES).names:
        return name
    return ":".join([scheme, *(str(secrets.randbits(63)) if w == FRESH else w for w in words)])


def left_out(suite: Suite) -> tuple[Unavailable, ...]:
    """Return what a suite leaves out, with reasons; most leave out nothing."""
    found: tuple[Unavailable, ...] = getattr(suite, "unavailable", ())
    return found


def find_suite(name: str) -> Suite:
    """Return an installed suite by name, one that a scheme makes, or the suite in a folder.

    Raises:
        UsageError: if it is none of these; also by `benchmarks`, if a benchmark is malformed.
    """
    installed = Plugins(SUITES)
    if name in installed.names:
        suite: Suite = installed.get(name)()
        return suite
    scheme, colon, rest = settle(name).partition(":")
    schemes = Plugins(SCHEMES)
    if colon and scheme in schemes.names:
        make: Callable[[str, str], Suite] = schemes.get(scheme)
        return make(f"{scheme}:{rest}", rest)
    if Path(name).is_dir():
        read: Callable[[Path], Suite] = Plugins(READERS).get("folder")
        return read(Path(name))
    return_value: Suite = installed.get(name)()  # raises with the nearest name
    return return_value
