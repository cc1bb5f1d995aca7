"""Write a run's report in every format; entry point `coopbench.reports`."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType

from coopbench.harness.model import Trial
from coopbench.harness.record import RunRecord
from coopbench.harness.storage_errors import storage_errors
from coopbench.reports.exports.csv_export import render_csv
from coopbench.reports.exports.json_export import render_json
from coopbench.reports.exports.markdown import render_markdown
from coopbench.reports.html.page import render_html
from coopbench.reports.html.suite_page import FILE as SUITE_PAGE
from coopbench.reports.html.suite_page import render_suite_html
from coopbench.reports.html.trajectory_page import render_trajectory_html
from coopbench.reports.load import load_report
from coopbench.reports.report import Report, analyse
from coopbench.reports.terminal import plain_summary, terminal_summary
from coopbench.reports.trajectory.pages import PAGES, Blob, Pages, read_story, trajectory_pages


@dataclass(frozen=True)
class ReportFiles:
    """Where the report lies, and the report itself."""

    html: Path
    programs: Path
    """Page of the run's programs."""
    markdown: Path
    csv: Path
    json: Path
    report: Report

    def summary(self, width: int = 80) -> RenderableType:
        """Return the compact table for a terminal of that width (see `terminal`)."""
        return terminal_summary(self.report, width)

    def plain(self, width: int = 80) -> str:
        """Return the compact table as plain text, for logs."""
        return plain_summary(self.report, width)


def write_reports(
    record: RunRecord,
    trials: Iterable[Trial],
    folder: Path,
    pooled: Sequence[RunRecord] = (),
    blob: Blob | None = None,
) -> ReportFiles:
    """Write report.html, programs.html, report.md, trials.csv and run.json to a folder.

    With `blob` the trajectories of entrants that use models are written too, each a page of its
    own in the folder `trajectories`, to which the report links.

    Equal input gives byte-identical files. Each file appears whole or not at all.

    Args:
        record: The run.
        trials: Its trials, and those of the `pooled` runs, with their blocks.
        folder: Created if it is not there; older reports in it are replaced.
        pooled: Further runs under the same conditions, to be reported together.
        blob: Returns a stored blob by its SHA-256.

    Raises:
        UsageError: if the trials do not belong to the runs, or conditions differ.
            The same if the folder may not be written to.
        InfraError: if the disk is full or fails.
    """
    data = load_report(record, trials, pooled)
    pages = trajectory_pages(data, blob)
    report = analyse(data, pages.unreadable)
    files = ReportFiles(
        html=folder / "report.html",
        programs=folder / SUITE_PAGE,
        markdown=folder / "report.md",
        csv=folder / "trials.csv",
        json=folder / "run.json",
        report=report,
    )
    texts = (
        (files.html, render_html(report, pages.links, SUITE_PAGE)),
        (files.programs, render_suite_html(report, files.html.name)),
        (files.markdown, render_markdown(report, pages.links)),
        (files.csv, render_csv(report)),
        (files.json, render_json(report)),
    )
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts:
            _replace(path, text)
        if blob is not None and pages.trials:
            _write_trajectories(pages, blob, folder)
    return files


def _write_trajectories(pages: Pages, blob: Blob, folder: Path) -> None:
    (folder / PAGES).mkdir(exist_ok=True)
    for trial in pages.trials:
        page = render_trajectory_html(read_story(trial, blob), "../report.html")
        _replace(folder / pages.links[trial.id], page)


def _replace(path: Path, text: str) -> None:
    """Write a file beside its place and rename it, so that no reader sees half of it."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        part.chmod(0o644)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
