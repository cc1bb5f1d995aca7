"""Plug-ins: entrants, suites and reports, found by entry point.

Nothing is imported before it is asked for, and a plug-in that cannot be loaded is an error
that names its distribution: a silently missing entrant would change a leaderboard.
"""

import difflib
from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from coopbench.harness.errors import UsageError
from coopbench.harness.optimizer import Optimizer

ENTRANTS = "coopbench.entrants"
"""Group of callables that take nothing and return a sequence of `Optimizer`."""
SCHEMES = "coopbench.entrant_schemes"
"""Group of callables that make an entrant from its name, what follows the scheme, and the
suite's sources (`entrants.Sources`)."""
SUITES = "coopbench.suites"
"""Group of callables that load a suite."""
REPORTS = "coopbench.reports"
"""Group of callables that write the reports of a run."""
BACKENDS = "coopbench.backends"
"""Group of ways to reach a model: objects with `make` and `check`, by type of backend."""
COMMANDS = "coopbench.commands"
"""Group of callables behind commands whose work is not the harness's."""


class Plugins:
    """The entry points of one group, by name; UsageError if two distributions claim one name.

    Args:
        group: `ENTRANTS`, `SUITES` or `REPORTS`.
        points: The entry points; default: those of all installed distributions.
    """

    def __init__(self, group: str, points: Iterable[EntryPoint] | None = None) -> None:
        self.group = group
        self._points: dict[str, EntryPoint] = {}
        for point in entry_points(group=group) if points is None else points:
            other = self._points.setdefault(point.name, point)
            if other != point:
                raise _clash(group, point.name, other, point)

    @property
    def names(self) -> tuple[str, ...]:
        """All names, sorted; loads nothing."""
        return tuple(sorted(self._points))

    def get(self, name: str) -> Callable[..., Any]:
        """Load one plug-in; UsageError if the name is unknown or loading fails."""
        if name not in self._points:
            raise unknown_name(self.group, name, self.names)
        plugin: Callable[..., Any] = _guarded(self._points[name], self._points[name].load)
        return plugin

    def entrants(self) -> dict[str, Optimizer]:
        """Load all entrants, by their own names; UsageError if a plug-in fails or names clash."""
        found: dict[str, Optimizer] = {}
        origins: dict[str, EntryPoint] = {}
        for plugin in self.names:
            point = self._points[plugin]
            for name, entrant in _guarded(point, partial(_named, self.get(plugin))):
                if name in found:
                    raise _clash("entrant", name, origins[name], point)
                found[name], origins[name] = entrant, point
        return found

    def entrant(self, name: str) -> Optimizer:
        """Return one entrant; UsageError with the nearest name if there is none, or as above."""
        found = self.entrants()
        if name not in found:
            raise unknown_name("entrant", name, found)
        return found[name]


def unknown_name(what: str, name: str, known: Iterable[str]) -> UsageError:
    """Return the error for a name that is not among the known ones, with the nearest."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names) or 'none'}"
    return UsageError(f"{what}: unknown name {name!r}; {hint}")


def _named(provider: Callable[[], Iterable[Optimizer]]) -> list[tuple[str, Optimizer]]:
    return [(entrant.name, entrant) for entrant in provider()]


def _guarded(point: EntryPoint, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as e:  # foreign code may raise anything
        where, cause = _origin(point), f"{type(e).__name__}: {e}"
        raise UsageError(f"plug-in {where} failed: {cause}; fix or uninstall it") from e


def _clash(what: str, name: str, one: EntryPoint, two: EntryPoint) -> UsageError:
    both = f"{_origin(one)} and by {_origin(two)}"
    return UsageError(f"{what}: {name!r} is claimed by {both}; rename or uninstall one")


def _origin(point: EntryPoint) -> str:
    distribution = point.dist.name if point.dist is not None else "an unknown distribution"
    return f"{distribution} ({point.group}: {point.name} = {point.value})"
