"""The whole record as one JSON document: runs, trials with raw launches, what was concluded."""

import json
from typing import Any

from pydantic import BaseModel

from coopbench.reports.benchmarks import BenchmarkTable
from coopbench.reports.claims import Result
from coopbench.reports.exports.json_searches import searches_json
from coopbench.reports.leaderboard import Leaderboard, Row
from coopbench.reports.report import Report, TargetReport

_SIGNIFICANT = 9
"""Digits kept of derived numbers, so that another math library gives the same bytes."""


def render_json(report: Report) -> str:
    """Return the report as JSON with sorted keys; equal input gives equal bytes.

    `runs` and `trials` are the stored records themselves (docs/schema.md); `conclusions` holds
    what this report derived from them.
    """
    document = {
        "runs": [r.model_dump(mode="json") for r in report.data.records],
        "trials": [r.trial.model_dump(mode="json") for r in report.results],
        "conclusions": {
            "claims": {r.trial.id: _claim(r) for r in report.results},
            "statements": [
                {"tone": s.tone, "text": s.text, "remedy": s.remedy} for s in report.statements
            ],
            "searches": _rounded(searches_json(report.searches)),
            "targets": {t.data.target.name: _target(t) for t in report.targets},
        },
    }
    return json.dumps(document, sort_keys=True, indent=1, allow_nan=False) + "\n"


def _claim(result: Result) -> dict[str, Any]:
    return {
        "claimed": result.claimed,
        "mark": result.mark.value,
        "holm_p": _rounded(result.adjusted_p),
        "why_not": result.why_not,
    }


def _target(target: TargetReport) -> dict[str, Any]:
    return {
        "best_compiler": {t.benchmark.name: _best(t) for t in target.tables},
        "ceilings": {t.benchmark.name: _ceiling(t) for t in target.tables},
        "controls": _plain(target.controls),
        "leaderboard": _board(target.board),
    }


def _best(table: BenchmarkTable) -> dict[str, Any] | None:
    best = table.best_compiler
    return None if best is None else {"entrant": best.name, "speedup": _rounded(best.speedup)}


def _ceiling(table: BenchmarkTable) -> dict[str, Any] | None:
    ceiling = table.ceiling
    return None if ceiling is None else {"speedup": _rounded(ceiling.speedup)}


def _board(board: Leaderboard) -> dict[str, Any]:
    return {
        "alarm": board.alarm,
        "metric": board.target.metric.value,
        "ranking": _plain(board.ranking),
        "rows": [_row(r) for r in board.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "entrant": row.entrant.name,
        "failures": {o.value: n for o, n in row.failures},
        "faster": row.faster,
        "headroom": _rounded(row.headroom),
        "missing": row.missing,
        "slower": row.slower,
        "summary": _plain(row.summary),
        "trials": row.trials,
        "without_failures": _plain(row.without_failures),
    }


def _plain(model: BaseModel | None) -> Any:
    return None if model is None else _rounded(model.model_dump(mode="json"))


def _rounded(value: Any) -> Any:
    """Round every float in a JSON value to the digits that are kept."""
    if isinstance(value, float):
        return float(f"{value:.{_SIGNIFICANT}g}")
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return value
