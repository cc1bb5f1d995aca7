"""What an entry point of the group `coopbench.backends` brings: usually a module.

Its docstring's first line says what it is, in `coopbench list backends`. It must be importable
without the provider's SDK, so that looking at a configuration stays quick.
"""

from collections.abc import Mapping
from typing import Protocol, TypeVar

from pydantic import JsonValue

from coopbench.agents.backends.model import Backend
from coopbench.harness.base import Frozen
from coopbench.harness.benchmark import parse_model

Table = Mapping[str, JsonValue]
"""A backend's table in the configuration; `type` names the provider."""

M = TypeVar("M", bound=Frozen)


class Provider(Protocol):
    """Makes the backends of one type.

    An attribute `SHORT`, if there is one, names the key of the table that the rest of the short
    form `TYPE:REST` fills; else it is `model`.
    """

    def make(self, name: str, table: Table) -> Backend:
        """Return a backend.

        Args:
            name: As configured.
            table: Its options.

        Raises:
            UsageError: if the options are wrong, or something that it needs is missing.
        """

    def check(self, name: str, table: Table) -> str | None:
        """Return why `make` would refuse, with the remedy; None if it would not. Asks nobody."""


def read_options(model: type[M], name: str, table: Table) -> M:
    """Return a backend's options.

    Raises:
        UsageError: naming the backend, the option and what is wrong with it.
    """
    return parse_model(model, dict(table), f"backend {name!r}")
