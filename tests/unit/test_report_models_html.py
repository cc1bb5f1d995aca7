"""The report of a run with models: its page, its files, and hostile texts in them."""

import csv
import json
from pathlib import Path

import pytest
from tests.support.html_check import PageFacts, assert_self_contained, read_page
from tests.support.model_runs import ModelRun, make_model_run

from coopbench.harness.errors import UsageError
from coopbench.harness.model import Trial
from coopbench.reports.html.page import render_html
from coopbench.reports.load import load_report
from coopbench.reports.report import analyse
from coopbench.reports.terminal import plain_summary
from coopbench.reports.write import write_reports

HOSTILE = "</td><script>alert(1)</script>{{ 7 * 7 }}\x1b[2J\u202e|`*\r\n=1+1"


@pytest.fixture(scope="module")
def run() -> ModelRun:
    return make_model_run()


@pytest.fixture(scope="module")
def facts(run: ModelRun) -> PageFacts:
    return assert_self_contained(render_html(analyse(load_report(run.record, run.trials))))


@pytest.mark.parametrize(
    "text",
    [
        "Equal budget: cooperative, llm-c and best-of-n",
        "replayed, not asked now",
        "search-time estimates, not results",
        "C gives most: 1.336× of 1.596×",
        "levels cannot be told apart",
        "at least $0.0620",
        "cap per trial",
        "seconds in compilers",
        "Malformed answers, failed calls, refused actions",
        "What proposed tests are worth",
        "Not available: llm-ir and llm-asm on x86-64-v2 and armv8-a",
    ],
)
def test_the_page_says(facts: PageFacts, text: str) -> None:
    """Budgets, provenance, curves, levels, spending and absences have their words."""
    assert text in " ".join(facts.text.split())


def test_a_run_without_models_has_no_such_section() -> None:
    """The section stands only where somebody asked a model."""
    run = make_model_run()
    llm = {e.name for e in run.record.entrants if e.kind == "llm"}
    entrants = tuple(e for e in run.record.entrants if e.name not in llm)
    names = tuple(e.name for e in entrants)
    record = run.record.model_copy(
        update={
            "entrants": entrants,
            "plan": run.record.plan.model_copy(update={"entrants": names}),
        }
    )
    trials = [t for t in run.trials if t.entrant in names or t.control]
    assert "Searches with models" not in render_html(analyse(load_report(record, trials)))


def test_every_search_has_a_page_and_a_link(run: ModelRun, tmp_path: Path) -> None:
    """The report leads to each page beside it, and each page leads back."""
    files = write_reports(run.record, run.trials, tmp_path, blob=run.blob)
    pages = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.glob("trajectories/*"))
    llm = {e.name for e in run.record.entrants if e.kind == "llm"}
    searched = [t for t in run.trials if t.entrant in llm and t.trajectory_blob]
    assert len(pages) == len(searched) == 17
    found = assert_self_contained(files.html.read_text("utf-8"), [*pages, "programs.html"])
    assert set(pages) <= set(found.references)
    for name in pages:
        assert_self_contained((tmp_path / name).read_text("utf-8"), ["../report.html"])


def test_without_blobs_there_are_neither_pages_nor_links(run: ModelRun, tmp_path: Path) -> None:
    """Records alone can be reported."""
    files = write_reports(run.record, run.trials, tmp_path)
    assert_self_contained(files.html.read_text("utf-8"), ["programs.html"])
    assert not (tmp_path / "trajectories").exists()


def test_a_damaged_trajectory_does_not_spoil_the_report(run: ModelRun, tmp_path: Path) -> None:
    """The others are written; the report says which one cannot be read."""
    lost = next(t for t in run.trials if t.entrant == "cooperative")

    def blob(sha256: str) -> bytes:
        if sha256 == lost.trajectory_blob:
            raise UsageError(f"blob {sha256} is missing")
        return run.blob(sha256)

    files = write_reports(run.record, run.trials, tmp_path, blob=blob)
    assert len(list(tmp_path.glob("trajectories/*"))) == 16
    said = [s.text for s in files.report.statements if "trajectory cannot be read" in s.text]
    assert len(said) == 1
    assert "cooperative on matmul, x86-64-v2, repetition 0" in said[0]


def test_equal_input_gives_equal_pages(run: ModelRun, tmp_path: Path) -> None:
    """Neither the order of the trials nor the time of writing shows."""
    write_reports(run.record, run.trials, tmp_path / "a", blob=run.blob)
    write_reports(run.record, run.trials[::-1], tmp_path / "b", blob=run.blob)
    names = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*.*"))
    assert len(names) == 22
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_hostile_texts_of_models_stay_texts(tmp_path: Path) -> None:
    """Sources, mishaps, claims, prompts and answers change no tag, on no page."""
    run = make_model_run(hostile=HOSTILE)
    files = write_reports(run.record, run.trials, tmp_path, blob=run.blob)
    for path in tmp_path.rglob("*.html"):
        page = path.read_text("utf-8")
        assert len(read_page(page).scripts) == 1
        assert not set("\x1b\u202e\r") & set(page)
    assert "<script>alert(1)</script>" in read_page(files.html.read_text("utf-8")).text
    assert "\x1b" not in files.plain(80)
    markdown = files.markdown.read_text("utf-8")
    assert "<script>" not in markdown.replace("\\<", "")
    assert not set("\x1b\u202e\r") & set(markdown)


def test_the_terminal_names_budget_provenance_and_levels(run: ModelRun) -> None:
    """Who only reads the last lines learns them too."""
    text = plain_summary(analyse(load_report(run.record, run.trials)), 80)
    assert "+ Equal budget: cooperative, llm-c and best-of-n" in text
    assert "- Model answers: 172 from api: claude-opus" in text
    assert "- x86-64-v2: Of 3 winners judged in parts" in text


def test_csv_carries_the_new_fields(run: ModelRun, tmp_path: Path) -> None:
    """Ablations, spending, caps, sources and mishaps read back as they were."""
    files = write_reports(run.record, run.trials, tmp_path)
    with files.csv.open(encoding="utf-8", newline="") as file:
        rows = {r["trial"]: r for r in csv.DictReader(file)}
    for trial in run.trials:
        row = rows[trial.id]
        assert row["ablation"] == (trial.ablation or "")
        assert row["ablation_of"] == (trial.ablation_of or "")
        assert int(row["tokens"]) == trial.ledger.tokens
        assert row["cap_tokens"] == str(trial.ledger.caps.tokens or "")
        assert json.loads(row["sources"] or "{}") == trial.sources
        assert json.loads(row["mishaps"] or "{}") == trial.mishaps
        worth = trial.test_worth
        assert row["tests_accepted"] == ("" if worth is None else str(worth.accepted))
    unknown = [r for r in rows.values() if r["entrant"] == "llm-c"]
    assert all(r["nano_dollars"] == "" and r["nano_dollars_known"] == "0" for r in unknown)


def test_json_concludes_what_the_page_shows(run: ModelRun, tmp_path: Path) -> None:
    """Budgets, provenance, spending, curves and levels are there for programs."""
    document = json.loads(write_reports(run.record, run.trials, tmp_path).json.read_text("utf-8"))
    searches = document["conclusions"]["searches"]
    assert searches["budgets"]["equal"] is True
    assert searches["provenance"]["replayed_answers"] == 18
    native = searches["targets"]["x86-64-v2"]
    assert native["attribution"][0]["leading"] == "c"
    assert native["spent"]["llm-c"]["medians"]["money"]["whole"] is False
    assert native["anytime_estimates"]["model_calls"]["cooperative"]["points"][0] == [0.0, 1.0]
    assert {t["id"]: Trial.model_validate(t) for t in document["trials"]} == {
        t.id: t for t in run.trials
    }
