"""Which function of a candidate is worked on."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from coopbench.agents.desk import Desk
from coopbench.agents.tree import Node
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Recipe
from coopbench.harness.optimizer import HotBlock

_PROFILED = Recipe(frontend=("-O3", "-fno-inline"))
"""How C is built to see which of its functions is hot: inlined ones would not show."""
_IR_DEFINE = re.compile(
    r'^define\b[^\n]*?@(?:"([^"\n]+)"|([\w.$-]+))\(.*?^\}', re.MULTILINE | re.DOTALL
)
_ASM_TYPE = re.compile(r"^\s+\.type\s+([\w.$]+),\s*[@%]function", re.MULTILINE)


@dataclass(frozen=True)
class Focus:
    """A function in a file of a candidate."""

    file: str
    function: str


def focus(desk: Desk, node: Node) -> Focus:
    """Return the function of a candidate that is worth working on.

    A kernel's is its own function. A program's is the one in which the candidate retires most
    instructions, or its longest if nothing counts here; which of the two was recorded is
    replayed from a tape, so that a machine without a counter takes the same path.

    Raises:
        BudgetSpentError: if the budget does not allow the profiling run.
        ValueError: if the candidate defines no function at all; such a one is never verified.
    """
    found = functions(node.candidate)
    if not found:
        raise ValueError(f"{node.id} defines no function")
    contract = desk.bench.benchmark.contract
    if contract is not None:
        own = [spot for spot in found if spot.function == contract.function]
        return own[0] if own else max(found, key=lambda spot: found[spot])
    ranked = list(found)
    chosen = ranked.index(_hottest(desk, node.candidate, found))
    key = f"focus {node.candidate.id}"
    observed = desk.models.observe(node.level.value, key, float(chosen))
    return ranked[chosen if observed is None else min(int(observed), len(ranked) - 1)]


def functions(candidate: Candidate) -> Mapping[Focus, int]:
    """Return the functions that a candidate's files define, in their order, with their lengths."""
    return {
        Focus(name, function): length
        for name, text in sorted(candidate.files.items())
        if name.endswith(candidate.level.suffix)
        for function, length in _LISTERS[candidate.level](text)
    }


def _hottest(desk: Desk, candidate: Candidate, found: Mapping[Focus, int]) -> Focus:
    profiled = candidate
    if candidate.level is Level.C:
        profiled = candidate.model_copy(update={"recipe": _PROFILED})
    work: Counter[str] = Counter()
    for block in desk.bench.hot_blocks(profiled) or ():
        work[block.function] += _retired(block)
    hot = [spot for spot in found if work[spot.function]]
    if hot:
        return max(hot, key=lambda spot: work[spot.function])
    return max(found, key=lambda spot: found[spot])


def _retired(block: HotBlock) -> int:
    return block.instructions * block.executions


def _in_c(text: str) -> Iterator[tuple[str, int]]:
    from coopbench.agents.protocol.splice_c import c_functions

    for function in c_functions(text):
        yield function.name, function.end - function.start


def _in_ir(text: str) -> Iterator[tuple[str, int]]:
    for found in _IR_DEFINE.finditer(text):
        yield found[1] or found[2], found.end() - found.start()


def _in_asm(text: str) -> Iterator[tuple[str, int]]:
    marks = list(_ASM_TYPE.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=True):
        yield mark[1], end - mark.start()


_LISTERS = {Level.C: _in_c, Level.IR: _in_ir, Level.ASM: _in_asm}
