"""The page of one trial's search: tree, time, chain with differences, prompts and answers."""

from coopbench.reports.html.page import render_page
from coopbench.reports.html.trajectory_view import arrange_trajectory
from coopbench.reports.trajectory.story import Story


def render_trajectory_html(story: Story, back: str = "") -> str:
    """Return the search as one self-contained page; equal input gives equal bytes.

    Args:
        story: What it tells.
        back: Address of the run's report, relative to the page; empty for none.
    """
    return render_page("trajectory.html.j2", view=arrange_trajectory(story), back=back)
