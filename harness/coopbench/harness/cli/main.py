"""The `coopbench` command: the table of contents of everything it can do."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from coopbench.harness.cli import backends, listing, new, suite, trajectory
from coopbench.harness.cli.options import (
    DEFAULT_STORE,
    Backend,
    Benchmarks,
    BudgetItems,
    ConfigFile,
    Entrants,
    Json,
    JsonRun,
    MaxBlocks,
    Store,
    SuiteName,
    Tape,
    TapeModeName,
    Targets,
    Unsafe,
    Wait,
    model_options,
)
from coopbench.harness.errors import CoopBenchError, UsageError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Judges code optimizers: is the program faster, by how much, and is it still the same?",
)
app.add_typer(listing.listing, name="list")
app.add_typer(backends.filebox, name="filebox")
app.add_typer(backends.tape, name="tape")
app.add_typer(new.new, name="new")
app.add_typer(trajectory.trajectory, name="trajectory")
app.add_typer(suite.suite, name="suite")


@app.command()
def run(  # noqa: PLR0913 - one parameter per option
    *,
    suite: Annotated[
        str, typer.Argument(help="Name of an installed suite, or a folder.")
    ] = "starter",
    benchmark: Benchmarks = None,
    entrant: Entrants = None,
    target: Targets = None,
    repetitions: Annotated[
        int, typer.Option(min=1, max=100, help="Trials per entrant and benchmark.")
    ] = 1,
    ceilings: Annotated[
        bool,
        typer.Option(
            "--ceilings",
            help="Judge expert versions too, to tell scores as shares of the headroom.",
        ),
    ] = False,
    backend: Backend = None,
    config: ConfigFile = None,
    tape: Tape = None,
    tape_mode: TapeModeName = None,
    budget: BudgetItems = None,
    max_blocks: MaxBlocks = 60,
    resume: Annotated[str | None, typer.Option(help="Go on with a run: its id, or `last`.")] = None,
    store: Store = DEFAULT_STORE,
    wait: Wait = False,
    unsafe_no_sandbox: Unsafe = False,
    json: JsonRun = False,
) -> None:
    """Judge entrants on a suite and write the reports."""
    from coopbench.harness.cli import run as command

    options = command.RunOptions(
        suite=suite,
        benchmarks=tuple(benchmark or ()),
        entrants=tuple(entrant or ()),
        targets=tuple(target or ()),
        repetitions=repetitions,
        ceilings=ceilings,
        profile=True,
        models=model_options(config, backend, tape, tape_mode, budget),
        max_blocks=max_blocks,
        store=store,
        wait=wait,
        unsafe=unsafe_no_sandbox,
        json=json,
    )
    if resume is not None:
        command.resume(resume, options)
    else:
        command.start(options)


@app.command()
def judge(  # noqa: PLR0913 - one parameter per option
    *,
    path: Annotated[Path, typer.Argument(help="A candidate (.c, .ll, .s), or a folder of them.")],
    benchmark: Annotated[
        str | None, typer.Option("--benchmark", "-b", help="Benchmark it is for.")
    ] = None,
    suite: SuiteName = "starter",
    target: Targets = None,
    max_blocks: MaxBlocks = 60,
    store: Store = DEFAULT_STORE,
    wait: Wait = False,
    unsafe_no_sandbox: Unsafe = False,
    json: JsonRun = False,
) -> None:
    """Judge candidate files against a benchmark."""
    from coopbench.harness.cli import run as command

    options = command.RunOptions(
        suite=suite,
        targets=tuple(target or ()),
        max_blocks=max_blocks,
        store=store,
        wait=wait,
        unsafe=unsafe_no_sandbox,
        json=json,
    )
    command.judge(path, benchmark, options)


@app.command()
def optimize(  # noqa: PLR0913 - one parameter per option
    *,
    file: Annotated[Path, typer.Argument(help="A C file.")],
    function: Annotated[str, typer.Option("--function", "-f", help="Function to make faster.")],
    contract: Annotated[
        Path | None,
        typer.Option("--contract", help="What must be kept; default: guessed, and confirmed."),
    ] = None,
    entrant: Annotated[
        str, typer.Option("--entrant", "-e", help="Optimizer to use.")
    ] = "cooperative",
    target: Targets = None,
    backend: Backend = None,
    config: ConfigFile = None,
    tape: Tape = None,
    tape_mode: TapeModeName = None,
    budget: BudgetItems = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; default: NAME.optimized.c, .ll or .s."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Accept a guessed contract.")] = False,
    max_blocks: MaxBlocks = 60,
    store: Store = DEFAULT_STORE,
    wait: Wait = False,
    unsafe_no_sandbox: Unsafe = False,
    json: Json = False,
) -> None:
    """Make a C function of your own faster, and have the result judged."""
    from coopbench.harness.cli import optimize as command
    from coopbench.harness.cli.run import RunOptions

    run_options = RunOptions(
        suite="",
        targets=tuple(target or ()),
        max_blocks=max_blocks,
        store=store,
        wait=wait,
        unsafe=unsafe_no_sandbox,
        json=json,
        models=model_options(config, backend, tape, tape_mode, budget),
    )
    command.optimize(
        command.OptimizeOptions(file, function, run_options, contract, entrant, output, yes)
    )


@app.command()
def report(
    *,
    run: Annotated[str, typer.Argument(help="Run id (or its beginning), or `last`.")] = "last",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the files.")
    ] = None,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Write the report of a stored run again and show its leaderboard."""
    from coopbench.harness.cli import show

    show.report(run, output, store, json=json)


@app.command()
def doctor(*, json: Json = False) -> None:
    """Say what was found on this machine, what is missing, and what disturbs measuring."""
    from coopbench.harness.cli import doctor as command

    command.doctor(json=json)


app.command("show")(listing.show_benchmark)


@app.callback(invoke_without_command=True)
def version(
    *,
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Handle options that stand before the command."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"coopbench {installed('coopbench')}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        raise typer.Exit(2)


def main() -> None:
    """Run the command line: 0 done, 1 a check found something, 2 the user's mistake, 3 the machine's, 130 interrupted."""
    try:
        app(prog_name="coopbench")
    except UsageError as e:
        _complain(e)
        sys.exit(2)
    except CoopBenchError as e:
        _complain(e)
        sys.exit(3)


def _complain(error: CoopBenchError) -> None:
    typer.echo(f"coopbench: {error}", err=True)


if __name__ == "__main__":
    main()
