"""Synthetic runs for the tests of the reports: realistic in shape, made from a fixed seed."""

import hashlib
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from coopbench.harness.base import Level
from coopbench.harness.contract import FloatPolicy
from coopbench.harness.ledger import Ledger
from coopbench.harness.model import (
    Block,
    Counterexample,
    Decision,
    Evidence,
    Interval,
    Launch,
    Measurement,
    Metric,
    Outcome,
    Rung,
    Target,
    Tool,
    Toolchain,
    Trial,
    Verdict,
)
from coopbench.harness.record import (
    BenchmarkRecord,
    EntrantRecord,
    Machine,
    Plan,
    RunRecord,
    Unavailable,
)

START = 1_772_370_000.0
V2 = Target(name="x86-64-v2", arch="x86_64", march="x86-64-v2", emulated=False)
ARM = Target(name="armv8-a", arch="aarch64", march="armv8-a", emulated=True)
ENTRANTS: tuple[tuple[str, str, float], ...] = (
    ("identity", "null", 1.0),
    ("clang-O3-host", "compiler", 1.16),
    ("autotune", "autotuner", 1.31),
)
BENCHMARKS = ("matmul", "crc32", "float_sum", "word_count")
FAILURES: Mapping[tuple[str, str, str], Outcome] = {
    ("clang-O3-host", "crc32", "x86-64-v2"): Outcome.BUILD_FAILED,
    ("clang-O3-host", "float_sum", "x86-64-v2"): Outcome.WRONG_OUTPUT,
    ("autotune", "crc32", "x86-64-v2"): Outcome.CRASHED,
    ("autotune", "float_sum", "x86-64-v2"): Outcome.REJECTED_BY_SCAN,
    ("clang-O3-host", "crc32", "armv8-a"): Outcome.TOOL_CALL_FAILED,
    ("clang-O3-host", "word_count", "armv8-a"): Outcome.INFRA_FAILED,
    ("autotune", "crc32", "armv8-a"): Outcome.TIMED_OUT,
    ("autotune", "float_sum", "armv8-a"): Outcome.BUDGET_SPENT,
}
_REASONS = {
    Outcome.TOOL_CALL_FAILED: "the tuner asked for `opt -passes=loop-vectorise`: unknown pass name",
    Outcome.BUILD_FAILED: "kernel.c:14:9: error: use of undeclared identifier 'acc1'",
    Outcome.REJECTED_BY_SCAN: "the object imports clock_gettime, which is not on the allow-list",
    Outcome.CRASHED: "hidden test 17 of 64: signal 11 (read past the end of `in`)",
    Outcome.TIMED_OUT: "hidden test 3 of 64 ran longer than 10 s",
    Outcome.WRONG_OUTPUT: "hidden test 5 of 64: out[17] differs",
    Outcome.BUDGET_SPENT: "50 evaluations spent without a verified candidate",
    Outcome.INFRA_FAILED: "qemu-aarch64 exited with signal 6 before the first block",
}


@dataclass(frozen=True)
class RunShape:
    """What a synthetic run consists of."""

    entrants: Sequence[tuple[str, str, float]] = ENTRANTS
    benchmarks: Sequence[str] = BENCHMARKS
    targets: Sequence[Target] = (V2, ARM)
    failures: Mapping[tuple[str, str, str], Outcome] = field(default_factory=lambda: FAILURES)
    repetitions: int = 1
    seed: str = "coopbench"
    controls_healthy: bool = True
    most_pairs: int = 24
    run_id: str = "2026-03-01-starter-7f3a"


def make_run(shape: RunShape | None = None) -> tuple[RunRecord, tuple[Trial, ...]]:
    """Return a finished run of that shape and its trials, controls included."""
    shape = shape or RunShape()
    record = make_record(shape)
    trials = [
        make_trial(shape, entrant, benchmark, target, repetition)
        for target in shape.targets
        for benchmark in shape.benchmarks
        for entrant in shape.entrants
        for repetition in range(shape.repetitions)
    ]
    timed = [t for t in shape.targets if not t.emulated]
    controls = [c for t in timed for c in make_controls(shape, t)]
    return record, (*trials, *controls)


def make_unfinished() -> tuple[RunRecord, tuple[Trial, ...]]:
    """Return an interrupted run: one entrant is complete, the others lack trials."""
    record, trials = make_run()
    record = record.model_copy(
        update={"status": "interrupted", "finished_at": None, "secret": None}
    )
    gone = {("clang-O3-host", "crc32"), ("autotune", "matmul"), ("autotune", "crc32")}
    kept = tuple(
        t
        for t in trials
        if t.control or (t.entrant, t.benchmark) not in gone or t.target == "armv8-a"
    )
    return record, tuple(t for t in kept if t.entrant != "autotune" or t.target != "armv8-a")


def make_hostile() -> tuple[RunRecord, tuple[Trial, ...]]:
    """Return a run whose names and texts try to break every format they are written to."""
    shape = RunShape(
        entrants=(
            ("<script>alert(1)</script>", "compiler", 1.2),
            ("a|b`c`*d*_e_\x1b[2J\x1b[31m", "autotuner", 1.1),
            ('"><img src=x onerror=alert(1)>', "null", 1.0),
        ),
        benchmarks=("=1+1", "</style><b>", "x\ny\u202egnp.exe", "https://example.org/[a](b)"),
        failures={},
        most_pairs=14,
    )
    record, trials = make_run(shape)
    reason = "@SUM(A1)\r\n\x00{{ 7 * 7 }} <!-- ]]> & 'quoted' \u2028 www.example.org"
    record = record.model_copy(update={"command": ("coopbench", "run", "$(reboot)", "a b")})
    return record, tuple(t.model_copy(update={"reason": reason}) for t in trials)


def make_record(shape: RunShape) -> RunRecord:
    """Return the manifest of a finished run of that shape."""
    return RunRecord(
        id=shape.run_id,
        protocol_version=1,
        program_version="0.1.0",
        created_at=START,
        finished_at=START + 588.0,
        status="finished",
        plan=Plan(
            suite="starter",
            benchmarks=tuple(shape.benchmarks),
            entrants=tuple(name for name, _, _ in shape.entrants),
            targets=tuple(shape.targets),
            repetitions=shape.repetitions,
        ),
        machine=make_machine(),
        toolchains=(
            Toolchain(
                id="pinned",
                tools=(
                    Tool(name="clang", version="22.1.8", sha256=_digest("clang")),
                    Tool(name="opt", version="22.1.8", sha256=_digest("opt")),
                    Tool(name="llc", version="22.1.8", sha256=_digest("llc")),
                ),
            ),
            Toolchain(
                id="gcc-12",
                tools=(Tool(name="gcc", version="12.2.0", sha256=_digest("gcc")),),
            ),
        ),
        sandbox="bubblewrap 0.11.0 + seccomp + rlimits",
        benchmarks=tuple(_benchmark(name) for name in shape.benchmarks),
        entrants=tuple(_entrant(name, kind) for name, kind, _ in shape.entrants),
        unavailable=(
            Unavailable(
                what="entrant gcc-O3 on armv8-a",
                why="no aarch64-linux-gnu-gcc was found",
                remedy="apt-get install gcc-aarch64-linux-gnu",
            ),
        ),
        secret_sha256=_digest("secret"),
        secret="5e" * 16,
        command=("coopbench", "run", "--plan", "starter"),
    )


def make_machine() -> Machine:
    """Return a plausible virtual machine."""
    return Machine(
        arch="x86_64",
        cpu_model="Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz",
        logical_cpus=2,
        kernel="6.1.0-18-amd64",
        hypervisor=True,
        governor=None,
        turbo=None,
        smt=True,
        aslr=2,
        memory_bytes=8 * 2**30,
        load_1min=0.42,
        pmu=False,
        fingerprint=_digest("machine")[:16],
        warnings=("the CPU governor cannot be read: run on a machine with cpufreq to control it",),
    )


def make_trial(
    shape: RunShape,
    entrant: tuple[str, str, float],
    benchmark: str,
    target: Target,
    repetition: int = 0,
) -> Trial:
    """Return the trial of that entrant, failed if the shape says so."""
    name, kind, strength = entrant
    key = (name, benchmark, target.name)
    rng = random.Random("/".join((shape.seed, *key, str(repetition))))
    outcome = shape.failures.get(key)
    measurement = None
    if outcome is None:
        same = name in ("identity", "rename")
        measurement = _measure(rng, strength, target, same=same, most_pairs=shape.most_pairs)
        outcome = _outcome(measurement.decision)
    candidate = None if outcome is Outcome.TOOL_CALL_FAILED else _digest("/".join(key))[:16]
    gain = "algorithmic" if kind == "llm" else "local"
    if name.endswith("-host"):
        gain = "instruction_set"
    return Trial(
        id=f"{shape.run_id}/{target.name}/{benchmark}/{name}/{repetition}",
        run=shape.run_id,
        entrant=name,
        benchmark=benchmark,
        target=target.name,
        repetition=repetition,
        outcome=outcome,
        reason=_REASONS.get(outcome, "survived every rung"),
        candidate=candidate,
        candidate_blob=candidate,
        exe_sha256=None if measurement is None else _digest(f"exe/{key}"),
        toolchain="gcc-12" if name.startswith("gcc") else "pinned",
        verdict=_verdict(outcome),
        measurement=measurement,
        ledger=Ledger(
            compile_s=round(rng.uniform(0.05, 4), 3),
            run_s=round(rng.uniform(0.5, 3), 3),
            wall_s=round(rng.uniform(2, 9), 3),
            evaluations=50 if kind == "autotuner" else 1,
        ),
        gain_class=gain if outcome is Outcome.FASTER else None,
        started_at=START + rng.randrange(500),
        finished_at=START + 500 + rng.randrange(80),
    )


def make_controls(shape: RunShape, target: Target) -> list[Trial]:
    """Return A/A and planted-effect trials; unhealthy ones find 6 % in an A/A pair."""
    controls = []
    effects = (("aa", 1.0), ("aa", 1.0 if shape.controls_healthy else 1.06))
    for i, (kind, effect) in enumerate((*effects, ("planted", 1 / 1.02), ("planted", 1 / 1.02))):
        rng = random.Random(f"{shape.seed}/{target.name}/{kind}/{i}")
        measurement = _simulate(rng, math.log(effect), 0.008, shape.most_pairs, Metric.CPU_SECONDS)
        controls.append(
            Trial(
                id=f"{shape.run_id}/{target.name}/control/{kind}/{i}",
                run=shape.run_id,
                entrant="control",
                benchmark=shape.benchmarks[i % len(shape.benchmarks)],
                target=target.name,
                repetition=i,
                outcome=_outcome(measurement.decision),
                reason="control",
                measurement=measurement,
                control="aa" if kind == "aa" else "planted",
                started_at=START + i,
                finished_at=START + i + 4,
            )
        )
    return controls


def _measure(
    rng: random.Random, strength: float, target: Target, *, same: bool, most_pairs: int
) -> Measurement:
    if same:
        return Measurement(
            metric=target.metric,
            decision=Decision.IDENTICAL,
            speedup=1.0,
            interval=Interval(low=1.0, high=1.0, confidence=1.0),
            stop="identical",
        )
    theta = math.log(strength) * rng.choice((-0.1, 0.0, 0.005, 0.3, 0.8, 1.0, 1.2, 1.9))
    if target.emulated:
        return _counted(rng, theta)
    noise = rng.uniform(0.006, 0.03)
    return _simulate(rng, theta, noise, rng.randrange(12, most_pairs + 1), Metric.CPU_SECONDS)


def _counted(rng: random.Random, theta: float) -> Measurement:
    baseline = float(rng.randrange(1_000_000, 90_000_000))
    candidate = float(round(baseline * math.exp(-theta)))
    speedup = round(baseline / candidate, 9)
    decision = Decision.EQUIVALENT
    if candidate != baseline:
        decision = Decision.FASTER if candidate < baseline else Decision.SLOWER
    return Measurement(
        metric=Metric.INSTRUCTIONS,
        decision=decision,
        speedup=speedup,
        interval=Interval(low=speedup, high=speedup, confidence=1.0),
        stop="exact",
        instructions=candidate,
        baseline_instructions=baseline,
    )


def _simulate(
    rng: random.Random, theta: float, noise: float, pairs: int, metric: Metric
) -> Measurement:
    base = rng.uniform(0.008, 0.04)
    blocks, logs = [], []
    for i in range(pairs):
        d = theta + rng.gauss(0, noise) * (4 if rng.random() < 0.05 else 1)
        logs.append(d)
        blocks.append(_block(rng, i, base * math.exp(rng.gauss(0, 0.01)), d))
    centre = sorted(logs)[len(logs) // 2]
    half = 3.2 * noise / math.sqrt(pairs)
    decision = Decision.INCONCLUSIVE
    if abs(centre) > half:
        decision = Decision.FASTER if centre > 0 else Decision.SLOWER
    elif abs(centre) + half < 0.01:
        decision = Decision.EQUIVALENT
    return Measurement(
        metric=metric,
        decision=decision,
        speedup=_exp(centre),
        interval=_interval(centre, half),
        layout_interval=_interval(centre, 0.8 * half),
        p_value=min(1.0, _exp(-((centre / noise) ** 2) * pairs / 2.5)),
        mde=round(2.8 * noise / math.sqrt(pairs), 9),
        noise=round(noise, 9),
        blocks=tuple(blocks),
        reps=8,
        stop="precise" if decision is not Decision.INCONCLUSIVE else "max_blocks",
        instructions=1_234_567.0,
        baseline_instructions=1_300_000.0,
    )


def _interval(centre: float, half: float) -> Interval:
    return Interval(low=_exp(centre - half), high=_exp(centre + half), confidence=0.95)


def _block(rng: random.Random, index: int, base: float, log_ratio: float) -> Block:
    def launch(arm: str, value: float) -> Launch:
        return Launch(
            arm="baseline" if arm == "baseline" else "candidate",
            value=round(value, 9),
            wall_s=round(value * 1.08, 9),
            setup_cpu_s=0.0004,
            teardown_cpu_s=0.0001,
            max_rss_kib=2048,
            minor_faults=120,
            major_faults=0,
            voluntary_switches=3,
            involuntary_switches=rng.randrange(3),
            steal_ticks=0,
            layout_seed=rng.randrange(2**31),
            env_bytes=rng.randrange(4096),
            exe_sha256=_digest(f"{arm}{index}"),
        )

    return Block(
        index=index,
        first=rng.choice(("baseline", "candidate")),
        input_seed=rng.randrange(2**31),
        launches=(launch("baseline", base), launch("candidate", base * math.exp(-log_ratio))),
        outputs_agree=True,
        started_at=START + index,
    )


def _exp(value: float) -> float:
    """Round, so that every math library gives the same golden files."""
    return round(math.exp(value), 9)


def _outcome(decision: Decision) -> Outcome:
    return {
        Decision.FASTER: Outcome.FASTER,
        Decision.SLOWER: Outcome.SLOWER,
        Decision.EQUIVALENT: Outcome.WITHIN_NOISE,
        Decision.INCONCLUSIVE: Outcome.WITHIN_NOISE,
        Decision.IDENTICAL: Outcome.NO_CHANGE,
    }[decision]


def _verdict(outcome: Outcome) -> Verdict | None:
    if outcome in (Outcome.TOOL_CALL_FAILED, Outcome.BUDGET_SPENT, Outcome.INFRA_FAILED):
        return None
    reached = {Outcome.BUILD_FAILED: 1, Outcome.REJECTED_BY_SCAN: 2}.get(outcome, 6)
    if outcome in (Outcome.CRASHED, Outcome.TIMED_OUT, Outcome.WRONG_OUTPUT):
        reached = 4
    details = (
        (Rung.BUILD, 1, "compiled, assembled and linked"),
        (Rung.SCAN, 12, "12 imports, no system calls, no clock instructions"),
        (Rung.VISIBLE, 8, "8 visible inputs"),
        (Rung.HIDDEN, 64, "64 hidden inputs over 9 sizes"),
        (Rung.EDGE, 41, "41 edge inputs: empty, one, odd, unaligned, extreme"),
        (Rung.TIMED, 0, "outputs of every timed launch"),
    )
    evidence = tuple(
        Evidence(
            rung=rung,
            passed=outcome.correct or i + 1 < reached,
            tried=tried,
            seconds=0.05 * (i + 1),
            detail=detail,
        )
        for i, (rung, tried, detail) in enumerate(details[:reached])
    )
    counterexample = None
    if outcome is Outcome.WRONG_OUTPUT:
        counterexample = Counterexample(
            rung=Rung.HIDDEN,
            workload="uniform, n = 1021, seed 88213",
            where="out[17]",
            expected="0.30000001192092896",
            got="0.30000004172325134",
        )
    return Verdict(
        outcome=None if outcome.correct else outcome,
        reason=_REASONS.get(outcome, "survived 6 rungs"),
        evidence=evidence,
        counterexample=counterexample,
    )


def _benchmark(name: str) -> BenchmarkRecord:
    program = name == "word_count"
    return BenchmarkRecord(
        name=name,
        kind="program" if program else "kernel",
        title=name.replace("_", " ").capitalize(),
        group="traps" if name == "float_sum" else "core",
        why=f"{name} shows what a compiler leaves on the table.",
        room=(Level.C, Level.IR),
        float_policy=FloatPolicy() if name in ("matmul", "float_sum") else None,
        digest=_digest(name),
    )


def _entrant(name: str, kind: str) -> EntrantRecord:
    return EntrantRecord.model_validate(
        {"name": name, "version": "1", "kind": kind, "description": f"The {kind} entrant {name}."}
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
