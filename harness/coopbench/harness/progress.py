"""What a run reports while it goes on; the command line draws it, tests record it."""

from typing import Protocol

from coopbench.harness.model import Trial
from coopbench.harness.store_rows import TrialKey


class Progress(Protocol):
    """Listener of a run; every method returns at once and may be called from any thread."""

    def planned(self, total: int, done: int) -> None:
        """Say how many trials the plan has, and how many an earlier part of the run finished."""

    def grown(self, more: int) -> None:
        """Say that trials have come to the plan: parts of winners."""

    def note(self, text: str) -> None:
        """Say something that is not about one trial, e.g. that a tool is being built."""

    def preparing(self, key: TrialKey) -> None:
        """A trial's candidate is being made, built and verified."""

    def measuring(
        self, key: TrialKey, blocks: int, speedup: float | None, half_width: float | None
    ) -> None:
        """A trial has one block more; estimate and relative half-width so far."""

    def finished(self, trial: Trial) -> None:
        """A trial has ended and is stored."""


class Silent:
    """Listens to nothing."""

    def planned(self, total: int, done: int) -> None:
        """Ignore."""

    def grown(self, more: int) -> None:
        """Ignore."""

    def note(self, text: str) -> None:
        """Ignore."""

    def preparing(self, key: TrialKey) -> None:
        """Ignore."""

    def measuring(
        self, key: TrialKey, blocks: int, speedup: float | None, half_width: float | None
    ) -> None:
        """Ignore."""

    def finished(self, trial: Trial) -> None:
        """Ignore."""
