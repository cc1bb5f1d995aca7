"""Whole runs with a model behind a command: chain, attribution, tape, trajectory, report."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "tests" / "support" / "chain_model.py"
VARIANT = ROOT / "tests" / "variants" / "dec_u32" / "good_pairs.c"
LINE = "        uint32_t value = x[i];\n"
COOPBENCH = [sys.executable, "-m", "coopbench.harness.cli.main"]


def configure(folder: Path) -> None:
    """Write a configuration whose one backend is the program that answers."""
    waste = "volatile uint32_t left_ir = 54321, left_asm = 12345;\n"
    text = VARIANT.read_text()
    assert text.count(LINE) == 1
    (folder / "rewrite.c").write_text(text.replace(LINE, waste + LINE))
    command = json.dumps([sys.executable, str(MODEL), str(folder / "rewrite.c")])
    (folder / "coopbench.toml").write_text(
        f'[models]\nbackend = "chain"\n[backends.chain]\ntype = "command"\nformat = "json"\n'
        f"command = {command}\n"
    )


def coopbench(
    folder: Path, *args: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder."""
    return subprocess.run(
        [*COOPBENCH, *args],
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
        cwd=folder,
        env={**os.environ, **(env or {})},
    )


def run(folder: Path, *args: str, env: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Return the trials of a run on the emulated target, by entrant."""
    fixed = ("run", "curated", "--json", "-b", "dec_u32", "-t", "armv8-a", "--store", "st")
    done = coopbench(folder, *fixed, *args, env=env)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return {t["entrant"]: t for t in json.loads(done.stdout)["trials"]}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run whose answers were recorded on a tape."""
    folder = tmp_path_factory.mktemp("recorded")
    configure(folder)
    entrants = ("-e", "cooperative", "-e", "best-of-n", "-e", "clang-O2")
    trials = run(folder, *entrants, "--tape", "runs.tape", "--tape-mode", "record")
    (folder / "trials.json").write_text(json.dumps(trials))
    return folder


def trials_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what the recorded run printed."""
    found: dict[str, dict[str, Any]] = json.loads((folder / "trials.json").read_text())
    return found


def test_the_chain_wins_and_every_level_is_judged_without(recorded: Path) -> None:
    """The three-level chain is faster than each of its three ablations, by exact count."""
    trials = trials_of(recorded)
    winner = trials["cooperative"]
    assert winner["outcome"] == "faster", winner["reason"]
    speedup = winner["measurement"]["speedup"]
    for level in ("c", "ir", "asm"):
        part = trials[f"cooperative without {level}"]
        assert part["ablation"] == level
        assert part["ablation_of"] == winner["id"]
        assert part["verdict"]["outcome"] is None
        assert part["measurement"]["speedup"] < speedup
    assert trials["best-of-n"]["outcome"] == "faster"


def test_the_ledger_and_the_sources_are_told(recorded: Path) -> None:
    """Calls are counted per agent, the price of an unknown model is unknown, sources are named."""
    winner = trials_of(recorded)["cooperative"]
    ledger = winner["ledger"]
    assert ledger["model_calls"] == 7
    assert ledger["nano_dollars"] is None
    agents = {s["purpose"]["agent"] for s in ledger["by_purpose"]}
    assert {"guide", "c", "ir", "asm"} <= agents
    total = sum(s["amounts"]["tokens"] for s in ledger["by_purpose"])
    assert total == ledger["tokens"]
    assert len(ledger["curve"]) >= 3
    assert list(winner["sources"].values()) == [7]
    assert "command" in next(iter(winner["sources"]))


def test_replays_take_the_same_path(recorded: Path, tmp_path: Path) -> None:
    """Two replays in other folders and locales hand in the same binaries, and say what they are."""
    first = trials_of(recorded)
    tape = str(recorded / "runs.tape")
    for name, locale in (("one", "C"), ("two", "tr_TR.UTF-8")):
        folder = tmp_path / name
        folder.mkdir()
        env = {"LC_ALL": locale, "TZ": "Asia/Kathmandu", "TMPDIR": str(folder)}
        args = ("-e", "cooperative", "-e", "best-of-n", "--tape", tape)
        again = run(folder, *args, env=env)
        for entrant in ("cooperative", "best-of-n", "cooperative without c"):
            assert again[entrant]["candidate"] == first[entrant]["candidate"]
            assert again[entrant]["exe_sha256"] == first[entrant]["exe_sha256"]
        assert again["cooperative"]["ledger"]["replayed_calls"] == 7
        assert all("replayed" in s for s in again["cooperative"]["sources"])


def test_a_tape_that_lacks_an_answer_ends_the_run(recorded: Path) -> None:
    """A question that is not on the tape ends with exit code 3, and says how to record again."""
    args = (
        "run",
        "curated",
        "-b",
        "find_sub",
        "-t",
        "armv8-a",
        "-e",
        "cooperative",
        "--store",
        "st",
    )
    done = coopbench(recorded, *args, "--tape", "runs.tape")
    assert done.returncode == 3
    assert "record-missing" in done.stderr
    assert "guide" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_trajectory_can_be_read(recorded: Path) -> None:
    """The trial's tree, with levels and verdicts, is shown by the trial's name."""
    done = coopbench(recorded, "trajectory", "show", "cooperative/dec_u32", "--store", "st")
    if done.returncode:  # a later run of this module has become the last one
        trial = trials_of(recorded)["cooperative"]["id"]
        done = coopbench(recorded, "trajectory", "show", trial, "--store", "st")
    assert done.returncode == 0, done.stderr
    for word in ("n0", "n1", "rewrite", "asm", "less work"):
        assert word in done.stdout


def test_without_a_model_the_entrants_are_named_as_unavailable(tmp_path: Path) -> None:
    """Without a backend a run goes on without model entrants, and says once what they lack."""
    args = (
        "run",
        "curated",
        "-b",
        "dec_u32",
        "-t",
        "armv8-a",
        "-e",
        "cooperative",
        "-e",
        "clang-O2",
    )
    done = coopbench(tmp_path, *args, "--store", "st")
    assert done.returncode == 0
    assert done.stderr.count("no model is chosen") == 1


def test_a_run_that_nobody_can_take_part_in_is_refused(tmp_path: Path) -> None:
    """If no entrant can take part the run ends at once, with what they lack, and leaves nothing."""
    args = ("run", "curated", "-b", "dec_u32", "-t", "armv8-a", "-e", "cooperative", "-e", "llm-c")
    done = coopbench(tmp_path, *args, "--store", "st", "--backend", "command:no-such-program")
    assert done.returncode == 2
    assert done.stderr.count("no program 'no-such-program'; install it") == 1
    assert "0 trials" not in done.stderr
    assert coopbench(tmp_path, "list", "runs", "--store", "st", "--json").stdout.strip() == "[]"
