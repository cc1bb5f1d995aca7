"""Writing the files of a report."""

import csv
import json
from pathlib import Path

import pytest
from tests.support.report_runs import RunShape, make_run

from coopbench.harness.errors import CoopBenchError
from coopbench.harness.model import Trial
from coopbench.harness.record import RunRecord
from coopbench.harness.store import Store
from coopbench.reports.exports.csv_export import COLUMNS
from coopbench.reports.write import write_reports

SHAPE = RunShape(most_pairs=12)
NAMES = {"report.html", "programs.html", "report.md", "trials.csv", "run.json"}


def test_these_files_are_written_and_nothing_else(tmp_path: Path) -> None:
    """No temporary file is left behind."""
    files = write_reports(*make_run(SHAPE), tmp_path / "new" / "folder")
    assert {p.name for p in files.html.parent.iterdir()} == NAMES
    assert files.plain(80).startswith("x86-64-v2")


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    """Neither the order of the trials nor the time of writing shows."""
    record, trials = make_run(SHAPE)
    write_reports(record, trials, tmp_path / "a")
    write_reports(record, trials[::-1], tmp_path / "b")
    for name in NAMES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_report_from_the_store_is_the_same(tmp_path: Path) -> None:
    """What the store gives back makes the same bytes as what was put in."""
    record, trials = make_run(SHAPE)
    with Store.open(tmp_path / "store") as store:
        store.create_run(record)
        for trial in trials:
            store.commit_trial(trial)
        write_reports(store.run(record.id), store.trials(record.id), tmp_path / "stored")
    write_reports(record, trials, tmp_path / "direct")
    for name in NAMES:
        stored, direct = (tmp_path / folder / name for folder in ("stored", "direct"))
        assert stored.read_bytes() == direct.read_bytes()


def test_an_older_report_is_replaced(tmp_path: Path) -> None:
    """Writing twice leaves the newer run."""
    write_reports(*make_run(SHAPE), tmp_path)
    files = write_reports(*make_run(RunShape(most_pairs=12, run_id="newer")), tmp_path)
    assert "newer" in files.markdown.read_text("utf-8")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One message with the path, no traceback of the operating system's."""
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(CoopBenchError, match="taken"):
        write_reports(*make_run(SHAPE), tmp_path / "taken")


def test_the_json_holds_the_stored_records_unchanged(tmp_path: Path) -> None:
    """Runs and trials, raw launches included, read back as they were."""
    record, trials = make_run(SHAPE)
    document = json.loads(write_reports(record, trials, tmp_path).json.read_text("utf-8"))
    assert [RunRecord.model_validate(r) for r in document["runs"]] == [record]
    back = {t["id"]: Trial.model_validate(t) for t in document["trials"]}
    assert back == {t.id: t for t in trials}
    assert list(document) == sorted(document)


def test_csv_columns_are_documented_and_stable(tmp_path: Path) -> None:
    """The first columns are what scripts rely on; each has a meaning."""
    files = write_reports(*make_run(SHAPE), tmp_path)
    with files.csv.open(encoding="utf-8", newline="") as file:
        head = next(csv.reader(file))
    assert head == [c.name for c in COLUMNS]
    assert head[:9] == [
        *("run", "trial", "entrant", "benchmark", "target", "repetition"),
        *("control", "outcome", "claimed"),
    ]
    assert all(c.meaning for c in COLUMNS)


def test_csv_numbers_read_back_exactly(tmp_path: Path) -> None:
    """A float in the file is the float in the store."""
    record, trials = make_run(SHAPE)
    files = write_reports(record, trials, tmp_path)
    with files.csv.open(encoding="utf-8", newline="") as file:
        rows = {r["trial"]: r for r in csv.DictReader(file)}
    for trial in trials:
        m = trial.measurement
        if m is not None and m.speedup is not None:
            assert float(rows[trial.id]["speedup"]) == m.speedup
        else:
            assert rows[trial.id]["speedup"] == ""
