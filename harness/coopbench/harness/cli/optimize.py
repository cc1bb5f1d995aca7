"""`coopbench optimize`: a user's own C function through a whole optimizer and the referee."""

import hashlib
import json as jsonlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from coopbench.harness.adhoc import AdHoc, read_function
from coopbench.harness.cli.handover import check_output, hand_over
from coopbench.harness.cli.models import configured
from coopbench.harness.cli.run import RunOptions, begin, sources_of
from coopbench.harness.compose import default_targets, surroundings_of
from coopbench.harness.entrants import entrants_for
from coopbench.harness.errors import UsageError
from coopbench.harness.optimizer import Optimizer
from coopbench.harness.record import RunRecord
from coopbench.harness.registry import REPORTS, Plugins, unknown_name
from coopbench.harness.store import Store
from coopbench.harness.suite import find_suite
from coopbench.harness.toolchain.host import find_target, read_host

WITHOUT_MODEL = "autotune"
"""What is offered where no model can be reached."""


@dataclass(frozen=True)
class OptimizeOptions:
    """The options of `optimize` beyond those of a run."""

    file: Path
    function: str
    run: RunOptions
    contract: Path | None = None
    entrant: str = "cooperative"
    output: Path | None = None
    yes: bool = False


def optimize(options: OptimizeOptions) -> None:
    """Optimize a function, judge the result, and write it beside the original.

    Raises:
        UsageError: if the file, the function, the contract or the model is no good.
    """
    if len(options.run.targets) > 1:
        raise UsageError("a function is optimized for one target at a time; give --target once")
    check_output(options.file, options.output)
    work = read_function(options.file, options.function, options.contract)
    if work.extract.parts:
        names = ", ".join(part.name for part in work.extract.parts)
        typer.echo(f"left out, because {options.function} does not need it: {names}", err=True)
    _confirm_contract(work, options)
    target = (options.run.targets or (default_targets()[0].name,))[0]
    digest = hashlib.sha256("\0".join(work.sources.values()).encode()).hexdigest()[:12]
    folder = work.write(options.run.store / "optimize" / f"{work.manifest.name}-{digest}")
    suite = find_suite(str(folder))
    entrant = _entrant(options, entrants_for([options.entrant], sources_of(suite)), target)
    run = replace(
        options.run, suite=str(folder), entrants=(entrant.name,), targets=(target,), controls=1
    )

    def show(store: Store, record: RunRecord, folder: Path, *, json: bool) -> None:
        write = Plugins(REPORTS).get("default")
        files = write(record, store.trials(record.id), folder, blob=store.get_blob)
        trial = next(t for t in store.trials(record.id) if t.entrant == entrant.name)
        result = hand_over(work, trial, store, options.output)
        if json:
            typer.echo(jsonlib.dumps(result.facts(), indent=1))
            return
        result.print()
        typer.echo(f"Report: {files.html}")

    begin(run, suite, {entrant.name: entrant}, show)


def _confirm_contract(work: AdHoc, options: OptimizeOptions) -> None:
    if not work.assumptions or options.yes:
        return
    typer.echo(f"# The contract guessed for {options.function}: change it with --contract FILE")
    typer.echo(work.toml())
    for line in work.assumptions:
        typer.echo(f"assumed: {line}")
    if not sys.stdin.isatty():
        raise UsageError(
            "the contract above was guessed and nobody is here to confirm it; accept it with --yes, "
            "or save it, mend it and pass it with --contract FILE"
        )
    if not typer.confirm("Is the program still right if only this is kept?", default=True):
        raise UsageError("save the contract above, mend it, and pass it with --contract FILE")


def _entrant(options: OptimizeOptions, known: dict[str, Optimizer], target_name: str) -> Optimizer:
    """Return the chosen entrant, or the autotuner if no model can be reached and the user agrees."""
    if options.entrant not in known:
        raise unknown_name("entrant", options.entrant, known)
    target = find_target(target_name, read_host())
    settings = configured(options.run.models).settings
    entrant = known[options.entrant]
    why = entrant.available(surroundings_of(target, settings))
    if why is None:
        return entrant
    configured_ones = ", ".join(settings.backends) or "none"
    message = f"{entrant.name} cannot take part: {why} (configured backends: {configured_ones})"
    other = known.get(WITHOUT_MODEL)
    if other is None or entrant.name == WITHOUT_MODEL:
        raise UsageError(message)
    typer.echo(f"coopbench: {message}", err=True)
    if not sys.stdin.isatty() or not typer.confirm("Use the autotuner instead?", default=True):
        raise UsageError(
            f"no model can be reached; name one with --backend, or use --entrant {WITHOUT_MODEL}, "
            "which needs none"
        )
    return other
