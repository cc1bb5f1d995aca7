"""The `coopbench` command: the table of contents of everything it can do."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from coopbench.harness.errors import CoopBenchError, UsageError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Judges code optimizers: is the program faster, by how much, and is it still the same?",
)
listing = typer.Typer(no_args_is_help=True, help="List what is known.")
app.add_typer(listing, name="list")

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
    evaluations: Annotated[
        int,
        typer.Option(min=1, max=100_000, help="Cost estimates a searching entrant may ask for."),
    ] = 50,
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
        evaluations=evaluations,
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
def list_entrants(*, target: Targets = None, json: Json = False) -> None:
    """List the entrants, and whether each can take part here."""
    from coopbench.harness.cli import show

    show.entrants(tuple(target or ()), json=json)


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
    """Run the command line: 0 done, 2 the user's mistake, 3 the machine's, 130 interrupted."""
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
