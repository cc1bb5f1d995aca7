"""Reads a proposed run of a program: `{"args": […], "stdin": …}`."""

import hashlib
import re
import string
from collections.abc import Mapping
from typing import get_args

from pydantic import JsonValue

from coopbench.harness import expr
from coopbench.harness.benchmark import Benchmark, ProgramInterface, StdinSource
from coopbench.harness.programs import ProgramInput, make_program_input, make_text
from coopbench.harness.proposals_values import UnfitError, shown

SEEDS = 1_000_000
"""An argument `{seed}` is below this, as in all inputs."""

_INTEGER = r"(0|-?[1-9][0-9]{0,17})"
_KINDS = tuple(k for k in get_args(StdinSource.model_fields["kind"].annotation) if k != "none")


def read_program(
    benchmark: Benchmark, workload: Mapping[str, JsonValue], label: str
) -> ProgramInput:
    """Return the run that a proposal describes; what it leaves out is as in the preset `test`.

    Any bytes are legal standard input, as a program gets damaged input in hidden tests too.

    Raises:
        UnfitError: naming the argument or the rule it breaks.
    """
    interface = benchmark.manifest.program
    assert interface is not None
    usual = make_program_input(benchmark, benchmark.manifest.sizes["test"], 0)
    args, stdin = workload.get("args"), workload.get("stdin")
    argv = usual.argv if args is None else _args(benchmark, interface, args)
    text = usual.stdin if stdin is None else _stdin(benchmark, interface, stdin)
    given = " ".join(argv)
    return ProgramInput(" ".join(f"{label} {given} stdin={len(text)} B".split()), argv, text)


def program_digest(item: ProgramInput) -> str:
    """Return a hash of a run's content, whatever it is called."""
    return hashlib.sha256(repr((item.argv, item.stdin)).encode()).hexdigest()


def _args(benchmark: Benchmark, interface: ProgramInterface, raw: JsonValue) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(raw) != len(interface.argv):
        what = " ".join(interface.argv) or "nothing"
        raise UnfitError(f'"args" must be a list of {len(interface.argv)}: {what}')
    values: dict[str, int] = {}
    for template, arg in zip(interface.argv, raw, strict=True):
        text = str(arg) if isinstance(arg, int) and not isinstance(arg, bool) else arg
        if not isinstance(text, str):
            raise UnfitError(f"argument {template!r} cannot be {shown(arg)}")
        for name, value in _fields(template, text).items():
            if values.setdefault(name, value) != value:
                raise UnfitError(f"{name!r} is {values[name]} in one argument, {value} in another")
    for name, value in values.items():
        low, high = _range(benchmark, name)
        if not low <= value <= high:
            raise UnfitError(f"{name!r} = {value} is outside {low} to {high}")
    return tuple(t.format_map(values) for t in interface.argv)


def _fields(template: str, text: str) -> dict[str, int]:
    """Return the values of a template's fields in an argument that was made from it."""
    names: list[str] = []
    pattern = ""
    for literal, name, _, _ in string.Formatter().parse(template):
        pattern += re.escape(literal)
        if name is not None:
            names.append(name)
            pattern += _INTEGER
    match = re.fullmatch(pattern, text)
    if match is None:
        raise UnfitError(f"argument {shown(text)} is not of the form {template!r} with integers")
    return dict(zip(names, map(int, match.groups()), strict=True))


def _range(benchmark: Benchmark, name: str) -> tuple[int, int]:
    """Return the smallest and the largest value that any preset or hidden input has."""
    if name == "seed":
        return 0, SEEDS - 1
    manifest = benchmark.manifest
    values = [v[name] for v in manifest.sizes.values() if name in v]
    values += manifest.hidden.get(name, (0,))
    return min(values), max(values)


def _stdin(benchmark: Benchmark, interface: ProgramInterface, raw: JsonValue) -> bytes:
    if interface.stdin.kind == "none":
        if raw != "":
            raise UnfitError("the program reads no standard input")
        return b""
    most = expr.evaluate(interface.stdin.size, benchmark.manifest.sizes["ref"])
    room = most + most // 8 + 1024  # what is generated is as long as asked only roughly
    text = bytearray()
    for piece in raw if isinstance(raw, list) else [raw]:
        text += _piece(piece, most, room - len(text))
        if len(text) > room:
            raise UnfitError(f"standard input is longer than the largest preset's {most} bytes")
    return bytes(text)


def _piece(raw: JsonValue, most: int, room: int) -> bytes:
    if isinstance(raw, str):
        return _encoded(raw)
    if isinstance(raw, dict) and "repeat" in raw:
        return _repeated(raw, room)
    if isinstance(raw, dict) and "kind" in raw:
        return _generated(raw, most)
    raise UnfitError(
        f'standard input must be text, {{"repeat": text, "times": n}}, {{"kind": …, "size": n}} '
        f"or a list of these, not {shown(raw)}"
    )


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise UnfitError("standard input has a lone surrogate, which UTF-8 cannot hold") from None


def _repeated(raw: Mapping[str, JsonValue], room: int) -> bytes:
    _only(raw, ("repeat", "times"))
    text, times = raw["repeat"], raw.get("times")
    if not isinstance(text, str):
        raise UnfitError(f'"repeat" must be text, not {shown(text)}')
    piece = _encoded(text)
    # One more than fits is enough for the caller to see that it is too much.
    return piece * min(_count(times, "times"), room // max(1, len(piece)) + 1)


def _generated(raw: Mapping[str, JsonValue], most: int) -> bytes:
    _only(raw, ("kind", "size", "seed"))
    kind = raw["kind"]
    if not isinstance(kind, str) or kind not in _KINDS:
        raise UnfitError(f'"kind" must be one of {", ".join(_KINDS)}, not {shown(kind)}')
    size, seed = _count(raw.get("size"), "size"), _count(raw.get("seed", 0), "seed")
    if size > most:
        raise UnfitError(f'"size" is at most {most}, as in the largest preset')
    return make_text(kind, size, seed)


def _count(raw: JsonValue, name: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw < 1 << 63:
        raise UnfitError(f'"{name}" must be an integer from 0 to 2**63 - 1, not {shown(raw)}')
    return raw


def _only(raw: Mapping[str, JsonValue], known: tuple[str, ...]) -> None:
    for key in raw:
        if key not in known:
            raise UnfitError(f"unknown key {shown(key)}; known are {', '.join(known)}")
