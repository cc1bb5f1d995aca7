"""Which constituents a candidate goes through, by level and recipe."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Recipe
from coopbench.harness.toolchain.chain import Product, Stage, merge, run_chain
from coopbench.harness.toolchain.compilers import Compiler
from coopbench.harness.toolchain.constituents import (
    Made,
    Passes,
    Source,
    assemble,
    compile_to_asm,
    compile_to_ir,
    generate,
    link_modules,
    optimize,
)
from coopbench.harness.toolchain.project import ALONE, Project
from coopbench.harness.toolchain.setting import (
    CpuAttributes,
    Setting,
    cpu_attributes,
    retarget,
)
from coopbench.harness.toolchain.step import BuildFailure

_USE_ORDER = "uselistorder"
_USE_ORDER_LINES = re.compile(
    rf"^\s*(?:; {_USE_ORDER} directives|{_USE_ORDER}(?:_bb)? .*)\n", re.MULTILINE
)
_COUNT = ("-fprofile-generate",)
_COUNT_IN_OPT = ("-pgo-kind=pgo-instr-gen-pipeline",)


@dataclass(frozen=True)
class Work:
    """One candidate to be lowered to objects."""

    candidate: Candidate
    setting: Setting
    profile: bytes | None = None
    entries: tuple[str, ...] = ("main",)
    """Symbols that link-time optimization keeps."""
    instrument: bool = False
    """Count how often every part runs, for a profile; the recipe's lto is left out."""
    project: Project = ALONE
    """What surrounds the sources at level C."""
    attributes: CpuAttributes | None = None
    """At level IR: the instruction set that all functions are for."""

    @property
    def recipe(self) -> Recipe:
        """The candidate's recipe."""
        return self.candidate.recipe

    @property
    def files(self) -> tuple[tuple[str, bytes], ...]:
        """Name and contents of every file that becomes an object, by name."""
        suffix = self.candidate.level.suffix
        texts = sorted(self.candidate.files.items())
        return tuple((n, self._start(t)) for n, t in texts if n.endswith(suffix))

    def source(self, name: str) -> Source:
        """Return a file at level C as the front end gets it."""
        files = self.candidate.files
        headers = tuple(sorted(item for item in files.items() if item[0].endswith(".h")))
        # With a pipeline of its own it is opt that uses the profile.
        profile = self.profile if self.recipe.passes is None else None
        return Source(name, files[name], headers, profile, self.project)

    def _start(self, text: str) -> bytes:
        data = text.encode()
        return data if self.attributes is None else retarget(data, self.attributes)


def unsuitable(candidate: Candidate, compiler: Compiler) -> str | None:
    """Return why this compiler cannot follow the candidate's recipe, one line; None if it can."""
    recipe, level, name = candidate.recipe, candidate.level, compiler.id
    needs_llvm = level is Level.IR or recipe.passes is not None
    lacks_llvm = compiler.tools.opt is None or compiler.tools.llc is None
    profiled = recipe.profile is not None
    objections = (
        (needs_llvm and lacks_llvm, f"{name} has no opt and llc, which IR and passes need"),
        (recipe.lto and not compiler.features.lto, f"{name} has no LLVM tools, which lto needs"),
        (recipe.lto and level is Level.ASM, "lto is impossible for assembly"),
        (profiled and compiler.kind != "clang", f"{name} cannot use an LLVM profile"),
        (profiled and level is Level.ASM, "assembly cannot use a profile"),
        (
            profiled and level is Level.IR and recipe.passes is None,
            "IR uses a profile only in passes, e.g. default<O3>",
        ),
    )
    return next((why for applies, why in objections if applies), None)


def lower(work: Work) -> tuple[Product, ...] | BuildFailure:
    """Run the candidate through its constituents; one product an object, which is its last part.

    Textual IR may state the order of uses (`uselistorder`), on which some instruction selection
    depends. Who edits the text changes the uses; if the stated orders fit no longer, all of the
    candidate's are dropped.
    """
    made = _lower(work)
    if work.candidate.level is not Level.IR or not isinstance(made, BuildFailure):
        return made
    if _USE_ORDER not in made.diagnostics:
        return made
    files = {name: without_use_orders(text) for name, text in work.candidate.files.items()}
    again = _lower(replace(work, candidate=work.candidate.model_copy(update={"files": files})))
    if isinstance(again, BuildFailure):
        return replace(again, seconds=again.seconds + made.seconds)
    return again


def without_use_orders(ir: str) -> str:
    """Return textual IR without what it says about the order of uses."""
    return _USE_ORDER_LINES.sub("", ir)


def for_its_processor(work: Work) -> Work | BuildFailure:
    """Return work on IR with the instruction set that its functions are to be for."""
    if work.candidate.level is not Level.IR:
        return work
    attributes = cpu_attributes(work.setting)
    return (
        attributes if isinstance(attributes, BuildFailure) else replace(work, attributes=attributes)
    )


def merge_modules(work: Work) -> Product | BuildFailure:
    """Return the module that link-time optimization gets: all files lowered to IR and merged."""
    parts = _all_of((data, _to_ir(work, name)) for name, data in work.files)
    if isinstance(parts, BuildFailure):
        return parts
    starts = (data for _, data in work.files)
    modules = [p.last.read() if p.made else data for p, data in zip(parts, starts, strict=True)]
    linked = run_chain(b"", (lambda _: link_modules(work.setting, modules),))
    if isinstance(linked, BuildFailure):
        return replace(linked, seconds=linked.seconds + sum(part.seconds for part in parts))
    return merge((*parts, linked))


def _lower(work: Work) -> tuple[Product, ...] | BuildFailure:
    ready = for_its_processor(work)
    if isinstance(ready, BuildFailure):
        return ready
    if work.recipe.lto and not work.instrument:
        whole = _lower_whole(ready)
        return whole if isinstance(whole, BuildFailure) else (whole,)
    return _all_of((data, _stages(ready, name)) for name, data in ready.files)


def whole_passes(entries: Sequence[str]) -> Passes:
    """Return what link-time optimization does to the merged module."""
    return Passes("internalize,lto<O3>", (f"-internalize-public-api-list={','.join(entries)}",))


def _all_of(
    chains: Iterable[tuple[bytes, Sequence[Stage]]],
) -> tuple[Product, ...] | BuildFailure:
    """Run chains until one fails; the failure has the time of all."""
    products: list[Product] = []
    for start, stages in chains:
        product = run_chain(start, stages)
        if isinstance(product, BuildFailure):
            spent = sum(done.seconds for done in products)
            return replace(product, seconds=spent + product.seconds)
        products.append(product)
    return tuple(products)


def _stages(work: Work, name: str) -> Sequence[Stage]:
    """Return what one file goes through from its text to an object."""
    setting, recipe, level = work.setting, work.recipe, work.candidate.level
    finish: Stage = partial(assemble, setting)
    if level is Level.ASM:
        return (finish,)
    if level is Level.C and (recipe.passes is None or work.instrument):
        flags = (*recipe.frontend, *(_COUNT if work.instrument else ()))
        source = work.source(name)
        return (lambda _: compile_to_asm(setting, source, flags), finish)
    return (*_to_ir(work, name), partial(_generate, work), finish)


def _to_ir(work: Work, name: str) -> Sequence[Stage]:
    """Return what leads from one file to the IR that is linked or generated from."""
    setting, recipe = work.setting, work.recipe
    if work.candidate.level is Level.IR:
        return (partial(_optimize, work),) if recipe.passes is not None or work.instrument else ()
    source = work.source(name)
    if recipe.passes is None:
        return (lambda _: compile_to_ir(setting, source, recipe.frontend, "pre_link"),)
    return (lambda _: compile_to_ir(setting, source, recipe.frontend), partial(_optimize, work))


def _optimize(work: Work, ir: bytes) -> Made:
    options = (*work.recipe.pass_options, *(_COUNT_IN_OPT if work.instrument else ()))
    passes = Passes(work.recipe.passes or "default<O2>", options, work.profile)
    return optimize(work.setting, ir, passes, attributes=work.attributes)


def _generate(work: Work, ir: bytes) -> Made:
    return generate(work.setting, ir, work.recipe.codegen, attributes=work.attributes)


def _lower_whole(work: Work) -> Product | BuildFailure:
    """Merge all files, optimize them together, and generate one object."""
    merged = merge_modules(work)
    if isinstance(merged, BuildFailure):
        return merged
    setting, passes = work.setting, whole_passes(work.entries)
    stages: tuple[Stage, ...] = (
        lambda ir: optimize(setting, ir, passes, attributes=work.attributes),
        partial(_generate, work),
        partial(assemble, setting),
    )
    whole = run_chain(merged.last.read(), stages)
    spent = whole.seconds + merged.seconds
    if isinstance(whole, BuildFailure):
        return replace(whole, seconds=spent)
    if not _defines(whole.made[-2].text(), work.entries):
        names = ", ".join(work.entries)
        return BuildFailure("recipe", f"lto kept nothing: none of the entries {names}", (), spent)
    return merge((merged, whole))


def _defines(asm: str, names: Iterable[str]) -> bool:
    labels = {line.partition(":")[0] for line in asm.splitlines() if ":" in line}
    return not labels.isdisjoint(names)
