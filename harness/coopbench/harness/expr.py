"""Shape expressions: integer arithmetic over a benchmark's scalar parameters.

`rows * cols`, `n + 1` or `max(n, 1)` say how long an array is. The grammar is a closed
subset of Python's, walked by hand: nothing is ever evaluated as code.
"""

import ast
import operator
from collections.abc import Callable, Mapping

from coopbench.harness.errors import UsageError

_BINARY: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_CALLS: dict[str, Callable[..., int]] = {"min": min, "max": max}


def names(text: str) -> frozenset[str]:
    """Return the parameters an expression refers to.

    Raises:
        UsageError: if the text is not a shape expression.
    """
    tree = _parse(text)
    calls = {
        n.func.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name)) - calls


def evaluate(text: str, scalars: Mapping[str, int | float]) -> int:
    """Return the expression's value for the given scalar arguments.

    Raises:
        UsageError: if the text is not a shape expression or names an unknown parameter.
    """
    return _walk(_parse(text), text, scalars)


def _parse(text: str) -> ast.expr:
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        raise UsageError(f"{text!r} is not a shape expression") from None
    _check(tree, text)
    return tree


def _check(node: ast.expr, text: str) -> None:
    match node:
        case ast.Constant(value=int()) | ast.Name():
            return
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _check(operand, text)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            _check(left, text)
            _check(right, text)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _CALLS and args:
            for arg in args:
                _check(arg, text)
        case _:
            raise UsageError(
                f"{text!r} is not a shape expression: use integers, scalar parameters, "
                "+ - * // %, min() and max()"
            )


def _walk(node: ast.expr, text: str, scalars: Mapping[str, int | float]) -> int:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=name):
            if name not in scalars:
                known = ", ".join(sorted(scalars)) or "none"
                raise UsageError(
                    f"{text!r} refers to {name!r}, which is no scalar parameter ({known})"
                )
            return int(scalars[name])
        case ast.UnaryOp(operand=operand):
            return -_walk(operand, text, scalars)
        case ast.BinOp(left=left, op=op, right=right):
            try:
                return _BINARY[type(op)](_walk(left, text, scalars), _walk(right, text, scalars))
            except ZeroDivisionError:
                raise UsageError(f"{text!r} divides by zero for {dict(scalars)}") from None
        case ast.Call(func=ast.Name(id=name), args=args):
            return _CALLS[name](*(_walk(a, text, scalars) for a in args))
    raise AssertionError(text)
