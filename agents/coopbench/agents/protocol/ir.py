"""Shows one function of an LLVM IR module to a model, and puts its answer into the module.

The model sees a complete `define` without metadata, attribute groups and what passes found out
about the old body; the harness puts back what still holds. Whether the answer is valid IR is
for `opt` to say.
"""

from dataclasses import dataclass

from coopbench.agents.protocol.ir_attributes import find_function, written
from coopbench.agents.protocol.ir_callers import without_findings
from coopbench.agents.protocol.ir_claims import FUNCTION_ATTRIBUTES
from coopbench.agents.protocol.ir_function import (
    IrFunction,
    lasting,
    restored_header,
    shown_header,
)
from coopbench.agents.protocol.ir_groups import Groups
from coopbench.agents.protocol.ir_lines import Line
from coopbench.agents.protocol.ir_names import free_prefix
from coopbench.agents.protocol.ir_restore import restored
from coopbench.agents.protocol.ir_rules import (
    body_objection,
    brief_context,
    declarations,
    intrinsic_objection,
    library_declarations,
    new_intrinsics,
    new_tables,
    part_objection,
)
from coopbench.agents.protocol.ir_text import Entity, Header, comment_of, entities
from coopbench.agents.protocol.laziness import omission
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.text import readable, shortened


@dataclass(frozen=True)
class IrView:
    """One function as a model sees it."""

    function: str
    text: str
    """What it mentions of the module, as comments, and the whole `define`."""


def ir_functions(module: str) -> tuple[str, ...]:
    """Return the names of the functions that a module defines, in order."""
    return tuple(e.name.strip('"') for e in entities(module) if e.kind == "define" and e.name)


def ir_view(module: str, function: str) -> IrView:
    """Return a function as a model sees it.

    Raises:
        KeyError: if the module does not define it.
    """
    parts = tuple(entities(module))
    entity, _ = find_function(parts, function)
    shown = _read(entity, _prefix(entity, parts))
    context = [f"; {line}" for line in brief_context(shown.header, shown.lines, parts)]
    head = written(shown_header(shown.header))
    return IrView(function, "\n".join((*context, head, *shown.shown_lines(), "}")))


def splice_ir(module: str, function: str, code: str) -> str | Malformation:
    """Put an answer's version of a function in the place of the module's.

    Args:
        module: The module.
        function: The function.
        code: The answer's code.

    Raises:
        KeyError: if the module does not define the function.
    """
    text = readable(code)
    if isinstance(text, Malformation):
        return text
    parts = tuple(entities(module))
    entity, _ = find_function(parts, function)
    prefix = _prefix(entity, parts)
    old = _read(entity, prefix)
    comments = (c for line in text.split("\n") if (c := comment_of(line)))
    answer = tuple(entities(text))
    new = omission(comments, text, module) or _target(answer, function, prefix)
    if isinstance(new, Malformation):
        return new
    if problem := _objection(answer, new, old, parts):
        return problem
    made = restored_header(new.header, old.header, Groups.of(parts))
    if isinstance(made, Malformation):
        return made
    if _is_echo(new, old, made[0], answer, parts):
        text = f"The function {function!r} is the one you were given; answer with one that differs."
        return Malformation(Malformed.ECHO, text)
    lines = (written(made[0]), *restored(old, new), "}")
    spliced = _assembled(module, entity, lines, _added(new, answer, parts, made[1]))
    return without_findings(spliced, function)


def _prefix(entity: Entity, module: tuple[Entity, ...]) -> str | None:
    """Return what makes names of the function's numbers; None if its types are numbered as well."""
    numbered = any(p.kind == "type" and p.name.isdigit() for p in module)
    return None if numbered else free_prefix(entity)


def _read(entity: Entity, prefix: str | None) -> IrFunction:
    found = IrFunction.of(entity, prefix)
    assert found is not None, "find_function has read this header"
    return found


def _target(
    answer: tuple[Entity, ...], function: str, prefix: str | None
) -> IrFunction | Malformation:
    """Return the answer's version of the function, if it is there once and whole."""
    defined = [e for e in answer if e.kind == "define"]
    found = [e for e in defined if e.name.strip('"') == function.strip('"')]
    if not defined:
        text = f"There is no `define` of @{function}; answer with the whole function in LLVM IR."
        other = any(e.kind == "other" for e in answer)
        return Malformation(Malformed.WRONG_LANGUAGE if other else Malformed.NO_CODE, text)
    if not found:
        names = shortened(", ".join(e.name for e in defined))
        text = f"The function @{function} is not there (found: {names}); its name must stay."
        return Malformation(Malformed.CHANGED_SIGNATURE, text)
    if len(found) > 1:
        text = f"The function @{function} is there {len(found)} times; answer with one version."
        return Malformation(Malformed.TWO_CANDIDATES, text)
    if not found[0].closed:
        text = f"The function @{function} does not end with a line of its own: }}."
        return Malformation(Malformed.TRUNCATED, text)
    # One who uses the names that were made of numbers knows that new numbers are not named.
    uses_names = prefix is None or free_prefix(found[0]) != prefix
    read = IrFunction.of(found[0], None if uses_names else prefix)
    if read is None or not read.lines:
        text = f"The `define` of @{function} cannot be read, or its body is empty."
        return Malformation(Malformed.WRONG_LANGUAGE, text)
    return read


def _objection(
    answer: tuple[Entity, ...], new: IrFunction, old: IrFunction, module: tuple[Entity, ...]
) -> Malformation | None:
    if problem := body_objection([Line(" ".join(new.header.signature), "", ()), *new.lines]):
        return problem
    if new.header.signature != old.header.signature:
        text = f"Name, types and their order must stay: {shortened(old.header.brief, 300)}"
        return Malformation(Malformed.CHANGED_SIGNATURE, text)
    for part in answer:
        if part.kind == "define" and part.name.strip('"') == old.header.name.strip('"'):
            continue
        if problem := part_objection(part, module):
            return problem
    names = new_intrinsics(new.lines, module)
    return next((p for name in names if (p := intrinsic_objection(name))), None)


def _is_echo(
    new: IrFunction,
    old: IrFunction,
    header: Header,
    answer: tuple[Entity, ...],
    module: tuple[Entity, ...],
) -> bool:
    same = [line.plain for line in new.lines] == [line.plain for line in old.lines]
    parameters = header.parameters == lasting(old.header.parameters)
    claims = any(word in FUNCTION_ATTRIBUTES for word in new.header.suffix)
    return same and parameters and not claims and not any(new_tables(answer, module))


def _added(
    new: IrFunction, answer: tuple[Entity, ...], module: tuple[Entity, ...], group: str
) -> tuple[list[str], list[str]]:
    """Return what goes before and what goes behind the function."""
    declared = [*declarations(new_intrinsics(new.lines, module), answer)]
    declared += library_declarations(answer, module)
    return list(new_tables(answer, module)), [*declared, *([group] if group else [])]


def _assembled(
    module: str, entity: Entity, function: tuple[str, ...], added: tuple[list[str], list[str]]
) -> str:
    lines = module.rstrip("\n").split("\n")
    start = entity.start
    # LLVM's comment on the old body's attributes would be wrong now.
    if start and lines[start - 1].startswith("; Function Attrs:"):
        start -= 1
    before, behind = added
    return "\n".join((*lines[:start], *before, *function, *lines[entity.end :], *behind, ""))
