"""Optimizers of others compete without being imported: programs and folders of answers."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "unroller.py"

GOOD = """#!/bin/sh
cp "$1"/sources/* "$1"/answer/
echo '{"note": "copied", "model_calls": 2, "tokens": 10}' > "$1"/answer/answer.json
"""
SILENT = "#!/bin/sh\necho no idea >&2\nexit 3\n"
WRONG = """#!/bin/sh
sed 's/= sum;/= sum + 1;/' "$1"/sources/kernel.c > "$1"/answer/kernel.c
"""
SLOW = """#!/bin/sh
cp "$1"/sources/* "$1"/answer/
sleep 600
"""


def program(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return f"cmd:{path}"


def run(folder: Path, *args: str) -> dict[str, dict[str, object]]:
    """Return the trials of a run on the emulated target, by entrant."""
    command = [sys.executable, "-m", "coopbench.harness.cli.main", "run", "--json"]
    command += ["--benchmark", "sum_strict", "--target", "armv8-a", "--store", str(folder / "st")]
    done = subprocess.run(
        [*command, *args], capture_output=True, text=True, check=False, timeout=300, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return {t["entrant"]: t for t in json.loads(done.stdout)["trials"]}


def test_programs_compete(tmp_path: Path) -> None:
    """A program's answer is judged like any other; one without an answer is a failed trial."""
    good = program(tmp_path, "good", GOOD)
    silent = program(tmp_path, "silent", SILENT)
    wrong = program(tmp_path, "wrong", WRONG)
    example = f"cmd:{EXAMPLE}"
    args = [a for e in (good, silent, wrong, example) for a in ("--entrant", e)]
    trials = run(tmp_path, *args)
    assert trials[good]["outcome"] == "no_change"
    assert trials[good]["ledger"]["model_calls"] == 2  # type: ignore[index]
    assert trials[silent]["outcome"] == "tool_call_failed"
    assert "exit status 3 (no idea)" in str(trials[silent]["reason"])
    assert trials[wrong]["outcome"] == "wrong_output"
    assert trials[example]["outcome"] in {"faster", "slower", "within_noise"}


def test_a_program_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    """At the end of its wall time a program is killed, and what it had written is judged."""
    slow = program(tmp_path, "slow", SLOW)
    trials = run(tmp_path, "--entrant", slow, "--budget", "wall_seconds=3")
    assert trials[slow]["outcome"] == "no_change"
    left = subprocess.run(["pgrep", "-f", str(tmp_path / "slow")], check=False, capture_output=True)
    assert left.stdout == b""


def test_a_folder_of_answers_competes(tmp_path: Path) -> None:
    """A folder of submissions is an entrant beside others in the same run."""
    answers = tmp_path / "answers"
    answers.mkdir()
    source = "double sum_strict(const double *x, unsigned long n) { return n ? x[0] : 0; }\n"
    (answers / "sum_strict.c").write_text(source)
    name = f"dir:{answers}"
    trials = run(tmp_path, "--entrant", name, "--entrant", "identity")
    assert trials[name]["outcome"] in {"wrong_output", "build_failed"}
    assert trials["identity"]["outcome"] == "no_change"


def test_mistakes_end_with_one_message(tmp_path: Path) -> None:
    """A missing program, an empty command and a missing folder are named, with exit code 2."""
    for entrant in ("cmd:", "cmd:'", "cmd:/no/such/program", f"dir:{tmp_path / 'none'}"):
        command = [sys.executable, "-m", "coopbench.harness.cli.main", "run", "--entrant", entrant]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=tmp_path, env=os.environ
        )
        assert done.returncode == 2, entrant
        assert "Traceback" not in done.stderr
        assert done.stderr.startswith("coopbench: ")
