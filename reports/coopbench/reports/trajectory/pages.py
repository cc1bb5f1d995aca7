"""Which trials of a run have a page of their search, and where it lies."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from coopbench.harness.errors import UsageError
from coopbench.harness.model import Trial
from coopbench.harness.store_rows import TrialKey
from coopbench.harness.trajectory import read_events
from coopbench.reports.load import ReportData
from coopbench.reports.search.spending import uses_models
from coopbench.reports.trajectory.story import Story, tell

PAGES = "trajectories"
"""Folder of the pages, beside the report."""

Blob = Callable[[str], bytes]
"""Returns a stored blob by its SHA-256; UsageError if it is missing or damaged."""

_PLAIN = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Pages:
    """The searches that can be shown."""

    trials: tuple[Trial, ...]
    """Those with a readable trajectory."""
    links: Mapping[str, str]
    """The page's path, relative to the report, by trial id."""
    unreadable: tuple[str, ...]
    """A line for each trajectory that is missing or damaged."""


def trajectory_pages(data: ReportData, blob: Blob | None) -> Pages:
    """Read the searches of all entrants that use models.

    Args:
        data: The report's tables.
        blob: Returns a stored blob; None if there is none to be had.
    """
    readable: list[Trial] = []
    unreadable: list[str] = []
    for trial in _searched(data) if blob is not None else ():
        assert blob is not None
        try:
            # read once more when its page is made: all together they may not fit in memory
            read_story(trial, blob)
        except UsageError as e:
            unreadable.append(f"{TrialKey.of(trial)}: {e}")
        else:
            readable.append(trial)
    links = {t.id: f"{PAGES}/{_name(t.id)}.html" for t in readable}
    return Pages(tuple(readable), links, tuple(unreadable))


def read_story(trial: Trial, blob: Blob) -> Story:
    """Return a stored trial's search.

    Raises:
        UsageError: if its trajectory is missing or damaged.
    """
    lines = blob(trial.trajectory_blob or "").splitlines(keepends=True)
    return tell(TrialKey.of(trial), trial.id, trial, read_events(lines, trial.id))


def _searched(data: ReportData) -> list[Trial]:
    found = []
    for target in data.targets:
        for entrant in target.entrants:
            trials = [t for c in target.row(entrant.name) for t in c.trials]
            if uses_models(entrant, trials):
                found += [t for t in trials if t.trajectory_blob is not None]
    return found


def _name(trial_id: str) -> str:
    """Return a file name that no id can lead astray."""
    if _PLAIN.fullmatch(trial_id):
        return trial_id
    return hashlib.sha256(trial_id.encode()).hexdigest()[:16]
