"""Fixtures for the tests of stored records: minimal but complete runs and trials."""

from collections.abc import Callable

import pytest

from coopbench.harness.model import (
    Block,
    Decision,
    Launch,
    Measurement,
    Metric,
    Outcome,
    Target,
    Trial,
)
from coopbench.harness.record import Machine, Plan, RunRecord


@pytest.fixture
def run_record() -> Callable[..., RunRecord]:
    """Return a maker of run manifests; keyword arguments replace fields."""

    def make(run_id: str = "run-1", **fields: object) -> RunRecord:
        target = Target(name="x86-64-v2", arch="x86_64", march="x86-64-v2", emulated=False)
        run = RunRecord(
            id=run_id,
            protocol_version=1,
            program_version="0.1.0",
            created_at=1000.0,
            plan=Plan(suite="s", benchmarks=("scan",), entrants=("identity",), targets=(target,)),
            machine=Machine(
                arch="x86_64",
                cpu_model=None,
                logical_cpus=2,
                kernel="6.1",
                hypervisor=None,
                governor=None,
                turbo=None,
                smt=None,
                aslr=2,
                memory_bytes=2**30,
                load_1min=None,
                pmu=False,
                fingerprint="f" * 16,
            ),
            toolchains=(),
            sandbox="none",
            benchmarks=(),
            entrants=(),
            secret_sha256="0" * 64,
        )
        return run.model_copy(update=fields)

    return make


@pytest.fixture
def pair() -> Callable[..., Block]:
    """Return a maker of measured blocks."""

    def make(index: int, value: float = 0.0123) -> Block:
        return Block(
            index=index,
            first="candidate",
            input_seed=index * 7,
            launches=(
                Launch(arm="baseline", value=value, steal_ticks=0),
                Launch(arm="candidate", value=value / 3, wall_s=0.1),
            ),
            outputs_agree=True,
            started_at=1000.0 + index,
        )

    return make


@pytest.fixture
def trial(pair: Callable[..., Block]) -> Callable[..., Trial]:
    """Return a maker of trials with that many blocks; keyword arguments replace fields."""

    def make(trial_id: str = "trial-1", blocks: int = 3, **fields: object) -> Trial:
        made = Trial(
            id=trial_id,
            run="run-1",
            entrant="identity",
            benchmark="scan",
            target="x86-64-v2",
            repetition=0,
            outcome=Outcome.FASTER,
            reason="survived",
            measurement=Measurement(
                metric=Metric.CPU_SECONDS,
                decision=Decision.FASTER,
                speedup=3.0,
                interval=None,
                blocks=tuple(pair(i) for i in range(blocks)),
            ),
            started_at=1000.0,
            finished_at=1010.0,
        )
        return made.model_copy(update=fields)

    return make
