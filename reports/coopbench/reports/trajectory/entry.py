"""A trial's trajectory in every form; entry point `coopbench.reports`."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType

from coopbench.harness.model import Trial
from coopbench.harness.store_rows import TrialKey
from coopbench.harness.trajectory import Event
from coopbench.reports.html.trajectory_page import render_trajectory_html
from coopbench.reports.trajectory.json_form import render_trajectory_json
from coopbench.reports.trajectory.story import Story, tell
from coopbench.reports.trajectory.terminal import Detail, render_trajectory


@dataclass(frozen=True)
class Trajectory:
    """A trial's search, ready to be shown."""

    story: Story

    def html(self) -> str:
        """Return one self-contained page."""
        return render_trajectory_html(self.story)

    def json(self) -> str:
        """Return tree, totals and all events as JSON."""
        return render_trajectory_json(self.story)

    def terminal(self, *, events: bool = False, full: bool = False) -> RenderableType:
        """Return tree, totals and mishaps for a terminal.

        Args:
            events: List every event too.
            full: The same with whole prompts and answers.
        """
        return render_trajectory(self.story, Detail(events, full))

    def plain(self, width: int = 100, *, events: bool = False, full: bool = False) -> str:
        """Return the same as plain text, without colours or control sequences."""
        out = io.StringIO()
        console = Console(file=out, width=width, color_system=None, force_terminal=False)
        console.print(self.terminal(events=events, full=full))
        return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def open_trajectory(
    key: TrialKey, trial_id: str, trial: Trial | None, events: Sequence[Event]
) -> Trajectory:
    """Work out a trial's search from its log.

    Args:
        key: Which trial.
        trial_id: Its id.
        trial: Its record, None while it runs.
        events: Its log, in order.
    """
    return Trajectory(tell(key, trial_id, trial, events))
