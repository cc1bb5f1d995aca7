"""Inputs of program benchmarks: argv and standard input from presets and seeds."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from coopbench.harness import expr
from coopbench.harness.benchmark import Benchmark, ProgramInterface
from coopbench.harness.errors import UsageError


@dataclass(frozen=True)
class ProgramInput:
    """One run's arguments and standard input."""

    label: str
    argv: tuple[str, ...]
    stdin: bytes


def make_program_input(
    benchmark: Benchmark, values: Mapping[str, int], seed: int, label: str = ""
) -> ProgramInput:
    """Make one input of a program.

    Args:
        benchmark: The program.
        values: The preset's named values; `seed` is added.
        seed: Seed of every random choice.
        label: Name of the input in reports.

    Raises:
        UsageError: if an argument refers to a value the preset does not have.
    """
    interface = benchmark.manifest.program
    if interface is None:
        raise AssertionError(f"{benchmark.name} is a kernel")
    argv = _arguments(interface, {**values, "seed": seed % 1_000_000}, benchmark.name)
    size = max(0, expr.evaluate(interface.stdin.size, values))
    stdin = _KINDS[interface.stdin.kind](np.random.default_rng(seed), size)
    sizes = " ".join(f"{k}={v}" for k, v in values.items())
    return ProgramInput(f"{label} seed={seed} {sizes}".strip(), argv, stdin)


def edge_program_inputs(benchmark: Benchmark, seed: int) -> tuple[ProgramInput, ...]:
    """Return inputs at the edge of a program's domain: empty, tiny, odd, damaged standard input."""
    interface = benchmark.manifest.program
    if interface is None or interface.stdin.kind == "none":
        return ()
    values = benchmark.manifest.sizes["test"]
    plain = make_program_input(benchmark, values, seed, "edge")
    text = plain.stdin
    cases = {
        "empty": b"",
        "newline": b"\n",
        "one byte": text[:1],
        "no final newline": text.rstrip(b"\n"),
        "cut in the middle": text[: len(text) // 2],
        "first byte lost": text[1:],
        "all bytes": bytes(range(256)),
        "long line": b"a" * 70_000,
        "repeated": text[:64] * 50,
    }
    return tuple(ProgramInput(f"edge {name}", plain.argv, data) for name, data in cases.items())


def _arguments(
    interface: ProgramInterface, values: Mapping[str, int], name: str
) -> tuple[str, ...]:
    try:
        return tuple(a.format_map(dict(values)) for a in interface.argv)
    except KeyError as e:
        raise UsageError(f"{name}: argv refers to {e}, which sizes does not define") from None


def _none(_rng: np.random.Generator, _size: int) -> bytes:
    return b""


def _words(rng: np.random.Generator, size: int) -> bytes:
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    count = max(1, size // 12)
    vocabulary = [
        "".join(letters[min(25, int(i))] for i in rng.geometric(0.12, int(rng.integers(1, 11))) - 1)
        for _ in range(max(4, count // 6))
    ]
    ranks = np.minimum(rng.zipf(1.3, count * 3), len(vocabulary)) - 1
    marks = rng.random(count * 3)
    out: list[str] = []
    for rank, mark in zip(ranks.tolist(), marks.tolist(), strict=True):
        word = vocabulary[rank]
        out.append(word.capitalize() if mark < 0.08 else word)
        out.append("\n" if mark > 0.93 else ", " if mark > 0.87 else " ")
    return "".join(out).encode()[:size]


def _json(rng: np.random.Generator, size: int) -> bytes:
    pieces: list[Any] = []
    length = 2
    while length < size:
        value = _json_value(rng, 0)
        pieces.append(value)
        length += len(json.dumps(value)) + 2
    return json.dumps(pieces, ensure_ascii=bool(rng.integers(2))).encode()


def _json_value(rng: np.random.Generator, depth: int) -> Any:
    kind = int(rng.integers(8 if depth < 5 else 6))
    if kind <= 1:
        return int(rng.integers(-(10**9), 10**9)) // 10 ** int(rng.integers(10))
    if kind == 2:
        return float(np.round(rng.normal() * 10.0 ** int(rng.integers(-3, 6)), 4))
    if kind == 3:
        return [True, False, None][int(rng.integers(3))]
    if kind <= 5:
        text = _words(rng, int(rng.integers(0, 30))).decode()
        return text + ('"\\\té'[int(rng.integers(4))] if rng.random() < 0.2 else "")
    items = [_json_value(rng, depth + 1) for _ in range(int(rng.integers(0, 6)))]
    if kind == 6:
        return items
    return {f"{_words(rng, 6).decode().strip()}{i}": v for i, v in enumerate(items)}


def _numbers(rng: np.random.Generator, size: int) -> bytes:
    digits = rng.integers(0, 19, max(1, size // 8))
    values = rng.integers(-(10**9), 10**9, digits.size) // 10 ** np.minimum(digits, 9)
    return "".join(f"{v}\n" for v in values.tolist()).encode()[:size]


def _bytes(rng: np.random.Generator, size: int) -> bytes:
    return rng.bytes(size)


def _lines(rng: np.random.Generator, size: int) -> bytes:
    data = rng.integers(32, 127, size, dtype=np.uint8)
    data[rng.random(size) < 0.02] = 10
    return data.tobytes()


_KINDS: dict[str, Callable[[np.random.Generator, int], bytes]] = {
    "none": _none,
    "words": _words,
    "json": _json,
    "numbers": _numbers,
    "bytes": _bytes,
    "lines": _lines,
}
