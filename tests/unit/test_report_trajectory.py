"""A trial's search as its log tells it: the tree, the winner, what was spent, what went wrong."""

import json

import pytest
from rich.cells import cell_len
from tests.support.html_check import assert_self_contained
from tests.support.model_runs import events_of, make_model_run
from tests.support.trajectories import Script, make_events

from coopbench.harness.base import Level
from coopbench.harness.ledger import Amounts, Currency
from coopbench.harness.model import Trial
from coopbench.harness.store_rows import TrialKey
from coopbench.harness.trajectory import Event
from coopbench.reports.html.trajectory_page import render_trajectory_html
from coopbench.reports.trajectory.diffs import MOST_LINES, difference
from coopbench.reports.trajectory.entry import open_trajectory
from coopbench.reports.trajectory.prompts import prompts
from coopbench.reports.trajectory.story import Story, tell
from coopbench.reports.trajectory.totals import steps, totals

HOSTILE = "<script>alert(1)</script>{{ 7 * 7 }}\x1b[2J\u202e]]>&amp;'\"[bold]x[/bold]\r"
KEY = TrialKey("cooperative", "matmul", "x86-64-v2", 0)
RUN = make_model_run()
TRIAL = next(t for t in RUN.trials if t.entrant == "cooperative")


@pytest.fixture(scope="module")
def story() -> Story:
    return tell(TrialKey.of(TRIAL), TRIAL.id, TRIAL, events_of(RUN, TRIAL))


def told(*events: Event, trial: Trial | None = None) -> Story:
    return tell(KEY, "0123456789abcdef", trial, events)


def event(seq: int, kind: str, **more: object) -> Event:
    return Event.model_validate({"seq": seq, "at_s": seq / 10, "kind": kind, **more})


def test_the_tree_has_every_candidate_under_its_parent(story: Story) -> None:
    """Names, levels, verdicts and depth are those of the log."""
    found = {n.name: (depth, n.level, n.state) for depth, n in story.walk()}
    assert found["n0"] == (0, Level.C, "ok")
    assert found["n1"] == (1, Level.C, "wrong_output")
    assert found["n4"] == (3, Level.IR, "ok")
    assert found["n6"] == (5, Level.ASM, "ok")
    assert len(found) == 8


def test_the_chain_leads_from_the_original_to_what_was_handed_in(story: Story) -> None:
    """The record's candidate decides, not the highest estimate."""
    assert [n.name for n in story.chain] == ["n0", "n2", "n3", "n4", "n5", "n6"]
    assert story.winner is not None
    assert story.winner.candidate == TRIAL.candidate


def test_gains_are_relative_to_the_original(story: Story) -> None:
    """Cost of the root over cost of the candidate; none for what failed."""
    gains = {n.name: n.gain for n in story.nodes}
    assert gains["n0"] == 1.0
    assert gains["n2"] == pytest.approx(0.0100 / 0.0071)
    assert gains["n1"] is None


def test_spending_is_that_of_the_first_judgement(story: Story) -> None:
    """What had been spent when a candidate was known grows along the search."""
    calls = [n.spent.model_calls for n in story.nodes]
    assert calls == sorted(calls)
    assert story.nodes[0].spent.evaluations == 1


def test_a_killed_search_shows_its_best(story: Story) -> None:
    """Without a record the best verified candidate so far stands for the winner."""
    half = tell(story.key, story.trial_id, None, story.events[:20])
    assert not half.finished
    assert half.winner is not None
    assert half.winner.name == "n2"
    assert "not finished" in open_trajectory(half.key, "x", None, half.events).plain()


def test_totals_of_a_finished_trial_are_its_ledgers(story: Story) -> None:
    """They add up to what the record says was spent."""
    whole = Amounts()
    for total in totals(story):
        whole = whole.plus(total.amounts)
    assert whole.model_calls == TRIAL.ledger.model_calls
    assert whole.tokens == TRIAL.ledger.tokens


def test_totals_of_a_running_trial_are_read_between_events(story: Story) -> None:
    """They add up to what the last event says, wall time apart."""
    running = tell(story.key, story.trial_id, None, story.events)
    whole = Amounts()
    for total in totals(running):
        whole = whole.plus(total.amounts)
    assert whole == running.spent.model_copy(update={"wall_ns": 0})


def test_the_best_gain_rises_from_one(story: Story) -> None:
    """Steps begin at nothing spent and nothing gained."""
    running = tell(story.key, story.trial_id, None, story.events)
    points = steps(running, Currency.MODEL_CALLS)
    assert points[0] == (0.0, 1.0)
    assert [g for _, g in points] == sorted(g for _, g in points)
    assert points[-1][1] == pytest.approx(0.0100 / 0.0065)


def test_a_failed_recheck_takes_the_verdict_back() -> None:
    """When the tests have grown a candidate may lose what it had."""
    found = told(
        event(0, "candidate", candidate="a", data={"node": "n0", "step": "original"}),
        event(1, "check", candidate="a", data={"outcome": "passed"}),
        event(2, "cost", candidate="a", data={"outcome": "known", "value": 2.0}),
        event(3, "check", candidate="a", text="test 9", data={"outcome": "wrong_output"}),
    )
    assert found.nodes[0].state == "wrong_output"
    assert found.nodes[0].reason == "test 9"
    assert found.nodes[0].gain is None
    assert found.winner is None


def test_an_action_that_the_budget_refused_is_no_verdict() -> None:
    """A candidate that could not be checked any more stays unchecked."""
    found = told(
        event(0, "candidate", candidate="a"),
        event(1, "check", candidate="a", data={"outcome": "budget_spent"}),
    )
    assert found.nodes[0].state == "unchecked"


def test_parts_that_are_built_after_the_end_are_no_candidates_of_the_search() -> None:
    """The winner without a level is made by the harness, not by the entrant."""
    found = told(
        event(0, "check", candidate="a", data={"outcome": "passed"}),
        event(1, "end", text="hands in a"),
        event(2, "check", candidate="b", data={"outcome": "passed"}),
    )
    assert [n.candidate for n in found.nodes] == ["a"]


def test_a_foreign_log_without_candidate_events_has_a_tree_too() -> None:
    """Builds and checks alone name candidates; unknown kinds are kept as events."""
    found = told(
        event(0, "build", candidate="aaaaaaaaaaaa", data={"outcome": "made"}),
        event(1, "check", candidate="aaaaaaaaaaaa", data={"passed": True}),
        event(
            2,
            "build",
            candidate="bbbbbbbbbbbb",
            text="kernel.c:1: error",
            data={"outcome": "build_failed"},
            parent="aaaaaaaaaaaa",
        ),
        event(3, "telepathy", text="hm", data={"x": [1, 2]}),
    )
    assert [(n.name, n.state) for n in found.nodes] == [
        ("aaaaaaaa", "ok"),
        ("bbbbbbbb", "build_failed"),
    ]
    assert found.nodes[1].parent == "aaaaaaaaaaaa"
    assert "telepathy" in open_trajectory(KEY, "x", None, found.events).plain(events=True)


def test_parents_in_a_circle_do_not_hang() -> None:
    """No search makes such a log; a damaged one is still shown, every candidate once."""
    found = told(
        event(0, "candidate", candidate="a", parent="b"),
        event(1, "candidate", candidate="b", parent="a"),
        event(2, "candidate", candidate="c", parent="c"),
    )
    assert sorted(n.candidate for _, n in found.walk()) == ["a", "b", "c"]


def test_an_empty_log_is_said_to_be_empty() -> None:
    """Neither text nor page needs a single event."""
    found = told()
    assert "holds no candidate" in open_trajectory(KEY, "x", None, ()).plain()
    assert_self_contained(render_trajectory_html(found))


def test_differences_are_unified_and_include_the_recipe() -> None:
    """Text and recipe are compared; another level or too long a text is said to be."""
    recipes = ({"passes": None}, {"passes": "default<O2>"})
    files = ({"kernel.c": "int a;\nint b;\n"}, {"kernel.c": "int a;\nint c;\n"})
    nodes = told(
        *(
            event(
                i,
                "candidate",
                candidate=str(i),
                level="c",
                data={"files": files[i], "recipe": recipes[i]},
            )
            for i in (0, 1)
        )
    ).nodes
    found = difference(nodes[0], nodes[1])
    assert [line.text for line in found.lines if line.sign in ("add", "del")] == [
        "-int b;",
        "+int c;",
        '- "passes": null',
        '+ "passes": "default<O2>"',
    ]
    assert (found.added, found.removed) == (2, 2)
    assert difference(None, nodes[0]).note
    assert difference(nodes[0], nodes[0]).note == "no difference in text or recipe"
    long = told(
        event(
            0,
            "candidate",
            candidate="x",
            level="c",
            data={"files": {"kernel.c": "\n" * (MOST_LINES + 1)}},
        )
    ).nodes[0]
    assert difference(nodes[0], long).note == "kernel.c is too long to compare"


def test_prompts_that_were_sent_before_are_referred_to() -> None:
    """A conversation grows; only what is new in a request is shown."""

    def request(seq: int, *texts: str) -> Event:
        messages = [{"role": "user", "text": t} for t in texts]
        return event(seq, "request", agent="c", data={"system": "S", "messages": messages})

    found = prompts([request(0, "a"), request(1, "a", "b"), request(2, "z")])
    assert (found[0].system, found[0].system_as) == ("S", None)
    assert (found[1].system, found[1].system_as) == ("", 0)
    assert [t.text for t in found[1].turns] == ["b"]
    assert (found[1].earlier, found[1].earlier_as) == (1, 0)
    assert (found[2].earlier, [t.text for t in found[2].turns]) == (0, ["z"])


def test_hostile_texts_stay_texts_on_the_page() -> None:
    """Programs, prompts, claims and errors change no tag and load nothing."""
    story = told(*make_events(Script(hostile=HOSTILE)))
    page = render_trajectory_html(story)
    facts = assert_self_contained(page)
    assert "<script>alert(1)</script>" in facts.text
    assert "{{ 7 * 7 }}" in facts.text
    assert not set("\x00\x1b\u202e\r") & set(page)


def test_hostile_texts_cannot_drive_the_terminal() -> None:
    """No control sequence and no markup gets through, prompts and answers included."""
    story = told(*make_events(Script(hostile=HOSTILE)))
    text = open_trajectory(KEY, "x", None, story.events).plain(100, full=True)
    assert not set("\x1b\u202e\r") & set(text)
    assert "[bold]x[/bold]" in text
    assert "\\x1b[2J" in text


@pytest.mark.parametrize("width", [40, 80, 132])
def test_no_line_of_the_text_is_wider_than_the_terminal(story: Story, width: int) -> None:
    """Trees and long claims are wrapped."""
    text = open_trajectory(story.key, story.trial_id, TRIAL, story.events).plain(width, full=True)
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_mishaps_are_listed_with_their_names(story: Story) -> None:
    """Both the text and the page say what went wrong, and when."""
    text = open_trajectory(story.key, story.trial_id, TRIAL, story.events).plain()
    assert "c: two candidates: two fenced blocks" in text
    assert "guide: unavailable: api: HTTP 529" in text


def test_full_shows_what_was_asked_and_answered(story: Story) -> None:
    """Without it neither is shown; with it both are whole."""
    shown = open_trajectory(story.key, story.trial_id, TRIAL, story.events)
    assert "Rewrite the function." not in shown.plain(events=True)
    assert "Rewrite the function." in shown.plain(full=True)
    assert '{"claim": "drop a dead move"}' in shown.plain(full=True)


def test_json_holds_every_event(story: Story) -> None:
    """A program gets tree, chain, totals and the whole log."""
    document = json.loads(open_trajectory(story.key, story.trial_id, TRIAL, story.events).json())
    assert [Event.model_validate(e) for e in document["events"]] == list(story.events)
    assert document["chain"][-1] == TRIAL.candidate
    assert len(document["candidates"]) == 8
    assert document["mishaps"][0]["kind"] == "two_candidates"


def test_the_page_leads_back_to_the_report(story: Story) -> None:
    """Only where it was written beside one."""
    page = render_trajectory_html(story, "../report.html")
    assert_self_contained(page, ["../report.html"])
    assert "../report.html" not in render_trajectory_html(story)
