"""The options that say how entrants reach a model and what each trial may spend."""

from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.config import Config, parse_budget, read_config
from coopbench.harness.errors import UsageError
from coopbench.harness.settings import Settings, TapeMode, TapeSettings

_MODES: dict[str, TapeMode] = {
    "replay": "replay",
    "record": "record",
    "record-missing": "record-missing",
    "live": "live",
}


@dataclass(frozen=True)
class ModelOptions:
    """As given on the command line; each overrides the configuration file."""

    config: Path | None = None
    backend: str | None = None
    tape: Path | None = None
    tape_mode: str | None = None
    budget: tuple[str, ...] = ()


def configured(options: ModelOptions) -> Config:
    """Return the configuration file's values with those of the command line on top.

    Raises:
        UsageError: if the file or an option says something that makes no sense.
    """
    config = read_config(options.config)
    settings = config.settings
    if options.backend is not None:
        # one backend on the command line means: this one for every role
        settings = settings.model_copy(update={"backend": options.backend, "roles": {}})
    settings = settings.model_copy(update={"tape": _tape(options, settings)})
    return Config(settings=settings, caps=parse_budget(options.budget, config.caps))


def _tape(options: ModelOptions, settings: Settings) -> TapeSettings | None:
    tape = settings.tape
    if options.tape is not None:
        tape = TapeSettings(path=str(options.tape), mode=tape.mode if tape else "replay")
    if options.tape_mode is None:
        return tape
    if tape is None:
        raise UsageError("--tape-mode needs a tape; name one with --tape FILE")
    if options.tape_mode not in _MODES:
        known = ", ".join(_MODES)
        raise UsageError(f"--tape-mode: unknown mode {options.tape_mode!r}; known: {known}")
    return tape.model_copy(update={"mode": _MODES[options.tape_mode]})
