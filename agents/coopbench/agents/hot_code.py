"""Where a candidate's work is done: executed blocks, the model of each, and their instructions.

Counters name blocks by address, llvm-mca by label in the assembly. Both see the same
instructions in the same order, but for padding, so the place within the function joins them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import accumulate

from coopbench.harness.model import Candidate
from coopbench.harness.optimizer import BuildFailed, HotBlock, Workbench
from coopbench.harness.toolchain.throughput import Throughput

_LABEL = re.compile(r"^([0-9a-f]+) <(.+)>:$")
_INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S.*?)\s*$")
_PADDING = re.compile(r"^(?:nop[wlq]?\b|data16\b.*\bnop|xchgw\t%ax, %ax|udf\t#0x0$)")
_ADDRESS = re.compile(r"0x[0-9a-f]+ (?=<)")
_COMMENT = re.compile(r"\s+(?:# |// ).*")


@dataclass(frozen=True)
class Spot:
    """A block of a candidate's own code: from one label to the next where llvm-mca knows it."""

    function: str
    instructions: int
    executions: int | None = None
    """On a visible input, of the part that ran most often; None if nothing counts here."""
    share: float | None = None
    """Of all retired instructions; None if nothing counts here."""
    cycles: float | None = None
    """Modelled cycles of all its executions; None without a counter or a model."""
    model: Throughput | None = None
    """What llvm-mca says of it; None if it looked at another function."""
    code: tuple[str, ...] = ()
    """Instructions of the part that ran most often."""


@dataclass(frozen=True)
class _Line:
    address: int
    text: str


Functions = Mapping[str, Sequence[_Line]]


def hot_spots(bench: Workbench, candidate: Candidate) -> tuple[Spot, ...]:
    """Return a candidate's blocks with what is known of each, hottest first.

    Without a counter these are the blocks of the function that llvm-mca looked at, those with
    most modelled cycles first.

    Raises:
        BudgetSpentError: if the budget does not allow to look.
    """
    modelled = bench.throughput(candidate)
    models = () if isinstance(modelled, BuildFailed) else modelled
    counted = bench.hot_blocks(candidate)
    text = bench.disassembly(candidate)
    if counted is None or isinstance(text, BuildFailed):
        hot = models[0].block if models else ""
        ranked = sorted(models, key=lambda m: -m.cycles)
        return tuple(Spot(hot, m.instructions, model=m) for m in ranked)
    return _joined([b for b in counted if b.address], models, _functions(text))


def own_instructions(disassembly: str) -> int:
    """Return how many instructions a disassembly has, padding not counted."""
    return sum(len(lines) for lines in _functions(disassembly).values())


def _joined(
    blocks: Sequence[HotBlock], models: Sequence[Throughput], functions: Functions
) -> tuple[Spot, ...]:
    hot = models[0].block if models else ""
    starts = list(accumulate((m.instructions for m in models), initial=0))
    # If the numbers differ, an instruction became several or none, and no place can be trusted.
    fits = starts[-1] == len(functions.get(hot, ()))
    places = {
        line.address: index for lines in functions.values() for index, line in enumerate(lines)
    }
    groups: dict[tuple[str, int], list[Spot]] = {}
    for block in blocks:
        at = places.get(block.address)
        model = None
        if at is not None and fits and block.function == hot:
            model = models[bisect_right(starts, at) - 1]
        found = _spot(
            block, functions.get(block.function, ())[at:] if at is not None else (), model
        )
        key = (block.function, block.address if model is None else starts[models.index(model)])
        groups.setdefault(key, []).append(found)
    merged = (reduce(_together, group) for group in groups.values())
    return tuple(sorted(merged, key=lambda s: -(s.share or 0.0)))


def _spot(block: HotBlock, lines: Sequence[_Line], model: Throughput | None) -> Spot:
    cycles = None
    if model is not None and model.instructions:
        cycles = model.cycles * block.executions * block.instructions / model.instructions
    return Spot(
        block.function,
        block.instructions,
        block.executions,
        block.share,
        cycles,
        model,
        tuple(line.text for line in lines[: block.instructions]),
    )


def _together(first: Spot, second: Spot) -> Spot:
    """Return two parts of one block as one; a block ends at a label, not at every branch."""
    most = max((first, second), key=lambda s: s.executions or 0)
    return replace(
        most,
        instructions=first.instructions + second.instructions,
        share=(first.share or 0.0) + (second.share or 0.0),
        cycles=(first.cycles or 0.0) + (second.cycles or 0.0),
    )


def _functions(disassembly: str) -> Functions:
    """Return every function's instructions, without padding."""
    found: dict[str, list[_Line]] = {}
    held: _Line | None = None
    for name, line in _lines(disassembly):
        lines = found.setdefault(name, [])
        if held is not None and line.text.startswith("adr\t"):
            lines.append(held)  # what the linker made of an adrp that it did not need
        held = line if _PADDING.match(line.text) else None
        if held is None:
            lines.append(line)
    return found


def _lines(disassembly: str) -> Iterator[tuple[str, _Line]]:
    function = ""
    for raw in disassembly.splitlines():
        if label := _LABEL.match(raw):
            function = label[2]
        elif code := _INSTRUCTION.match(raw):
            text = _COMMENT.sub("", _ADDRESS.sub("", code[2]))
            yield function, _Line(int(code[1], 16), text)
