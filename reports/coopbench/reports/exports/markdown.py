"""The report as Markdown, short enough for a pull request or an issue."""

from collections.abc import Mapping

from coopbench.harness.model import Metric
from coopbench.reports import wording
from coopbench.reports.benchmarks import BenchmarkTable
from coopbench.reports.claims import Mark, Result
from coopbench.reports.exports.markdown_searches import searches_markdown
from coopbench.reports.exports.markdown_text import escape, table
from coopbench.reports.leaderboard import REFERENCE, Leaderboard, Row
from coopbench.reports.report import Report, TargetReport

SIGNS = {
    Mark.FASTER: "▲",
    Mark.SLOWER: "▼",
    Mark.EQUIVALENT: "■",
    Mark.INCONCLUSIVE: "○",
    Mark.UNCLAIMED: "◇",
    Mark.IDENTICAL: "=",
    Mark.FAILED: "✕",
    Mark.MISSING: "·",
}
"""The verdicts' shapes as characters."""

_TONES = {"good": "✓", "info": "•", "warn": "!", "bad": "✕"}


def render_markdown(report: Report, links: Mapping[str, str] | None = None) -> str:
    """Return leaderboards, verdicts by benchmark, failures and conditions as Markdown.

    Args:
        report: What it says.
        links: Address of the page of a trial's trajectory, by trial id.
    """
    record = report.data.record
    lines = [f"# CoopBench run {escape(record.id)}", ""]
    lines += [f"- {_TONES[s.tone]} {_sentence(s.text, s.remedy)}" for s in report.statements]
    for target in report.targets:
        lines += ["", *_target(target)]
    lines += ["", *searches_markdown(report.searches, links or {})]
    lines += [*_failures(report), *_conditions(report)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _sentence(text: str, remedy: str) -> str:
    return escape(text) + (f" *Remedy: {escape(remedy)}.*" if remedy else "")


def _target(target: TargetReport) -> list[str]:
    name, metric = target.data.target.name, target.data.target.metric
    counted = metric is Metric.INSTRUCTIONS
    note = " The target is emulated: a count, not a time." if counted else ""
    return [
        f"## {escape(name)}: {wording.metric_name(metric)}",
        "",
        (
            f"Ratio of {wording.metric_name(metric)}, {REFERENCE} of the pinned LLVM over entrant;"
            f" above 1 is better.{note}"
        ),
        "",
        *_board(target.board),
        "",
        f"### {escape(name)}: by benchmark ({wording.metric_name(metric)})",
        "",
        *_matrix(target),
        "",
        _legend(counted=counted),
    ]


def _board(board: Leaderboard) -> list[str]:
    counted = board.target.emulated
    head = (
        *("Entrant", "Tier (rank)", "Score"),
        *(() if counted else ("This suite",)),
        *("Programs like these", "Without failures", "Fewer" if counted else "Faster"),
        *("Failed", "Median", "Best", "Worst"),
        *(("Headroom taken",) if board.headroom else ()),
    )
    lines = [f"**{escape(board.alarm)}**", ""] if board.alarm else []
    rows = [_row(r, len(head) - bool(board.headroom), counted=counted) for r in board.rows]
    if board.headroom:
        taken = [wording.share(r.headroom) for r in board.rows]
        rows = [(*row, share) for row, share in zip(rows, taken, strict=True)]
    return lines + table(head, rows)


def _row(row: Row, columns: int, *, counted: bool) -> tuple[str, ...]:
    name = escape(row.entrant.name) + (" *(null)*" if row.is_null else "")
    s = row.summary
    if s is None:
        return (name, "not run", *(wording.NOTHING,) * (columns - 2))
    second = None if row.without_failures is None else row.without_failures.geomean
    failures = ", ".join(f"{n} {o.value.replace('_', ' ')}" for o, n in row.failures)
    return (
        name,
        place(row),
        f"**{wording.times(s.geomean)}**",
        *(() if counted else (wording.interval(s.suite),)),
        wording.interval(s.programs),
        wording.times(second),
        f"{row.faster} of {row.trials}",
        failures or "0",
        wording.ratio(s.median),
        f"{wording.ratio(s.best.speedup)} {escape(s.best.benchmark)}",
        f"{wording.ratio(s.worst.speedup)} {escape(s.worst.benchmark)}",
    )


def place(row: Row) -> str:
    """Write an entrant's tier and rank interval, e.g. `2 (2-4)`, or why it has none."""
    if row.standing is None:
        return f"{row.missing} missing" if row.missing else wording.NOTHING
    low, high = row.standing.rank_low, row.standing.rank_high
    return f"{row.standing.tier} ({low}–{high})" if low < high else f"{row.standing.tier} ({low})"


def _matrix(target: TargetReport) -> list[str]:
    entrants = [escape(e.name) for e in target.data.entrants]
    room = target.board.headroom
    rows = [
        (
            escape(t.benchmark.name),
            _best(t),
            *((_ceiling(t),) if room else ()),
            *(f"{SIGNS[s.mark]} {s.short}" for s in t.summaries),
        )
        for t in target.tables
    ]
    head = ("Benchmark", "Best compiler only", *(("Ceiling",) if room else ()), *entrants)
    return table(head, rows, left=2)


def _ceiling(table: BenchmarkTable) -> str:
    return wording.NOTHING if table.ceiling is None else wording.ratio(table.ceiling.speedup)


def _best(table: BenchmarkTable) -> str:
    best = table.best_compiler
    return wording.NOTHING if best is None else f"{wording.ratio(best.speedup)} {escape(best.name)}"


def _legend(*, counted: bool) -> str:
    if counted:
        return "▲ fewer, ▼ more, ■ equal, = identical binary, ✕ failed, · missing."
    return (
        "▲ faster, ▼ slower, ■ equivalent within the margin, ○ inconclusive, ◇ different but not"
        " claimed, = identical binary, ✕ failed, · missing."
    )


def _failures(report: Report) -> list[str]:
    failed = [r for r in report.results if r.mark is Mark.FAILED and r.trial.ablation is None]
    if not failed:
        return []
    return ["## Failures", "", *(_failure(r) for r in failed), ""]


def _failure(result: Result) -> str:
    trial = result.trial
    where = f"{escape(trial.entrant)} on {escape(trial.benchmark)} ({escape(trial.target)})"
    return f"- {where}: {result.label}: {escape(trial.reason)}"


def _conditions(report: Report) -> list[str]:
    record = report.data.record
    machine = record.machine
    tools = "; ".join(
        f"{chain.id}: " + ", ".join(f"{t.name} {t.version}" for t in chain.tools)
        for chain in record.toolchains
    )
    facts = (
        ("Suite", record.plan.suite),
        ("Started", wording.when(record.created_at)),
        ("Machine", f"{machine.cpu_model or machine.arch}, {machine.logical_cpus} CPUs"),
        ("Machine fingerprint", machine.fingerprint),
        ("Kernel", machine.kernel),
        ("Toolchains", tools),
        ("Sandbox", record.sandbox),
        ("CoopBench", f"{record.program_version}, protocol {record.protocol_version}"),
        ("Command", wording.command_line(record.command)),
    )
    return ["## Conditions", "", *(f"- {name}: {escape(value)}" for name, value in facts)]
