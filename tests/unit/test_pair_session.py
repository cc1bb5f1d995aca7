"""The paired measurement, on subjects whose cost is made up."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from coopbench.harness.cases import Batch, Conditions, Difference, Failure
from coopbench.harness.errors import InfraError
from coopbench.harness.measure.decision import StopRule
from coopbench.harness.measure.pairs import (
    PairSession,
    Setup,
    Wrong,
    exact_measurement,
    identical_measurement,
)
from coopbench.harness.model import Block, Decision, Launch, Metric, Outcome

Cost = Callable[[Path, int, np.random.Generator], float]


@dataclass
class FakeLayouts:
    """Executables that are only names."""

    arm: str
    alive: set[int] = field(default_factory=set)
    closed: bool = False

    def prefetch(self, seed: int) -> None:
        self.alive.add(seed)

    def take(self, seed: int) -> Path:
        assert seed in self.alive, "every layout is linked before it is needed"
        return Path(self.arm)

    def drop(self, seed: int) -> None:
        self.alive.discard(seed)

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeCases:
    """Launches whose cost follows a formula and whose output is the input."""

    ratio: float = 1.0
    noise: float = 0.01
    wrong_from: int | None = None
    fail: dict[str, Failure] = field(default_factory=dict)
    launches: list[tuple[str, str, int]] = field(default_factory=list)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(3))

    def timed(self, label: str, seed: int, reps: int) -> Batch[int]:
        return Batch(label, seed, reps)

    def time(
        self, exe: Path, batch: Batch[int], conditions: Conditions
    ) -> tuple[int, Launch] | Failure:
        arm = str(exe)
        self.launches.append((arm, batch.label, batch.inputs))
        if arm in self.fail:
            return self.fail[arm]
        cost = 0.01 * math.exp(self.noise * self.rng.standard_normal())
        cost /= self.ratio if arm == "candidate" else 1.0
        wrong = (
            arm == "candidate"
            and self.wrong_from is not None
            and len(self.launches) > self.wrong_from
        )
        return batch.inputs + wrong, Launch(arm="candidate", value=cost, wall_s=cost)

    def difference(self, batch: Batch[int], expected: int, got: int) -> Difference | None:
        return None if expected == got else Difference("timed", "y", str(expected), str(got))

    visible = hidden = edges = run = count = None


def session(
    cases: FakeCases, blocks: tuple[Block, ...] = (), reference: int = 0
) -> PairSession[int, int]:
    """Return a session over fake launches."""
    return PairSession(
        Setup(
            key="t",
            layout_key="b",
            secret=b"s",
            cases=cases,  # type: ignore[arg-type]
            reference=lambda batch: batch.inputs + reference,
            baseline=FakeLayouts("baseline"),
            candidate=FakeLayouts("candidate"),
            rule=StopRule(max_blocks=60),
            reps=4,
        ),
        blocks,
    )


def finish(s: PairSession[int, int]) -> PairSession[int, int]:
    """Step until the session is finished."""
    while not s.finished:
        s.step()
    return s


@pytest.mark.parametrize(
    ("ratio", "decision"),
    [(1.5, Decision.FASTER), (0.7, Decision.SLOWER), (1.0, Decision.EQUIVALENT)],
)
def test_the_decision_follows_the_cost(ratio: float, decision: Decision) -> None:
    """A candidate that costs less is faster, one that costs more slower, an equal one equivalent."""
    m = finish(session(FakeCases(ratio=ratio, noise=0.008))).measurement()
    assert m.decision is decision
    assert m.speedup == pytest.approx(ratio, rel=0.02)
    assert m.interval is not None
    assert m.interval.low <= ratio <= m.interval.high


def test_both_arms_of_a_block_get_the_same_input_in_random_order() -> None:
    """Within a block the input is shared; over blocks the order varies and inputs differ."""
    cases = FakeCases(ratio=1.2)
    s = finish(session(cases))
    pairs = list(zip(cases.launches[::2], cases.launches[1::2], strict=True))
    assert all(a[1:] == b[1:] and {a[0], b[0]} == {"baseline", "candidate"} for a, b in pairs)
    assert len({a[2] for a, _ in pairs}) == len(pairs)
    assert {b.first for b in s.blocks} == {"baseline", "candidate"}
    assert [a[0] for a, _ in pairs] == [b.first for b in s.blocks]


def test_every_block_has_a_fresh_layout_that_both_arms_share() -> None:
    """No layout is used in two blocks, both arms of a block have the same, none is left behind."""
    s = finish(session(FakeCases(ratio=1.3)))
    seeds = [tuple(x.layout_seed for x in b.launches) for b in s.blocks]
    assert all(base == cand for base, cand in seeds)
    assert len(set(seeds)) == len(seeds)
    s.close()
    assert s._setup.baseline.closed  # type: ignore[attr-defined]


def test_a_wrong_output_while_timing_overturns_the_verdict() -> None:
    """A candidate that is right in the tests and wrong when timed ends as wrong output."""
    s = session(FakeCases(wrong_from=12))
    while not s.finished:
        s.step()
    assert isinstance(s.wrong, Wrong)
    assert s.wrong.failure.outcome is Outcome.WRONG_OUTPUT
    assert s.measurement().stop == "wrong_output"
    assert not s.evidence().passed


def test_a_crash_while_timing_is_the_candidates_failure() -> None:
    """The candidate's crash is an outcome; the baseline's is our own trouble."""
    s = session(FakeCases(fail={"candidate": Failure(Outcome.CRASHED, "SIGILL")}))
    assert isinstance(s.step(), Wrong)
    with pytest.raises(InfraError, match="the baseline failed"):
        session(FakeCases(fail={"baseline": Failure(Outcome.CRASHED, "SIGILL")})).step()


def test_a_wrong_baseline_is_not_blamed_on_the_candidate() -> None:
    """If the arms differ and the candidate agrees with the reference, the baseline is at fault."""
    with pytest.raises(InfraError, match="baseline disagrees"):
        session(FakeCases(wrong_from=0), reference=1).step()


def test_a_resumed_session_goes_on_where_it_stopped() -> None:
    """Stored blocks count, and the next block is the next one."""
    first = session(FakeCases(ratio=1.1))
    for _ in range(7):
        first.step()
    again = session(FakeCases(ratio=1.1), tuple(first.blocks))
    block = again.step()
    assert isinstance(block, Block)
    assert block.index == 7
    assert block.input_seed not in {b.input_seed for b in first.blocks}


def test_exact_counts_need_no_interval() -> None:
    """Fewer instructions is faster, more is slower, the same is equivalent; the ratio is exact."""
    for base, cand, decision in ((200, 100, "faster"), (100, 200, "slower"), (5, 5, "equivalent")):
        m = exact_measurement(Metric.INSTRUCTIONS, base, cand, 1, "")
        assert m.decision == decision
        assert m.speedup == base / cand
    assert identical_measurement(Metric.CPU_SECONDS).decision is Decision.IDENTICAL
