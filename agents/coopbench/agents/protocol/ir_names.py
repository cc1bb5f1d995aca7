"""Gives names to the numbered values and blocks of an IR function."""

import re

from coopbench.agents.protocol.ir_text import (
    Entity,
    IrParameter,
    label_of,
    read_header,
    uncommented,
)

_UNNAMED = re.compile(r'"[^"\n]*"|%(\d+)(?![-\w.$])')
_UNNAMED_LABEL = re.compile(r"^(\d+):")
_PREFIXES = ("v", "val", "v.", "val.", "unnamed.")


def free_prefix(entity: Entity) -> str | None:
    """Return a prefix that makes names of numbers which the function does not use yet."""
    text = "\n".join((entity.text, *entity.body))
    free = (p for p in _PREFIXES if not re.search(rf"%{re.escape(p)}\d", text))
    return next(free, None)


def with_names(entity: Entity, prefix: str) -> tuple[str, tuple[str, ...]]:
    """Return header and body of a function in which no value or block is a bare number.

    Numbers must count without gaps and in order, which hardly any edit survives; so `%3` becomes
    `%v3`.
    """
    if not any(_has_number(line) for line in (entity.text, *entity.body)):
        return entity.text, entity.body
    header = read_header(entity.text)
    unnamed = 0 if header is None else sum(_is_unnamed(p) for p in header.parameters)
    first = next((s for line in entity.body if (s := uncommented(line).strip())), "")
    label = rf"{prefix}\1:"
    body = [_UNNAMED_LABEL.sub(label, _named(line, prefix), count=1) for line in entity.body]
    if label_of(first) is None:
        body.insert(0, f"{prefix}{unnamed}:")
    return _named(entity.text, prefix), tuple(body)


def _is_unnamed(parameter: IrParameter) -> bool:
    return not parameter.name or parameter.name[1:].isdigit()


def _has_number(line: str) -> bool:
    labelled = _UNNAMED_LABEL.match(line) is not None
    return labelled or any(m[1] for m in _UNNAMED.finditer(line))


def _named(line: str, prefix: str) -> str:
    return _UNNAMED.sub(lambda m: f"%{prefix}{m[1]}" if m[1] else m[0], line)
