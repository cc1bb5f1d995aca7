"""Modelled throughput of assembly by llvm-mca: cycles of each basic block if it ran in a loop."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from coopbench.harness.base import Frozen
from coopbench.harness.errors import InfraError
from coopbench.harness.toolchain.setting import Isa, Setting, cpu_attributes
from coopbench.harness.toolchain.step import BuildFailure, Context, Step, run_step

_ITERATIONS = 100
_COMMENT = {"x86_64": "#", "aarch64": "//"}
_LABEL = re.compile(r"^([\w.$@]+):")
_INSTRUCTION = re.compile(r"^\s+[A-Za-z]")
_FUNCTION_END = re.compile(r"^(?:\.Lfunc_end\w*:|\s+\.size\s)")


class Throughput(Frozen):
    """What the processor model says of one basic block, repeated back to back."""

    block: str
    """The label the block starts with."""
    instructions: int
    cycles: float
    """Modelled cycles an execution, dependences included."""
    uops: float
    """Micro-operations an execution."""
    block_rthroughput: float
    """Cycles an execution if only the processor's resources counted, not dependences."""
    bottleneck: str
    """What keeps the block from running faster, one line."""
    cpu: str
    """The processor that was modelled."""


def throughput(
    setting: Setting, asm: str, function: str, *, cpu: str | None = None
) -> tuple[Throughput, ...] | BuildFailure:
    """Return the modelled throughput of every basic block of a function.

    Calls count as one instruction of fixed latency, and every memory access as a hit in the
    first-level cache, so the numbers compare loops; they do not predict times.

    Args:
        setting: Context and instruction set; the model is the pinned llvm-mca's.
        asm: An assembly file.
        function: Name of a function in it.
        cpu: The processor to model; default: the one that the instruction set names.
    """
    marked = _mark(asm, function, _COMMENT[setting.isa.arch])
    if marked is None:
        return BuildFailure("throughput model", f"error: no instructions of {function!r}")
    features: tuple[str, ...] = ()
    if cpu is None:
        found = cpu_attributes(_pinned(setting))
        if isinstance(found, BuildFailure):
            return found
        cpu = found.cpu
        features = (f"-mattr={found.features}",) if found.features else ()
    made = run_step(setting.context, _step(setting.context, setting.isa, marked, (cpu, *features)))
    if isinstance(made, BuildFailure):
        return made
    try:
        return tuple(_blocks(json.loads(made.text()), cpu))
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as e:
        raise InfraError(f"llvm-mca wrote a report that cannot be read: {e!r}") from e


def _pinned(setting: Setting) -> Setting:
    return Setting(setting.context, setting.context.compilers.pinned, setting.isa)


def _step(context: Context, isa: Isa, marked: str, processor: Iterable[str]) -> Step:
    cpu, *features = processor
    return Step(
        stage="throughput model",
        tool=context.compilers.toolkit.mca,
        args=(
            f"-mtriple={isa.triple}",
            f"-mcpu={cpu}",
            *features,
            f"-iterations={_ITERATIONS}",
            "-bottleneck-analysis",
            "-instruction-info=0",
            "-resource-pressure=0",
            "-skip-unsupported-instructions=any",
            "-json",
            "in.s",
        ),
        inputs=(("in.s", marked.encode()),),
        output=None,
        depends=(isa.cpu,),
    )


def _mark(asm: str, function: str, comment: str) -> str | None:
    """Return the function's blocks between llvm-mca's region markers; None if it has none."""
    marked = []
    for block, lines in _function_blocks(asm, function):
        if any(_INSTRUCTION.match(line) for line in lines):
            marked += [f"{comment} LLVM-MCA-BEGIN {block}", *lines]
            marked.append(f"{comment} LLVM-MCA-END {block}")
    return "\n".join([*marked, ""]) if marked else None


def _function_blocks(asm: str, function: str) -> Iterator[tuple[str, list[str]]]:
    inside, block, lines = False, function, list[str]()
    for line in asm.splitlines():
        label = _LABEL.match(line)
        if not inside:
            inside = label is not None and label[1] == function
        elif _FUNCTION_END.match(line):
            break
        elif label is not None:
            yield block, lines
            block, lines = label[1], []
        elif _INSTRUCTION.match(line):
            lines.append(line)
    yield block, lines


def _blocks(report: Any, cpu: str) -> Iterator[Throughput]:
    for region in report["CodeRegions"]:
        summary = region["SummaryView"]
        rounds = summary["Iterations"]
        yield Throughput(
            block=region["Name"],
            instructions=summary["Instructions"] // rounds,
            cycles=summary["TotalCycles"] / rounds,
            uops=summary["TotaluOps"] / rounds,
            block_rthroughput=summary["BlockRThroughput"],
            bottleneck=_bottleneck(region.get("BottleneckAnalysis") or {}),
            cpu=cpu,
        )


def _bottleneck(analysis: dict[str, Any]) -> str:
    total = analysis.get("TotalCycles", 0)
    if not total or not analysis.get("PressureIncreaseCycles", 0):
        return "none"
    causes: list[tuple[int, str]] = [
        (cycles, name)
        for resource in analysis["ResourcePressure"]
        for name, cycles in resource.items()
    ]
    causes.append((analysis["RegisterDependencyCycles"], "register dependences"))
    causes.append((analysis["MemoryDependencyCycles"], "memory dependences"))
    worst = sorted((cause for cause in causes if cause[0]), key=lambda c: (-c[0], c[1]))[:4]
    shares = (f"{name} ({100 * cycles // total} % of cycles)" for cycles, name in worst)
    return ", ".join(shares) or "none"
