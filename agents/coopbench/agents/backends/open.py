"""Finds, checks and opens the backends that a user chose, by their names.

A name is that of a `[backends.NAME]` table, or a type that needs no options (`filebox`), or a
short form `TYPE:REST`, e.g. `command:PROGRAM ARGS`, `filebox:FOLDER`, `scripted:FILE`,
`anthropic:MODEL`.
"""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from coopbench.agents.backends.model import Backend
from coopbench.agents.backends.provider import Provider, Table
from coopbench.agents.backends.tape import Tape, TapeBackend, no_tape
from coopbench.agents.backends.tape_file import read_header
from coopbench.harness.errors import UsageError
from coopbench.harness.registry import BACKENDS, Plugins, unknown_name
from coopbench.harness.settings import Settings, TapeSettings


@dataclass
class OpenBackends:
    """Backends in use; a context that closes them all.

    Attributes:
        by_role: By role; the key `""` is for all other roles.
        tape: The tape around them, None without one.
    """

    by_role: Mapping[str, Backend]
    tape: Tape | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def unused(self, scope: str) -> tuple[str, ...]:
        """Return the steps of a replayed trial whose recorded answers nobody asked for."""
        if self.tape is None or self.tape.settings.mode != "replay":
            return ()
        return tuple(f"{e.request.role}: {e.step}" for e in self.tape.unused(scope))


def open_backends(settings: Settings, roles: Iterable[str]) -> OpenBackends:
    """Open what a user chose for these roles, wrapped by the tape if there is one.

    Raises:
        UsageError: if something is missing or wrong (see `unavailable`).
    """
    wanted = tuple(roles)
    problem = unavailable(settings, wanted)
    if problem is not None:
        raise UsageError(problem)
    with ExitStack() as stack:
        tape = None
        if settings.tape is not None and settings.tape.mode != "live":
            tape = Tape(settings.tape)
            stack.callback(tape.close)
        if tape is not None and tape.settings.mode == "replay":
            by_role: dict[str, Backend] = {
                role: TapeBackend("tape", tape, None, role) for role in ("", *wanted)
            }
        else:
            made: dict[str, Backend] = {}
            for name in dict.fromkeys(_names(settings, wanted).values()):
                inner = _make(settings, name)
                backend = inner if tape is None else TapeBackend(name, tape, inner)
                stack.callback(backend.close)
                made[name] = backend
            by_role = {role: made[name] for role, name in _names(settings, wanted).items()}
        return OpenBackends(by_role, tape, stack.pop_all())


def unavailable(settings: Settings, roles: Iterable[str]) -> str | None:
    """Return why models cannot be used as chosen, with the remedy; None if they can.

    Imports no provider's SDK and asks nobody. What is replayed from a tape needs no backend.
    """
    tape = settings.tape
    try:
        if tape is not None and tape.mode != "live":
            problem = _tape_problem(tape)
            if problem is not None or tape.mode == "replay":
                return problem
        wanted = tuple(roles)
        if any(settings.backend_of(role) is None for role in wanted):
            return _none_chosen(settings)
        for name in dict.fromkeys(_names(settings, wanted).values()):
            problem = check_backend(settings, name)
            if problem is not None:
                return problem
    except UsageError as e:
        return str(e)
    return None


def check_backend(settings: Settings, name: str) -> str | None:
    """Return why a backend cannot be used, None if it can.

    Raises:
        UsageError: if there is none of this name.
    """
    table = table_of(settings, name)
    return provider_of(name, table).check(name, table)


def table_of(settings: Settings, name: str) -> Table:
    """Return the table of a backend, that of a short form too.

    Raises:
        UsageError: with the nearest name if there is none.
    """
    plugins = Plugins(BACKENDS)
    if name in settings.backends:
        table = settings.backends[name]
        if not isinstance(table.get("type"), str):
            known = ", ".join(plugins.names)
            raise UsageError(f"backend {name!r}: its table needs a `type`, one of: {known}")
        return table
    kind, colon, rest = name.partition(":")
    if kind not in plugins.names:
        raise unknown_name("backend", kind, {*settings.backends, *plugins.names})
    if not colon:
        return {"type": kind}
    return {"type": kind, short_key(_load(kind)): rest.strip()}


def provider_of(name: str, table: Table) -> Provider:
    """Return what makes backends of a table's type.

    Raises:
        UsageError: if there is no such type, or its plug-in is broken.
    """
    kind = str(table["type"])
    names = Plugins(BACKENDS).names
    if kind not in names:
        raise unknown_name(f"type of backend {name!r}", kind, names)
    return _load(kind)


def short_key(provider: Provider) -> str:
    """Return the key of a table that the rest of a short form fills."""
    return str(getattr(provider, "SHORT", "model"))


def _load(kind: str) -> Provider:
    provider = Plugins(BACKENDS).get(kind)
    if not all(callable(getattr(provider, f, None)) for f in ("make", "check")):
        raise UsageError(
            f"plug-in {kind!r} of {BACKENDS} has no functions `make` and `check`; fix or "
            "uninstall it"
        )
    return cast("Provider", provider)


def _make(settings: Settings, name: str) -> Backend:
    table = table_of(settings, name)
    return provider_of(name, table).make(name, table)


def _names(settings: Settings, roles: Iterable[str]) -> dict[str, str]:
    """Return the name of the backend by role, `""` for all others."""
    chosen = {"": settings.backend, **{role: settings.roles.get(role) for role in roles}}
    return {role: name for role, name in chosen.items() if name is not None}


def _none_chosen(settings: Settings) -> str:
    usable = [name for name in settings.backends if not _problem(settings, name)]
    configured = f"configured and usable: {', '.join(usable)}; " if usable else ""
    kinds = ", ".join(f"{k}:{short_key(_load(k)).upper()}" for k in Plugins(BACKENDS).names)
    return (
        "no model is chosen; name one with --backend, or as `backend` under [models] in "
        f"coopbench.toml ({configured}possible: {kinds}; see `coopbench list backends`), or "
        "replay a tape with --tape FILE"
    )


def _problem(settings: Settings, name: str) -> str | None:
    try:
        return check_backend(settings, name)
    except UsageError as e:
        return str(e)


def _tape_problem(tape: TapeSettings) -> str | None:
    if read_header(Path(tape.path)) is None and tape.mode == "replay":
        return no_tape(tape)
    return None
