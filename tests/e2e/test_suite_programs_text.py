"""The programs that read text and values against independent oracles in Python."""

import math
import random
import re
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.programs import ProgramInput, edge_program_inputs, make_program_input
from coopbench.suites.catalog import curated

pytestmark = pytest.mark.e2e

VARIANTS = Path(__file__).resolve().parent.parent / "variants"


@dataclass(frozen=True)
class Answer:
    """What a program must do with an input."""

    stdout: bytes
    status: int = 0


def count_words(item: ProgramInput) -> Answer:
    """Split by a regular expression for white space in the C locale."""
    words = re.findall(rb"[^ \t\n\v\f\r]+", item.stdin)
    return Answer(b"%d %d %d\n" % (item.stdin.count(b"\n"), len(words), len(item.stdin)))


def fmt_fixed(item: ProgramInput) -> Answer:
    """Round exact fractions, ties to even, and let no library format the digits."""
    whole = len(item.stdin) // 8 * 8
    values = struct.unpack(f"<{whole // 8}d", item.stdin[:whole])
    lines = "".join(f"{'-' * (math.copysign(1, v) < 0)}{magnitude(v)}\n" for v in values)
    return Answer(lines.encode(), 0 if whole == len(item.stdin) else 1)


def magnitude(value: float) -> str:
    """Return the absolute value with three decimals."""
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf"
    thousandths = f"{round(abs(Fraction(value)) * 1000):04d}"
    return f"{thousandths[:-3]}.{thousandths[-3:]}"


FIELD = re.compile(rb'("(?:[^"]|"")*(?:"|\Z))?([^,\n]*)(,|\n|\Z)')
NUMBER = re.compile(rb"[+-]?[0-9]+")


def records(data: bytes) -> Iterator[list[bytes]]:
    """Yield the fields of each record."""
    fields: list[bytes] = []
    at = 0
    while at < len(data) or fields:
        found = FIELD.match(data, at)
        assert found is not None
        quoted, tail, end = found.groups()
        if end == b"\n":
            tail = tail.removesuffix(b"\r")
        closed = (quoted or b"").removeprefix(b'"').replace(b'""', b"\0\0").removesuffix(b'"')
        fields.append(closed.replace(b"\0\0", b'"') + tail)
        at = found.end()
        if end != b",":
            if fields != [b""] or quoted is not None:
                yield fields
            fields = []


def csv_sum(item: ProgramInput) -> Answer:
    """Sum in unlimited integers and look at every partial sum."""
    rows = list(records(item.stdin))
    lines = []
    for column in range(max((len(row) for row in rows), default=0)):
        fields = [row[column] for row in rows if column < len(row)]
        numbers = [int(field) for field in fields if NUMBER.fullmatch(field)]
        total = within(numbers)
        text = "ERR" if total is None else str(total)
        lines.append(f"column {column + 1}: {text} ({len(numbers)} numbers)\n")
    return Answer(("".join(lines) + f"{len(rows)} records\n").encode())


def within(numbers: list[int]) -> int | None:
    """Return the sum, or None if a number or a partial sum exceeds 64 bits."""
    total = 0
    for number in numbers:
        total += number
        if not all(-(2**63) <= value < 2**63 for value in (number, total)):
            return None
    return total


ORACLES: dict[str, Callable[[ProgramInput], Answer]] = {
    "count_words": count_words,
    "csv_sum": csv_sum,
    "fmt_fixed": fmt_fixed,
}
every_program = pytest.mark.parametrize("name", sorted(ORACLES))


def build(source: Path, exe: Path, *options: str) -> Path:
    """Build a program of one file."""
    command = next((c for c in ("clang-19", "clang", "gcc") if shutil.which(c)), None)
    if command is None:
        pytest.skip("neither clang nor gcc is installed")
    words = [command, "-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off"]
    subprocess.run([*words, *options, str(source), "-o", str(exe), "-lm"], check=True)
    return exe


def run(exe: Path, item: ProgramInput) -> Answer:
    """Run a program on one input."""
    done = subprocess.run(
        [exe, *item.argv], input=item.stdin, capture_output=True, timeout=60, check=False
    )
    return Answer(done.stdout, done.returncode)


def inputs(benchmark: Benchmark) -> Iterator[ProgramInput]:
    """Yield generated inputs of several sizes, the edges, and random bytes that matter."""
    sizes = benchmark.manifest.sizes
    for seed in range(4):
        yield make_program_input(benchmark, sizes["test"], seed)
    yield make_program_input(benchmark, sizes["small"], 1)
    for seed in range(16):
        rng = random.Random(seed)
        values = {name: rng.randint(*span) for name, span in benchmark.manifest.hidden.items()}
        yield make_program_input(benchmark, values, seed)
    yield from edge_program_inputs(benchmark, 5)
    rng = random.Random(7)
    for i in range(60):
        text = bytes(rng.choices(b' \n\r\t\v",,"""-+0199a\xff', k=rng.randrange(60)))
        yield ProgramInput(f"letters {i}", (), text)
    for i in range(20):
        bits = rng.randbytes(8 * 50)
        yield ProgramInput(f"bits {i}", (), bits)


@every_program
def test_program_agrees_with_oracle_of_its_own(name: str, tmp_path: Path) -> None:
    """The C source does what an independent Python program does, on every input."""
    benchmark = curated().benchmark(name)
    exe = build(benchmark.root / "main.c", tmp_path / name)
    for item in inputs(benchmark):
        assert run(exe, item) == ORACLES[name](item), item.label


@every_program
def test_variants_of_text_programs(name: str, tmp_path: Path) -> None:
    """Good variants do the same as the reference on all inputs, bad ones differ on some."""
    benchmark = curated().benchmark(name)
    exe = build(benchmark.root / "main.c", tmp_path / "reference")
    expected = [(item, run(exe, item)) for item in inputs(benchmark)]
    variants = sorted((VARIANTS / name).glob("*.c"))
    assert {v.name.split("_")[0] for v in variants} == {"good", "bad"}
    for variant in variants:
        first = variant.read_text("utf-8").splitlines()[0]
        assert first.startswith("/* Wrong: ") == variant.name.startswith("bad_")
        subject = build(variant, tmp_path / variant.stem)
        same = all(run(subject, item) == answer for item, answer in expected)
        assert same == variant.name.startswith("good_"), variant.name


@every_program
def test_text_programs_are_sanitizer_clean(name: str, tmp_path: Path) -> None:
    """ASan and UBSan find nothing in the reference and the good variants, on any input."""
    if shutil.which("clang-19") is None:
        pytest.skip("clang-19 is not installed")
    benchmark = curated().benchmark(name)
    plain = build(benchmark.root / "main.c", tmp_path / "plain")
    options = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    for source in (benchmark.root / "main.c", *(VARIANTS / name).glob("good_*.c")):
        exe = build(source, tmp_path / source.stem, *options)
        for item in inputs(benchmark):
            assert run(exe, item) == run(plain, item), (source.name, item.label)
