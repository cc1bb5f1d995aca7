"""How proposals become tests of a trial: new, taken by the reference, few enough."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from coopbench.harness import proposals
from coopbench.harness.benchmark import Benchmark, load_benchmark
from coopbench.harness.cases import Batch, Difference, Failure
from coopbench.harness.model import Counterexample, Outcome, Rung, Verdict
from coopbench.harness.proposals import MOST_WORKLOADS, ProposedWorkloads
from coopbench.harness.workload import KernelInput, make_input

Calls = tuple[KernelInput, ...]
Sums = tuple[int, ...]


@dataclass
class Arithmetic:
    """Inputs of the prefix sum, whose result is made up of the sum of what goes in."""

    benchmark: Benchmark
    ran: list[str] = field(default_factory=list)
    reference: Callable[[int], Sums | Failure] = lambda _: ()
    """Returns what the reference says in its n-th run, given n; empty for the truth."""
    baseline: Sums | Failure = ()

    def visible(self) -> tuple[Batch[Calls], ...]:
        item = make_input(self.benchmark.contract, {"n": 3}, 1, label="visible")
        return (Batch("visible", (item,), 1),)

    def chosen(self, label: str, items: Sequence[KernelInput]) -> Batch[Calls]:
        return Batch(label, tuple(items), len(items))

    def each(self, batch: Batch[Calls]) -> Calls:
        return batch.inputs

    def difference(self, batch: Batch[Calls], expected: Sums, got: Sums) -> Difference | None:
        if expected == got:
            return None
        return Difference(batch.label, "sum", str(expected), str(got))

    def run_reference(self, batch: Batch[Calls]) -> Sums | Failure:
        self.ran.append(batch.label)
        return self.reference(len(self.ran)) or self.sums(batch)

    def run_baseline(self, batch: Batch[Calls]) -> Sums | Failure:
        return self.baseline or self.sums(batch)

    @staticmethod
    def sums(batch: Batch[Calls]) -> Sums:
        return tuple(int(i.arrays["in"].sum()) for i in batch.inputs)


@pytest.fixture
def cases(make_benchmark: Callable[..., Path]) -> Arithmetic:
    """Return inputs of a kernel whose reference and baseline are made up."""
    return Arithmetic(load_benchmark(make_benchmark()))


def a_trial(cases: Any) -> ProposedWorkloads[Calls, Sums]:
    """Return the tests of a new trial."""
    return ProposedWorkloads(
        cases.benchmark, cases, reference=cases.run_reference, baseline=cases.run_baseline
    )


def proposal(*values: int, **more: Any) -> dict[str, Any]:
    """Return a proposal of some input values."""
    return {"arrays": {"in": list(values)}, **more}


def test_an_accepted_proposal_joins_the_tests(cases: Arithmetic) -> None:
    """It gets a number and its note as a name, and one batch holds all that were accepted."""
    own = a_trial(cases)
    assert not own.batches
    admission = own.propose(proposal(1, 2, note="two\nlines", purpose="performance"))
    assert admission.accepted
    assert admission.label == "proposed 1: two lines"
    assert admission.reason == "a performance test: proposed 1: two lines n=2"
    assert own.propose(proposal(4)).label == "proposed 2"
    (batch,) = own.batches
    assert batch.size == 2
    assert [i.label for i in batch.inputs] == ["proposed 1: two lines n=2", "proposed 2 n=1"]
    assert (own.accepted, own.refused) == (2, 0)


def test_the_reference_runs_every_proposal_twice(cases: Arithmetic) -> None:
    """Admission rests on two runs of the reference on the proposed input."""
    a_trial(cases).propose(proposal(5))
    assert len(cases.ran) == 2
    assert len(set(cases.ran)) == 1


def test_batches_of_different_content_have_different_names(cases: Arithmetic) -> None:
    """Expected results are kept by a batch's name, also between trials: it must tell content."""
    names = set()
    for value in (1, 2):
        own = a_trial(cases)
        own.propose(proposal(value, note="same"))
        names.add(own.batches[0].label)
        own.propose(proposal(value, value))
        names.add(own.batches[0].label)
    assert len(names) == 4


def test_a_duplicate_is_refused(cases: Arithmetic) -> None:
    """An input that a visible or an accepted test already has adds nothing."""
    own = a_trial(cases)
    own.propose(proposal(7, 8, note="first"))
    again = own.propose(proposal(7, 8, note="second"))
    assert (again.accepted, again.label, again.reason) == (False, "", "a duplicate of proposed 1")
    (item,) = cases.visible()[0].inputs
    seen = own.propose(proposal(*item.arrays["in"].tolist()))
    assert seen.reason == "a duplicate: the visible tests have this input"
    assert (own.accepted, own.refused) == (1, 2)


@pytest.mark.parametrize(
    ("workload", "reason"),
    [
        ({"arrays": {"in": [-1]}}, "in[0]: -1 does not fit into u32"),
        ({"inputs": []}, "unknown key 'inputs'; known are arrays, note, overlaps, purpose, scalars"),
        ({"stdin": "x"}, "unknown key 'stdin'"),
        ({"note": 3}, '"note" must be text, not 3'),
        ({"purpose": "fun"}, '"purpose" must be "correctness" or "performance"'),
        ({"purpose": ["correctness"]}, '"purpose" must be'),
        ([1], "a workload is an object, not a list"),
        (None, "a workload is an object, not null"),
    ],
)  # fmt: skip
def test_a_violation_is_refused_without_running_anything(
    cases: Arithmetic, workload: Any, reason: str
) -> None:
    """What breaks the vocabulary or the contract is refused with the rule, and never run."""
    own = a_trial(cases)
    admission = own.propose(workload)
    assert not admission.accepted
    assert admission.reason.startswith(reason)
    assert (cases.ran, own.batches, own.refused) == ([], (), 1)


FAILED = Failure(Outcome.CRASHED, "SIGSEGV in the window")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"reference": lambda _: FAILED}, "the reference fails on it: SIGSEGV in the window"),
        ({"reference": lambda n: FAILED if n == 2 else ()}, "fails on it the second time"),
        ({"reference": lambda n: (n,)}, "the reference is not deterministic on it: sum"),
        ({"baseline": FAILED}, "the baseline (clang -O3) fails on it (SIGSEGV in the window): no"),
        ({"baseline": (1, 2)}, "the baseline (clang -O3) differs from the reference in sum: no"),
    ],
)
def test_what_the_benchmark_itself_cannot_take_is_no_test(
    cases: Arithmetic, changes: dict[str, Any], reason: str
) -> None:
    """No candidate may be blamed for what reference or baseline do."""
    admission = a_trial(replace(cases, **changes)).propose(proposal(3))
    assert not admission.accepted
    assert reason in admission.reason


def test_there_is_a_cap_on_accepted_proposals(cases: Arithmetic) -> None:
    """A trial has room for so many tests; refused ones take none of it."""
    own = a_trial(cases)
    for i in range(MOST_WORKLOADS):
        assert own.propose(proposal(i)).accepted
        assert not own.propose(proposal(i)).accepted
    full = own.propose(proposal(1000))
    assert full.reason == f"the trial already has {MOST_WORKLOADS} proposed tests, and no room"
    assert own.accepted == MOST_WORKLOADS


def test_there_is_a_cap_on_bytes(cases: Arithmetic, monkeypatch: pytest.MonkeyPatch) -> None:
    """All accepted inputs together must fit into one launch."""
    monkeypatch.setattr(proposals, "MOST_BYTES", 40)
    own = a_trial(cases)
    assert own.propose(proposal(1, 2, 3)).accepted  # 24 bytes, the output counted
    assert "more than" in own.propose(proposal(1, 2, 4)).reason
    assert own.propose(proposal(1, 2)).accepted


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("MOST_SECONDS", "the reference takes more than"),
        ("MOST_SECONDS_TOGETHER", "the proposed tests would take over"),
    ],
)
def test_there_is_a_cap_on_time(
    cases: Arithmetic, monkeypatch: pytest.MonkeyPatch, limit: str, reason: str
) -> None:
    """What takes the reference too long is refused, alone or with all the others."""
    monkeypatch.setattr(proposals, limit, -1.0)
    assert a_trial(cases).propose(proposal(1)).reason.startswith(reason)


def verdict(workload: str) -> Verdict:
    """Return the verdict on a candidate that fails on an input of that name."""
    found = Counterexample(
        rung=Rung.VISIBLE, workload=workload, where="out[0]", expected="1", got="2"
    )
    return Verdict(
        outcome=Outcome.WRONG_OUTPUT, reason="differs", evidence=(), counterexample=found
    )


def test_it_remembers_whom_only_a_proposed_test_rejected(cases: Arithmetic) -> None:
    """A candidate counts as rejected by the proposals if it was one of them that it failed."""
    own = a_trial(cases)
    own.note("a", verdict("proposed 2: odd n=3"))
    own.note("b", verdict("visible seed=1 variant=0 n=3"))
    own.note("c", Verdict(outcome=None, reason="agrees", evidence=()))
    own.note("d", Verdict(outcome=Outcome.BUILD_FAILED, reason="error", evidence=()))
    assert own.rejected == {"a"}
