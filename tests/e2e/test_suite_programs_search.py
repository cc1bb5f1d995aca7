"""The programs that count inversions and find shortest ways, against oracles in Python."""

import heapq
import re
from bisect import bisect_right, insort
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.e2e.test_suite_programs import Answer, build, inputs, reference, run

from coopbench.harness.programs import ProgramInput
from coopbench.suites.catalog import curated

pytestmark = pytest.mark.e2e

TESTS = Path(__file__).resolve().parent.parent
SANITIZED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")

LINE = re.compile(rb"-?[0-9]{1,18}")
NUMBER = re.compile(rb"[ \t\r\n]*([0-9]+)(?=[ \t\r\n]|\Z)")
FAILED = Answer(b"", 1)


def inversions(item: ProgramInput) -> Answer:
    """Insert each number into a sorted list: those to its right came before and are greater."""
    lines = item.stdin.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    if not all(LINE.fullmatch(line) for line in lines):
        return FAILED
    seen: list[int] = []
    count = 0
    for value in map(int, lines):
        count += len(seen) - bisect_right(seen, value)
        insort(seen, value)
    return Answer(b"%d\n" % count)


def numbers(text: bytes) -> Iterator[int | None]:
    """Yield the numbers at the beginning of a text, then None."""
    at = 0
    while (found := NUMBER.match(text, at)) is not None:
        yield int(found[1])
        at = found.end()
    while True:
        yield None


def dijkstra_scan(item: ProgramInput) -> Answer:
    """Search with Python's heap; every number is checked as it is read."""
    stream = numbers(item.stdin)
    vertices, edges = next(stream), next(stream)
    if vertices is None or edges is None or not 1 <= vertices <= 20_000 or edges > 10**6:
        return FAILED
    ways: dict[int, list[tuple[int, int]]] = {}
    for _ in range(edges):
        start, end, length = next(stream), next(stream), next(stream)
        if start is None or end is None or length is None:
            return FAILED
        if max(start, end) >= vertices or length > 10**9:
            return FAILED
        ways.setdefault(start, []).append((end, length))
    distance: dict[int, int] = {}
    todo = [(0, 0)]
    while todo:
        way, at = heapq.heappop(todo)
        if at not in distance:
            distance[at] = way
            for end, length in ways.get(at, ()):
                heapq.heappush(todo, (way + length, end))
    lines = [distance.get(v, -1) for v in range(vertices)]
    text = "".join(f"{d}\n" for d in lines) + f"sum {sum(distance.values())}\n"
    return Answer(text.encode())


ORACLES: dict[str, Callable[[ProgramInput], Answer]] = {
    "inversions": inversions,
    "dijkstra_scan": dijkstra_scan,
}
SPECIAL: dict[str, tuple[bytes, ...]] = {
    "inversions": (
        b"2\n1",
        b"2\n1\n",
        b"-",
        b"00\n-00\n",
        b"1" * 18,
        b"1" * 19,
        b"5\n\0\n",
        b"+5\n",
    ),
    "dijkstra_scan": (
        *(b"1 0|1 0 |01 00|1 0x|1 x|20000 0|20001 0|1 1000001".split(b"|")),
        *(b"2 1 0 1 1000000000x|2 1 0 1 -0|2 1\t0\r1\n5|4294967297 0|2 1 0 1 5 junk".split(b"|")),
        b"1 0\0",
        b"3 3 0 1 0 1 2 0 2 1 0",
    ),
}
every_program = pytest.mark.parametrize("name", sorted(ORACLES))


def all_inputs(name: str) -> Iterator[ProgramInput]:
    """Yield what every program is tried on, and inputs at which these two might go wrong."""
    yield from inputs(curated().benchmark(name))
    for text in SPECIAL[name]:
        yield ProgramInput(f"special {text!r}", (), text)


@every_program
def test_searching_program_agrees_with_oracle(name: str, tmp_path: Path) -> None:
    """The C source and its right rewrites do what the oracle says, valid input or not."""
    sources = [*reference(curated().benchmark(name)), *(TESTS / "variants" / name).glob("good_*.c")]
    answers = [(item, ORACLES[name](item)) for item in all_inputs(name)]
    assert sum(answer == FAILED for _, answer in answers) >= 5
    for source in sources:
        exe = build([source], tmp_path / source.stem)
        for item, answer in answers:
            assert run(exe, item) == answer, f"{source.name}: {item.label}"


@every_program
def test_wrong_searching_programs_differ(name: str, tmp_path: Path) -> None:
    """Each tempting wrong rewrite differs from the oracle on some input."""
    sources = sorted((TESTS / "variants" / name).glob("bad_*.c"))
    answers = [(item, ORACLES[name](item)) for item in all_inputs(name)]
    assert len(sources) >= 2
    for source in sources:
        exe = build([source], tmp_path / source.stem)
        assert any(run(exe, item) != answer for item, answer in answers), source.name


@every_program
def test_searching_program_is_sanitizer_clean(name: str, tmp_path: Path) -> None:
    """ASan and UBSan find nothing on any input."""
    exe = build(reference(curated().benchmark(name)), tmp_path / name, *SANITIZED)
    for item in all_inputs(name):
        assert run(exe, item) == ORACLES[name](item), item.label
