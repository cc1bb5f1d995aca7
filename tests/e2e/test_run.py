"""The main job on real compilers, the real sandbox and both architectures."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coopbench.harness.locks import measuring_lock
from coopbench.harness.model import Outcome, Trial
from coopbench.harness.store import Store

pytestmark = pytest.mark.e2e

Maker = Callable[..., Path]


def coopbench(*args: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "coopbench.harness.cli.main", *map(str, args)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if check:
        assert done.returncode == 0, done.stderr
    return done


def trials(store: Path, run: str | None = None) -> tuple[Trial, ...]:
    """Return the trials of a store's run (its last one by default)."""
    with Store.open(store, create=False) as opened:
        record = opened.run(run) if run else max(opened.runs(), key=lambda r: r.created_at)
        return opened.trials(record.id)


def of_entrants(found: tuple[Trial, ...]) -> dict[tuple[str, str, str], Trial]:
    """Return entrants' trials by entrant, benchmark and target."""
    return {(t.entrant, t.benchmark, t.target): t for t in found if t.control is None}


def test_a_run_judges_compilers_on_both_architectures(tmp_path: Path) -> None:
    """Outcomes, evidence, intervals, counts and reports are there, for kernels and programs."""
    done = coopbench(
        *("run", "-b", "gemm_ijk", "-b", "nbody", "--store", "s", "--wait"),
        *("-e", "identity", "-e", "rename", "-e", "clang-O0", "-e", "clang-O3-fast-math"),
        cwd=tmp_path,
    )
    found = of_entrants(trials(tmp_path / "s"))
    assert len(found) == 16
    for target in ("x86-64-v2", "armv8-a"):
        for name in ("gemm_ijk", "nbody"):
            assert found["identity", name, target].outcome is Outcome.NO_CHANGE
            assert found["rename", name, target].outcome is Outcome.NO_CHANGE
            slow = found["clang-O0", name, target]
            assert slow.outcome is Outcome.SLOWER
            assert slow.verdict is not None
            assert {e.rung for e in slow.verdict.evidence} >= {"build", "scan", "visible", "hidden"}
        wrong = found["clang-O3-fast-math", "gemm_ijk", target]
        assert wrong.outcome is Outcome.WRONG_OUTPUT
        assert wrong.verdict is not None
        assert wrong.verdict.counterexample is not None
    timed = found["clang-O0", "gemm_ijk", "x86-64-v2"].measurement
    assert timed is not None
    assert timed.interval is not None
    assert timed.interval.high < 1
    assert len(timed.blocks) >= 10
    assert all(x.value > 0 and x.max_rss_kib for b in timed.blocks for x in b.launches)
    assert timed.instructions is not None, "the counting plugin cross-checks native timing"
    counted = found["clang-O0", "gemm_ijk", "armv8-a"].measurement
    assert counted is not None
    assert counted.metric == "instructions"
    assert counted.blocks == ()
    reports = next((tmp_path / "s" / "reports").iterdir())
    assert {p.name for p in reports.iterdir()} == {
        "report.html",
        "report.md",
        "programs.html",
        "trials.csv",
        "run.json",
    }
    assert "report.html" in done.stdout


def test_the_secret_is_committed_first_and_revealed_at_the_end(tmp_path: Path) -> None:
    """The manifest holds the hash of the secret, and afterwards the secret itself."""
    done = coopbench(
        *("run", "-b", "chain_mix", "-e", "clang-O2", "-t", "armv8-a", "--store", "s", "--json"),
        cwd=tmp_path,
    )
    with Store.open(tmp_path / "s", create=False) as store:
        (record,) = store.runs()
    assert record.secret is not None
    assert record.secret in done.stdout
    assert json.loads(done.stdout)
    assert hashlib.sha256(bytes.fromhex(record.secret)).hexdigest() == record.secret_sha256
    assert not list((tmp_path / "s" / "secrets").iterdir())


def test_a_killed_run_resumes_and_loses_nothing(tmp_path: Path) -> None:
    """After kill -9 the finished trials are there, and resuming does only the rest."""
    command = [sys.executable, "-m", "coopbench.harness.cli.main", "run", "--store", "s", "--wait"]
    command += ["-b", "scan_wrap", "-b", "crc_stream", "-b", "chain_mix", "-t", "x86-64-v2"]
    command += ["-e", "clang-O0", "-e", "clang-O1", "-e", "clang-Os"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None:
        if (tmp_path / "s" / "store.sqlite3").exists():
            with Store.open(tmp_path / "s", create=False) as store:
                runs = store.runs()
                if runs and len(store.done_keys(runs[0].id)) >= 2:
                    break
        time.sleep(0.2)
    assert process.poll() is None, "the run ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = {t.id: t for t in trials(tmp_path / "s")}
    assert before
    coopbench("run", "--resume", "last", "--store", "s", "--wait", cwd=tmp_path)
    after = {t.id: t for t in trials(tmp_path / "s")}
    assert len([t for t in after.values() if t.control is None]) == 9
    assert all(after[i] == t for i, t in before.items())


def test_interrupting_a_run_says_how_to_go_on(tmp_path: Path) -> None:
    """Ctrl-C ends with exit code 130 and the command that resumes."""
    command = [sys.executable, "-m", "coopbench.harness.cli.main", "run", "--store", "s", "--wait"]
    with subprocess.Popen(
        [*command, "-t", "x86-64-v2", "-e", "clang-O0", "-e", "clang-Os"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if " trials" in line:
                break
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(timeout=60) == 130
    assert "--resume" in rest


def test_two_runs_at_once_are_refused_clearly(tmp_path: Path) -> None:
    """While one run measures, another on the machine is told so and exits with 2."""
    with measuring_lock(wait=True):
        done = coopbench(
            *("run", "-b", "chain_mix", "-e", "clang-O2", "-t", "x86-64-v2", "--store", "s"),
            cwd=tmp_path,
            check=False,
        )
    assert done.returncode == 2
    assert "already measuring" in done.stderr
    assert "--wait" in done.stderr


def test_a_suite_is_a_folder_anywhere(make_benchmark: Maker, tmp_path: Path) -> None:
    """A user's own folder of benchmarks is judged like the starter suite."""
    root = make_benchmark().parent
    coopbench(
        "run", root, "-e", "clang-O1", "-t", "armv8-a", "--store", tmp_path / "s", cwd=tmp_path
    )
    assert of_entrants(trials(tmp_path / "s"))["clang-O1", "scan", "armv8-a"].outcome.correct


PROTOTYPE = "uint32_t scan(uint32_t *out, const uint32_t *in, size_t n)"
FAULTS = {
    "another signature": (
        "uint64_t scan(uint32_t *out, const uint32_t *in, size_t n) { return n; }",
        "conflicting types",
    ),
    "no such function": (
        "uint32_t other(void) { return 0; }",
        "nothing defines the function 'scan'",
    ),
    "depends on addresses": (
        PROTOTYPE + " { (void)in; return n ? (uint32_t)((size_t)&out[n - 1] >> 4) : 0; }",
        "not deterministic",
    ),
    "reads past the end": (
        PROTOTYPE + " { (void)out; return in[n]; }",
        "the reference itself fails",
    ),
    "leaves output unwritten": (
        PROTOTYPE + " { for (size_t i = 0; i + 1 < n; i++) out[i] = in[i]; return 0; }",
        "not deterministic",
    ),
}


@pytest.mark.parametrize(("source", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_benchmark_at_fault_is_refused_before_any_trial(
    make_benchmark: Maker, tmp_path: Path, source: str, message: str
) -> None:
    """Wrong signature, missing function, address-dependent results, over-reads, unwritten output."""
    root = make_benchmark(kernel="#include <stddef.h>\n#include <stdint.h>\n" + source).parent
    done = coopbench(
        "run",
        root,
        "-e",
        "identity",
        "-t",
        "armv8-a",
        "--store",
        tmp_path / "s",
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "'scan'" in done.stderr
    assert "Traceback" not in done.stderr


def test_judge_accepts_a_good_rewrite_and_rejects_a_bad_one(tmp_path: Path) -> None:
    """A hand-written candidate is verified and measured; a wrong one gets a counterexample."""
    variants = Path(__file__).parents[1] / "variants" / "scan_wrap"
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "scan_wrap.c").write_text(sorted(variants.glob("good_*.c"))[0].read_text())
    coopbench("judge", folder, "-t", "x86-64-v2", "--store", "s", "--wait", cwd=tmp_path)
    (trial,) = of_entrants(trials(tmp_path / "s")).values()
    assert trial.outcome.correct
    bad = sorted(variants.glob("bad_*.c"))[0]
    coopbench("judge", bad, "-b", "scan_wrap", "-t", "armv8-a", "--store", "s", cwd=tmp_path)
    (trial,) = of_entrants(trials(tmp_path / "s")).values()
    assert not trial.outcome.correct


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["run", "-b", "gemm_ikj"], "did you mean 'gemm_ijk'"),
        (["run", "-e", "clang-O4"], "did you mean 'clang-O"),
        (["run", "-t", "x86-64-v9"], "did you mean 'x86-64-v"),
        (["run", "startr"], "did you mean 'starter'"),
        (["run", "--resume", "2020"], "store"),
        (["report", "nope"], "store"),
        (["judge", "nofile.c", "-b", "gemm_ijk"], "does not exist"),
        (["list", "runs"], "store"),
    ],
)
def test_unknown_names_get_one_message_and_exit_code_2(
    tmp_path: Path, args: list[str], message: str
) -> None:
    """Every unknown name ends in one line that names it, without a traceback."""
    done = coopbench(*args, cwd=tmp_path, check=False)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_tables_can_be_had_as_json(tmp_path: Path) -> None:
    """Every listing prints valid JSON with the same names as its table."""
    for what, name in (
        ("benchmarks", "gemm_ijk"),
        ("entrants", "clang-O3"),
        ("targets", "armv8-a"),
    ):
        rows = json.loads(coopbench("list", what, "--json", cwd=tmp_path).stdout)
        assert name in {row["name"] for row in rows}
        assert name in coopbench("list", what, cwd=tmp_path).stdout
    findings = json.loads(coopbench("doctor", "--json", cwd=tmp_path).stdout)
    assert {"toolchain", "sandbox", "machine"} <= {f["area"] for f in findings}
