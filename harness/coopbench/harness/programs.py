"""Inputs of program benchmarks: argv and standard input from presets and seeds."""

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from coopbench.harness import expr
from coopbench.harness.benchmark import Benchmark, ProgramInterface
from coopbench.harness.errors import UsageError
from coopbench.harness.program_input import ProgramInput
from coopbench.harness.stdin_graph import EDGE_GRAPHS, graph
from coopbench.harness.stdin_values import EDGE_DOUBLES, EDGE_TABLES, csv, doubles

__all__ = ["ProgramInput", "edge_program_inputs", "make_program_input", "make_text"]

ALL_FRESH = 1 << 15
"""Standard input up to this many bytes is drawn without any repetition."""
PIECES = 64
"""Fresh pieces of which longer input is put together."""
MUTATIONS = 12
"""Randomly damaged inputs among a program's edge inputs."""


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
    stdin = make_text(interface.stdin.kind, size, seed)
    sizes = " ".join(f"{k}={v}" for k, v in values.items())
    return ProgramInput(f"{label} seed={seed} {sizes}".strip(), argv, stdin)


def make_text(kind: str, size: int, seed: int) -> bytes:
    """Return about `size` bytes of a kind of standard input (see `StdinSource`)."""
    return _KINDS[kind](np.random.default_rng(seed), size)


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
        **_SPECIAL.get(interface.stdin.kind, {}),
    }
    rng = np.random.default_rng(seed)
    for i in range(MUTATIONS):
        cases[f"mutated {i}"] = _mutated(text[:2000], rng)
    return tuple(ProgramInput(f"edge {name}", plain.argv, data) for name, data in cases.items())


_SPECIAL: dict[str, dict[str, bytes]] = {
    "json": {
        "deep": b"[" * 200 + b"]" * 200,
        "very deep": b"[" * 900 + b"]" * 900,
        "deep objects": b'{"a":' * 200 + b"1" + b"}" * 200,
        "unclosed": b"[" * 100,
        "leading zero": b"[01]",
        "negative zero": b"[-0, -0.0, 0e0, -01]",
        "control character": b'["a\x01b"]',
        "tab in string": b'["a\tb"]',
        "escapes": b'["\\u0041\\n\\/\\ud83d\\ude00", "\\x", "\\u12"]',
        "lone surrogate": b'["\\ud800"]',
        "numbers": b"[1e400, -1E-400, 1., .5, +1, 1e, 12345678901234567890]",
        "words": b"[true, false, null, tru, nullx]",
        "commas": b"[1,,2]",
        "trailing comma": b"[1,2,]",
        "two values": b"1 2",
        "empty ones": b'[[], {}, "", {"": []}]',
        "duplicate keys": b'{"a": 1, "a": 2}',
    },
    "words": {
        "one long word": b"w" * 5000 + b"\n",
        "case": b"Word word WORD wOrD\n",
        "digits and marks": b"a1 1a it's co-op x_y 42\n",
        "ties": b"b a d c b a d c\n",
        "last word": b"one two three",
        "high bytes": "caf\u00e9 na\u00efve \u00fcber".encode(),
        "nul bytes": b"a\0b c\0d\n",
        "white space": b"a\tb\vc\fd\re  f\x1cg\x85h\xa0i\n\n j",
    },
    "numbers": {
        "ascending": b"".join(b"%d\n" % i for i in range(-40, 40)),
        "descending": b"".join(b"%d\n" % i for i in range(40, -40, -1)),
        "equal": b"7\n" * 60,
        "extremes": b"-999999999999999999\n999999999999999999\n-1\n0\n-0\n1\n",
        "beyond 64 bits": b"1\n99999999999999999999\n",
        "no number": b"1\n2\nthree\n4\n",
        "lone minus": b"3\n-\n2\n",
        "blank line": b"3\n\n2\n",
        "spaces": b" 3\n2 \n",
        "carriage return": b"3\r\n2\r\n",
    },
    "graph": EDGE_GRAPHS,
    "csv": EDGE_TABLES,
    "doubles": EDGE_DOUBLES,
}
"""Inputs at which programs of a kind go wrong."""


def _mutated(text: bytes, rng: np.random.Generator) -> bytes:
    """Replace, lose, double or swap a few bytes, mostly by bytes that occur in the text."""
    data = bytearray(text)
    for _ in range(int(rng.integers(1, 4))):
        if not data:
            break
        at = int(rng.integers(len(data)))
        match int(rng.integers(4)):
            case 0:
                data[at] = data[int(rng.integers(len(data)))]
            case 1:
                del data[at]
            case 2:
                data.insert(at, data[at])
            case _:
                data[at] = int(rng.integers(256))
    return bytes(data)


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
    return _assembled(rng, size, _some_words)


def _json(rng: np.random.Generator, size: int) -> bytes:
    draw = random.Random(int(rng.integers(1 << 62)))  # noqa: S311 - benchmark input, no secret
    ascii_only = draw.random() < 0.5
    words = _some_words(rng, 2000).decode().split() or ["word"]

    def some_values(_rng: np.random.Generator, length: int) -> bytes:
        pieces: list[str] = []
        while length > 0:
            pieces.append(json.dumps(_json_value(draw, words, 0), ensure_ascii=ascii_only))
            length -= len(pieces[-1]) + 2
        return (", ".join(pieces) + ", ").encode()

    return b"[" + _assembled(rng, size, some_values)[:-2] + b"]" if size > 2 else b"[]"


def _assembled(
    rng: np.random.Generator, size: int, make: Callable[[np.random.Generator, int], bytes]
) -> bytes:
    """Return about `size` bytes: fresh pieces, and if it is much, fresh pieces in random order.

    A megabyte of all-new text takes longer to make than the program under test takes to read it.
    """
    if size <= ALL_FRESH:
        return make(rng, size)
    length = max(256, size // 32 // PIECES)
    pieces = [make(rng, length) for _ in range(PIECES)]
    mean = sum(map(len, pieces)) / PIECES
    order = rng.integers(PIECES, size=max(1, round(size / mean)))
    return b"".join(pieces[i] for i in order.tolist())


def _some_words(rng: np.random.Generator, size: int) -> bytes:
    letters = np.frombuffer(b"etaoinshrdlucmfwypvbgkjqxz", np.uint8)
    count = max(1, size // 12)
    vocabulary = [
        letters[np.minimum(rng.geometric(0.12, length) - 1, 25)].tobytes()
        for length in rng.integers(1, 11, max(4, count // 6)).tolist()
    ]
    ranks = np.minimum(rng.zipf(1.3, count * 3), len(vocabulary)) - 1
    marks = rng.random(count * 3)
    out: list[bytes] = []
    for rank, mark in zip(ranks.tolist(), marks.tolist(), strict=True):
        word = vocabulary[rank]
        out.append(word.capitalize() if mark < 0.08 else word)
        out.append(b"\n" if mark > 0.93 else b", " if mark > 0.87 else b" ")
    return b"".join(out)[:size]


def _json_value(draw: random.Random, words: list[str], depth: int) -> Any:
    kind = draw.randrange(8 if depth < 5 else 6)
    if kind <= 1:
        return draw.randrange(-(10**9), 10**9) // 10 ** draw.randrange(10)
    if kind == 2:
        return round(draw.gauss(0, 1) * 10.0 ** draw.randrange(-3, 6), 4)
    if kind == 3:
        return draw.choice((True, False, None))
    if kind <= 5:
        text = " ".join(draw.choices(words, k=draw.randrange(6)))
        return text + draw.choice('"\\\té') if draw.random() < 0.2 else text
    items = [_json_value(draw, words, depth + 1) for _ in range(draw.randrange(6))]
    if kind == 6:
        return items
    return {f"{draw.choice(words)}{i}": v for i, v in enumerate(items)}


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
    "graph": graph,
    "csv": lambda rng, size: _assembled(rng, size, csv),
    "doubles": doubles,
}
