"""`coopbench optimize`: a user's own C function through a whole optimizer and the referee."""

import contextlib
import hashlib
import json as jsonlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from coopbench.harness.adhoc import AdHoc, read_function
from coopbench.harness.chain_diff import diffs_along
from coopbench.harness.cli.models import configured
from coopbench.harness.cli.run import RunOptions, begin, sources_of
from coopbench.harness.compose import default_targets, surroundings_of
from coopbench.harness.entrants import entrants_for
from coopbench.harness.errors import UsageError
from coopbench.harness.model import Candidate, Outcome, Trial
from coopbench.harness.optimizer import Optimizer
from coopbench.harness.record import RunRecord
from coopbench.harness.registry import REPORTS, Plugins, unknown_name
from coopbench.harness.store import Store
from coopbench.harness.suite import find_suite
from coopbench.harness.toolchain.host import find_target, read_host
from coopbench.harness.trajectory import Event, read_events

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
    work = read_function(options.file, options.function, options.contract)
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
        result = _write(options, work, trial, store)
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


@dataclass(frozen=True)
class Result:
    """What came out, and where it was written."""

    trial: Trial
    candidate: Candidate | None
    files: tuple[Path, ...]
    diff: str
    diff_file: Path | None

    def facts(self) -> dict[str, object]:
        """Return the result as JSON-ready values."""
        m = self.trial.measurement
        return {
            "trial": self.trial.id,
            "outcome": self.trial.outcome.value,
            "reason": self.trial.reason,
            "speedup": m.speedup if m else None,
            "interval": m.interval.model_dump() if m and m.interval else None,
            "level": self.candidate.level.value if self.candidate else None,
            "recipe": self.candidate.recipe.model_dump(mode="json") if self.candidate else None,
            "files": [str(p) for p in self.files],
            "diff": str(self.diff_file) if self.diff_file else None,
            "evidence": [
                e.model_dump(mode="json")
                for e in (self.trial.verdict.evidence if self.trial.verdict else ())
            ],
        }

    def print(self) -> None:
        """Print diff, verdict and evidence."""
        typer.echo(self.diff or "(the text is unchanged: the gain, if any, is in the recipe)")
        typer.echo(f"{self.trial.outcome.value}: {self.trial.reason}")
        for e in self.trial.verdict.evidence if self.trial.verdict else ():
            mark = "passed" if e.passed else "FAILED"
            typer.echo(f"  {e.rung.value:8} {mark}: {e.detail} ({e.seconds:.2f} s)")
        if self.candidate is not None:
            typer.echo(f"recipe: {_recipe(self.candidate)}")
        for path in (*self.files, *([self.diff_file] if self.diff_file else [])):
            typer.echo(f"wrote {path}")


def _write(options: OptimizeOptions, work: AdHoc, trial: Trial, store: Store) -> Result:
    """Write the winner's files and the diff; nothing is written for a loser."""
    if trial.candidate_blob is None or trial.outcome is not Outcome.FASTER:
        return Result(trial, None, (), "(nothing faster and right was found)", None)
    candidate = Candidate.model_validate_json(store.get_blob(trial.candidate_blob))
    events: tuple[Event, ...] = ()
    if trial.trajectory_blob is not None:
        with contextlib.suppress(UsageError):
            lines = store.get_blob(trial.trajectory_blob).splitlines(keepends=True)
            events = read_events(lines, trial.id)
    diffs = diffs_along(events, candidate, work.sources)
    text = "\n".join(f"# level {level.value}\n{diff}" for level, diff in diffs)
    stem = options.file.stem
    suffix = candidate.level.suffix
    out = options.output or Path(f"{stem}.optimized{suffix}")
    written: list[Path] = []
    if candidate.files != work.sources:
        main = next(n for n in candidate.files if n.endswith(suffix))
        out.write_text(candidate.files[main], "utf-8")
        written.append(out)
    diff_file = out.with_suffix(".diff") if text else None
    if diff_file is not None:
        diff_file.write_text(text, "utf-8")
    return Result(trial, candidate, tuple(written), text, diff_file)


def _recipe(candidate: Candidate) -> str:
    """Return how the result is to be built, as people write it."""
    r = candidate.recipe
    parts = [f"{r.compiler}"]
    if candidate.level.value == "c":
        parts.append(f"front end {' '.join(r.frontend)}")
    if r.passes is not None:
        parts.append(f"opt -passes='{r.passes}' {' '.join(r.pass_options)}".rstrip())
    if r.passes is not None or candidate.level.value == "ir":
        parts.append(f"llc {' '.join(r.codegen)}")
    if candidate.level.value == "asm":
        parts.append("assemble only")
    return "; ".join(parts)
