"""Tuning hints from pyperf's system checks (`python -m pyperf system show`)."""

import subprocess
import sys
from dataclasses import dataclass

_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class TuningHint:
    """One piece of advice."""

    subject: str
    """What it is about, e.g. `CPU scaling governor`."""
    advice: str


def tuning_hints() -> tuple[TuningHint, ...] | None:
    """Ask pyperf what could be tuned here; None if its checks cannot run.

    A process of its own, because the checks print, exit and call other programs.
    """
    command = [sys.executable, "-m", "pyperf", "system", "show"]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if "System state" not in done.stdout:
        return None
    return parse_hints(done.stdout)


def parse_hints(text: str) -> tuple[TuningHint, ...]:
    """Return the lines under the heading `Advices` of pyperf's output."""
    hints = []
    inside = False
    lines = text.splitlines()
    for line, underline in zip(lines, [*lines[1:], ""], strict=True):
        if underline and not underline.strip("="):
            inside = line == "Advices"
        elif inside and line.strip("=") and ": " in line:
            subject, _, advice = line.partition(": ")
            hints.append(TuningHint(subject, advice))
    return tuple(hints)
