"""One row per trial, controls and ablations included, in columns that stay as they are.

New columns are only ever added at the end. Empty means "not measured". Speedups are
cost(baseline) / cost(candidate); numbers are written so that they read back exactly.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from coopbench.harness.ledger import Caps
from coopbench.harness.model import Interval, Measurement, Trial
from coopbench.reports.claims import Result
from coopbench.reports.report import Report
from coopbench.reports.search.spending import money_of
from coopbench.reports.wording import printable

Value = str | float | int | bool | None

_FORMULA_START = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Column:
    """A column: its name, its meaning and where its value comes from."""

    name: str
    meaning: str
    value: Callable[[Result], Value]


def _m(get: Callable[[Measurement], Value]) -> Callable[[Result], Value]:
    return lambda r: None if r.trial.measurement is None else get(r.trial.measurement)


def _end(interval: Interval | None, end: str) -> float | None:
    if interval is None:
        return None
    return interval.low if end == "low" else interval.high


def _t(get: Callable[[Trial], Value]) -> Callable[[Result], Value]:
    return lambda r: get(r.trial)


def _counterexample(trial: Trial) -> str | None:
    found = None if trial.verdict is None else trial.verdict.counterexample
    if found is None:
        return None
    return f"{found.workload}: {found.where}: expected {found.expected}, got {found.got}"


def _ablation(trial: Trial) -> str | None:
    return None if trial.ablation is None else trial.ablation.value


def _known(trial: Trial) -> int | None:
    return round(money_of(trial.ledger).nano_dollars) if trial.ledger.model_calls else None


def _cap(name: str) -> Callable[[Trial], Value]:
    return lambda t: getattr(t.ledger.caps, name)


def _counts(counts: Mapping[str, int]) -> str | None:
    return json.dumps(dict(sorted(counts.items())), ensure_ascii=False) if counts else None


def _worth(name: str) -> Callable[[Trial], Value]:
    field = "wrong" if name == "wrong_mutants" else name
    return lambda t: None if t.test_worth is None else getattr(t.test_worth, field)


COLUMNS: tuple[Column, ...] = (
    Column("run", "run id", _t(lambda t: t.run)),
    Column("trial", "trial id, unique in the file", _t(lambda t: t.id)),
    Column("entrant", "entrant, or the control's name", _t(lambda t: t.entrant)),
    Column("benchmark", "benchmark", _t(lambda t: t.benchmark)),
    Column("target", "target", _t(lambda t: t.target)),
    Column("repetition", "repetition", _t(lambda t: t.repetition)),
    Column("control", "aa or planted on control trials, else empty", _t(lambda t: t.control)),
    Column("outcome", "how the trial ended", _t(lambda t: t.outcome.value)),
    Column("claimed", "1 if the report claims the result, 0 if not", lambda r: int(r.claimed)),
    Column("metric", "cpu_seconds or instructions", _m(lambda m: m.metric.value)),
    Column("decision", "the measurement's decision", _m(lambda m: m.decision.value)),
    Column("speedup", "point estimate", _m(lambda m: m.speedup)),
    Column("low", "lower end of the interval", _m(lambda m: _end(m.interval, "low"))),
    Column("high", "upper end of the interval", _m(lambda m: _end(m.interval, "high"))),
    Column(
        "confidence",
        "confidence of that interval",
        _m(lambda m: m.interval.confidence if m.interval else None),
    ),
    Column("layout_low", "interval over layouts", _m(lambda m: _end(m.layout_interval, "low"))),
    Column("layout_high", "its upper end", _m(lambda m: _end(m.layout_interval, "high"))),
    Column("p_value", "anytime-valid p for no difference", _m(lambda m: m.p_value)),
    Column("holm_p", "the same after Holm over the report", lambda r: r.adjusted_p),
    Column("mde", "minimum detectable effect, relative", _m(lambda m: m.mde)),
    Column("noise", "robust sd of the per-pair log ratio", _m(lambda m: m.noise)),
    Column("blocks", "number of pairs", _m(lambda m: len(m.blocks))),
    Column("reps", "calls per launch", _m(lambda m: m.reps)),
    Column("stop", "why sampling ended", _m(lambda m: m.stop)),
    Column("instructions", "candidate's count per call", _m(lambda m: m.instructions)),
    Column("baseline_instructions", "baseline's", _m(lambda m: m.baseline_instructions)),
    Column("gain_class", "class of the gain", _t(lambda t: t.gain_class)),
    Column("candidate", "candidate id", _t(lambda t: t.candidate)),
    Column("exe_sha256", "hash of the executable", _t(lambda t: t.exe_sha256)),
    Column("toolchain", "toolchain id", _t(lambda t: t.toolchain)),
    Column(
        "rungs_passed",
        "evidence rungs passed",
        _t(lambda t: sum(e.passed for e in t.verdict.evidence) if t.verdict else None),
    ),
    Column("counterexample", "input on which it differs", _t(_counterexample)),
    Column("reason", "one line on the outcome", _t(lambda t: t.reason)),
    Column("compile_s", "seconds in compilers", _t(lambda t: t.ledger.compile_s)),
    Column("run_s", "seconds in subjects", _t(lambda t: t.ledger.run_s)),
    Column("wall_s", "seconds of the trial", _t(lambda t: t.ledger.wall_s)),
    Column("evaluations", "evaluations spent", _t(lambda t: t.ledger.evaluations)),
    Column("started_at", "Unix time", _t(lambda t: t.started_at)),
    Column("finished_at", "Unix time", _t(lambda t: t.finished_at)),
    Column("ablation", "level left out of a winner, else empty", _t(_ablation)),
    Column("ablation_of", "trial of that winner", _t(lambda t: t.ablation_of)),
    Column(
        "with_dependants",
        "1 if edits of later levels had to go too",
        _t(lambda t: None if t.ablation is None else int(t.with_dependants)),
    ),
    Column("trajectory", "blob with the event log", _t(lambda t: t.trajectory_blob)),
    Column("model_calls", "requests to models, all attempts", _t(lambda t: t.ledger.model_calls)),
    Column("tokens", "tokens in and out", _t(lambda t: t.ledger.tokens)),
    Column("nano_dollars", "money; empty if not wholly known", _t(lambda t: t.ledger.nano_dollars)),
    Column("nano_dollars_known", "money of the calls whose price is known", _t(_known)),
    Column(
        "estimated_calls", "calls with estimated tokens", _t(lambda t: t.ledger.estimated_calls)
    ),
    Column("replayed_calls", "calls answered from a tape", _t(lambda t: t.ledger.replayed_calls)),
    *(
        Column(f"cap_{name}", f"cap on {name}, empty if none", _t(_cap(name)))
        for name in Caps.model_fields
    ),
    Column("sources", "where answers came from, JSON", _t(lambda t: _counts(t.sources))),
    Column("mishaps", "malformed, failed and refused, JSON", _t(lambda t: _counts(t.mishaps))),
    *(
        Column(f"tests_{name}", meaning, _t(_worth(name)))
        for name, meaning in (
            ("accepted", "proposed tests that were accepted"),
            ("refused", "proposed tests that were refused"),
            ("wrong_mutants", "seeded mutants that are wrong"),
            ("killed_visible", "of these, found by the visible tests"),
            ("killed_with_proposed", "of these, found by visible and proposed tests"),
        )
    ),
    Column(
        "tests_rejected_candidates",
        "candidates that passed the visible tests and failed a proposed one",
        _t(lambda t: None if t.test_worth is None else len(t.test_worth.rejected_candidates)),
    ),
)


def render_csv(report: Report) -> str:
    """Return the trials as RFC 4180 CSV with a header line and CRLF line ends."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([c.name for c in COLUMNS])
    for result in report.results:
        writer.writerow([_field(c.value(result)) for c in COLUMNS])
    return out.getvalue()


def _field(value: Value) -> str:
    """Write a value; text that a spreadsheet would run as a formula gets a leading quote."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value)
    shown = printable(value)
    return f"'{shown}" if shown.startswith(_FORMULA_START) else shown
