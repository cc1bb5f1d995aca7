"""The IR that a C candidate's code is generated from, as text with the names of its values."""

import re
from dataclasses import replace

from coopbench.harness.toolchain.constituents import Made, Passes, compile_to_ir, optimize
from coopbench.harness.toolchain.pipeline import Work, merge_modules, whole_passes
from coopbench.harness.toolchain.step import BuildFailure

_NAMED = "-fno-discard-value-names"
_ORDERS_IN_CLANG = ("-Xclang", "-emit-llvm-uselists")
_ORDERS_IN_OPT = ("-preserve-ll-uselistorder",)
_COMMON_ORDERS = re.compile(r"^(?:; uselistorder directives\n|uselistorder .*\n)", re.MULTILINE)
"""Orders of uses outside of functions: they would have to change with any function."""


def ir_texts(work: Work, *, orders: bool) -> tuple[str, ...] | BuildFailure:
    """Return the IR that code is generated from, as text; one a file, one in all with lto.

    Args:
        work: A candidate at level C, with a clang.
        orders: Whether functions state the order of uses, so that nothing is lost.
    """
    work = _named(work)
    texts = _whole(work, orders=orders) if work.recipe.lto else _each(work, orders=orders)
    if isinstance(texts, BuildFailure):
        return texts
    return tuple(_COMMON_ORDERS.sub("", data.decode("utf-8", "replace")) for data in texts)


def _named(work: Work) -> Work:
    """Return the same work by a front end that keeps the names of values."""
    recipe = work.recipe.model_copy(update={"frontend": (*work.recipe.frontend, _NAMED)})
    return replace(work, candidate=work.candidate.model_copy(update={"recipe": recipe}))


def _each(work: Work, *, orders: bool) -> tuple[bytes, ...] | BuildFailure:
    made: list[bytes] = []
    for name, _ in work.files:
        text = _text(work, name, orders=orders)
        if isinstance(text, BuildFailure):
            return text
        made.append(text.read())
    return tuple(made)


def _text(work: Work, name: str, *, orders: bool) -> Made:
    setting, recipe, source = work.setting, work.recipe, work.source(name)
    if recipe.passes is None:
        flags = (*recipe.frontend, *(_ORDERS_IN_CLANG if orders else ()))
        return compile_to_ir(setting, source, flags, "optimized", "text")
    ir = compile_to_ir(setting, source, recipe.frontend)
    if isinstance(ir, BuildFailure):
        return ir
    options = (*recipe.pass_options, *(_ORDERS_IN_OPT if orders else ()))
    return optimize(setting, ir.read(), Passes(recipe.passes, options, work.profile), form="text")


def _whole(work: Work, *, orders: bool) -> tuple[bytes] | BuildFailure:
    merged = merge_modules(work)
    if isinstance(merged, BuildFailure):
        return merged
    passes = whole_passes(work.entries)
    if orders:
        passes = replace(passes, options=(*passes.options, *_ORDERS_IN_OPT))
    made = optimize(work.setting, merged.last.read(), passes, form="text")
    return made if isinstance(made, BuildFailure) else (made.read(),)
