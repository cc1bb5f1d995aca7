"""`coopbench list backends`, `coopbench filebox …` and `coopbench tape …`.

What they show is found by the plug-ins of the group `coopbench.commands`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

filebox = typer.Typer(no_args_is_help=True, help="Look at what waits for an answer in a folder.")
tape = typer.Typer(no_args_is_help=True, help="Look at recorded model answers.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration; default: ./coopbench.toml if it is there."),
]
TapeFile = Annotated[Path, typer.Argument(help="A tape.")]

_DEFAULT_FOLDER = "coopbench-filebox"


def list_backends(*, config: ConfigFile = None, json: Json = False) -> None:
    """List the ways to reach a model: those configured, and the types there are."""
    from coopbench.harness.cli.table import print_rows
    from coopbench.harness.config import read_config

    found = _command("backends")(read_config(config).settings)
    if json:
        print_rows("backends", (), _rows(found), json=True)
        return
    configured = [{**row, "usable": "yes" if row["usable"] else "no"} for row in _rows(found)]
    configured = [row for row in configured if row["configured"]]
    if configured:
        columns = ("name", "type", "model", "chosen", "usable")
        print_rows("configured", columns, configured, json=False)
    types = [row for row in _rows(found) if not row["configured"]]
    print_rows("types", ("name", "description"), types, json=False)
    for row in found:
        if row.problem:
            typer.echo(row.problem)


@filebox.command("status")
def filebox_status(
    *,
    folder: Annotated[
        Path | None,
        typer.Argument(help="A file box; default: those configured, or ./coopbench-filebox."),
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Say what waits for an answer, what was answered, and what was refused and why."""
    from coopbench.harness.cli.table import print_rows

    folders = [folder] if folder is not None else _used_folders(config)
    if not folders and not json:
        typer.echo("no file box has been used here yet; give its folder if it is elsewhere")
        return
    found = [row for f in folders for row in _command("filebox-status")(f)]
    rows = [{**row, "age": _age(row["age_s"])} for row in _rows(found)]
    title = f"requests in {', '.join(map(str, folders))}"
    print_rows(title, ("request", "state", "role", "step", "age", "key"), rows, json=json)
    if json:
        return
    for row in found:
        for why in row.refused:
            typer.echo(f"{row.request}: {why}")
    waiting = [row for row in found if row.state == "waiting"]
    typer.echo(f"{len(waiting)} of {len(found)} wait for an answer")
    if waiting:
        typer.echo(f"next: read {waiting[0].file}; it says how to answer")


@tape.command("check")
def tape_check(*, file: TapeFile, json: Json = False) -> None:
    """Look a tape through: is it whole, what is on it, does it still fit? 1 if not."""
    from coopbench.harness.cli.table import print_rows

    found = _command("tape-check")(file)
    if json:
        typer.echo(found.model_dump_json(indent=1))
    else:
        columns = ("scope", "role", "answers", "tokens", "source", "model")
        print_rows(f"tape {file}", columns, _rows(found.counts), json=False)
        header = found.header
        voided = f", {found.voided} answers recorded over" if found.voided else ""
        typer.echo(
            f"{found.answers} answers, {found.observations} measured values{voided}; begun "
            f"{header.created_at} by {header.made_by} on {header.machine} ({header.toolchain})"
        )
        for note in found.notes:
            typer.echo(f"note: {note}")
        for finding in found.findings:
            typer.echo(f"wrong: {finding}")
        typer.echo("the tape is good" if not found.findings else "the tape will not replay whole")
    if found.findings:
        raise typer.Exit(1)


@tape.command("show")
def tape_show(
    *,
    file: TapeFile,
    role: Annotated[str | None, typer.Option("--role", help="Only this role's.")] = None,
    scope: Annotated[
        str | None, typer.Option("--scope", help="Only trials whose name contains this.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Whole requests and answers.")] = False,
    json: Json = False,
) -> None:
    """Show the recorded answers of a tape."""
    from coopbench.harness.cli.table import print_rows

    found = _command("tape-show")(file, role, scope)
    if json or not full:
        rows = [{**row, "answer_begins": _beginning(row["answer"])} for row in _rows(found)]
        columns = ("scope", "role", "step", "n", "outcome", "answer_begins")
        print_rows(f"tape {file}", columns, rows, json=json)
        return
    for row in found:
        again = f", asked before {row.n} times" if row.n else ""
        typer.echo(f"==== {row.scope}: {row.role}: {row.step} (key {row.key[:16]}{again})")
        typer.echo(row.request)
        typer.echo(f"--- {row.outcome} from {row.source}, {row.recorded_at}")
        typer.echo(row.answer)


def _command(name: str) -> Any:
    from coopbench.harness.registry import COMMANDS, Plugins

    return Plugins(COMMANDS).get(name)


def _rows(records: Sequence[Any]) -> list[dict[str, Any]]:
    return [record.model_dump(mode="json") for record in records]


def _used_folders(config: Path | None) -> list[Path]:
    from coopbench.harness.config import read_config

    tables = read_config(config).settings.backends.values()
    boxes = [t for t in tables if t.get("type") == "filebox"]
    folders = [str(t.get("folder", _DEFAULT_FOLDER)) for t in boxes] or [_DEFAULT_FOLDER]
    return [Path(folder) for folder in dict.fromkeys(folders) if Path(folder).exists()]


def _age(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"


def _beginning(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return first[:60]
