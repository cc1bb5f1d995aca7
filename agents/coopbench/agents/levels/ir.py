"""Level LLVM IR: a function's text, or passes, options and attributes from closed lists."""

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import JsonValue

from coopbench.agents.levels.craft import Proposal, Shown, Subject, with_text, words_of
from coopbench.agents.protocol.ir import ir_view, splice_ir
from coopbench.agents.protocol.ir_attributes import add_attributes
from coopbench.agents.protocol.ir_claims import FUNCTION_ATTRIBUTES, PARAMETER_ATTRIBUTES
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.recipe_edits import (
    CODEGEN_OPTIONS,
    PASS_OPTIONS,
    PASSES,
    codegen_option_objection,
    pass_option_objection,
    pipeline_objection,
)
from coopbench.agents.protocol.reply import Language, Reply
from coopbench.agents.recipes import overridden, strict
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate

TELLING = (
    *("alwaysinline", "noinline", "nounwind", "willreturn", "nosync", "memory(argmem: readwrite)"),
    *("noalias", "nonnull", "readonly", "writeonly", "captures(none)"),
)
"""Attributes that the prompt names: those that passes make something of."""
UNTOLD = frozenset(
    {"newgvn", "correlated-propagation", "constraint-elimination", "irce", "div-rem-pairs", "chr"}
    | {"loop-deletion", "globalopt", "ipsccp", "sink", "loop-data-prefetch", "loop-fusion"}
    | {"enable-loopfusion", "enable-gvn-hoist", "enable-gvn-sink", "phi-node-folding-threshold"}
    | {"two-entry-phi-node-folding-threshold", "vectorize-loops", "vectorize-slp"}
    | {"unroll-runtime-multi-exit", "vectorizer-maximize-bandwidth", "prefer-inloop-reductions"}
    | {"enable-loop-flatten", "enable-loop-versioning-licm", "enable-loop-distribute"}
    | {"misched-prera-direction", "enable-post-misched", "disable-cgp", "disable-machine-licm"}
    | {"disable-block-placement", "tail-dup-size", "regalloc", "aarch64-enable-mcr"}
)
"""Allowed, but not worth their place in every prompt: the list there is the short form."""
_CHOICES = ("passes", "attributes", "codegen")


class IrCraft:
    """Rewrites of one IR function, and what the compiler can be told about it."""

    level = Level.IR
    language: Language = "llvm"
    code_required = False

    def facts(self, subject: Subject, /) -> dict[str, object]:
        """Return the closed lists, and what becomes of the text."""
        contract = subject.view.contract
        foreign = "aarch64-" if subject.around.target.arch == "x86_64" else "x86-"
        codegen = [o for o in CODEGEN_OPTIONS if not _name(o).startswith(foreign)]
        return {
            "relaxed": contract is not None and contract.float_policy.relaxed,
            "passes": subject.candidate.recipe.passes,
            "pass_names": _told(PASSES),
            "pass_options": _told(PASS_OPTIONS),
            "codegen_options": _told(codegen),
            "attributes": ", ".join(a for a in TELLING if a in FUNCTION_ATTRIBUTES),
            "parameter_attributes": ", ".join(a for a in TELLING if a in PARAMETER_ATTRIBUTES),
        }

    def show(self, subject: Subject, /) -> Shown:
        """Return the function without metadata and attribute groups."""
        return Shown(ir_view(subject.text, subject.spot.function).text)

    def propose(self, subject: Subject, reply: Reply, /) -> Proposal | Malformation:
        """Return the module with the function replaced, or with what the answer asks for instead."""
        chosen = [key for key in _CHOICES if reply.data.get(key)]
        if len(chosen) + (reply.code is not None) > 1:
            what = ", ".join([*chosen, *(["code"] if reply.code is not None else [])])
            text = f"The answer has more than one of these: {what}; choose one."
            return Malformation(Malformed.TWO_CANDIDATES, text)
        if chosen:
            return _instead(subject, reply.data, chosen[0])
        if reply.code is not None:
            module = splice_ir(subject.text, subject.spot.function, reply.code)
            return with_text(subject, module)
        text = 'Neither a whole function nor "passes", "attributes" or "codegen" is there.'
        return Malformation(Malformed.NO_CODE, text)


def _instead(subject: Subject, data: Mapping[str, JsonValue], key: str) -> Proposal | Malformation:
    """Return the proposal of an answer without code."""
    words = words_of(data[key])
    if not words:
        text = f'"{key}" is neither a text nor a list of texts.'
        return Malformation(Malformed.INVALID_JSON, text)
    if key == "attributes":
        return with_text(subject, add_attributes(subject.text, subject.spot.function, words))
    if key == "codegen":
        return _by_codegen(subject.candidate, words)
    options = words_of(data.get("options") or [])
    return _by_passes(subject.candidate, ",".join(words), options)


def _told(names: Iterable[str]) -> str:
    return ", ".join(n for n in names if _name(n) not in UNTOLD)


def _name(option: str) -> str:
    return option.lstrip("-").partition("=")[0]


def _by_passes(
    candidate: Candidate, pipeline: str, options: tuple[str, ...] | None
) -> Proposal | Malformation:
    if options is None:
        text = '"options" is neither a text nor a list of texts.'
        return Malformation(Malformed.INVALID_JSON, text)
    objections = (pipeline_objection(pipeline), *map(pass_option_objection, options))
    changes: dict[str, object] = {"passes": pipeline, "pass_options": strict(options)}
    return _by_recipe(candidate, changes, objections, "passes")


def _by_codegen(candidate: Candidate, options: tuple[str, ...]) -> Proposal | Malformation:
    changes: dict[str, object] = {"codegen": overridden(candidate.recipe.codegen, options)}
    return _by_recipe(candidate, changes, map(codegen_option_objection, options), "codegen")


def _by_recipe(
    candidate: Candidate,
    changes: dict[str, object],
    objections: Iterable[str | None],
    step: Literal["passes", "codegen"],
) -> Proposal | Malformation:
    problem = next(filter(None, objections), None)
    if problem is not None:
        return Malformation(Malformed.UNKNOWN_OPTION, f"{problem[:1].upper()}{problem[1:]}.")
    recipe = candidate.recipe.model_copy(update=changes)
    if recipe == candidate.recipe:
        text = "The candidate is built that way already; answer with something else."
        return Malformation(Malformed.ECHO, text)
    edit = Level.IR if step == "passes" else Level.ASM
    return Proposal(candidate.model_copy(update={"recipe": recipe}), step, edit)
