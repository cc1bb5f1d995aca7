"""A run that is killed in the middle of a search loses nothing that was stored, and goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

COOPBENCH = [sys.executable, "-m", "coopbench.harness.cli.main"]
MODEL = """#!/bin/sh
cat > /dev/null
[ -e slow ] && [ -e once ] && sleep 30
touch once
echo '```json
{"action": "inspect", "parent": "n0", "what": "cost"}
```'
"""


def test_a_killed_search_is_resumed(tmp_path: Path) -> None:
    """After kill -9 the trajectory so far is kept aside, and the trial is done anew on resume."""
    model = tmp_path / "model.sh"
    model.write_text(MODEL)
    model.chmod(0o755)
    (tmp_path / "slow").touch()
    args = ["run", "-b", "scan_wrap", "-t", "armv8-a", "-e", "cooperative", "-e", "clang-O2"]
    args += ["--backend", "command:./model.sh", "--budget", "model_calls=3", "--store", "st"]
    with subprocess.Popen(
        [*COOPBENCH, *args],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as running:
        log = _log_with_two_requests(tmp_path / "st" / "trajectories", running)
        os.killpg(running.pid, signal.SIGKILL)
    kinds = [json.loads(line)["kind"] for line in log.read_bytes().splitlines()]
    assert kinds.count("request") == 2
    shown = subprocess.run(
        [*COOPBENCH, "trajectory", "show", log.stem, "--store", "st"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    (tmp_path / "slow").unlink()
    done = subprocess.run(
        [*COOPBENCH, "run", "--resume", "last", "--store", "st", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    trials = {t["entrant"]: t for t in json.loads(done.stdout)["trials"]}
    assert trials["cooperative"]["outcome"] == "no_change"
    assert trials["cooperative"]["ledger"]["model_calls"] == 3
    assert trials["cooperative"]["trajectory_blob"]
    aside = list((tmp_path / "st" / "trajectories").iterdir())
    assert [p.name for p in aside] == [f"{log.stem}.interrupted-1.jsonl"]


def _log_with_two_requests(folder: Path, running: subprocess.Popen[bytes]) -> Path:
    """Wait until the second question is on the disk."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert running.poll() is None, "the run ended by itself"
        for path in folder.glob("*.jsonl") if folder.is_dir() else ():
            if path.read_bytes().count(b'"kind":"request"') == 2:
                return path
        time.sleep(0.1)
    raise AssertionError("no second question was asked")
