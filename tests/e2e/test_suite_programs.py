"""The starter programs against independent oracles in Python."""

import json
import math
import random
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.programs import ProgramInput, edge_program_inputs, make_program_input
from coopbench.suites.catalog import starter

pytestmark = pytest.mark.e2e

VARIANTS = Path(__file__).resolve().parent.parent / "variants"


@dataclass(frozen=True)
class Answer:
    """What a program must do with an input."""

    stdout: bytes
    status: int = 0


def word_freq(item: ProgramInput) -> Answer:
    """Count with a regular expression and a Counter."""
    counts = Counter(word.lower() for word in re.findall(rb"[A-Za-z]+", item.stdin))
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return Answer(b"".join(b"%d %s\n" % (count, word) for word, count in ordered))


Vector = tuple[float, float, float]


@dataclass
class Body:
    """A body of the simulation."""

    place: Vector
    speed: Vector
    mass: float


def bodies(seed: int) -> list[Body]:
    """Draw the five bodies from a linear congruential generator."""
    drawn = []
    for _ in range(5 * 7):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        drawn.append((seed >> 11) / 2**52 - 1.0)
    rows = [drawn[i : i + 7] for i in range(0, 35, 7)]
    return [
        Body((x, y, z), (0.5 * u, 0.5 * v, 0.5 * w), 0.6 + 0.5 * m) for x, y, z, u, v, w, m in rows
    ]


def distance(a: Body, b: Body) -> tuple[Vector, float]:
    """Return the vector from one body to another and its softened square."""
    dx, dy, dz = (q - p for p, q in zip(a.place, b.place, strict=True))
    return (dx, dy, dz), dx * dx + dy * dy + dz * dz + 0.01


def energy(system: list[Body]) -> float:
    """Return the total energy, summed in the order of the program."""
    total = 0.0
    for i, a in enumerate(system):
        x, y, z = a.speed
        total += 0.5 * a.mass * (x * x + y * y + z * z)
        for b in system[i + 1 :]:
            total -= a.mass * b.mass / math.sqrt(distance(b, a)[1])
    return total


def advance(system: list[Body]) -> None:
    """Make one step: all velocities first, each from the others in order, then all places."""
    for a in system:
        for b in system:
            if a is not b:
                delta, square = distance(a, b)
                pull = b.mass * 0.001 / (square * math.sqrt(square))
                x, y, z = (v + d * pull for v, d in zip(a.speed, delta, strict=True))
                a.speed = (x, y, z)
    for a in system:
        x, y, z = (p + 0.001 * v for p, v in zip(a.place, a.speed, strict=True))
        a.place = (x, y, z)


def nbody(item: ProgramInput) -> Answer:
    """Integrate with Python floats, whose operations round like C's."""
    steps = int(item.argv[0])
    system = bodies(int(item.argv[1]))
    lines = []
    done = 0
    for report in range(9):
        for _ in range(done, steps * report // 8):
            advance(system)
        done = steps * report // 8
        lines.append(f"{done} {energy(system):.16e}\n")
    return Answer("".join(lines).encode())


NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
NUMBER_BEGUN = re.compile(
    rb"-?(?:(?:0|[1-9][0-9]*)(?:\.(?:[0-9]+(?:[eE][+-]?[0-9]*)?)?|[eE][+-]?[0-9]*)?)?"
)
STRING_BEGUN = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*')
ESCAPE_BEGUN = re.compile(rb"\\(?:u[0-9a-fA-F]{0,3})?")


def scalar_end(data: bytes, at: int) -> tuple[int, bool]:
    """Return where the scalar at an offset ends or goes wrong, and whether it is whole."""
    if data[at : at + 1] == b'"':
        found = STRING_BEGUN.match(data, at)
        assert found is not None
        end = found.end()
        if data[end : end + 1] == b'"':
            return end + 1, True
        escape = ESCAPE_BEGUN.match(data, end)
        return (escape.end() if escape else end), False
    for word in (b"true", b"false", b"null"):
        if data[at : at + 1] == word[:1]:
            same = next(
                (k for k in range(len(word)) if data[at + k : at + k + 1] != word[k : k + 1]), 4
            )
            whole = data.startswith(word, at)
            return at + (len(word) if whole else same), whole
    begun = NUMBER_BEGUN.match(data, at)
    assert begun is not None
    return begun.end(), NUMBER.fullmatch(begun.group()) is not None


MARKS = {
    "value": {b"[": "first", b"{": "first key"},
    "first": {b"[": "first", b"{": "first key", b"]": "after"},
    "first key": {b"}": "after"},
    "key": {},
    "colon": {b":": "value"},
}
"""A push-down automaton: which mark leads to which state. Anything else is a scalar or wrong."""


def marks(state: str, stack: bytes) -> dict[bytes, str]:
    """Return the marks that may come next, with the states they lead to."""
    if state != "after":
        return MARKS[state]
    if not stack:
        return {}
    return {b",": "value" if stack[-1:] == b"]" else "key", stack[-1:]: "after"}


def moved(stack: bytes, mark: bytes) -> bytes:
    """Return the closing brackets that are owed after a mark."""
    if mark in b"[{":
        return stack + (b"]" if mark == b"[" else b"}")
    return stack[:-1] if mark in b"]}" else stack


def first_wrong_byte(data: bytes) -> int | None:
    """Return the length of the longest start of some JSON document, or None if it is whole."""
    state, stack, at = "value", b"", 0
    while True:
        at = len(data) - len(data[at:].lstrip(b" \t\n\r"))
        mark = data[at : at + 1]
        if not mark:
            return None if state == "after" and not stack else at
        known = marks(state, stack)
        if mark in known:
            state, stack, at = known[mark], moved(stack, mark), at + 1
        elif state in ("after", "colon") or ("key" in state and mark != b'"'):
            return at
        else:
            at, whole = scalar_end(data, at)
            if not whole:
                return at
            state = "colon" if "key" in state else "after"


def refuse(constant: str) -> None:
    """Refuse what the json module accepts beyond the standard: NaN and the infinities."""
    raise ValueError(f"line 1 column 1: {constant} is no JSON")


def json_pretty(item: ProgramInput) -> Answer:
    """Print what the json module made, where its spelling is the input's; else find the error."""
    data = item.stdin
    wrong = first_wrong_byte(data)
    if wrong is None:
        document = json.loads(data.decode("latin-1"))  # bytes are characters to the program
        compact = json.dumps(document, ensure_ascii=False)
        assert compact == data.decode("latin-1").strip(), "the oracle knows this spelling only"
        return Answer(json.dumps(document, ensure_ascii=False, indent=2).encode("latin-1") + b"\n")
    with pytest.raises(ValueError, match=r"line \d+ column \d+"):
        json.loads(data.decode("latin-1"), parse_constant=refuse)
    if wrong == len(data):
        return Answer(b"error at byte %d: the document ends too early\n" % wrong, 1)
    return Answer(b"error at byte %d: unexpected byte 0x%02x\n" % (wrong, data[wrong]), 1)


ORACLES: dict[str, Callable[[ProgramInput], Answer]] = {
    "word_freq": word_freq,
    "json_pretty": json_pretty,
    "nbody": nbody,
}
every_program = pytest.mark.parametrize("name", sorted(ORACLES))


def build(sources: list[Path], exe: Path, *options: str) -> Path:
    """Build a program from our own sources."""
    command = next((c for c in ("clang-19", "clang", "gcc") if shutil.which(c)), None)
    if command is None:
        pytest.skip("neither clang nor gcc is installed")
    words = [command, "-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off"]
    subprocess.run([*words, *options, *map(str, sources), "-o", str(exe), "-lm"], check=True)
    return exe


def reference(benchmark: Benchmark) -> list[Path]:
    """Return the program's own translation units."""
    return [benchmark.root / name for name in benchmark.files if name.endswith(".c")]


def run(exe: Path, item: ProgramInput) -> Answer:
    """Run a program on one input."""
    done = subprocess.run(
        [exe, *item.argv], input=item.stdin, capture_output=True, timeout=60, check=False
    )
    return Answer(done.stdout, done.returncode)


def inputs(benchmark: Benchmark) -> Iterator[ProgramInput]:
    """Yield generated inputs of several sizes, the edges, and special ones by program."""
    sizes = benchmark.manifest.sizes
    for seed in range(4):
        yield make_program_input(benchmark, sizes["test"], seed)
    yield make_program_input(benchmark, sizes["small"], 1)
    for seed in range(12):
        rng = random.Random(seed)
        values = {name: rng.randint(*span) for name, span in benchmark.manifest.hidden.items()}
        yield make_program_input(benchmark, values, seed)
    yield from edge_program_inputs(benchmark, 5)
    argv = () if benchmark.manifest.program is None else benchmark.manifest.program.argv
    for text in SPECIAL.get(benchmark.name, ()):
        yield ProgramInput(f"special {text[:20]!r}", argv, text)


def damaged_documents() -> Iterator[bytes]:
    """Yield documents with one byte changed, lost or doubled."""
    text = json.dumps({"a b": [1, -2.5, 1e300, True, None, {}], "": ["x\n\u1234", [], {"k": "v"}]})
    rng = random.Random(1)
    for _ in range(150):
        at = rng.randrange(len(text))
        new = rng.choice(
            ["", text[at] * 2, rng.choice('{}[],:"\\ \t0123456789.-+eEtfnu/x\x00\x7f')]
        )
        changed = (text[:at] + new + text[at + 1 :]).encode()
        if first_wrong_byte(changed) is not None:
            yield changed


SPECIAL: dict[str, tuple[bytes, ...]] = {
    "word_freq": (
        b"b a c\na B c\n",
        b"don't stop-motion caf\xc3\xa9 \x00nul\x00",
        b"Z" * 100 + b" " + b"z" * 64 + b" " + b"z" * 63 + b" tail",
    ),
    "json_pretty": (
        *(b"0 1 -1 -0 0.5 1e9 1E+5 1e-5 00 01 -01 - 1. .5 1.e5 1e 1e+ +1 0x1 1a".split()),
        *(b"true false null tru truth nul nulls falsey NaN Infinity [] {} ] } , :".split()),
        b'""', b'"\\u12aF"', b'"\\u12g0"', b'"\\x"', b'"tab\there"', b'"\x7f"', b'"open', b'"\\',
        b"[1,]", b"[,1]", b"[1 2]", b'{"a"}', b'{"a":}', b"{1:2}", b'{"a": 1,}', b"[}", b"{]",
        b"  [ ]  ", b"[[[", b"[" * 70 + b"]" * 70, b"[" * 200, b'{"a": 1} x',
        *damaged_documents(),
    ),
}  # fmt: skip


DEPTH_LIMIT = 256
"""Levels of nesting that the pretty-printer accepts; the json module has no such limit."""


def spelled_plainly(item: ProgramInput) -> bool:
    """Whether the json module would write a valid document as it stands in the input."""
    if item.stdin.startswith(b"[" * (DEPTH_LIMIT + 1)):
        return False
    if first_wrong_byte(item.stdin) is not None:
        return True
    text = item.stdin.decode("latin-1")
    return json.dumps(json.loads(text), ensure_ascii=False) == text.strip()


@every_program
def test_program_agrees_with_oracle(name: str, tmp_path: Path) -> None:
    """The C sources do what an independent Python program does, valid input or not."""
    benchmark = starter().benchmark(name)
    exe = build(reference(benchmark), tmp_path / name)
    tried = 0
    for item in inputs(benchmark):
        if name == "json_pretty" and not spelled_plainly(item):
            continue
        assert run(exe, item) == ORACLES[name](item), item.label
        tried += 1
    assert tried >= 17


def nested(depth: int) -> bytes:
    """Return so many nested arrays, printed."""
    opened = "\n".join("  " * i + "[" for i in range(depth - 1))
    closed = "\n".join("  " * i + "]" for i in reversed(range(depth - 1)))
    return f"{opened}\n{'  ' * (depth - 1)}[]\n{closed}\n".encode()


@pytest.mark.parametrize(
    ("text", "pretty"),
    [
        (b'{"a":[1,2.50,{"b":{}}],"c":"\\u00e9\\/"}',
         b'{\n  "a": [\n    1,\n    2.50,\n    {\n      "b": {}\n    }\n  ],\n  "c": "\\u00e9\\/"\n}\n'),
        (b"[" * 256 + b"]" * 256, nested(256)),
        (b" -0.0e-0 ", b"-0.0e-0\n"),
        (b'["\xff",\n\n[ ] ]', b'[\n  "\xff",\n  []\n]\n'),
    ],
)  # fmt: skip
def test_json_keeps_the_spelling(text: bytes, pretty: bytes, tmp_path: Path) -> None:
    """Numbers and strings are printed as they were written, whatever the json module would do."""
    exe = build(reference(starter().benchmark("json_pretty")), tmp_path / "json_pretty")
    assert run(exe, ProgramInput("", (), text)) == Answer(pretty)


def test_json_gives_up_below_256_levels(tmp_path: Path) -> None:
    """The bracket that is one too many is the error."""
    exe = build(reference(starter().benchmark("json_pretty")), tmp_path / "json_pretty")
    answer = run(exe, ProgramInput("", (), b"[" * 257 + b"]" * 257))
    assert answer == Answer(b"error at byte 256: unexpected byte 0x5b\n", 1)


@every_program
def test_variants_of_programs(name: str, tmp_path: Path) -> None:
    """Good variants do the same as the reference on all inputs, bad ones differ on some."""
    benchmark = starter().benchmark(name)
    exe = build(reference(benchmark), tmp_path / "reference")
    expected = [(item, run(exe, item)) for item in inputs(benchmark)]
    variants = sorted((VARIANTS / name).glob("*.c"))
    assert {v.name.split("_")[0] for v in variants} == {"good", "bad"}
    for variant in variants:
        subject = build([variant], tmp_path / variant.stem)
        same = all(run(subject, item) == answer for item, answer in expected)
        assert same == variant.name.startswith("good_"), variant.name


@every_program
def test_programs_are_sanitizer_clean(name: str, tmp_path: Path) -> None:
    """ASan and UBSan find nothing on any input."""
    if shutil.which("clang-19") is None:
        pytest.skip("clang-19 is not installed")
    benchmark = starter().benchmark(name)
    options = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    exe = build(reference(benchmark), tmp_path / name, *options)
    plain = build(reference(benchmark), tmp_path / "plain")
    for item in inputs(benchmark):
        assert run(exe, item) == run(plain, item), item.label


def test_nbody_refuses_wrong_arguments(tmp_path: Path) -> None:
    """Anything but two arguments gives a usage line on standard error and status 2."""
    exe = build(reference(starter().benchmark("nbody")), tmp_path / "nbody")
    assert run(exe, ProgramInput("", ("5",), b"")) == Answer(b"", 2)
