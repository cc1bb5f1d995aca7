"""`coopbench run` and `coopbench judge`: compose a run, carry it out, report it."""

import contextlib
import os
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import typer

from coopbench.harness.absences import grouped
from coopbench.harness.cli.models import ModelOptions, configured
from coopbench.harness.cli.screen import open_screen
from coopbench.harness.compose import Hall, open_hall
from coopbench.harness.config import check_settings
from coopbench.harness.entrants import entrants_for
from coopbench.harness.errors import CoopBenchError, UsageError
from coopbench.harness.execute import Run, execute
from coopbench.harness.locks import run_lock
from coopbench.harness.manifest import new_record
from coopbench.harness.optimizer import Optimizer
from coopbench.harness.plan import choose_benchmarks, choose_entrants
from coopbench.harness.profiles import profile_all
from coopbench.harness.record import Plan, RunRecord
from coopbench.harness.registry import REPORTS, Plugins
from coopbench.harness.store import Store
from coopbench.harness.submission import read_submission
from coopbench.harness.suite import Suite, find_suite, settle


class Show(Protocol):
    """Shows a finished run on the terminal and writes its files."""

    def __call__(self, store: Store, record: RunRecord, folder: Path, *, json: bool) -> None:
        """Show the run; files go to the folder."""


@dataclass(frozen=True)
class RunOptions:
    """The options of `run` and `judge`, validated by the command line as far as types go."""

    suite: str
    store: Path
    benchmarks: tuple[str, ...] = ()
    entrants: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    repetitions: int = 1
    max_blocks: int = 60
    wait: bool = False
    unsafe: bool = False
    controls: int = 5
    ceilings: bool = False
    profile: bool = False
    """Say in the report where the benchmarks spend their instructions."""
    json: bool = False
    models: ModelOptions = field(default_factory=ModelOptions)


def start(options: RunOptions) -> None:
    """Begin a new run with the installed entrants."""
    options = replace(options, suite=settle(options.suite))
    suite = find_suite(options.suite)
    begin(options, suite, entrants_for(options.entrants, sources_of(suite)))


def judge(path: Path, benchmark: str | None, options: RunOptions) -> None:
    """Begin a run whose only entrant hands in files."""
    suite = find_suite(options.suite)
    entrant = read_submission(path, sources_of(suite), benchmark)
    # one control of each kind: a judgement is to be quick, and still to be trusted
    chosen = replace(options, benchmarks=tuple(entrant.answers), controls=1)
    begin(chosen, suite, {entrant.name: entrant})


def sources_of(suite: Suite) -> dict[str, frozenset[str]]:
    """Return the names of the sources of every benchmark."""
    return {b.name: frozenset(b.files) for b in suite.benchmarks}


def resume(name: str, options: RunOptions) -> None:
    """Go on with a stored run."""
    with Store.open(options.store, create=False) as store:
        record = stored_run(store, name)
        if record.status == "finished":
            raise UsageError(f"run {record.id} is finished; nothing is left to resume")
        secret = _read_secret(options.store, record.id)
        suite = find_suite(record.plan.suite)
        _same_programs(record, suite)
        entrants = entrants_for(record.plan.entrants, sources_of(suite))
        missing = [e for e in record.plan.entrants if e not in entrants]
        if missing:
            raise UsageError(
                f"run {record.id} needs the entrant {missing[0]!r}, which is not installed; "
                "runs of `coopbench judge` cannot be resumed: judge the files again"
            )
        unsafe = record.plan.unsafe_no_sandbox
        plan = record.plan
        with open_hall(suite, plan.targets, secret, plan.settings, unsafe=unsafe) as hall:
            _carry_out(options, store, hall, record, entrants)
        folder = options.store / "reports" / record.id
        show_report(store, store.run(record.id), folder, json=options.json)


def begin(
    options: RunOptions,
    suite: Suite,
    entrants: Mapping[str, Optimizer],
    show: Show | None = None,
) -> None:
    """Begin a run and carry it out.

    Args:
        options: Of the command line.
        suite: The programs, of which the options may choose some.
        entrants: All that may be chosen.
        show: Shows the finished run; default: the leaderboard.
    """
    benchmarks = {b.name: b for b in suite.benchmarks}
    plan_benchmarks = choose_benchmarks(options.benchmarks, benchmarks)
    plan_entrants = choose_entrants(options.entrants, entrants, ceilings=options.ceilings)
    config = configured(options.models)
    check_settings(config.settings, fresh=True)
    secret = secrets.token_bytes(32)
    with Store.open(options.store) as store:
        typer.echo(
            "Looking at the machine and its tools (the first time takes minutes) ...", err=True
        )
        unsafe = options.unsafe
        with open_hall(suite, options.targets, secret, config.settings, unsafe=unsafe) as hall:
            plan = Plan(
                suite=options.suite,
                benchmarks=hall.admitted(plan_benchmarks),
                entrants=plan_entrants,
                targets=hall.targets,
                repetitions=options.repetitions,
                max_blocks=options.max_blocks,
                caps=config.caps,
                settings=config.settings,
                unsafe_no_sandbox=options.unsafe,
                controls=options.controls,
            )
            record = new_record(plan, hall, entrants, secret)
            _refuse_empty(record, hall, entrants)
            _keep_secret(options.store, record.id, secret)
            store.create_run(record)
            _carry_out(options, store, hall, record, entrants)
            folder = options.store / "reports" / record.id
            (show or show_report)(store, store.run(record.id), folder, json=options.json)


def _carry_out(
    options: RunOptions,
    store: Store,
    hall: Hall,
    record: RunRecord,
    entrants: Mapping[str, Optimizer],
) -> None:
    store.update_run(record.model_copy(update={"status": "running"}))
    with run_lock(options.store, record.id), _interruptible(store, record, options.store):
        with open_screen() as screen:
            for missing in grouped(record.unavailable, [t.name for t in record.plan.targets]):
                screen.note(f"not available: {missing.what}: {missing.why}; {missing.remedy}")
            execute(
                Run(
                    record=record,
                    store=store,
                    entrants=entrants,
                    referee=hall.referee,
                    refused=lambda name, target: hall.refused(entrants[name], target),
                    secret=hall.secret,
                    progress=screen,
                    wait=options.wait,
                )
            )
        update = {"status": "finished", "finished_at": time.time(), "secret": hall.secret.hex()}
        if options.profile:
            plan = record.plan
            cells = [(name, target) for target in plan.targets for name in plan.benchmarks]
            update["profiles"] = profile_all(hall.referee, cells)
        done = record.model_copy(update=update)
        store.update_run(done)
        _secret_path(options.store, record.id).unlink(missing_ok=True)


def _refuse_empty(record: RunRecord, hall: Hall, entrants: Mapping[str, Optimizer]) -> None:
    cells = [(entrants[e], t) for e in record.plan.entrants for t in record.plan.targets]
    if all(hall.refused(*cell) is not None for cell in cells):
        missing = grouped(record.unavailable, [t.name for t in record.plan.targets])
        what = "; ".join(f"{m.what}: {m.why}" for m in missing)
        raise UsageError(f"no entrant can take part: {what}")


def show_report(store: Store, record: RunRecord, folder: Path, *, json: bool) -> None:
    """Write the report files; print the compact table with their place, or the run as JSON."""
    write = Plugins(REPORTS).get("default")
    files = write(record, store.trials(record.id), folder, blob=store.get_blob)
    if json:
        typer.echo(files.json.read_text("utf-8"), nl=False)
        return
    width = 80
    with contextlib.suppress(OSError):
        width = os.get_terminal_size().columns
    if sys.stdout.isatty():
        from rich.console import Console

        Console(width=width).print(files.summary(width))
    else:
        typer.echo(files.plain(100))
    typer.echo(f"Report: {files.html}")


@contextlib.contextmanager
def _interruptible(store: Store, record: RunRecord, path: Path) -> Iterator[None]:
    """Mark the run as interrupted when it is, and say how to go on."""
    hint = f"go on with: coopbench run --resume {record.id} --store {path}"
    try:
        yield
    except KeyboardInterrupt:
        store.update_run(record.model_copy(update={"status": "interrupted"}))
        typer.echo(f"\ncoopbench: interrupted; finished trials are stored; {hint}", err=True)
        raise typer.Exit(130) from None
    except CoopBenchError as e:
        store.update_run(record.model_copy(update={"status": "interrupted"}))
        raise type(e)(f"{e} (finished trials are stored; {hint})") from e


def stored_run(store: Store, name: str) -> RunRecord:
    """Return a stored run by id, unique beginning, or `last`.

    Raises:
        UsageError: if there is none.
    """
    if name != "last":
        return store.run(name)
    runs = store.runs()
    if not runs:
        raise UsageError("the store holds no run yet; start one with `coopbench run`")
    return max(runs, key=lambda r: r.created_at)


def _same_programs(record: RunRecord, suite: Suite) -> None:
    now = {b.name: b.digest for b in suite.benchmarks}
    for b in record.benchmarks:
        if now.get(b.name) != b.digest:
            raise UsageError(
                f"benchmark {b.name!r} has changed since run {record.id} began; start a new run"
            )


def _secret_path(store: Path, run_id: str) -> Path:
    return store / "secrets" / f"{run_id}.hex"


def _keep_secret(store: Path, run_id: str, secret: bytes) -> None:
    """Keep the secret for a resume, readable by its owner only; it is revealed at the end."""
    path = _secret_path(store, run_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret.hex())


def _read_secret(store: Path, run_id: str) -> bytes:
    try:
        return bytes.fromhex(_secret_path(store, run_id).read_text())
    except (OSError, ValueError):
        raise UsageError(
            f"the secret of run {run_id} is gone, so it cannot be resumed; start a new run"
        ) from None
