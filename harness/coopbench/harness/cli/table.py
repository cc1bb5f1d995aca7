"""Prints rows: a table for people, JSON for programs."""

import json as jsonlib
from collections.abc import Iterable, Mapping, Sequence

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

Rows = Iterable[Mapping[str, object]]


def print_rows(title: str, columns: Sequence[str], rows: Rows, *, json: bool) -> None:
    """Print rows as JSON (all keys) or as a table of the named columns."""
    found = list(rows)
    if json:
        typer.echo(jsonlib.dumps(found, indent=1, sort_keys=True))
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in found:
        # as Text: brackets in a message are no markup
        table.add_row(*(Text(_cell(row[c])) for c in columns))
    Console().print(table)


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(str(v) for v in value) or "-"
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value)
