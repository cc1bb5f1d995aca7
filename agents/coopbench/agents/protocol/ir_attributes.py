"""Claims attributes for a function in a module's text."""

import re
from collections.abc import Sequence
from dataclasses import replace

from coopbench.agents.protocol.ir_claims import (
    FUNCTION_ATTRIBUTES,
    parameter_objection,
    plain,
    replaced,
)
from coopbench.agents.protocol.ir_groups import Groups
from coopbench.agents.protocol.ir_text import Entity, Header, entities, read_header
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.text import shortened

_FOR_PARAMETER = re.compile(r"(.+?) (?:param(?:eter)? (\d{1,3})|(%[-\w.$]+))")
_MOST = 64


def add_attributes(module: str, function: str, attributes: Sequence[str]) -> str | Malformation:
    """Claim attributes for a function of a module.

    Args:
        module: The module.
        function: A function that it defines.
        attributes: `willreturn`, `alwaysinline`… for the function; `noalias param 0`,
            `align 16 %x`, `dereferenceable(64) param 1`… for its parameters, by index or name.

    Raises:
        KeyError: if the module does not define the function.
    """
    parts = tuple(entities(module))
    entity, header = find_function(parts, function)
    groups = Groups.of(parts)
    had = groups.attributes(header)
    own, new = had, header
    for attribute in map(plain, attributes[:_MOST]):
        if attribute in FUNCTION_ATTRIBUTES:
            own = replaced(own, attribute)
            continue
        added = _with_claim(new, attribute)
        if isinstance(added, str):
            text = f"{added[:1].upper()}{added[1:]}."
            return Malformation(Malformed.UNKNOWN_OPTION, text)
        new = added
    if new == header and own == had:
        return Malformation(Malformed.ECHO, "The function has all these attributes already.")
    new, group = groups.regrouped(new, own)
    lines = module.rstrip("\n").split("\n")
    lines[entity.start : entity.start + entity.header_lines] = [written(new)]
    return "\n".join((*lines, *([group] if group else ()), ""))


def find_function(parts: Sequence[Entity], function: str) -> tuple[Entity, Header]:
    """Return a function among a module's entities, with its header.

    Raises:
        KeyError: if the module does not define it.
    """
    for entity in parts:
        if entity.kind == "define" and entity.name.strip('"') == function.strip('"'):
            header = read_header(entity.text)
            if header is not None:
                return entity, header
    raise KeyError(function)


def written(header: Header) -> str:
    """Return the first line of a function."""
    parameters = ", ".join(p.written(p.attributes) for p in header.parameters)
    before = " ".join(("define", *header.prefix, header.returns))
    return " ".join((f"{before} @{header.name}({parameters})", *header.suffix, "{"))


def _with_claim(header: Header, attribute: str) -> Header | str:
    """Return the header with one more attribute of a parameter, or why it must not have it."""
    match = _FOR_PARAMETER.fullmatch(attribute)
    if match is None:
        return f"the attribute {shortened(attribute)!r} is not on the list"
    index = _index(header, match[2], match[3])
    if index is None:
        return f"{shortened(attribute)!r}: there is no such parameter"
    parameter = header.parameters[index]
    claim = plain(match[1])
    if (problem := parameter_objection(claim, parameter.type)) is not None:
        return problem
    parameters = list(header.parameters)
    parameters[index] = replace(parameter, attributes=replaced(parameter.attributes, claim))
    return replace(header, parameters=tuple(parameters))


def _index(header: Header, number: str | None, name: str | None) -> int | None:
    if number is not None:
        return int(number) if int(number) < len(header.parameters) else None
    names = [p.name for p in header.parameters]
    return names.index(name) if name in names else None
