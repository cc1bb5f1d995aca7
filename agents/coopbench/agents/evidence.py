"""What the compiler and the counters say of a function, for the prompts of the level agents.

All of it is deterministic, but whether it can be had differs between machines (counting needs an
emulator), so prompts carry it as one volatile part.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from coopbench.agents.backends.volatile import clean, volatile
from coopbench.agents.focus import Focus
from coopbench.agents.hot_code import Spot, hot_spots, own_instructions
from coopbench.agents.prompts.render import render
from coopbench.agents.remark_lines import remark_lines
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate
from coopbench.harness.optimizer import BuildFailed, Workbench

MOST_SPOTS = 4
LEAST_SHARE = 0.01
MOST_CODE = 24
_SMALL_SHARE = re.compile(r"(?:^|, )[^,(]+ \(\d % of cycles\)")


@dataclass(frozen=True)
class Costs:
    """Deterministic costs of a candidate; None for what cannot be had."""

    instructions: float | None
    """Retired per call (kernel) or run (program) on a visible input."""
    cycles: float | None
    """Modelled by llvm-mca: executions times cycles, over the blocks of the hot function."""
    code: int | None
    """Machine instructions in the candidate's own functions."""

    @property
    def words(self) -> str:
        """One line for people and models."""
        parts = (
            (self.instructions, "instructions retired on a visible input"),
            (self.cycles, "cycles modelled (llvm-mca)"),
            (self.code, "machine instructions of code"),
        )
        known = [f"{value:,.0f} {what}" for value, what in parts if value is not None]
        return ", ".join(known) or "not available here"


@dataclass(frozen=True)
class Evidence:
    """What is known of a candidate's cost."""

    costs: Costs
    spots: tuple[Spot, ...]
    """Hottest first."""

    @property
    def counted(self) -> bool:
        """Whether executions were counted."""
        return any(s.share is not None for s in self.spots)


def gather(bench: Workbench, candidate: Candidate) -> Evidence:
    """Look at a candidate with all that counts and models.

    Raises:
        BudgetSpentError: if the budget does not allow the builds and the counting run.
    """
    spots = hot_spots(bench, candidate)
    text = bench.disassembly(candidate)
    cycles = [s.cycles for s in spots if s.cycles is not None]
    costs = Costs(
        instructions=bench.instructions(candidate),
        cycles=sum(cycles) if cycles else None,
        code=None if isinstance(text, BuildFailed) else own_instructions(text),
    )
    return Evidence(costs, spots)


def evidence_text(bench: Workbench, candidate: Candidate, focus: Focus, evidence: Evidence) -> str:
    """Return what tools say of a function of a candidate, as one volatile part of a prompt.

    Raises:
        BudgetSpentError: if the budget does not allow to ask for remarks.
    """
    spots = [s for s in evidence.spots if s.share is None or s.share >= LEAST_SHARE]
    shown = spots[:MOST_SPOTS]
    # At level assembly the model has the code before it anyway.
    code = shown[0].code if shown and candidate.level is not Level.ASM else ()
    text = render(
        "evidence",
        costs=evidence.costs.words,
        spots=_told(shown, candidate.level),
        counted=evidence.counted,
        code="\n".join(code[:MOST_CODE]),
        cut=len(code) > MOST_CODE,
        remarks="\n".join(_remarks(bench, candidate, focus)),
    ).text
    return volatile("evidence", text)


def _told(spots: Sequence[Spot], level: Level) -> list[str]:
    several = len({s.function for s in spots}) > 1
    return [_in_words(s, level, named=several) for s in spots]


def _in_words(spot: Spot, level: Level, *, named: bool) -> str:
    """Return a block in one line."""
    words = []
    if spot.share is not None:
        words.append(f"{100 * spot.share:.0f} % of all, {spot.executions} times")
    if named:
        words.append(f"in `{spot.function}`")
    if spot.model is not None and (level is Level.ASM or spot.share is None):
        words.append(f"at `{spot.model.block}`")
    words.append(f"{spot.instructions} instructions")
    if spot.model is not None:
        alone = f"{spot.model.block_rthroughput:.1f} by resources alone"
        words.append(f"{spot.model.cycles:.1f} cycles each ({alone})")
        limit = _SMALL_SHARE.sub("", spot.model.bottleneck).removeprefix(", ")
        words += [f"limited by {limit}"] if limit and limit != "none" else []
    return clean(", ".join(words))


def _remarks(bench: Workbench, candidate: Candidate, focus: Focus) -> list[str]:
    found = bench.remarks(candidate)
    return [] if isinstance(found, BuildFailed) else remark_lines(found, candidate, focus)
