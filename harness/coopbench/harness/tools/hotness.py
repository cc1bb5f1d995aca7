"""Where a candidate spends its instructions: executions by block of its own code.

An emulator translates code in stretches that overlap and are cut for reasons of its own, so the
executions of every single instruction are added up first; they are the same wherever and by
whatever version they were counted. Instructions are then put together to basic blocks: a block
ends where control may leave it or enter the next instruction, and where executions differ.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from coopbench.harness.emulation.blocks import BlockCounts
from coopbench.harness.optimizer import HotBlock
from coopbench.harness.tools.machine_code import Instruction, OwnCode

OTHER = "other"
"""Name that stands for all that is not the candidate's own: driver and C library. Its address is
0, at which no function lies."""


def hot_blocks(counts: BlockCounts, code: OwnCode) -> tuple[HotBlock, ...]:
    """Return the executed blocks of a candidate's own code, hottest first.

    Last comes, as one block of the function `other` that was executed once, whatever else was
    executed. Instructions times executions add up to all that was retired.
    """
    total = counts.instructions
    if not total:
        return ()
    executions = _executions(counts, code.instructions)
    blocks = [
        HotBlock(
            function=run[0].function,
            address=run[0].address,
            instructions=len(run),
            executions=int(times),
            share=len(run) * int(times) / total,
        )
        for run, times in _blocks(code.instructions, executions)
    ]
    blocks.sort(key=lambda b: (-b.share, b.address))
    rest = total - sum(b.instructions * b.executions for b in blocks)
    if rest:
        blocks.append(HotBlock(OTHER, 0, rest, 1, rest / total))
    return tuple(blocks)


def hottest_function(blocks: Iterable[HotBlock]) -> str | None:
    """Return the function of the candidate's own with the largest share; None if there is none."""
    shares: dict[str, float] = {}
    for block in blocks:
        if block.address:
            shares[block.function] = shares.get(block.function, 0.0) + block.share
    return max(shares, key=lambda name: shares[name], default=None)


def _executions(counts: BlockCounts, code: Sequence[Instruction]) -> list[int]:
    """Return how often each instruction was executed."""
    place = {instruction.address: i for i, instruction in enumerate(code)}
    steps = np.zeros(len(code) + 1, np.int64)
    for stretch, times in counts.executions.items():
        first = place.get(stretch.address)
        if first is not None:
            steps[first] += times
            steps[min(first + stretch.length, len(code))] -= times
    executions: list[int] = np.cumsum(steps[:-1]).tolist()
    return executions


def _blocks(
    code: Sequence[Instruction], executions: Sequence[int]
) -> Iterator[tuple[Sequence[Instruction], int]]:
    entered = {i.target for i in code if i.target is not None}
    start = 0
    for here, (was, now) in enumerate(itertools.pairwise(code), 1):
        if (
            was.ends_block
            or now.address in entered
            or now.function != was.function
            or executions[here] != executions[here - 1]
        ):
            yield from _executed(code[start:here], executions[start])
            start = here
    if code:
        yield from _executed(code[start:], executions[start])


def _executed(
    run: Sequence[Instruction], times: int
) -> Iterator[tuple[Sequence[Instruction], int]]:
    if times:
        yield run, times
