"""All backends that a user has: `coopbench list backends`."""

import inspect
from collections.abc import Iterator

from coopbench.agents.backends.open import check_backend, provider_of, short_key, table_of
from coopbench.harness.base import Frozen
from coopbench.harness.errors import UsageError
from coopbench.harness.registry import BACKENDS, Plugins
from coopbench.harness.settings import Settings


class BackendRow(Frozen):
    """A configured backend, or a type of backend."""

    name: str
    """As given to `--backend`."""
    type: str
    configured: bool
    model: str
    usable: bool | None
    """None for a type that needs options."""
    problem: str
    """Why it is not usable, and what to do."""
    chosen: str
    """The roles that use it, `all` for the default."""
    description: str


def backends(settings: Settings) -> list[BackendRow]:
    """Return the configured backends, then the types; asks nobody."""
    return [*_configured(settings), *_types(settings)]


def _configured(settings: Settings) -> Iterator[BackendRow]:
    chosen = [settings.backend, *settings.roles.values()]
    for name in dict.fromkeys((*settings.backends, *(c for c in chosen if c))):
        try:
            table = table_of(settings, name)
            provider = provider_of(name, table)
            problem = check_backend(settings, name)
        except UsageError as e:
            table, provider, problem = {}, None, str(e)
        yield BackendRow(
            name=name,
            type=str(table.get("type", "")),
            configured=True,
            model=str(table.get("model", "")),
            usable=problem is None,
            problem=problem or "",
            chosen=_chosen(settings, name),
            description=_summary(provider),
        )


def _types(settings: Settings) -> Iterator[BackendRow]:
    plugins = Plugins(BACKENDS)
    for kind in plugins.names:
        name, usable, problem, description = kind, None, "", ""
        try:
            provider = provider_of(kind, {"type": kind})
            description = _summary(provider)
            if provider.check(kind, {"type": kind}) is None:
                usable = True
            else:
                name = f"{kind}:{short_key(provider).upper()}"
        except UsageError as e:
            usable, problem = False, str(e)
        if name in settings.backends:
            continue
        yield BackendRow(
            name=name,
            type=kind,
            configured=False,
            model="",
            usable=usable,
            problem=problem,
            chosen="",
            description=description,
        )


def _chosen(settings: Settings, name: str) -> str:
    roles = [role for role, backend in settings.roles.items() if backend == name]
    return " ".join([*(["all"] if settings.backend == name else []), *roles])


def _summary(provider: object) -> str:
    text = inspect.getdoc(provider) if provider is not None else None
    return (text or "").partition("\n")[0]
