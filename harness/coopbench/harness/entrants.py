"""Entrants by name: installed ones, and those that a scheme makes (`cmd:PROGRAM`, `dir:PATH`)."""

from collections.abc import Iterable, Mapping

from coopbench.harness.optimizer import Optimizer
from coopbench.harness.registry import ENTRANTS, SCHEMES, Plugins

Sources = Mapping[str, frozenset[str]]
"""Names of the sources of every benchmark of the suite."""


def entrants_for(names: Iterable[str], sources: Sources) -> dict[str, Optimizer]:
    """Return the installed entrants and those that the given names make, by name.

    Args:
        names: As the user gave them; `SCHEME:REST` is made by the scheme of that name.
        sources: What the suite's benchmarks consist of.

    Raises:
        UsageError: if a plug-in fails, or a scheme cannot make what it was asked for.
    """
    found = Plugins(ENTRANTS).entrants()
    schemes = Plugins(SCHEMES)
    for name in names:
        scheme, colon, rest = name.partition(":")
        if colon and name not in found and scheme in schemes.names:
            found[name] = schemes.get(scheme)(name, rest, sources)
    return found
