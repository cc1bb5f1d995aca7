"""A store whose writer is killed at any point loses at most the step in flight."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coopbench.harness.store import Store

BLOCKS = 8
STEPS = BLOCKS + 1
"""Steps of a trial: its blocks, then the commit."""

WRITER = """
import os, sys
from pathlib import Path
from coopbench.harness.model import *
from coopbench.harness.record import Machine, Plan, RunRecord
from coopbench.harness.store import Store

root, run_id, last = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
machine = Machine(arch="x", cpu_model=None, logical_cpus=1, kernel="k", hypervisor=None,
    governor=None, turbo=None, smt=None, aslr=None, memory_bytes=1, load_1min=None, pmu=False,
    fingerprint="f")
plan = Plan(suite="s", benchmarks=(), entrants=(), targets=())

def block(index):
    launches = (Launch(arm="baseline", value=index + 0.1), Launch(arm="candidate", value=index + 0.2))
    return Block(index=index, first="baseline", input_seed=index, launches=launches,
        outputs_agree=True, started_at=0.5)

with Store.open(root) as store:
    if run_id not in [r.id for r in store.runs()]:
        store.create_run(RunRecord(id=run_id, protocol_version=1, program_version="0",
            created_at=0.0, plan=plan, machine=machine, toolchains=(), sandbox="",
            benchmarks=(), entrants=(), secret_sha256=""))
    for k in range(len(store.done_keys(run_id)), last):
        name = f"{run_id}-{k}"
        blocks = store.pending(name)
        for i in range(len(blocks), 8):
            store.append_block(name, block(i))
            blocks = (*blocks, block(i))
            os.write(1, b"step\\n")
        sha = store.put_blob(f"{run_id} {k}".encode() * 500)
        store.commit_trial(Trial(id=name, run=run_id, entrant="e", benchmark="b", target="t",
            repetition=k, outcome=Outcome.FASTER, reason="", candidate_blob=sha,
            measurement=Measurement(metric=Metric.CPU_SECONDS, decision=Decision.FASTER,
                speedup=1.5, interval=None, blocks=blocks),
            started_at=0.0, finished_at=1.0))
        os.write(1, b"step\\n")
"""


def start(root: Path, run_id: str, last: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), run_id, str(last)],
        stdout=subprocess.PIPE,
        bufsize=0,  # communicate() would not see lines that readline() had read ahead
        stderr=subprocess.PIPE,
    )


def steps_stored(root: Path, run_id: str) -> int:
    """Check every trial and blob of the run; return how many steps the store knows of."""
    if not (root / "store.sqlite3").exists():
        return 0
    with Store.open(root) as store:
        store.verify()
        if not store.runs():
            return 0
        trials = store.trials(run_id)
        for k, trial in enumerate(trials):
            assert trial.measurement is not None
            values = [b.launches[1].value for b in trial.measurement.blocks]
            assert values == [i + 0.2 for i in range(BLOCKS)]
            assert store.get_blob(trial.candidate_blob or "") == f"{run_id} {k}".encode() * 500
        journal = store.pending(f"{run_id}-{len(trials)}")
        assert [b.index for b in journal] == list(range(len(journal)))
        return len(trials) * STEPS + len(journal)


@pytest.mark.parametrize(("how", "times"), [(signal.SIGKILL, 10), (signal.SIGINT, 5)])
def test_killed_at_random_points(tmp_path: Path, how: signal.Signals, times: int) -> None:
    """After every kill each acknowledged step is there, at most one more, and work goes on."""
    rng = random.Random(how.name)
    known = 0
    for _ in range(times):
        writer = start(tmp_path / "store", "r", 10**6)
        assert writer.stdout is not None
        for _ in range(rng.randrange(1, 70)):
            assert writer.stdout.readline() == b"step\n"
            known += 1
        time.sleep(rng.random() * 0.003)
        os.kill(writer.pid, how)
        rest, errors = writer.communicate(timeout=60)
        known += rest.count(b"step\n")
        assert writer.returncode == -how, errors
        stored = steps_stored(tmp_path / "store", "r")
        assert known <= stored <= known + 1
        known = stored
    assert known >= times


def test_killed_while_the_store_is_made(tmp_path: Path) -> None:
    """A store whose making was cut off at any point can be opened and used."""
    for i in range(8):
        writer = start(tmp_path / str(i), "r", 1)
        deadline = time.monotonic() + 60
        while not (tmp_path / str(i)).exists() and time.monotonic() < deadline:
            time.sleep(0.0005)
        time.sleep(i * 0.0015)
        writer.kill()
        writer.communicate(timeout=60)
        assert 0 <= steps_stored(tmp_path / str(i), "r") <= STEPS
        again = start(tmp_path / str(i), "r", 1)
        _, errors = again.communicate(timeout=60)
        assert again.returncode == 0, errors
        assert steps_stored(tmp_path / str(i), "r") == STEPS


def test_two_writers_on_one_store(tmp_path: Path) -> None:
    """Two processes may make and fill one store at the same time, each with its own run."""
    root = tmp_path / "store"
    writers = [start(root, name, 12) for name in ("r", "s")]
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors
    for name in ("r", "s"):
        assert steps_stored(root, name) == 12 * STEPS
