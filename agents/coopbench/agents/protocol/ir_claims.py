"""Attributes of functions and parameters: what an answer may claim, and what only passes may say.

A claim is the answer's risk: a wrong one makes a wrong program, which the tests are there to find.
"""

import re

from coopbench.agents.protocol.text import shortened

FUNCTION_ATTRIBUTES = frozenset(
    {"alwaysinline", "cold", "hot", "inlinehint", "minsize", "mustprogress", "nofree", "noinline"}
    | {"norecurse", "nosync", "nounwind", "optsize", "willreturn", "memory(none)", "memory(read)"}
    | {"memory(argmem: read)", "memory(argmem: write)", "memory(argmem: readwrite)"}
)
"""Claims about a function."""
PARAMETER_ATTRIBUTES = frozenset(
    {"noalias", "nonnull", "noundef", "readonly", "writeonly", "readnone", "nofree", "returned"}
    | {"captures(none)"}
)
"""Claims about a parameter, beside `align N` and `dereferenceable(N)`."""
_POINTER_ONLY = PARAMETER_ATTRIBUTES - {"noundef", "returned"}
_ALIGN = re.compile(r"align(?: (\d{1,4})|\((\d{1,4})\))")
_DEREFERENCEABLE = re.compile(r"dereferenceable\((\d{1,9})\)")
_SAME_KIND = {
    **dict.fromkeys(("readonly", "writeonly", "readnone"), "access"),
    **dict.fromkeys(("alwaysinline", "noinline"), "inlining"),
    **dict.fromkeys(("cold", "hot"), "frequency"),
}
"""Attributes that exclude each other: a later one takes the place of an earlier one."""
_OF_BODY = frozenset(
    {"readonly", "writeonly", "readnone", "nocapture", "nofree", "returned", "norecurse", "nosync"}
    | {"willreturn", "mustprogress", "nocallback", "noreturn", "speculatable", "dead_on_unwind"}
    | {"nocreateundeforpoison"}
)
_OF_BODY_STARTS = ("memory(", "captures(", "initializes(", "allockind(", "dead_on_return")
_OF_RESULT = re.compile(r"(noalias|noundef|nonnull)$|nofpclass\(|range\(|align |dereferenceable")


def depends_on_body(attribute: str) -> bool:
    """Whether passes find the attribute by looking at the body, so that another may not have it."""
    return attribute in _OF_BODY or attribute.startswith(_OF_BODY_STARTS)


def depends_on_result(word: str) -> bool:
    """Whether a word before a function's type says something about the values it returns."""
    return bool(_OF_RESULT.match(word))


def plain(attribute: str) -> str:
    """Return an attribute as LLVM prints it: one space between words, `align 8`."""
    text = " ".join(attribute.split())
    align = _ALIGN.fullmatch(text)
    return f"align {align[1] or align[2]}" if align else text


def kind_of(attribute: str) -> str:
    """Return what two attributes that replace each other have in common."""
    word = re.split(r"[ (=]", attribute, maxsplit=1)[0]
    return _SAME_KIND.get(word, word)


def parameter_objection(attribute: str, kind: str) -> str | None:
    """Return why a parameter of this type must not be claimed to have the attribute."""
    pointer = kind.startswith("ptr")
    if attribute in PARAMETER_ATTRIBUTES:
        unfit = attribute in _POINTER_ONLY and not pointer
        return f"{attribute} is for pointers, not for {shortened(kind)}" if unfit else None
    if align := _ALIGN.fullmatch(attribute):
        fits = pointer and int(align[1] or align[2]).bit_count() == 1
        return None if fits else f"{attribute}: only pointers, and only powers of two"
    if pointer and _DEREFERENCEABLE.fullmatch(attribute):
        return None
    return f"the parameter attribute {shortened(attribute)!r} is not on the list"


def replaced(attributes: tuple[str, ...], new: str) -> tuple[str, ...]:
    """Return attributes with one more, which takes the place of one of its kind."""
    if new in attributes:
        return attributes
    return (*(a for a in attributes if kind_of(a) != kind_of(new)), new)
