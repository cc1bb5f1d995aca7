"""Budgets, spending, provenance, curves and test worth of entrants that use models."""

from collections.abc import Callable

import pytest
from tests.support.model_runs import CAPS, ENTRANTS, make_model_run
from tests.support.report_runs import make_run

from coopbench.harness.base import Level
from coopbench.harness.ledger import (
    NANO,
    Amounts,
    Caps,
    Currency,
    CurvePoint,
    Ledger,
    Purpose,
    Spending,
)
from coopbench.harness.model import Outcome, Trial
from coopbench.reports import wording
from coopbench.reports.load import Cell, load_report
from coopbench.reports.report import Report, analyse
from coopbench.reports.search.budgets import compare_budgets
from coopbench.reports.search.curves import anytime_curve
from coopbench.reports.search.provenance import provenance
from coopbench.reports.search.spending import counted, money_of, spent_by, uses_models
from coopbench.reports.search.worth import worths

RUN = make_model_run()
TRIAL = next(t for t in RUN.trials if t.entrant == "cooperative" and t.ablation is None)
ENTRANT = next(e for e in RUN.record.entrants if e.name == "cooperative")


@pytest.fixture(scope="module")
def report() -> Report:
    return analyse(load_report(RUN.record, RUN.trials))


def spending(calls: int, nano: int = 0, unpriced: int = 0, **more: int) -> Spending:
    amounts = Amounts(model_calls=calls, nano_dollars=nano, unpriced_calls=unpriced, **more)
    return Spending(purpose=Purpose(agent="c", action="rewrite"), charges=calls, amounts=amounts)


def with_ledger(ledger: Ledger, **update: object) -> Trial:
    return TRIAL.model_copy(update={"ledger": ledger, **update})


def test_equal_caps_are_called_equal_with_their_amounts(report: Report) -> None:
    """The sentence names every entrant that uses a model, and every cap."""
    texts = [s.text for s in report.statements if s.tone == "good"]
    assert (
        "Equal budget: cooperative, llm-c and best-of-n had the same caps per trial: 40 model"
        " calls, 400k tokens, $0.25, 300 s of compiling, 300 s of running, 1800 s of wall time,"
        " 50 evaluations."
    ) in texts


def test_other_caps_of_one_trial_are_called_unequal() -> None:
    """What was recorded decides, not the plan; one differing trial is enough."""
    more = CAPS.model_copy(update={"tokens": 500_000})
    trials = tuple(
        t.model_copy(update={"ledger": t.ledger.model_copy(update={"caps": more})})
        if t.entrant == "llm-c" and t.benchmark == "matmul"
        else t
        for t in RUN.trials
    )
    found = analyse(load_report(RUN.record, trials))
    said = next(s for s in found.statements if s.text.startswith("Budgets differ"))
    assert said.tone == "warn"
    assert "llm-c: 40 model calls, 500k tokens" in said.text
    assert " or 40 model calls, 400k tokens" in said.text


def test_trials_that_our_machine_ended_have_no_say() -> None:
    """An infra failure's empty ledger neither breaks equality nor drags a median down."""
    assert any(t.outcome is Outcome.INFRA_FAILED for t in RUN.trials if t.entrant == "best-of-n")
    found = analyse(load_report(RUN.record, RUN.trials)).searches
    assert found.budgets is not None
    assert found.budgets.equal
    native = next(s for s in found.targets[0].spent if s.entrant.name == "best-of-n")
    assert len(native.trials) == 2


def test_what_a_failed_provider_had_cost_is_counted() -> None:
    """A trial that a provider's failure ended counts with all that it had spent."""
    ledger = Ledger(model_calls=3, tokens=10, caps=CAPS, by_purpose=(spending(3),))
    failed = RUN.trials[0].model_copy(update={"outcome": Outcome.INFRA_FAILED})
    assert counted([failed.model_copy(update={"ledger": Ledger()})]) == ()
    spent = failed.model_copy(update={"ledger": ledger})
    assert counted([spent]) == (spent,)


def test_overspending_is_said() -> None:
    """A cap that the last call went over is named with what was spent."""
    ledger = Ledger(model_calls=41, tokens=10, caps=CAPS, by_purpose=(spending(41),))
    budgets = compare_budgets([spent_by(ENTRANT, [with_ledger(ledger)])])
    assert budgets is not None
    assert budgets.overspent == ("cooperative spent up to 41 of 40 model calls in 1 trial",)


def test_without_models_nothing_is_said() -> None:
    """A run of compilers has no section, no provenance and no budget line."""
    found = analyse(load_report(*make_run()))
    assert found.searches.targets == ()
    assert not any("udget" in s.text or "Model answers" in s.text for s in found.statements)


@pytest.mark.parametrize(
    ("nano", "unpriced", "text"),
    [(30_000_000, 0, "$0.03"), (31_200_000, 2, "at least $0.0312"), (0, 2, "–"), (0, 0, "$0.00")],
)
def test_money_is_whole_partial_or_unknown(nano: int, unpriced: int, text: str) -> None:
    """Unknown prices are never 0: what is known is a lower bound, and nothing is a dash."""
    ledger = Ledger(
        model_calls=3,
        nano_dollars=None if unpriced else nano,
        by_purpose=(spending(3, nano, unpriced),),
    )
    money = money_of(ledger)
    assert wording.money(money.nano_dollars, whole=money.whole) == text


def test_medians_are_per_trial_and_sums_exact() -> None:
    """Each currency has its own median; totals add up over purposes and trials."""
    parts = [Ledger(model_calls=n, tokens=100 * n, by_purpose=(spending(n),)) for n in (1, 2, 9)]
    spent = spent_by(ENTRANT, [with_ledger(x) for x in parts])
    assert spent.medians.model_calls == 2
    assert spent.medians.tokens == 200
    assert spent.total.model_calls == 12
    assert spent.by_purpose[0].charges == 12


def test_level_subtotals_add_up_to_the_total(report: Report) -> None:
    """Nothing is counted twice or left out between the tables."""
    for target in report.searches.targets:
        for spent in target.spent:
            for shares in (spent.by_level, spent.by_purpose):
                total = Amounts()
                for share in shares:
                    total = total.plus(share.amounts)
                assert total == spent.total


def test_mishaps_are_summed_by_name(report: Report) -> None:
    """Every malformed, failed and refused call of the trials is in the table."""
    spent = next(s for s in report.searches.targets[0].spent if s.entrant.name == "llm-c")
    assert sum(n for _, n in spent.mishaps) == sum(
        n for t in spent.trials for n in t.mishaps.values()
    )


def test_an_entrant_counts_as_a_models_by_kind_or_deed() -> None:
    """An external program that calls a model is one; a compiler is none."""
    external = ENTRANT.model_copy(update={"kind": "external"})
    assert uses_models(external, [TRIAL])
    assert not uses_models(external, [with_ledger(Ledger(), sources={})])
    assert uses_models(ENTRANT, [])


def test_replayed_answers_are_named_as_such(report: Report) -> None:
    """A tape's answers are not passed off as asked in this run."""
    text = next(s.text for s in report.statements if s.text.startswith("Model answers"))
    assert "18 replayed, not asked now, from a tape of 2026-02-11: api: claude-opus" in text
    origin = provenance(report.searches.spent)
    assert origin is not None
    assert origin.replayed == 18
    assert {s.recorded for s in origin.sources} == {None, "2026-02-11"}


def test_without_any_answer_the_report_says_so() -> None:
    """An entrant whose every call failed still has its provenance line."""
    silent = with_ledger(Ledger(model_calls=4, by_purpose=(spending(4),)), sources={})
    origin = provenance([spent_by(ENTRANT, [silent])])
    assert origin is not None
    assert origin.text == "Model answers: none."


def cell(*curves: tuple[CurvePoint, ...], benchmark: int = 0) -> Cell:
    trials = [
        with_ledger(Ledger(model_calls=10, curve=c), id=f"{benchmark}/{i}")
        for i, c in enumerate(curves)
    ]
    return Cell(
        ENTRANT, RUN.record.benchmarks[benchmark], RUN.record.plan.targets[0], tuple(trials), 0
    )


def point(calls: int, gain: float) -> CurvePoint:
    return CurvePoint(candidate="x", level=Level.C, gain=gain, spent=Amounts(model_calls=calls))


def test_curves_average_benchmarks_geometrically() -> None:
    """4x on one of two benchmarks is 2x; before anything is verified the gain is 1."""
    cells = [cell((point(3, 4.0),)), cell((), benchmark=1)]
    curve = anytime_curve("cooperative", cells, Currency.MODEL_CALLS)
    assert curve is not None
    assert curve.points == ((0.0, 1.0), (3.0, 2.0))
    assert curve.at(2.9) == 1.0
    assert curve.end == 10


def test_repetitions_of_one_benchmark_count_as_one() -> None:
    """Two trials of a benchmark do not outweigh one of another."""
    cells = [cell((point(1, 4.0),), (point(1, 4.0),)), cell((point(2, 16.0),), benchmark=1)]
    curve = anytime_curve("cooperative", cells, Currency.MODEL_CALLS)
    assert curve is not None
    assert curve.points == ((0.0, 1.0), (1.0, 2.0), (2.0, 8.0))


def test_a_slower_first_candidate_is_no_step() -> None:
    """The original is always there to fall back on, so a curve never lies below 1."""
    curve = anytime_curve(
        "cooperative", [cell((point(1, 0.5), point(2, 0.9), point(4, 1.5)))], Currency.MODEL_CALLS
    )
    assert curve is not None
    assert curve.points == ((0.0, 1.0), (4.0, 1.5))


def test_who_spends_nothing_of_a_currency_is_not_drawn(report: Report) -> None:
    """The autotuner has a line against compiling only."""
    drawn = {p.currency: {c.entrant for c in p.curves} for p in report.searches.targets[0].plots}
    models = {name for name, kind, _ in ENTRANTS if kind == "llm"}
    assert drawn[Currency.MODEL_CALLS] == models
    assert drawn[Currency.COMPILE_NS] == models | {"autotune"}


def test_worth_counts_what_only_proposed_tests_found(report: Report) -> None:
    """Kills by visible tests, by proposed ones only and escapes are all wrong mutants."""
    worth = report.searches.targets[0].worths[0]
    assert worth.entrant == "cooperative"
    assert worth.total.killed_visible + worth.more + worth.escaped == worth.total.wrong
    assert len(worth.rejecting) == len(worth.total.rejected_candidates)
    assert worths([spent_by(ENTRANT, [with_ledger(Ledger())])])[0].trials == 1
    assert worths([spent_by(ENTRANT, [with_ledger(Ledger(), test_worth=None)])]) == ()


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (lambda: wording.money(12_345_678_900), "$12.35"),
        (lambda: wording.money(1), "<$0.0001"),
        (lambda: wording.money(None), "–"),
        (lambda: wording.caps(Caps()), "no limit"),
        (
            lambda: wording.caps(Caps(model_calls=1, wall_ns=90 * NANO)),
            "1 model call, 90.0 s of wall time",
        ),
        (lambda: wording.quantity(7.5), "7.5"),
        (lambda: wording.quantity(None), "–"),
        (lambda: wording.listing(["a"]), "a"),
        (lambda: wording.listing(list("abcdefghij")), "a, b, c, d, e, f, g and 3 more"),
        (lambda: wording.block("a\tb\r\n\x1b[2Jc", 5), "a\tb\\r\n\n… 5 more characters"),
    ],
)
def test_amounts_are_written_for_people(write: Callable[[], str], text: str) -> None:
    """Small sums, medians between two counts and cut lists keep their meaning."""
    assert write() == text
