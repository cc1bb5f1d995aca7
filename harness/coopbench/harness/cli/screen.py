"""Progress on the terminal: a live bar with what is measured now, or plain lines in a log."""

import math
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from coopbench.harness.model import Trial
from coopbench.harness.store_rows import TrialKey

PLAIN_EVERY_S = 10.0
"""Seconds between lines about unfinished work where output is no terminal."""


class Screen:
    """Draws the progress of a run; safe to call from several threads.

    Args:
        console: Where to draw.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_terminal
        self._lock = threading.Lock()
        self._total = self._done = self._before = 0
        self._start = time.monotonic()
        self._last_line = self._start
        self._bar = Progress(
            TextColumn("[bold]judging"),
            BarColumn(bar_width=14),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[eta]}"),
            TextColumn("[dim]{task.fields[now]}", table_column=None),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, eta="", now="")

    def planned(self, total: int, done: int) -> None:
        """Remember the size of the plan."""
        with self._lock:
            self._total, self._done, self._before = total, done, done
            self._bar.update(self._task, total=total, completed=done)
        again = f", {done} of them done before" if done else ""
        self.note(f"{total} trials{again}")

    def grown(self, more: int) -> None:
        """Add trials to the plan."""
        with self._lock:
            self._total += more
            self._bar.update(self._task, total=self._total)
        self.note(f"{more} more trials: winners without the edits of one level")

    def note(self, text: str) -> None:
        """Print a line that stays."""
        self._console.print(_harmless(text), highlight=False, markup=False, soft_wrap=True)

    def preparing(self, key: TrialKey) -> None:
        """Show what is being built, while nothing is measured."""

    def measuring(
        self, key: TrialKey, blocks: int, speedup: float | None, half_width: float | None
    ) -> None:
        """Show the measurement that moved last, with its estimate so far (log scale in)."""
        estimate = "" if speedup is None else f" {math.exp(speedup):.3f}x"
        width = "" if half_width is None else f" ±{100 * half_width:.1f}%"
        # the estimate first: a narrow terminal cuts the end of the line
        now = (
            f"{estimate}{width} {blocks} pairs: {key.benchmark} {key.entrant} {key.target}".strip()
        )
        with self._lock:
            self._bar.update(self._task, now=escape(_harmless(now)))
            quiet = time.monotonic() - self._last_line
            if self._live or quiet < PLAIN_EVERY_S:
                return
            self._last_line = time.monotonic()
        self.note(f"[{self._done}/{self._total}] {now}{self._eta()}")

    def finished(self, trial: Trial) -> None:
        """Count a trial; in a log, print its line."""
        with self._lock:
            self._done += 1
            self._last_line = time.monotonic()
            self._bar.update(self._task, completed=self._done, eta=self._eta())
        place = f"{trial.benchmark} {trial.entrant} {trial.target}"
        if not self._live:
            self.note(f"[{self._done}/{self._total}] {place}: {trial.outcome}: {trial.reason}")

    def _eta(self) -> str:
        fresh = self._done - self._before
        if fresh < 5:
            return ""
        left = (self._total - self._done) * (time.monotonic() - self._start) / fresh
        return f" about {left / 60:.0f} min left" if left >= 90 else f" about {left:.0f} s left"

    @contextmanager
    def drawn(self) -> Iterator["Screen"]:
        """Draw the live bar inside this context, if there is a terminal."""
        if not self._live:
            yield self
            return
        with self._bar:
            yield self


def _harmless(text: str) -> str:
    """Return a line in which nothing steers the terminal: it may quote programs and models."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )


@contextmanager
def open_screen() -> Iterator[Screen]:
    """Return the progress display on standard error."""
    with Screen(Console(file=sys.stderr)).drawn() as screen:
        yield screen
