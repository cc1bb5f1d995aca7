"""The search over time: a lane for each agent, bars for model calls, marks for candidates."""

from dataclasses import dataclass

from coopbench.harness.trajectory import Event
from coopbench.reports.html.axis import Tick
from coopbench.reports.html.steps import linear_ticks
from coopbench.reports.trajectory.events import MISHAPS, brief, exchanges, first_line
from coopbench.reports.trajectory.story import Story

TIMELINE_WIDTH = 980.0
LANE_HEIGHT = 24.0
_LEAST_BAR = 1.5
_LEAST_END = 1e-6


@dataclass(frozen=True)
class Bar:
    """A model call, from request to answer."""

    x: float
    width: float
    failed: bool
    title: str
    seq: int


@dataclass(frozen=True)
class Dot:
    """A candidate or a mishap at the moment it came."""

    x: float
    mark: str
    """Shape: `faster` (verified), `failed`, `inconclusive` (not checked), `unclaimed` (mishap)."""
    title: str
    seq: int


@dataclass(frozen=True)
class Lane:
    """What one agent did."""

    name: str
    y: float
    """Its middle."""
    bars: tuple[Bar, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True)
class Timeline:
    """All lanes on one axis of seconds."""

    width: float
    height: float
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]


def timeline(story: Story) -> Timeline | None:
    """Lay out a search over time; None if nothing took any."""
    end = max((e.at_s for e in story.events), default=0.0)
    if end < _LEAST_END:
        return None
    calls = exchanges(story.events)
    states = {n.seq: (n.state, n.verified) for n in story.nodes}
    lanes: dict[str, list[Event]] = {}
    for event in story.events:
        if event.kind in ("request", "candidate", *MISHAPS):
            lanes.setdefault(event.agent, []).append(event)
    made = [
        Lane(
            name or "?",
            LANE_HEIGHT * (i + 0.5),
            tuple(_bar(e, calls.get(e.seq), end) for e in found if e.kind == "request"),
            tuple(_dot(e, states.get(e.seq), end) for e in found if e.kind != "request"),
        )
        for i, (name, found) in enumerate(lanes.items())
    ]
    ticks = linear_ticks(end, TIMELINE_WIDTH, 10)
    return Timeline(TIMELINE_WIDTH, LANE_HEIGHT * len(made), tuple(made), ticks)


def _x(at: float, end: float) -> float:
    return round(TIMELINE_WIDTH * min(1.0, max(0.0, at / end)), 1)


def _bar(request: Event, answer: Event | None, end: float) -> Bar:
    left = _x(request.at_s, end)
    right = _x(end if answer is None else answer.at_s, end)
    took = "no answer" if answer is None else f"{answer.at_s - request.at_s:.2f} s"
    failed = answer is None or answer.kind == "call_failed"
    title = f"#{request.seq} {first_line(request.text)}: {took}"
    return Bar(left, round(max(_LEAST_BAR, right - left), 1), failed, title, request.seq)


def _dot(event: Event, state: tuple[str, bool] | None, end: float) -> Dot:
    if event.kind != "candidate":
        title = f"#{event.seq} {brief(event)}"
        return Dot(_x(event.at_s, end), "unclaimed", title, event.seq)
    name, verified = state or ("not judged again", False)
    mark = (
        "faster"
        if verified
        else "inconclusive"
        if state in (None, ("unchecked", False))
        else "failed"
    )
    title = f"#{event.seq} {first_line(event.text)} ({name})"
    return Dot(_x(event.at_s, end), mark, title, event.seq)
