"""`coopbench trajectory show`: which trial is meant, what is shown, and how it fails."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.html_check import assert_self_contained
from tests.support.model_runs import make_model_run
from tests.support.trajectories import Script, make_events

from coopbench.harness.base import Level
from coopbench.harness.cli.main import main
from coopbench.harness.model import Candidate, Prepared, Verdict
from coopbench.harness.store import Store
from coopbench.harness.store_rows import TrialKey

Show = Callable[..., tuple[int, str, str]]
KEY = TrialKey("cooperative", "matmul", "x86-64-v2", 0)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a run whose trials have the ids that the harness gives."""
    path = tmp_path_factory.mktemp("store") / "results"
    run = make_model_run()
    with Store.open(path) as opened:
        opened.create_run(run.record)
        for data in run.blobs.values():
            opened.put_blob(data)
        for trial in run.trials:
            # best-of-n has not begun yet
            if trial.control is None and trial.ablation is None and trial.entrant != "best-of-n":
                real = TrialKey.of(trial).trial_id(run.record.id)
                opened.commit_trial(trial.model_copy(update={"id": real, "ablations": ()}))
    return path


@pytest.fixture
def show(store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Show:
    """Run the command; return its exit status, output and complaint."""

    def run(*words: str, path: Path = store) -> tuple[int, str, str]:
        argv = ["coopbench", "trajectory", "show", *words, "--store", str(path)]
        monkeypatch.setattr("sys.argv", argv)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    monkeypatch.setenv("COLUMNS", "100")
    return run


def trial_id(key: TrialKey) -> str:
    return key.trial_id(make_model_run().record.id)


@pytest.mark.parametrize("tail", ["/x86-64-v2", "/x86-64-v2/0"])
def test_a_trial_is_found_by_its_place(show: Show, tail: str) -> None:
    """Target and repetition are given where they are needed."""
    status, out, _ = show(f"cooperative/matmul{tail}")
    assert status == 0
    assert out.startswith("cooperative on matmul, x86-64-v2, repetition 0\n")
    assert "* n6 assembly, rewrite by asm: drop a dead move" in out


def test_a_trial_is_found_by_its_id_or_the_beginning_of_it(show: Show) -> None:
    """The id alone is enough, whatever the run."""
    name = trial_id(KEY)
    assert show(name)[1] == show(name[:10])[1] == show("cooperative/matmul/x86-64-v2")[1]


def test_a_place_on_several_targets_is_ambiguous(show: Show) -> None:
    """One message names the trials that may be meant, with their ids."""
    status, _, err = show("cooperative/matmul")
    assert status == 2
    assert "cooperative/matmul/x86-64-v2/0" in err
    assert trial_id(KEY) in err
    assert "say which" in err


@pytest.mark.parametrize("name", ["nobody/matmul", "zzzz", ""])
def test_an_unknown_trial_is_the_users_mistake(show: Show, name: str) -> None:
    """Exit status 2 and how to name one."""
    status, _, err = show(name)
    assert status == 2
    assert "has no trial" in err
    assert "Traceback" not in err


def test_a_trial_without_a_search_says_so(show: Show) -> None:
    """Entrants that take one step keep no log."""
    status, _, err = show("identity/matmul/x86-64-v2")
    assert status == 2
    assert "only entrants that search keep one" in err


def test_a_trial_that_has_not_begun_says_so(show: Show) -> None:
    """A planned trial has a place and an id, and nothing to show."""
    status, _, err = show("best-of-n/matmul/x86-64-v2")
    assert status == 2
    assert "it has not begun" in err


def test_a_running_trial_is_read_from_its_log(show: Show, store: Path) -> None:
    """A search that is going on, or was killed in the middle of a line, can be looked at."""
    key = TrialKey("best-of-n", "matmul", "armv8-a", 0)
    log = store / "trajectories" / f"{trial_id(key)}.jsonl"
    log.parent.mkdir(exist_ok=True)
    lines = [e.model_dump_json() for e in make_events(Script(done=False))[:20]]
    log.write_text("\n".join(lines) + '\n{"seq": 20, "at', "utf-8")
    try:
        status, out, _ = show("best-of-n/matmul")
        assert status == 0
        assert "not finished" in out
        assert "* n2 C, rewrite by c" in out
    finally:
        log.unlink()


def test_a_trial_that_waits_for_its_measurement_is_read_from_its_blob(
    show: Show, store: Path
) -> None:
    """A search that has ended can be read before its answer is timed."""
    run = make_model_run()
    done = next(t for t in run.trials if t.entrant == "cooperative" and t.trajectory_blob)
    key = TrialKey("best-of-n", "matmul", "x86-64-v2", 0)
    waiting = Prepared(
        candidate=Candidate(benchmark="matmul", level=Level.C, files={"k.c": ""}, made_by="t"),
        verdict=Verdict(outcome=None, reason="fine", evidence=()),
        exe_sha256="e" * 64,
        ledger=done.ledger,
        started_at=0.0,
        trajectory_blob=done.trajectory_blob,
    )
    with Store.open(store) as opened:
        opened.put_prepared(trial_id(key), waiting)
    status, out, err = show("best-of-n/matmul/x86-64-v2")
    with Store.open(store) as opened:
        opened.discard_pending(trial_id(key))
    assert status == 0, err
    assert "not finished" in out
    assert "n0 C, original" in out


def test_a_damaged_log_is_named_with_its_line(show: Show, store: Path) -> None:
    """Exit status 2; no traceback, no half of a tree."""
    key = TrialKey("best-of-n", "crc32", "x86-64-v2", 0)
    log = store / "trajectories" / f"{trial_id(key)}.jsonl"
    log.parent.mkdir(exist_ok=True)
    log.write_text('{"seq": 0}\n{"seq": 1, "at_s": 0, "kind": "end"}\n', "utf-8")
    try:
        status, out, err = show("best-of-n/crc32/x86-64-v2")
        assert (status, out) == (2, "")
        assert "line 1 is damaged" in err
        assert "best-of-n/crc32/x86-64-v2/0" in err
    finally:
        log.unlink()


def test_a_damaged_blob_is_the_stores_damage(show: Show, store: Path) -> None:
    """A trajectory whose bytes have changed is not shown."""
    with Store.open(store) as opened:
        trial = next(
            t
            for t in opened.trials(opened.runs()[0].id)
            if TrialKey.of(t) == ("llm-c", "matmul", "x86-64-v2", 0)
        )
        blob = opened.blobs.path(trial.trajectory_blob or "")
    whole = blob.read_bytes()
    blob.write_bytes(whole[:-20])
    try:
        status, _, err = show("llm-c/matmul/x86-64-v2")
        assert status == 2
        assert "is damaged" in err
    finally:
        blob.write_bytes(whole)


def test_the_page_is_self_contained(show: Show, tmp_path: Path) -> None:
    """One file, with a line that says where it is."""
    page = tmp_path / "page.html"
    status, out, err = show("cooperative/matmul/armv8-a", "--html", str(page))
    assert (status, out) == (0, "")
    assert str(page) in re.sub(r"\s", "", err)
    assert_self_contained(page.read_text("utf-8"))


def test_a_page_that_cannot_be_written_is_named(show: Show, tmp_path: Path) -> None:
    """One message with the path."""
    status, _, err = show("cooperative/matmul/armv8-a", "--html", str(tmp_path / "no" / "page"))
    assert status in (2, 3)
    assert "page" in err
    assert "Traceback" not in err


def test_json_and_events_and_full(show: Show) -> None:
    """Programs get JSON; people get the events, and the prompts if they ask for them."""
    place = "cooperative/matmul/x86-64-v2"
    document = json.loads(show(place, "--json")[1])
    assert document["trial"]["winner"] == document["chain"][-1]
    assert "#5 " in show(place, "--events")[1]
    assert "Rewrite the function." not in show(place, "--events")[1]
    assert "Rewrite the function." in show(place, "--full")[1]


def test_the_run_can_be_chosen(show: Show) -> None:
    """An unknown run is the user's mistake too."""
    assert show("cooperative/matmul/x86-64-v2", "--run", "2026")[0] == 0
    assert show("cooperative/matmul/x86-64-v2", "--run", "1999")[0] == 2


def test_a_store_that_is_not_there_is_not_made(show: Show, tmp_path: Path) -> None:
    """Looking creates nothing."""
    status, _, _ = show("a/b", path=tmp_path / "none")
    assert status == 2
    assert not (tmp_path / "none").exists()
