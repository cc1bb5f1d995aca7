"""Whatever names and texts a run holds, no export loses, doubles or obeys them."""

import csv
import io
import json
import unicodedata

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.html_check import assert_self_contained
from tests.support.report_runs import RunShape, make_run

from coopbench.harness.model import Outcome, Trial
from coopbench.harness.record import RunRecord
from coopbench.reports.exports.csv_export import render_csv
from coopbench.reports.exports.json_export import render_json
from coopbench.reports.exports.markdown import render_markdown
from coopbench.reports.exports.markdown_text import escape
from coopbench.reports.html.page import render_html
from coopbench.reports.load import load_report
from coopbench.reports.report import analyse
from coopbench.reports.terminal import plain_summary
from coopbench.reports.wording import printable

NASTY = st.sampled_from(
    ["<b>", "</td>", "</script>", "{{x}}", "&lt;", '"', "'", "|", "`", "=1", "\r\n", "\x1b[2J"]
)
TEXTS = st.lists(st.one_of(NASTY, st.text(max_size=6)), max_size=4).map("".join)
NAMES = st.lists(TEXTS.filter(bool), min_size=2, max_size=2, unique=True)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def runs(draw: st.DrawFn) -> tuple[RunRecord, list[Trial]]:
    """Draw a run of arbitrary names, reasons and outcomes, some trials of it not made."""
    shape = RunShape(
        entrants=[(n, "compiler", 1.2) for n in draw(NAMES)],
        benchmarks=draw(NAMES),
        failures={},
        most_pairs=12,
        run_id="run",
    )
    record, trials = make_run(shape)
    kept = []
    for i, trial in enumerate(trials):
        update: dict[str, object] = {"id": f"trial-{i}", "reason": draw(TEXTS)}
        if trial.control is None and draw(st.booleans()):
            update["outcome"] = draw(st.sampled_from([o for o in Outcome if not o.correct]))
        if draw(st.integers(0, 9)):
            kept.append(trial.model_copy(update=update))
    return record, kept


@FEW
@given(runs())
def test_every_trial_is_in_csv_and_json_exactly_once(run: tuple[RunRecord, list[Trial]]) -> None:
    """Rows and records are the trials, no more and no fewer, whatever they ended in."""
    record, trials = run
    report = analyse(load_report(record, trials))
    rows = list(csv.DictReader(io.StringIO(render_csv(report), newline="")))
    wanted = sorted(t.id for t in trials)
    assert sorted(r["trial"] for r in rows) == wanted
    assert sorted(t["id"] for t in json.loads(render_json(report))["trials"]) == wanted


@FEW
@given(runs())
def test_pages_keep_their_structure(run: tuple[RunRecord, list[Trial]]) -> None:
    """Tags balance, tables keep their columns, terminals get no control character."""
    report = analyse(load_report(*run))
    assert_self_contained(render_html(report))
    assert not any(ord(c) < 32 and c != "\n" for c in plain_summary(report))
    tables = [line for line in render_markdown(report).splitlines() if line.startswith("|")]
    bars = [line.replace("\\\\", "").replace("\\|", "").count("|") for line in tables]
    rules = [n for line, n in zip(tables, bars, strict=True) if line.startswith("| ---")]
    assert set(bars) == set(rules)


@given(st.text())
def test_shown_text_is_one_visible_line(text: str) -> None:
    """No control, format, surrogate or line-separating character survives."""
    shown = printable(text)
    assert all(c.isprintable() or unicodedata.category(c) == "Zs" for c in shown)
    assert len(shown.splitlines()) <= 1


@given(st.text(), st.integers(1, 20))
def test_shortened_text_fits(text: str, limit: int) -> None:
    """The limit holds after escapes have been written out."""
    assert len(printable(text, limit)) <= limit


@given(TEXTS)
def test_escaped_markdown_holds_no_bare_sign(text: str) -> None:
    """Every sign with a meaning in Markdown or HTML stands behind a backslash."""
    plain = escape(text).replace("\\\\", "")
    for sign in "`*_[]<>|":
        assert plain.count(sign) == plain.count(f"\\{sign}")


@given(TEXTS)
def test_no_csv_field_is_a_formula(text: str) -> None:
    """A spreadsheet that opens the file computes nothing."""
    record, trials = make_run(RunShape(benchmarks=("matmul",), failures={}, most_pairs=12))
    first = trials[0].model_copy(update={"reason": text})
    report = analyse(load_report(record, (first, *trials[1:])))
    for row in csv.DictReader(io.StringIO(render_csv(report), newline="")):
        assert not row["reason"].startswith(("=", "+", "-", "@"))
