"""The `coopbench` command: the table of contents of everything it can do."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coopbench.harness.cli import backends, trajectory
from coopbench.harness.errors import CoopBenchError, UsageError

if TYPE_CHECKING:
    from coopbench.harness.cli.models import ModelOptions

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Judges code optimizers: is the program faster, by how much, and is it still the same?",
)
listing = typer.Typer(no_args_is_help=True, help="List what is known.")
app.add_typer(listing, name="list")
app.add_typer(backends.filebox, name="filebox")
app.add_typer(backends.tape, name="tape")
app.add_typer(trajectory.trajectory, name="trajectory")
listing.command("backends")(backends.list_backends)

Store = Annotated[
    Path,
    typer.Option("--store", help="Folder of results.", envvar="COOPBENCH_STORE", show_default=True),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
JsonRun = Annotated[bool, typer.Option("--json", help="Print the whole run as JSON at the end.")]
SuiteName = Annotated[str, typer.Option("--suite", help="Name of an installed suite, or a folder.")]
Benchmarks = Annotated[
    list[str] | None, typer.Option("--benchmark", "-b", help="Only this benchmark (repeatable).")
]
Entrants = Annotated[
    list[str] | None, typer.Option("--entrant", "-e", help="Only this entrant (repeatable).")
]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", "-t", help="Target (repeatable); see `coopbench list targets`."),
]
Unsafe = Annotated[
    bool,
    typer.Option(
        "--unsafe-no-sandbox", help="Run candidates without a sandbox; written into the results."
    ),
]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait while another run is measuring on this machine.")
]
MaxBlocks = Annotated[
    int, typer.Option("--max-blocks", min=10, max=1000, help="Most pairs per measurement.")
]
Backend = Annotated[
    str | None,
    typer.Option(
        "--backend",
        help="Model for the LLM entrants: a name in the configuration, or e.g. anthropic:MODEL, "
        "command:PROGRAM, filebox:FOLDER.",
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration; default: ./coopbench.toml if it is there."),
]
Tape = Annotated[Path | None, typer.Option("--tape", help="File of recorded model answers.")]
TapeModeName = Annotated[
    str | None,
    typer.Option("--tape-mode", help="replay (default), record, record-missing or live."),
]
BudgetItems = Annotated[
    list[str] | None,
    typer.Option(
        "--budget",
        help="Cap per trial, e.g. model_calls=40, tokens=400000, dollars=0.25, evaluations=50, "
        "compile_seconds=300, run_seconds=300, wall_seconds=none (repeatable).",
    ),
]
DEFAULT_STORE = Path("coopbench-results")


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


def model_options(
    config: Path | None,
    backend: str | None,
    tape: Path | None,
    tape_mode: str | None,
    budget: list[str] | None,
) -> "ModelOptions":
    """Return the options about models as one value."""
    from coopbench.harness.cli.models import ModelOptions

    return ModelOptions(config, backend, tape, tape_mode, tuple(budget or ()))


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


@listing.command("benchmarks")
def list_benchmarks(*, suite: SuiteName = "starter", json: Json = False) -> None:
    """List the benchmarks of a suite."""
    from coopbench.harness.cli import show

    show.benchmarks(suite, json=json)


@listing.command("entrants")
def list_entrants(
    *,
    target: Targets = None,
    backend: Backend = None,
    config: ConfigFile = None,
    tape: Tape = None,
    json: Json = False,
) -> None:
    """List the entrants, and whether each can take part here."""
    from coopbench.harness.cli import show

    models = model_options(config, backend, tape, None, None)
    show.entrants(tuple(target or ()), models, json=json)


@listing.command("targets")
def list_targets(*, json: Json = False) -> None:
    """List the targets, and how each is run here."""
    from coopbench.harness.cli import show

    show.targets(json=json)


@listing.command("runs")
def list_runs(*, store: Store = DEFAULT_STORE, json: Json = False) -> None:
    """List the stored runs."""
    from coopbench.harness.cli import show

    show.runs(store, json=json)


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
