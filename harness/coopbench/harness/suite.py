"""What the harness needs of a suite; suites themselves come through entry points."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.registry import SUITES, Plugins

READERS = "coopbench.readers"
"""Group of callables that take a folder and return a suite."""


class Suite(Protocol):
    """A named set of benchmarks."""

    @property
    def name(self) -> str:
        """Name on the command line and in results."""

    @property
    def benchmarks(self) -> tuple[Benchmark, ...]:
        """All benchmarks in order of their names."""


def find_suite(name: str) -> Suite:
    """Return an installed suite by name, or the suite in a folder.

    Raises:
        UsageError: if it is neither; also by `benchmarks`, if a benchmark is malformed.
    """
    installed = Plugins(SUITES)
    if name in installed.names:
        suite: Suite = installed.get(name)()
        return suite
    if Path(name).is_dir():
        read: Callable[[Path], Suite] = Plugins(READERS).get("folder")
        return read(Path(name))
    return_value: Suite = installed.get(name)()  # raises with the nearest name
    return return_value
