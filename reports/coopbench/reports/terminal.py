"""The compact table at the end of `coopbench run`, for terminals and for plain logs.

The narrower the terminal, the fewer columns; an interval goes later than an anecdote.
All text is printed as text, so that a hostile name can neither colour nor clear the screen.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from coopbench.harness.measure.aggregate import Extreme
from coopbench.reports import wording
from coopbench.reports.leaderboard import REFERENCE, Leaderboard, Row
from coopbench.reports.report import Report
from coopbench.reports.statements import Statement

_STYLES = {"good": "green", "info": "dim", "warn": "yellow", "bad": "bold red"}
_SIGNS = {"good": "+", "info": "-", "warn": "!", "bad": "x"}
_ALARM = "Claims nothing: the controls failed."
_SHORTEST_NAME = 12
_GAP = 2
_IMPORTANCE = (
    *("entrant", "score", "95 % interval", "faster", "fewer", "failed", "rank"),
    *("headroom", "programs like these", "worst", "best"),
)


@dataclass(frozen=True)
class _Column:
    title: str
    write: Callable[[Row], str]
    left: bool = False


def terminal_summary(report: Report, width: int = 80) -> RenderableType:
    """Return the leaderboards and the gravest statements, laid out for `width` columns."""
    parts: list[RenderableType] = []
    for target in report.targets:
        parts += [_title(target.board), _board_table(target.board, width), Text("")]
    parts += [_sentence(s) for s in report.statements if s.brief or s.tone in ("good", "bad")]
    return Group(*parts)


def plain_summary(report: Report, width: int = 80) -> str:
    """Return the same as plain text, without colours or control sequences."""
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, force_terminal=False, emoji=False)
    console.print(terminal_summary(report, width))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip("\n") + "\n"


def _title(board: Leaderboard) -> Text:
    metric = wording.metric_name(board.target.metric)
    unit = f"{metric}: a count, not a time" if board.target.emulated else metric
    name = wording.printable(board.target.name)
    return Text(f"{name}: ratio to {REFERENCE} ({unit})", style="bold")


def _board_table(board: Leaderboard, width: int) -> Table:
    table = Table(
        caption=Text(_ALARM, style="bold red") if board.alarm else None,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    columns = _fitting(board, width)
    for column, wide in columns:
        table.add_column(
            Text(column.title),
            justify="left" if column.left else "right",
            no_wrap=True,
            overflow="ellipsis",
            width=wide,
        )
    for row in board.rows:
        style = "dim" if row.is_null or row.summary is None else ""
        table.add_row(*(Text(c.write(row)) for c, _ in columns), style=style)
    return table


def _fitting(board: Leaderboard, width: int) -> list[tuple[_Column, int]]:
    """Return the columns that fit, in their order, with their widths.

    Columns are taken by importance until one has no room; only the entrants' names are ever
    shortened, numbers never are.
    """
    columns = _columns(board)
    widths = {
        c.title: max(len(c.title), *(cell_len(c.write(r)) for r in board.rows), 0) for c in columns
    }
    full_name = widths["entrant"]
    widths["entrant"] = min(full_name, max(_SHORTEST_NAME, width // 4))
    chosen: list[str] = []
    for title in _IMPORTANCE:
        if title not in widths:
            continue
        if sum(widths[t] + _GAP for t in (*chosen, title)) - _GAP > width:
            break
        chosen.append(title)
    left = width - sum(widths[t] + _GAP for t in chosen) + _GAP
    widths["entrant"] = min(full_name, widths["entrant"] + max(0, left))
    return [(c, widths[c.title]) for c in columns if c.title in chosen]


def _columns(board: Leaderboard) -> Sequence[_Column]:
    # The interval of exact counts on this suite has no width; the other one has.
    suite = _Column(
        "95 % interval", lambda r: wording.interval(r.summary.suite if r.summary else None)
    )
    programs = _Column(
        "programs like these",
        lambda r: wording.interval(r.summary.programs if r.summary else None),
    )
    return (
        _Column("rank", _rank),
        _Column("entrant", _name, left=True),
        _Column("score", lambda r: wording.times(r.summary.geomean if r.summary else None)),
        *([] if board.target.emulated else [suite]),
        programs,
        _Column("fewer" if board.target.emulated else "faster", lambda r: f"{r.faster}/{r.trials}"),
        _Column("failed", lambda r: str(r.failed)),
        *([_Column("headroom", lambda r: wording.share(r.headroom))] if board.headroom else []),
        _Column("worst", lambda r: _extreme(r.summary.worst if r.summary else None), left=True),
        _Column("best", lambda r: _extreme(r.summary.best if r.summary else None), left=True),
    )


def _rank(row: Row) -> str:
    if row.standing is None:
        return wording.NOTHING
    low, high = row.standing.rank_low, row.standing.rank_high
    return f"{low}-{high}" if low < high else str(low)


def _name(row: Row) -> str:
    name = wording.printable(row.entrant.name)
    if row.missing:
        return f"{name} ({row.missing} missing)"
    return f"{name} (null)" if row.is_null else name


def _extreme(extreme: Extreme | None) -> str:
    if extreme is None:
        return wording.NOTHING
    return f"{wording.ratio(extreme.speedup)} {wording.printable(extreme.benchmark, 12)}"


def _sentence(statement: Statement) -> Text:
    line = Text(f"{_SIGNS[statement.tone]} ", style=_STYLES[statement.tone])
    line.append(wording.printable(statement.text), style="")
    if statement.remedy:
        line.append(f" Remedy: {wording.printable(statement.remedy)}.", style="dim")
    return line
