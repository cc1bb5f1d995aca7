"""The evidence ladder and the reference, on cases whose results are made up."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from coopbench.harness.cases import Batch, Conditions, Difference, Failure
from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.model import Launch, Outcome, Rung
from coopbench.harness.verify.ladder import KEPT, Ladder, Reference

REFERENCE, CANDIDATE = Path("reference"), Path("candidate")


@dataclass
class MadeUp:
    """Batches of integers; the reference doubles them, the candidate does what it is told."""

    wrong_on: set[int] = field(default_factory=set)
    crash_on: set[int] = field(default_factory=set)
    flaky: bool = False
    empty: bool = False
    ran: list[tuple[Path, str]] = field(default_factory=list)

    def _batch(self, label: str, *values: int) -> tuple[Batch[tuple[int, ...]], ...]:
        return () if self.empty else (Batch(label, values, len(values)),)

    def visible(self) -> tuple[Batch[tuple[int, ...]], ...]:
        return self._batch("visible", 1, 2)

    def hidden(self) -> tuple[Batch[tuple[int, ...]], ...]:
        return self._batch("hidden", 3, 4, 5)

    def edges(self) -> tuple[Batch[tuple[int, ...]], ...]:
        return self._batch("edge", 0)

    def timed(self, label: str, seed: int, reps: int) -> Batch[tuple[int, ...]]:
        return Batch(label, (seed,), reps)

    def run(self, exe: Path, batch: Batch[tuple[int, ...]]) -> tuple[int, ...] | Failure:
        self.ran.append((exe, batch.label))
        if exe == REFERENCE:
            return tuple(2 * v + (len(self.ran) if self.flaky else 0) for v in batch.inputs)
        for v in batch.inputs:
            if v in self.crash_on:
                return Failure(Outcome.CRASHED, "SIGSEGV in the window", f"input {v}")
        return tuple(2 * v + (v in self.wrong_on) for v in batch.inputs)

    def time(
        self, exe: Path, batch: Batch[tuple[int, ...]], conditions: Conditions
    ) -> tuple[tuple[int, ...], Launch] | Failure:
        raise AssertionError("the ladder never times")

    def count(self, exe: Path, batch: Batch[tuple[int, ...]]) -> float | Failure:
        raise AssertionError("the ladder never counts")

    def difference(
        self, batch: Batch[tuple[int, ...]], expected: tuple[int, ...], got: tuple[int, ...]
    ) -> Difference | None:
        for value, want, have in zip(batch.inputs, expected, got, strict=True):
            if want != have:
                return Difference(f"input {value}", "y", str(want), str(have))
        return None


def ladder(cases: MadeUp) -> Ladder[tuple[int, ...], tuple[int, ...]]:
    """Return a ladder over made-up cases."""
    return Ladder(cases, Reference(cases, REFERENCE, "made_up"))


def test_a_survivor_has_passed_every_rung_with_numbers() -> None:
    """A passing verdict lists each rung and how many inputs it tried."""
    verdict = ladder(MadeUp()).verify(CANDIDATE, ())
    assert verdict.passed
    assert [(e.rung, e.tried, e.passed) for e in verdict.evidence] == [
        (Rung.VISIBLE, 2, True),
        (Rung.HIDDEN, 3, True),
        (Rung.EDGE, 1, True),
    ]


@pytest.mark.parametrize(
    ("wrong", "rung", "rungs"), [(2, Rung.VISIBLE, 1), (4, Rung.HIDDEN, 2), (0, Rung.EDGE, 3)]
)
def test_the_first_failing_rung_ends_the_climb(wrong: int, rung: Rung, rungs: int) -> None:
    """A wrong result stops the ladder there, with a counterexample from that rung."""
    verdict = ladder(MadeUp(wrong_on={wrong})).verify(CANDIDATE, ())
    assert verdict.outcome is Outcome.WRONG_OUTPUT
    assert len(verdict.evidence) == rungs
    assert not verdict.evidence[-1].passed
    assert verdict.counterexample is not None
    assert verdict.counterexample.rung is rung
    assert verdict.counterexample.workload == f"input {wrong}"


def test_a_crash_is_an_outcome_with_the_input_it_happened_on() -> None:
    """A subject that dies ends the trial as `crashed`, and the input is named."""
    verdict = ladder(MadeUp(crash_on={5})).verify(CANDIDATE, ())
    assert verdict.outcome is Outcome.CRASHED
    assert verdict.counterexample is not None
    assert verdict.counterexample.workload == "input 5"


def test_entrants_are_told_of_visible_inputs_only() -> None:
    """The check that entrants may use never runs a hidden or edge input."""
    cases = MadeUp(wrong_on={4})
    assert ladder(cases).check_visible(CANDIDATE).passed
    assert {label for _, label in cases.ran} == {"visible"}


def test_the_reference_runs_once_per_batch() -> None:
    """Expected results are computed once and serve every candidate."""
    cases = MadeUp()
    judge = ladder(cases)
    judge.verify(CANDIDATE, ())
    judge.verify(CANDIDATE, ())
    assert sum(exe == REFERENCE for exe, _ in cases.ran) == 3


def test_tests_of_a_trial_run_after_the_visible_ones() -> None:
    """Batches that a trial has added count as visible tests, and can reject a candidate."""
    extra = (Batch("proposed 1", (8, 9), 2),)
    passed = ladder(MadeUp()).check_visible(CANDIDATE, extra)
    assert [(e.rung, e.tried, e.passed) for e in passed.evidence] == [(Rung.VISIBLE, 4, True)]
    failed = ladder(MadeUp(wrong_on={9})).check_visible(CANDIDATE, extra)
    assert failed.counterexample is not None
    assert failed.counterexample.workload == "input 9"
    assert not ladder(MadeUp(wrong_on={2})).check_visible(CANDIDATE, extra).passed


def test_only_so_many_expected_results_are_kept() -> None:
    """Batches that come and go do not pile up, and those in use are computed once."""
    cases = MadeUp()
    judge = ladder(cases)
    for i in range(3 * KEPT):
        assert judge.check_visible(CANDIDATE, (Batch(f"proposed {i}", (i,), 1),)).passed
    assert sum(exe == REFERENCE and label == "visible" for exe, label in cases.ran) == 1
    judge.check_visible(CANDIDATE, (Batch("proposed 0", (0,), 1),))
    assert sum(exe == REFERENCE and label == "proposed 0" for exe, label in cases.ran) == 2


def test_a_reference_may_be_tried_without_harm() -> None:
    """What the reference cannot take is a value when it is only an attempt."""
    reference = Reference(MadeUp(crash_on={1}), CANDIDATE, "made_up")
    assert isinstance(reference.attempt(Batch("proposed", (1,), 1)), Failure)
    assert reference.attempt(Batch("proposed", (2,), 1)) == (4,)


def test_nothing_tried_is_no_pass() -> None:
    """Without a single input there is no verdict, whatever did not fail."""
    with pytest.raises(InfraError, match="positive evidence"):
        ladder(MadeUp(empty=True)).verify(CANDIDATE, ())


def test_a_reference_that_contradicts_itself_is_refused() -> None:
    """A non-deterministic benchmark is the author's mistake and is named."""
    cases = MadeUp(flaky=True)
    with pytest.raises(UsageError, match=r"'made_up'.*not deterministic"):
        Reference(cases, REFERENCE, "made_up").admit()


def test_a_reference_that_fails_is_refused() -> None:
    """A reference that crashes is the benchmark's fault, never the candidate's."""
    cases = MadeUp(crash_on={1})
    with pytest.raises(UsageError, match="the reference itself fails"):
        Reference(cases, CANDIDATE, "made_up").admit()
