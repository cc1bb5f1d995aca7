"""The event simulation against an independent oracle in Python."""

import heapq
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
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


def evq_list(stdin: bytes) -> Answer:
    """Simulate with heapq, whose entries compare by time, then by the order of scheduling."""
    values = [int(digits) % 2**32 for digits in re.findall(rb"[0-9]+", stdin)]
    queue = [(v % 5000, m, m, v % 16, 0) for m, v in enumerate(values)]
    heapq.heapify(queue)
    free = [0] * 16
    lines, scheduled, events = [], len(queue), 0
    while queue:
        time, _, message, station, hop = heapq.heappop(queue)
        value = values[message]
        events += 1
        free[station] = max(time, free[station]) + 1 + (value + hop) % 2**32 % 7
        if hop == value % 5:
            lines.append(f"{free[station]} {message} {station}\n")
            continue
        there = free[station] + 40 + value % 90
        heapq.heappush(
            queue, (there, scheduled, message, (5 * station + value % 11 + 1) % 16, hop + 1)
        )
        scheduled += 1
    lines.append(f"{events} events, the last ended at {max(free)}\n")
    return Answer("".join(lines).encode())


def build(sources: list[Path], exe: Path, *options: str) -> Path:
    """Build a program from our own sources."""
    command = next((c for c in ("clang-19", "clang", "gcc") if shutil.which(c)), None)
    if command is None:
        pytest.skip("neither clang nor gcc is installed")
    words = [command, "-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([*words, *options, *map(str, sources), "-o", str(exe)], check=True)
    return exe


def reference() -> tuple[Benchmark, list[Path]]:
    """Return the benchmark and its translation units."""
    benchmark = curated().benchmark("evq_list")
    return benchmark, [benchmark.root / name for name in benchmark.files]


def run(exe: Path, stdin: bytes) -> Answer:
    """Run a program on one input."""
    done = subprocess.run([exe], input=stdin, capture_output=True, timeout=60, check=False)
    return Answer(done.stdout, done.returncode)


def inputs(benchmark: Benchmark) -> Iterator[ProgramInput]:
    """Yield generated inputs of several sizes, the edges, and crowds at the same time."""
    sizes = benchmark.manifest.sizes
    for preset in ("test", "small", "ref"):
        for seed in range(3):
            yield make_program_input(benchmark, sizes[preset], seed)
    for seed in range(12):
        rng = random.Random(seed)
        values = {name: rng.randint(*span) for name, span in benchmark.manifest.hidden.items()}
        yield make_program_input(benchmark, values, seed)
    yield from edge_program_inputs(benchmark, 5)
    for text in (
        b"7 " * 200,
        b"0 5000 10000 4294967295 4294967296 4294967297 99999999999999999999 -3",
        b"123x456,789",
        "".join(f"{5000 * i + 3}\n" for i in range(120)).encode(),
    ):
        yield ProgramInput(f"special {text[:20]!r}", (), text)


def test_event_queue_agrees_with_oracle(tmp_path: Path) -> None:
    """The C source does what an independent Python program does, on any bytes."""
    benchmark, sources = reference()
    exe = build(sources, tmp_path / "evq_list")
    for item in inputs(benchmark):
        assert run(exe, item.stdin) == evq_list(item.stdin), item.label


def test_variants_of_event_queue(tmp_path: Path) -> None:
    """Good variants do the same as the oracle on all inputs, bad ones differ on some."""
    benchmark, _ = reference()
    expected = [(item.stdin, evq_list(item.stdin)) for item in inputs(benchmark)]
    variants = sorted((VARIANTS / "evq_list").glob("*.c"))
    assert {v.name.split("_")[0] for v in variants} == {"good", "bad"}
    for variant in variants:
        subject = build([variant], tmp_path / variant.stem)
        same = all(run(subject, stdin) == answer for stdin, answer in expected)
        assert same == variant.name.startswith("good_"), variant.name


def test_event_queue_is_sanitizer_clean(tmp_path: Path) -> None:
    """ASan and UBSan find nothing on any input."""
    if shutil.which("clang-19") is None:
        pytest.skip("clang-19 is not installed")
    benchmark, sources = reference()
    options = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    exe = build(sources, tmp_path / "evq_list", *options)
    for item in inputs(benchmark):
        assert run(exe, item.stdin) == evq_list(item.stdin), item.label
