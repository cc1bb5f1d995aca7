"""The configuration file `coopbench.toml`: how entrants reach a model, and what trials may spend.

```toml
[models]
backend = "haiku"          # of every role: a table below, or a short form like `command:PROGRAM`
effort = "medium"
max_tokens = 8000
prices = "my_prices.toml"
[models.roles]             # other backends for some roles
guide = "local"

[backends.haiku]
type = "anthropic"
model = "claude-haiku-5-5"

[tape]
path = "runs.tape.jsonl"
mode = "record-missing"

[budget]                   # per trial; "none" lifts a cap
model_calls = 40
dollars = 0.25
wall_seconds = 1800
```

Paths are relative to the current folder. Secrets have no place in it: name the environment
variable that holds one.
"""

import math
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from coopbench.harness.base import Frozen
from coopbench.harness.benchmark import parse_model
from coopbench.harness.budget_options import caps_of, parse_budget
from coopbench.harness.errors import UsageError
from coopbench.harness.ledger import Caps
from coopbench.harness.record import DEFAULT_CAPS
from coopbench.harness.registry import BACKENDS, Plugins, unknown_name
from coopbench.harness.secret_values import find_secret
from coopbench.harness.settings import Settings, TapeSettings

__all__ = ["FILE_NAME", "Config", "check_settings", "parse_budget", "read_config"]

FILE_NAME = "coopbench.toml"

Role = Literal["guide", "c", "ir", "asm", "tests"]


class Config(Frozen):
    """What a configuration file says; what it leaves out has its default."""

    settings: Settings = Settings()
    caps: Caps = DEFAULT_CAPS


class _Models(Frozen):
    backend: str | None = None
    effort: str | None = None
    max_tokens: int | None = None
    prices: str | None = None
    roles: dict[Role, str] = Field(default_factory=dict)


class _File(Frozen):
    models: _Models = _Models()
    backends: dict[str, dict[str, Any]] = Field(default_factory=dict)
    tape: TapeSettings | None = None
    budget: dict[str, Any] = Field(default_factory=dict)


def read_config(path: Path | None = None) -> Config:
    """Read a configuration file.

    Args:
        path: The file; None takes `coopbench.toml` of the current folder if there is one.

    Raises:
        UsageError: naming the file, the key and the remedy.
    """
    found = path or Path(FILE_NAME)
    try:
        text = found.read_text("utf-8")
    except FileNotFoundError:
        if path is None:
            return Config()
        raise UsageError(f"configuration {path} does not exist; correct --config") from None
    except OSError as e:
        raise UsageError(f"configuration {found} cannot be read: {e.strerror}") from None
    except UnicodeDecodeError as e:
        raise UsageError(f"{found}: not UTF-8 at byte {e.start}; save it as UTF-8") from None
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as e:
        raise UsageError(f"{found}: not valid TOML: {e}") from None
    file = parse_model(_File, raw, str(found))
    return Config(
        settings=_settings(file, str(found)),
        caps=caps_of(file.budget, DEFAULT_CAPS, f"{found}: budget"),
    )


def check_settings(settings: Settings, *, fresh: bool) -> None:
    """Refuse settings that a run must not begin with.

    Args:
        settings: From the file and the command line.
        fresh: Whether the run is a new one, so that its recording needs a new tape; a run that
            is resumed goes on with the tape it has.

    Raises:
        UsageError: if a secret would get into the run's record, a backend's name is unknown, or a
            tape would be recorded over.
    """
    named = {"backend": settings.backend, "roles": settings.roles, "backends": settings.backends}
    secret = find_secret(named)
    if secret is not None:
        raise UsageError(f"{secret}: {_NO_SECRETS}")
    for name in filter(None, (settings.backend, *settings.roles.values())):
        _refuse_unknown(name, settings)
    tape = settings.tape
    if fresh and tape is not None and tape.mode == "record" and _holds_something(tape.path):
        raise UsageError(
            f"tape {tape.path} already holds recordings; go on with it by --tape-mode "
            "record-missing, or name a new file"
        )


_NO_SECRETS = (
    "a secret does not belong here, because it would get into the run's record; put it into an "
    "environment variable and name that (`api_key_env` or `pass_env`)"
)


def _settings(file: _File, where: str) -> Settings:
    models = file.models.model_dump(exclude_none=True)
    backends = {name: _plain(table, f"{where}: {name}") for name, table in file.backends.items()}
    secret = find_secret({"models": models, "backends": backends})
    if secret is not None:
        raise UsageError(f"{where}: {secret}: {_NO_SECRETS}")
    _refuse_untyped(file.backends, where)
    tape = file.tape.model_dump() if file.tape else None
    return parse_model(Settings, {**models, "backends": backends, "tape": tape}, where)


def _refuse_untyped(backends: Mapping[str, Mapping[str, object]], where: str) -> None:
    for name, table in backends.items():
        if not isinstance(table.get("type"), str):
            raise UsageError(
                f'{where}: backends.{name}: needs a `type`, e.g. type = "anthropic"; see '
                "`coopbench list backends`"
            )


def _refuse_unknown(name: str, settings: Settings) -> None:
    types = Plugins(BACKENDS).names
    if name not in settings.backends:
        short = name.partition(":")[0]
        if short not in types:
            raise unknown_name("backend", short, {*settings.backends, *types})
    elif settings.backends[name].get("type") not in types:
        raise unknown_name(f"type of backend {name!r}", str(settings.backends[name]["type"]), types)


def _plain(value: Any, where: str) -> Any:
    """Return a TOML value as JSON has it."""
    if isinstance(value, dict):
        return {k: _plain(v, f"{where}.{k}") for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v, where) for v in value]
    if isinstance(value, Decimal):
        number = float(value)
        if not math.isfinite(number):
            raise UsageError(f"{where}: {value} is no number; give a finite one")
        return number
    if not isinstance(value, str | int | bool):
        raise UsageError(f"{where}: dates and times mean nothing here; give text or a number")
    return value


def _holds_something(path: str) -> bool:
    try:
        return Path(path).stat().st_size > 0
    except OSError:
        return False
