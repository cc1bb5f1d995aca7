"""What stands behind `coopbench suite …`: entry points of the group `coopbench.commands`."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from coopbench.harness.base import Frozen
from coopbench.harness.compose import default_targets
from coopbench.harness.errors import UsageError
from coopbench.harness.suite import find_suite
from coopbench.suites.external.add import AddOptions, Outcome, counts
from coopbench.suites.external.add import add as add_suite
from coopbench.suites.external.add import check as check_suite
from coopbench.suites.external.fetch import fetch_packages
from coopbench.suites.external.manifest import Excluded
from coopbench.suites.external.suite import ExternalSuite, open_manifest
from coopbench.suites.readers.scaffold import FORMS, Wish


class Count(Frozen):
    """How many programs of a target one compiler builds into the same results."""

    target: str
    compiler: str
    verified: int
    programs: int
    """Number tried."""


class Timing(Frozen):
    """How long a good program runs."""

    program: str
    target: str
    cpu_s: float | None
    """CPU seconds of one timed launch at -O3; None where only instructions are counted."""
    gain: float | None
    """CPU seconds at -O0 over those at -O2."""


class Summary(Frozen):
    """What `suite add` and `suite check` found, for people and for programs."""

    suite: str
    manifest: str
    size: str
    programs: int
    """Number of programs in the manifest, or of those asked for."""
    good: tuple[str, ...]
    excluded: tuple[Excluded, ...]
    unexpected: tuple[str, ...]
    """Names of the programs that failed now and that the manifest does not exclude."""
    counts: tuple[Count, ...]
    timings: tuple[Timing, ...]


def add(path: Path, *, wish: Mapping[str, Any], **options: Any) -> Summary:
    """Make a suite of a folder; see `external.add.add`.

    Raises:
        UsageError: if the path or an option is wrong.
    """
    form = wish["form"]
    if form is not None and form not in FORMS:
        raise UsageError(f"--form: unknown name {form!r}; known: {', '.join(FORMS)}")
    tell = options.pop("tell")
    # one target is enough for a first look, and an emulator is slow
    options["targets"] = options["targets"] or (default_targets()[0].name,)
    chosen = AddOptions(wish=Wish(**wish), **options)
    return _summary(add_suite(path, chosen, tell), chosen.programs)


def check(name: str, *, tell: Callable[[str], None], size: str | None, **options: Any) -> Summary:
    """Check a suite's programs without changing its manifest.

    Raises:
        UsageError: if the suite is unknown, has no manifest, or its checkout is not there.
    """
    suite = _external(name)
    if size is not None:
        suite = open_manifest(suite.path, size)
    chosen = AddOptions(size=size, **options)
    known = {e.name for e in suite.manifest.excluded}
    return _summary(check_suite(suite, chosen, tell), chosen.programs, known)


def fetch(name: str, to: Path | None) -> Sequence[str]:
    """Get a suite's sources; return what was done, one line each.

    Raises:
        UsageError: if the suite has no packages, or one cannot be had in the version wanted.
    """
    return fetch_packages(_external(name), to)


def _external(name: str) -> ExternalSuite:
    suite = find_suite(name)
    if not isinstance(suite, ExternalSuite):
        raise UsageError(
            f"suite {name!r} has no suite.toml; `coopbench suite` is for programs of others"
        )
    return suite


def _summary(
    outcome: Outcome, asked: Sequence[str], known: frozenset[str] | set[str] = frozenset()
) -> Summary:
    names = {c.program for c in outcome.checked} | {e.name for e in outcome.excluded}
    checked = [c for c in outcome.checked if c.excluded is None]
    return Summary(
        suite=outcome.suite,
        manifest=str(outcome.manifest),
        size=outcome.size,
        programs=len(asked) or len(names),
        good=outcome.good,
        excluded=outcome.excluded,
        unexpected=tuple(sorted({e.name for e in outcome.excluded} - known)),
        counts=tuple(Count.model_validate(row) for row in counts(outcome)),
        timings=tuple(
            Timing(program=c.program, target=c.target, cpu_s=c.cpu_s, gain=c.gain) for c in checked
        ),
    )
