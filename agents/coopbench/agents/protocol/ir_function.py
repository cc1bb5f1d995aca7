"""One IR function taken apart: what a model is shown of its header, and what is restored of it."""

import re
from dataclasses import dataclass, replace

from coopbench.agents.protocol.ir_claims import (
    FUNCTION_ATTRIBUTES,
    depends_on_body,
    depends_on_result,
    parameter_objection,
    plain,
    replaced,
)
from coopbench.agents.protocol.ir_groups import Groups
from coopbench.agents.protocol.ir_lines import Line, take_apart
from coopbench.agents.protocol.ir_names import with_names
from coopbench.agents.protocol.ir_text import (
    NAME,
    Entity,
    Header,
    IrParameter,
    read_header,
    uncommented,
)
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.text import shortened

_IGNORED_SUFFIX = ("unnamed_addr", "local_unnamed_addr", "dso_local", "comdat", "#", "!")
_ORDER = re.compile(r"\s*uselistorder\b")
_TARGET = re.compile(rf"\blabel %({NAME})")


@dataclass(frozen=True)
class IrFunction:
    """A function with its lines taken apart."""

    header: Header
    lines: list[Line]
    orders: list[str]
    """Lines that state the order of a value's uses, on which some code generation depends."""

    @staticmethod
    def of(entity: Entity, prefix: str | None) -> "IrFunction | None":
        """Take a function apart, None if its header cannot be read.

        Args:
            entity: The function.
            prefix: Makes names of the numbers of values and blocks; None: they stay.
        """
        text, body = (entity.text, entity.body) if prefix is None else with_names(entity, prefix)
        header = read_header(text)
        if header is None:
            return None
        lines = [line for raw in body if (line := take_apart(raw)) is not None]
        orders = [" ".join(s.split()) for s in map(uncommented, body) if _ORDER.match(s)]
        return IrFunction(header, lines, orders)

    def shown_lines(self) -> list[str]:
        """Return the body; labels come with their predecessors, which helps to write phis."""
        before: dict[str, list[str]] = {}
        block = ""
        for line in self.lines:
            block = line.label or block
            for target in _TARGET.findall(line.code):
                before.setdefault(target, []).append(f"%{block}")
        return [line.code + _note(before.get(line.label or "", [])) for line in self.lines]


def shown_header(header: Header) -> Header:
    """Return a header without what is restored later or passes found out about the body."""
    return replace(header, prefix=(), parameters=lasting(header.parameters), suffix=())


def lasting(parameters: tuple[IrParameter, ...]) -> tuple[IrParameter, ...]:
    """Return parameters with those attributes only that hold for any body."""
    return tuple(
        replace(p, attributes=tuple(a for a in p.attributes if not depends_on_body(a)))
        for p in parameters
    )


def restored_header(new: Header, old: Header, groups: Groups) -> tuple[Header, str] | Malformation:
    """Return the header for the module, and the attribute group to define for it (or nothing).

    From the old one come linkage, calling convention and what holds for any body; from the new
    one the names of parameters, and claims.
    """
    parameters, problem = _claimed(new.parameters, lasting(old.parameters))
    own = tuple(a for a in groups.attributes(old) if not depends_on_body(a))
    for word in new.suffix:
        if word in FUNCTION_ATTRIBUTES:
            own = replaced(own, word)
        elif not word.startswith(_IGNORED_SUFFIX) and word not in old.suffix:
            problem = problem or f"the function attribute {shortened(word)!r} is not on the list"
    if problem is not None:
        return Malformation(Malformed.UNKNOWN_OPTION, f"{problem[:1].upper()}{problem[1:]}.")
    prefix = tuple(w for w in old.prefix if not depends_on_result(w))
    return groups.regrouped(replace(old, prefix=prefix, parameters=parameters), own)


def _claimed(
    new: tuple[IrParameter, ...], old: tuple[IrParameter, ...]
) -> tuple[tuple[IrParameter, ...], str | None]:
    """Return the new parameters with the old attributes and their own claims, or what is wrong."""
    found = []
    problem: str | None = None
    for mine, theirs in zip(new, old, strict=True):
        attributes = theirs.attributes
        for claim in map(plain, mine.attributes):
            if claim not in attributes:
                problem = problem or parameter_objection(claim, mine.type)
                attributes = replaced(attributes, claim)
        found.append(replace(mine, attributes=attributes))
    return tuple(found), problem


def _note(predecessors: list[str]) -> str:
    return f"  ; preds = {', '.join(dict.fromkeys(predecessors))}" if predecessors else ""
