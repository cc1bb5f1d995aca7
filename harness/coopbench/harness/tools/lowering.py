"""Lowers a candidate to text of a lower level, whole files, ready to be edited there.

What is guaranteed of a result that nobody edits:

- Assembly builds to the same machine code: it is the very text that the candidate's own build
  assembles.
- IR builds to the same machine code wherever text can carry everything. What textual IR leaves
  out is the order in which a value's uses are listed, on which some instruction selection
  depends: for 7 of 40 programs of the curated suite (two targets, -O3) plain text built to other
  instructions. The result is therefore built and compared, and if it differs, the orders are
  written into the functions (`uselistorder` lines); with them, all 40 were the same. They may be
  deleted by whoever edits a function, and are ignored if they no longer fit.
- What no IR can carry are instruction sets that single functions or front-end flags ask for
  (`-mavx2`): at level IR the target's, or the recipe's `march`, holds for all functions. Then
  `same_code` is false; the result is a candidate in its own right, to be verified like any other.
"""

from dataclasses import dataclass

from coopbench.harness.base import Level
from coopbench.harness.executables import Executables
from coopbench.harness.model import Candidate, Recipe
from coopbench.harness.toolchain.pipeline import Work
from coopbench.harness.toolchain.step import BuildFailure
from coopbench.harness.tools.ir_text import ir_texts
from coopbench.harness.tools.parts import units
from coopbench.harness.verify.prelude import with_prototype

_DEPTH = {Level.C: 0, Level.IR: 1, Level.ASM: 2}
_CODEGEN = {"": "-O1", "s": "-O2", "z": "-O2", "fast": "-O3"}
"""Level of code generation that clang chooses at its levels of optimization, where they differ."""


@dataclass(frozen=True)
class Lowered:
    """A candidate as text of a lower level."""

    candidate: Candidate
    same_code: bool
    """Whether it builds to the executable that the candidate it was made from builds to."""


def lower(
    executables: Executables, candidate: Candidate, to: Level, passes: str | None = None
) -> Lowered | BuildFailure:
    """Return a candidate as text of a lower level.

    Args:
        executables: Of the candidate's benchmark and target.
        candidate: At level C or IR.
        to: IR or assembly, below the candidate's level.
        passes: An `opt -passes=` pipeline that takes the place of all that the recipe does to
            the IR (its passes and their options, link-time optimization); what the front end
            does not optimize away, a profile, and code generation stay as they are.

    Raises:
        InfraError: if the machine, not the candidate, is at fault.
    """
    if _DEPTH[to] <= _DEPTH[candidate.level]:
        return BuildFailure(
            "lowering", f"error: level {to.value} does not lie below level {candidate.level.value}"
        )
    if passes is not None:
        candidate = candidate.model_copy(update={"recipe": _with_passes(candidate, passes)})
    work = executables.parts.work(candidate)
    if isinstance(work, BuildFailure):
        return work
    if to is Level.ASM:
        return _to_assembly(executables, candidate)
    return _to_ir(executables, candidate, work)


def codegen_of(candidate: Candidate) -> tuple[str, ...]:
    """Return the `llc` options that generate code as the candidate's own build does."""
    recipe = candidate.recipe
    if candidate.level is not Level.C or recipe.passes is not None or recipe.lto:
        return recipe.codegen
    level, backend = "-O0", []
    for flag, after in zip(recipe.frontend, (*recipe.frontend[1:], ""), strict=True):
        if flag.startswith("-O"):
            level = _CODEGEN.get(flag[2:], flag)
        elif flag == "-mllvm":
            backend.append(after)
    return (level, *backend)


def _with_passes(candidate: Candidate, passes: str) -> Recipe:
    return candidate.recipe.model_copy(
        update={
            "passes": passes,
            "pass_options": (),
            "lto": False,
            "codegen": codegen_of(candidate),
        }
    )


def _to_assembly(executables: Executables, candidate: Candidate) -> Lowered | BuildFailure:
    built = executables.parts.build(candidate)
    if isinstance(built, BuildFailure):
        return built
    recipe = Recipe(compiler=candidate.recipe.compiler, march=candidate.recipe.march)
    names = _names(candidate, Level.ASM)
    files = dict(zip(names, built.assembly, strict=True))
    return Lowered(_child(candidate, Level.ASM, files, recipe), same_code=True)


def _to_ir(executables: Executables, candidate: Candidate, work: Work) -> Lowered | BuildFailure:
    if work.setting.compiler.kind != "clang":
        return BuildFailure("lowering", f"error: {work.setting.compiler.id} makes no LLVM IR")
    wanted = executables.make(with_prototype(executables.parts.benchmark, candidate))
    if isinstance(wanted, BuildFailure):
        return wanted
    recipe = Recipe(
        compiler=candidate.recipe.compiler,
        march=candidate.recipe.march,
        codegen=codegen_of(candidate),
    )
    child: Candidate | None = None
    for orders in (False, True):
        texts = ir_texts(work, orders=orders)
        if isinstance(texts, BuildFailure):
            return texts
        files = dict(zip(_names(candidate, Level.IR), texts, strict=True))
        made = _child(candidate, Level.IR, files, recipe)
        child = child or made  # plain text, unless the orders help
        built = executables.make(made)
        if not isinstance(built, BuildFailure) and built.sha256 == wanted.sha256:
            return Lowered(made, same_code=True)
    if child is None:
        raise AssertionError("there is always a first text")
    return Lowered(child, same_code=False)


def _child(candidate: Candidate, to: Level, files: dict[str, str], recipe: Recipe) -> Candidate:
    return Candidate(
        benchmark=candidate.benchmark,
        level=to,
        files=files,
        recipe=recipe,
        parent=candidate.id,
        made_by=candidate.made_by,
        note=f"lowered from level {candidate.level.value}",
    )


def _names(candidate: Candidate, to: Level) -> tuple[str, ...]:
    names = units(candidate, to)
    return (f"whole{to.suffix}",) if candidate.recipe.lto and len(names) > 1 else names
