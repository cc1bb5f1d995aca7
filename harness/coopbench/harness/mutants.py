"""Makes wrong variants of C source: one small change each, chosen by a seed."""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coopbench.harness.mutation import mistakes, operators
from coopbench.harness.mutation.syntax import Edit, functions, parse, walk

if TYPE_CHECKING:
    from tree_sitter import Node

SHOWN = 60
"""Most characters of old and of new text in a description."""


@dataclass(frozen=True)
class Mutant:
    """A variant of a source with one change."""

    text: str
    description: str
    """What was changed, and in which line."""


def seed_mutants(source: str, function: str | None, count: int, seed: int) -> tuple[Mutant, ...]:
    """Return variants of C source, each with one change; some may be equivalent to it.

    The same arguments always give the same mutants. They are spread over the operators first
    and over the places then, so that a few of them show many kinds of mistakes.

    Args:
        source: C source text.
        function: Name of the function to change; None for all in the source.
        count: Most mutants to return.
        seed: Of the choice.
    """
    raw = source.encode()
    by_operator: dict[str, list[Edit]] = {}
    for node in functions(parse(raw), function):
        for edit in _edits(node):
            by_operator.setdefault(edit.operator, []).append(edit)
    chosen: dict[str, Mutant] = {}
    for edit in _interleaved(by_operator.values(), seed):
        if len(chosen) >= count:
            break
        changed = raw[: edit.start] + edit.new.encode() + raw[edit.end :]
        text = changed.decode()
        if text != source and text not in chosen and not parse(changed).has_error:
            chosen[text] = Mutant(text, _described(raw, edit))
    return tuple(chosen.values())


def _edits(function: "Node") -> Iterator[Edit]:
    body = function.child_by_field_name("body")
    if body is None:
        return
    yield from mistakes.aliasing(function)
    yield from mistakes.sizes(function)
    for node in walk(body):
        for operator in _OPERATORS.get(node.type, ()):
            yield from operator(node)


_OPERATORS: "dict[str, tuple[Callable[[Node], Iterator[Edit]], ...]]" = {
    "binary_expression": (operators.swapped, mistakes.recompared),
    "assignment_expression": (operators.swapped,),
    "for_statement": (mistakes.short, mistakes.backwards),
    "while_statement": (mistakes.short,),
    "number_literal": (operators.constant,),
    "expression_statement": (operators.dropped,),
    "if_statement": (operators.unchecked,),
    "conditional_expression": (operators.exchanged,),
    "declaration": (mistakes.retyped,),
}
"""By the type of the node that they change."""


def _interleaved(groups: Iterable[list[Edit]], seed: int) -> list[Edit]:
    """Return one edit of every operator, then a second one of each, and so on."""
    rng = random.Random(seed)  # noqa: S311 - a choice, no secret
    shuffled = [rng.sample(group, len(group)) for group in groups]
    rng.shuffle(shuffled)
    rounds = itertools.chain.from_iterable(itertools.zip_longest(*shuffled))
    return [edit for edit in rounds if edit is not None]


def _described(raw: bytes, edit: Edit) -> str:
    line = raw[: edit.start].count(b"\n") + 1
    old, new = (_short(t) for t in (raw[edit.start : edit.end].decode(), edit.new))
    change = f"`{old}` became `{new}`" if old else f"`{new}` came in"
    return f"line {line}: {edit.operator}: {change}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 3]}..."
