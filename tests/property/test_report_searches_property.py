"""Whatever a log or a ledger holds, trajectories and curves keep their promises."""

import json
import math
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.html_check import assert_self_contained
from tests.support.model_runs import make_model_run

from coopbench.harness.absences import grouped
from coopbench.harness.base import Level
from coopbench.harness.ledger import Amounts, Currency, CurvePoint, Ledger
from coopbench.harness.record import Unavailable
from coopbench.harness.store_rows import TrialKey
from coopbench.harness.trajectory import Event
from coopbench.reports.load import Cell
from coopbench.reports.search.curves import anytime_curve
from coopbench.reports.trajectory.entry import open_trajectory

RUN = make_model_run()
TRIAL = next(t for t in RUN.trials if t.entrant == "cooperative")
ENTRANT = next(e for e in RUN.record.entrants if e.name == "cooperative")
KEY = TrialKey("cooperative", "matmul", "x86-64-v2", 0)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NASTY = st.sampled_from(
    ["<b>", "</pre>", "</script>", "{{x}}", "\x1b[2J", "\n", "\t", "n0", "&lt;"]
)
TEXTS = st.lists(st.one_of(NASTY, st.text(max_size=5)), max_size=3).map("".join)
IDS = st.sampled_from(["a", "b", "c", "d", "e"])
KINDS = st.one_of(
    st.sampled_from(
        [
            "candidate",
            "build",
            "check",
            "cost",
            "best",
            "request",
            "answer",
            "call_failed",
            "malformed",
            "refused",
            "duplicate",
            "action",
            "end",
        ]
    ),
    TEXTS,
)
KEYS = st.one_of(
    st.sampled_from(
        [
            "node",
            "parent_node",
            "step",
            "files",
            "recipe",
            "outcome",
            "passed",
            "value",
            "cost",
            "gain",
            "kind",
            "system",
            "messages",
            "diagnostics",
        ]
    ),
    TEXTS,
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([10**400, -1, 0, 5e-324, 1.7e308]),
        TEXTS,
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(KEYS, inner, max_size=2)),
    max_leaves=4,
)


@st.composite
def logs(draw: st.DrawFn) -> tuple[Event, ...]:
    """Draw a log that no agent of ours would write."""
    found, at = [], 0.0
    for seq in range(draw(st.integers(0, 8))):
        at += draw(st.one_of(st.floats(0, 5), st.sampled_from([5e-324, 1e300])))
        found.append(
            Event(
                seq=seq,
                at_s=at,
                kind=draw(KINDS),
                agent=draw(TEXTS),
                level=draw(st.none() | st.sampled_from(Level)),
                candidate=draw(st.none() | IDS),
                parent=draw(st.none() | IDS),
                text=draw(TEXTS),
                data=draw(st.dictionaries(KEYS, VALUES, max_size=3)),
                spent=Amounts(tokens=draw(st.integers(0, 9)), compile_ns=draw(st.integers(0, 9))),
            )
        )
    return tuple(found)


@FEW
@given(logs(), st.booleans())
def test_any_log_can_be_shown(events: tuple[Event, ...], ended: bool) -> None:
    """The page stays whole, the text drives no terminal, JSON keeps every event."""
    told = open_trajectory(KEY, "0" * 16, TRIAL if ended else None, events)
    assert_self_contained(told.html())
    text = told.plain(80, full=True)
    assert not any(unicodedata.category(c) == "Cc" for c in text if c not in "\n\t")
    document = json.loads(told.json())
    assert [Event.model_validate(e) for e in document["events"]] == list(events)


@FEW
@given(logs())
def test_every_candidate_is_in_the_tree_once(events: tuple[Event, ...]) -> None:
    """Whatever parents a log names, nobody is lost, doubled or their own ancestor."""
    story = open_trajectory(KEY, "0" * 16, None, events).story
    walked = [n.candidate for _, n in story.walk()]
    assert sorted(walked) == sorted(n.candidate for n in story.nodes)
    assert len(set(walked)) == len(walked)
    assert len({n.candidate for n in story.chain}) == len(story.chain)


GAINS = st.lists(st.tuples(st.integers(0, 30), st.floats(0.2, 8.0)), max_size=5).map(
    lambda pairs: sorted(pairs, key=lambda p: p[0])
)


@FEW
@given(st.lists(st.lists(GAINS, min_size=1, max_size=3), min_size=1, max_size=3))
def test_a_curve_rises_from_one_to_the_mean_of_the_best(
    benchmarks: list[list[list[tuple[int, float]]]],
) -> None:
    """It ends at the geometric mean of every trial's best gain, 1 where nothing was better."""
    cells, logs_of_best = [], []
    for i, trials in enumerate(benchmarks):
        made = []
        for r, points in enumerate(trials):
            points_of = tuple(
                CurvePoint(candidate="x", level=Level.C, gain=g, spent=Amounts(model_calls=n))
                for n, g in points
            )
            ledger = Ledger(model_calls=30, curve=points_of)
            made.append(TRIAL.model_copy(update={"id": f"{i}/{r}", "ledger": ledger}))
        best = [max([1.0, *(g for _, g in points)]) for points in trials]
        logs_of_best.append(math.fsum(map(math.log, best)) / len(best))
        benchmark, target = RUN.record.benchmarks[0], RUN.record.plan.targets[0]
        cells.append(Cell(ENTRANT, benchmark, target, tuple(made), 0))
    curve = anytime_curve("cooperative", cells, Currency.MODEL_CALLS)
    assert curve is not None
    spent, gains = [x for x, _ in curve.points], [g for _, g in curve.points]
    assert curve.points[0] == (0.0, 1.0)
    assert spent == sorted(spent)
    assert gains == sorted(gains)
    wanted = math.exp(math.fsum(logs_of_best) / len(logs_of_best))
    assert curve.at(30) == pytest.approx(wanted, rel=1e-6)


NAMES = st.sampled_from(["a", "b", "c on d", "target e"])
PLACES = st.sampled_from(["", " on x86-64-v2", " on armv8-a"])


@FEW
@given(st.lists(st.tuples(NAMES, PLACES, st.sampled_from(["w", "v"])), max_size=12))
def test_grouping_absences_loses_and_invents_nothing(rows: list[tuple[str, str, str]]) -> None:
    """What the joined lines say is exactly what the records say."""
    records = [Unavailable(what=n + p, why=w, remedy="") for n, p, w in rows]
    targets = ("x86-64-v2", "armv8-a")
    said = set()
    for line in grouped(records, targets):
        who, where = line.what, [""]
        for ending in (" on x86-64-v2 and armv8-a", " on armv8-a and x86-64-v2", *PLACE_ENDS):
            if who.endswith(ending):
                who = who.removesuffix(ending)
                where = [f" on {t}" for t in targets if t in ending]
                break
        names = who.replace(" and ", ", ").split(", ")
        said |= {(n, p, line.why) for n in names for p in where}
    assert said == set(rows)


PLACE_ENDS = (" on x86-64-v2", " on armv8-a")
