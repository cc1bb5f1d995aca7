"""The progress display: what programs and models say cannot steer the terminal."""

import io

from rich.console import Console

from coopbench.harness.cli.screen import Screen
from coopbench.harness.model import Outcome, Trial
from coopbench.harness.store_rows import TrialKey


def test_a_reason_cannot_steer_the_terminal() -> None:
    """Escape sequences and reversed text in a trial's reason are shown, not obeyed."""
    out = io.StringIO()
    screen = Screen(Console(file=out, width=200))
    screen.planned(1, 0)
    screen.finished(
        Trial(
            id="0" * 16,
            run="r",
            entrant="cmd:./x [/b]",
            benchmark="scan",
            target="armv8-a",
            repetition=0,
            outcome=Outcome.TOOL_CALL_FAILED,
            reason="exit status 3 (\x1b[2J\u202egone [red]x\r\nü)",
            started_at=0.0,
            finished_at=1.0,
        )
    )
    text = out.getvalue()
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert (
        r"cmd:./x [/b] armv8-a: tool_call_failed: exit status 3 (\x1b[2J\u202egone [red]x" in text
    )
    assert text.count("\n") == 2
    assert "ü" in text


def test_an_entrant_with_brackets_can_be_drawn() -> None:
    """A name that looks like markup is drawn as it is on a live terminal."""
    out = io.StringIO()
    screen = Screen(Console(file=out, width=200, force_terminal=True))
    with screen.drawn():
        screen.planned(1, 0)
        screen.measuring(TrialKey("cmd:./x [/b]", "scan", "armv8-a", 0), 3, 0.1, None)
    assert "cmd:./x [/b]" in out.getvalue()
