"""`coopbench suite add`, `coopbench suite fetch` and `coopbench suite check`.

The work is done by the plug-ins of the group `coopbench.commands`.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

suite = typer.Typer(no_args_is_help=True, help="Bring in programs of others, and check them.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", "-t", help="Target (repeatable); see `coopbench list targets`."),
]
Size = Annotated[str | None, typer.Option("--size", help="Size to build and run at.")]
Programs = Annotated[
    list[str] | None, typer.Option("--program", "-p", help="Only this program (repeatable).")
]
Limit = Annotated[
    float, typer.Option("--limit", min=0.1, help="Seconds after which a run does not terminate.")
]
Unsafe = Annotated[
    bool, typer.Option("--unsafe-no-sandbox", help="Run programs without a sandbox.")
]


@suite.command("add")
def add(  # noqa: PLR0913 - one parameter per option
    *,
    path: Annotated[Path, typer.Argument(help="Folder of your download, or its suite.toml.")],
    form: Annotated[
        str | None,
        typer.Option(
            "--form",
            help="reference (C files with *.reference_output), pairs (inputs and outputs), self "
            "(programs that check themselves), dump (arrays printed at the end); default: guessed.",
        ),
    ] = None,
    size: Size = None,
    target: Targets = None,
    program: Programs = None,
    pattern: Annotated[
        str, typer.Option("--pattern", help="What self-checking programs print if all is well.")
    ] = "",
    tolerance: Annotated[
        float, typer.Option("--tolerance", min=0, help="Relative, for numbers in the output.")
    ] = 0.0,
    define: Annotated[
        list[str] | None, typer.Option("--define", "-D", help="Macro of every program.")
    ] = None,
    licence: Annotated[str, typer.Option("--licence", help="The programs' licence.")] = "",
    manifest: Annotated[
        Path | None,
        typer.Option("--manifest", "-o", help="File to write; default: suite.toml in the folder."),
    ] = None,
    limit: Limit = 20.0,
    unsafe_no_sandbox: Unsafe = False,
    json: Json = False,
) -> None:
    """Make a suite of a folder: read or write its manifest, build, run, verify, exclude by name."""
    wish = {
        "form": form,
        "pattern": pattern,
        "tolerance": tolerance,
        "defines": tuple(define or ()),
        "licence": licence,
    }
    found = _command("suite-add")(
        path,
        wish=wish,
        manifest=manifest,
        size=size,
        targets=tuple(target or ()),
        programs=tuple(program or ()),
        limit_s=limit,
        unsafe=unsafe_no_sandbox,
        tell=_tell,
    )
    _show(found, json=json)


@suite.command("check")
def check(  # noqa: PLR0913 - one parameter per option
    *,
    name: Annotated[str, typer.Argument(help="Name of an installed suite, or a folder.")],
    size: Size = None,
    target: Targets = None,
    program: Programs = None,
    limit: Limit = 20.0,
    unsafe_no_sandbox: Unsafe = False,
    json: Json = False,
) -> None:
    """Build, run and verify a suite's programs with every compiler, and count; 1 if one fails."""
    found = _command("suite-check")(
        name,
        size=size,
        targets=tuple(target or ()),
        programs=tuple(program or ()),
        limit_s=limit,
        unsafe=unsafe_no_sandbox,
        tell=_tell,
    )
    _show(found, json=json)
    if found.unexpected:
        raise typer.Exit(1)


@suite.command("fetch")
def fetch(
    *,
    name: Annotated[str, typer.Argument(help="A suite whose sources a package manager has.")],
    to: Annotated[
        Path | None,
        typer.Option("--to", help="Folder for the sources; default: the cache folder."),
    ] = None,
) -> None:
    """Get the sources of a suite, of the versions and hashes that its manifest names."""
    for line in _command("suite-fetch")(name, to):
        typer.echo(line)


def _show(found: Any, *, json: bool) -> None:
    from coopbench.harness.cli.table import print_rows

    if json:
        typer.echo(found.model_dump_json(indent=1))
        return
    rows = [row.model_dump() for row in found.counts]
    print_rows(
        "programs verified", ("target", "compiler", "verified", "programs"), rows, json=False
    )
    out = [row.model_dump() for row in found.excluded]
    if out:
        print_rows("left out", ("name", "target", "pitfall", "why"), out, json=False)
    typer.echo(
        f"{len(found.good)} of {found.programs} programs are good, {len(out)} exclusions by name"
    )
    typer.echo(f"manifest: {found.manifest}")


def _tell(line: str) -> None:
    typer.echo(line, err=True)


def _command(name: str) -> Any:
    from coopbench.harness.registry import COMMANDS, Plugins

    return Plugins(COMMANDS).get(name)
