"""Which trials belong to a report, and which are refused."""

from typing import Any

import pytest
from tests.support.report_runs import RunShape, make_run, make_unfinished

from coopbench.harness.errors import UsageError
from coopbench.harness.model import Trial
from coopbench.harness.record import RunRecord
from coopbench.reports.load import conditions, load_report, require_same_conditions

SMALL = RunShape(benchmarks=("matmul", "crc32"), failures={}, most_pairs=12)


def changed(record: RunRecord, **update: Any) -> RunRecord:
    return record.model_copy(update={"id": "other", **update})


def moved(trial: Trial, **update: Any) -> Trial:
    return trial.model_copy(update=update)


def test_every_trial_is_in_the_tables_once() -> None:
    """Entrants' trials and controls together are exactly the trials given."""
    record, trials = make_run(SMALL)
    data = load_report(record, trials)
    assert sorted(t.id for t in data.trials) == sorted(t.id for t in trials)
    assert data.missing == 0


def test_the_order_of_trials_does_not_matter() -> None:
    """A store may return trials in any order."""
    record, trials = make_run(SMALL)
    assert load_report(record, trials) == load_report(record, tuple(reversed(trials)))


def test_trials_not_made_are_missing_not_guessed() -> None:
    """An unfinished run's cells say how many trials they lack."""
    record, trials = make_unfinished()
    data = load_report(record, trials)
    native = data.targets[0]
    assert data.missing == 7
    assert native.cell("autotune", "matmul").missing == 1
    assert native.cell("autotune", "matmul").trials == ()
    assert native.cell("identity", "matmul").missing == 0


def test_names_in_the_plan_that_the_run_did_not_have_are_listed() -> None:
    """An entrant that could not take part is named, not forgotten."""
    record, trials = make_run(SMALL)
    plan = record.plan.model_copy(update={"entrants": (*record.plan.entrants, "gcc-O3")})
    data = load_report(record.model_copy(update={"plan": plan}), trials)
    assert data.absent == ("gcc-O3",)


def test_runs_under_the_same_conditions_are_pooled_as_repetitions() -> None:
    """Two equal runs give cells of two trials each."""
    record, trials = make_run(SMALL)
    second, more = make_run(RunShape(**{**SMALL.__dict__, "run_id": "second"}))
    data = load_report(record, (*trials, *more), pooled=(second,))
    assert data.missing == 0
    assert {len(c.trials) for d in data.targets for c in d.cells} == {2}


@pytest.mark.parametrize(
    ("what", "update"),
    [
        ("protocol version", {"protocol_version": 2}),
        ("sandbox", {"sandbox": "none"}),
        ("toolchains", {"toolchains": ()}),
    ],
)
def test_differing_conditions_are_not_pooled(what: str, update: dict[str, Any]) -> None:
    """The error names the first condition that differs."""
    record, trials = make_run(SMALL)
    with pytest.raises(UsageError, match=f"differ in {what}"):
        load_report(record, trials, pooled=(changed(record, **update),))


def test_machines_and_plans_are_conditions() -> None:
    """Another machine fingerprint, plan, source or entrant version forbids pooling."""
    record, _ = make_run(SMALL)
    machine = record.machine.model_copy(update={"fingerprint": "another"})
    plan = record.plan.model_copy(update={"margin": 0.02})
    for other in (changed(record, machine=machine), changed(record, plan=plan)):
        with pytest.raises(UsageError, match="report them separately"):
            require_same_conditions(record, other)
    assert set(conditions(record)) >= {"machine fingerprint", "plan", "benchmark sources"}


def test_a_foreign_trial_is_refused() -> None:
    """A trial of a run that was not given cannot be slipped in."""
    record, trials = make_run(SMALL)
    with pytest.raises(UsageError, match="belongs to run elsewhere"):
        load_report(record, (moved(trials[0], run="elsewhere"), *trials[1:]))


@pytest.mark.parametrize("field", ["target", "benchmark", "entrant"])
def test_an_unknown_name_is_damage(field: str) -> None:
    """A trial whose run lacks its target, benchmark or entrant is not reported."""
    record, trials = make_run(SMALL)
    with pytest.raises(UsageError, match=f"names {field} 'nowhere'"):
        load_report(record, (moved(trials[0], **{field: "nowhere"}), *trials[1:]))


def test_a_trial_given_twice_is_refused() -> None:
    """Neither the same id nor the same place may occur twice."""
    record, trials = make_run(SMALL)
    with pytest.raises(UsageError, match="2 times"):
        load_report(record, (*trials, trials[0]))
    with pytest.raises(UsageError, match="2 times"):
        load_report(record, (*trials, moved(trials[0], id="another id")))


def test_a_run_given_twice_is_refused() -> None:
    """Pooling a run with itself would count its trials double."""
    record, trials = make_run(SMALL)
    with pytest.raises(UsageError, match="given twice"):
        load_report(record, trials, pooled=(record,))
