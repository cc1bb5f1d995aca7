"""`coopbench trajectory …`: what happened in one trial, while it runs or after."""

from pathlib import Path
from typing import Annotated, Any

import typer

DEFAULT_STORE = Path("coopbench-results")

trajectory = typer.Typer(no_args_is_help=True, help="Look at how an entrant searched.")


@trajectory.command("show")
def show(  # noqa: PLR0913 - one parameter per option
    *,
    trial: Annotated[
        str,
        typer.Argument(
            help="Trial id or its beginning; or its place in the run, ENTRANT/BENCHMARK, with "
            "/TARGET and /REPETITION after it if need be."
        ),
    ],
    run: Annotated[
        str, typer.Option("--run", help="Run in which a place is looked for; default: the last.")
    ] = "last",
    store: Annotated[
        Path, typer.Option("--store", help="Folder of results.", envvar="COOPBENCH_STORE")
    ] = DEFAULT_STORE,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write one self-contained page to this file.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, all events included.")] = False,
    events: Annotated[bool, typer.Option("--events", help="List all events in order.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="List them with whole prompts and answers.")
    ] = False,
) -> None:
    """Show a trial's tree of candidates, what was spent, and what went wrong."""
    told = _told(trial, run, store)
    if html is not None:
        _write(html, told.html())
    if json:
        typer.echo(told.json(), nl=False)
    elif html is None:
        _print(told, events=events, full=full)


def _told(trial: str, run: str, path: Path) -> Any:
    from coopbench.harness.cli.find_trial import load_events, locate
    from coopbench.harness.registry import REPORTS, Plugins
    from coopbench.harness.store import Store

    with Store.open(path, create=False) as store:
        found = locate(store, trial, run)
        events = load_events(store, found)
    return Plugins(REPORTS).get("trajectory")(found.key, found.id, found.trial, events)


def _write(path: Path, page: str) -> None:
    from coopbench.harness.storage_errors import storage_errors

    with storage_errors(path):
        path.write_text(page, "utf-8")
    typer.echo(f"Trajectory: {path}", err=True)


def _print(told: Any, *, events: bool, full: bool) -> None:
    import shutil
    import sys

    width = shutil.get_terminal_size((110, 24)).columns
    if sys.stdout.isatty():
        from rich.console import Console

        Console(width=width).print(told.terminal(events=events, full=full))
    else:
        typer.echo(told.plain(width, events=events, full=full), nl=False)
