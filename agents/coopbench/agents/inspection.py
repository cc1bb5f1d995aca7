"""What tools tell the guide about a candidate: short, and the same on every machine."""

from collections.abc import Callable, Iterable

from coopbench.agents.actions import Insight
from coopbench.agents.tree import Node, gain_bucket
from coopbench.harness.base import Level
from coopbench.harness.optimizer import BuildFailed, Workbench

MOST_LINES = 60
_MOST_WIDTH = 160
_MOST_REMARKS = 30
_MOST_BLOCKS = 12


def inspect(bench: Workbench, node: Node, what: Insight) -> str:
    """Return what a tool says about a candidate, at most 60 lines; a failure is told in words.

    Raises:
        BudgetSpentError: if the budget does not allow it.
    """
    lines = [line[:_MOST_WIDTH].rstrip() for line in _TOOLS[what](bench, node)]
    if len(lines) > MOST_LINES:
        left = len(lines) - MOST_LINES + 1
        lines = [*lines[: MOST_LINES - 1], f"({left} more lines)"]
    return "\n".join(lines)


def _remarks(bench: Workbench, node: Node) -> Iterable[str]:
    found = bench.remarks(node.candidate)
    if isinstance(found, BuildFailed):
        return _failed(found)
    ranked = sorted(found, key=lambda r: r.kind != "missed")
    lines = [
        f"{r.kind}: {r.pass_name}: {r.message}{f' (line {r.line})' if r.line else ''}"
        for r in ranked
    ]
    lines = list(dict.fromkeys(lines))[:_MOST_REMARKS]
    return lines or ["no remarks" + (": this is assembly" if node.level is Level.ASM else "")]


def _throughput(bench: Workbench, node: Node) -> Iterable[str]:
    found = bench.throughput(node.candidate)
    if isinstance(found, BuildFailed):
        return _failed(found)
    ranked = sorted(found, key=lambda b: -b.cycles)[:_MOST_BLOCKS]
    return [
        f"{b.block}: {b.instructions} instructions, {b.cycles:.1f} cycles "
        f"({b.block_rthroughput:.1f} by resources alone), bottleneck: {b.bottleneck}"
        for b in ranked
    ] or ["the model has nothing to say"]


def _disassembly(bench: Workbench, node: Node) -> Iterable[str]:
    found = bench.disassembly(node.candidate)
    return _failed(found) if isinstance(found, BuildFailed) else found.strip().splitlines()


def _hot_blocks(bench: Workbench, node: Node) -> Iterable[str]:
    found = bench.hot_blocks(node.candidate)
    if found is None:
        return ["hot blocks cannot be had here: nothing counts instructions for this candidate"]
    return [
        f"{100 * b.share:.1f} %: {b.instructions} instructions at {b.address:#x} in {b.function}, "
        f"executed {b.executions} times"
        for b in found[:_MOST_BLOCKS]
    ]


def _cost(bench: Workbench, node: Node) -> Iterable[str]:
    counted = bench.instructions(node.candidate)
    yield f"{node.id} against the original: {gain_bucket(node.gain)}"
    if counted is None:
        yield "instructions cannot be counted here"
    else:
        yield f"{counted:.0f} instructions a call on a visible input"


def _failed(failed: BuildFailed) -> list[str]:
    return [f"does not build ({failed.step}):", *failed.diagnostics.splitlines()[:20]]


_TOOLS: dict[Insight, Callable[[Workbench, Node], Iterable[str]]] = {
    "remarks": _remarks,
    "throughput": _throughput,
    "disassembly": _disassembly,
    "hot_blocks": _hot_blocks,
    "cost": _cost,
}
