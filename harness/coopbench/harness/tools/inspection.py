"""What the compiler says of a candidate: optimization remarks and modelled throughput."""

from dataclasses import replace

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate
from coopbench.harness.toolchain.constituents import Passes, compile_to_ir
from coopbench.harness.toolchain.pipeline import (
    Work,
    for_its_processor,
    merge_modules,
    whole_passes,
)
from coopbench.harness.toolchain.remarks import Remark, remarks_of_passes, remarks_of_source
from coopbench.harness.toolchain.step import BuildFailure
from coopbench.harness.toolchain.throughput import Throughput, throughput
from coopbench.harness.tools.parts import Parts

Remarks = tuple[Remark, ...]

_LINES = "-gline-tables-only"
"""Lets remarks name lines; changes no instruction."""


def remarks(parts: Parts, candidate: Candidate) -> Remarks | BuildFailure:
    """Return what passes did and could not do while they compiled a candidate, file by file.

    At level IR these are the remarks of the recipe's own passes, so there are none without; at
    level assembly there are none. With link-time optimization, the remarks on the merged program
    come last.

    Raises:
        InfraError: if the machine, not the candidate, is at fault.
    """
    asked = parts.work(candidate)
    if isinstance(asked, BuildFailure) or candidate.level is Level.ASM:
        return asked if isinstance(asked, BuildFailure) else ()
    work = for_its_processor(asked)
    if isinstance(work, BuildFailure):
        return work
    if work.setting.compiler.kind != "clang":
        return BuildFailure("remarks", f"error: {work.setting.compiler.id} gives no LLVM remarks")
    found: list[Remark] = []
    for name, data in work.files:
        made = _of_source(work, name) if candidate.level is Level.C else _of_ir(work, data)
        if isinstance(made, BuildFailure):
            return made
        found += made
    whole = _of_whole(work) if work.recipe.lto else ()
    return whole if isinstance(whole, BuildFailure) else (*found, *whole)


def modelled(
    parts: Parts, candidate: Candidate, function: str
) -> tuple[Throughput, ...] | BuildFailure:
    """Return llvm-mca's model of every basic block of one of a candidate's functions.

    Raises:
        InfraError: if the machine, not the candidate, is at fault.
    """
    work = parts.work(candidate)
    if isinstance(work, BuildFailure):
        return work
    built = parts.build(candidate)
    if isinstance(built, BuildFailure):
        return built
    label = f"{function}:"
    texts = [t for t in built.assembly if any(x.startswith(label) for x in t.splitlines())]
    return throughput(work.setting, (texts or [""])[0], function)


def _of_source(work: Work, name: str) -> Remarks | BuildFailure:
    recipe, source = work.recipe, work.source(name)
    if recipe.passes is None:
        return remarks_of_source(work.setting, source, recipe.frontend)
    ir = compile_to_ir(work.setting, source, (*recipe.frontend, _LINES))
    if isinstance(ir, BuildFailure):
        return ir
    passes = Passes(recipe.passes, recipe.pass_options, work.profile)
    return remarks_of_passes(work.setting, ir.read(), passes)


def _of_ir(work: Work, ir: bytes) -> Remarks | BuildFailure:
    recipe = work.recipe
    if recipe.passes is None:
        return ()
    passes = Passes(recipe.passes, recipe.pass_options, work.profile)
    return remarks_of_passes(work.setting, ir, passes, attributes=work.attributes)


def _of_whole(work: Work) -> Remarks | BuildFailure:
    frontend = (*work.recipe.frontend, _LINES)
    recipe = work.recipe.model_copy(update={"frontend": frontend})
    candidate = work.candidate.model_copy(update={"recipe": recipe})
    merged = merge_modules(replace(work, candidate=candidate))
    if isinstance(merged, BuildFailure):
        return merged
    passes = whole_passes(work.entries)
    ir = merged.last.read()
    return remarks_of_passes(work.setting, ir, passes, attributes=work.attributes)
