"""What is concluded of searches with models, as JSON values."""

from typing import Any

from coopbench.reports.claims import Result
from coopbench.reports.search.attribution import Attribution
from coopbench.reports.search.curves import Curve
from coopbench.reports.search.parts import LevelPart
from coopbench.reports.search.section import Searches, TargetSearch
from coopbench.reports.search.spending import Money, Share, Spent


def searches_json(searches: Searches) -> dict[str, Any]:
    """Return budgets, provenance and, by target, spending, curves, levels and tests."""
    budgets, origin = searches.budgets, searches.provenance
    return {
        "budgets": None
        if budgets is None
        else {
            "equal": budgets.equal,
            "caps": {
                a.entrant: [c.model_dump(mode="json") for c in a.caps] for a in budgets.allowances
            },
            "overspent": list(budgets.overspent),
        },
        "provenance": None
        if origin is None
        else {
            "replayed_answers": origin.replayed,
            "estimated_calls": origin.estimated_calls,
            "sources": [
                {
                    "source": s.text,
                    "tape_recorded": s.recorded,
                    "answers": s.answers,
                    "entrants": dict(s.entrants),
                }
                for s in origin.sources
            ],
        },
        "targets": {t.data.target.name: _target(t) for t in searches.targets},
    }


def _target(target: TargetSearch) -> dict[str, Any]:
    return {
        "spent": {s.entrant.name: _spent(s) for s in target.spent},
        "anytime_estimates": {
            p.currency.value: {c.entrant: _curve(c) for c in p.curves} for p in target.plots
        },
        "attribution": [_attribution(a) for a in target.attributions],
        "proposed_tests": {
            w.entrant: {
                "trials": w.trials,
                **w.total.model_dump(mode="json"),
                "rejected_candidates": {
                    t.id: list(t.test_worth.rejected_candidates)
                    for t in w.rejecting
                    if t.test_worth is not None
                },
            }
            for w in target.worths
        },
    }


def _spent(spent: Spent) -> dict[str, Any]:
    m = spent.medians
    return {
        "trials": len(spent.trials),
        "medians": {
            "model_calls": m.model_calls,
            "tokens": m.tokens,
            "money": _money(m.money),
            "compile_s": m.compile_s,
            "run_s": m.run_s,
            "wall_s": m.wall_s,
            "evaluations": m.evaluations,
        },
        "total": spent.total.model_dump(mode="json"),
        "by_level": [_share(s) for s in spent.by_level],
        "by_purpose": [_share(s) for s in spent.by_purpose],
        "mishaps": dict(spent.mishaps),
    }


def _money(money: Money) -> dict[str, Any]:
    return {"nano_dollars": money.nano_dollars, "whole": money.whole}


def _share(share: Share) -> dict[str, Any]:
    return {
        "level": None if share.level is None else share.level.value,
        "agent": share.agent,
        "action": share.action,
        "charges": share.charges,
        "amounts": share.amounts.model_dump(mode="json"),
    }


def _curve(curve: Curve) -> dict[str, Any]:
    return {"points": [list(p) for p in curve.points], "end": curve.end}


def _attribution(found: Attribution) -> dict[str, Any]:
    return {
        "trial": found.winner.trial.id,
        "claim": found.claim,
        "leading": None if found.leading is None else found.leading.level.value,
        "winner": _speedup(found.winner),
        "levels": [_part(p) for p in found.parts],
    }


def _part(part: LevelPart) -> dict[str, Any]:
    factor = part.factor
    return {
        "level": part.level.value,
        "with_dependants": part.with_dependants,
        "trial": None if part.result is None else part.result.trial.id,
        "without": None if part.result is None else _speedup(part.result),
        "factor": None
        if factor is None
        else {
            "value": factor.value,
            "low": factor.low,
            "high": factor.high,
            "confidence": factor.confidence,
        },
    }


def _speedup(result: Result) -> dict[str, Any]:
    interval = result.interval
    return {
        "mark": result.mark.value,
        "speedup": result.speedup,
        "interval": None if interval is None else interval.model_dump(mode="json"),
    }
