"""The visible inputs as files: the very inputs that `check` uses, readable without our code."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from coopbench.harness.benchmark import load_benchmark
from coopbench.harness.kernel_cases import KernelCases
from coopbench.harness.program_cases import ProgramCases
from coopbench.harness.visible import visible_files

PROGRAM = """
name = "count"
kind = "program"
title = "Counts"
why = "fixture"
sources = ["main.c"]

[program]
argv = ["-n", "{lines}"]
stdin = { kind = "words", size = "lines * 20" }

[sizes]
test = { lines = 5 }
small = { lines = 50 }
ref = { lines = 500 }
"""


def test_kernel_files_hold_the_inputs_of_the_visible_tests(make_benchmark: Any) -> None:
    """Scalars, lengths and raw arrays give back every input, bit by bit."""
    benchmark = load_benchmark(make_benchmark())
    files = visible_files(benchmark)
    (batch,) = KernelCases(benchmark, None, b"secret").visible()  # type: ignore[arg-type]
    items = batch.inputs.items
    described = [json.loads(files[f"visible-{n}.json"]) for n in range(len(items))]
    assert len(files) == 2 * len(items) == 16
    for number, (item, call) in enumerate(zip(items, described, strict=True)):
        assert call["scalars"] == dict(item.scalars)
        assert {n: a["length"] for n, a in call["arrays"].items()} == dict(item.lengths)
        assert list(call["arrays"]) == ["out", "in"]
        assert call["arrays"]["out"]["file"] is None
        name = call["arrays"]["in"]["file"]
        assert name == f"visible-{number}.in.bin"
        read = np.frombuffer(files[name], "<u4")
        assert read.tobytes() == np.asarray(item.arrays["in"]).tobytes()
    assert len({f for n, f in files.items() if n.endswith(".bin")}) == 8, "inputs differ"


def test_program_files_hold_arguments_and_standard_input(make_benchmark: Any) -> None:
    """Each run is one list of arguments and one file of bytes."""
    folder: Path = make_benchmark(PROGRAM, "count", main="int main(void) { return 0; }")
    benchmark = load_benchmark(folder)
    files = visible_files(benchmark)
    (batch,) = ProgramCases(benchmark, None, b"secret").visible()  # type: ignore[arg-type]
    assert len(files) == 8
    for number, item in enumerate(batch.inputs):
        assert json.loads(files[f"visible-{number}.args.json"]) == list(item.argv)
        assert files[f"visible-{number}.stdin"] == item.stdin


def test_files_are_the_same_everywhere(make_benchmark: Any) -> None:
    """They depend on the benchmark alone, on no secret."""
    benchmark = load_benchmark(make_benchmark())
    one, two = (
        KernelCases(benchmark, None, secret).visible()[0]  # type: ignore[arg-type]
        for secret in (b"one", b"two")
    )
    assert [i.label for i in one.inputs.items] == [i.label for i in two.inputs.items]
    assert visible_files(benchmark) == visible_files(benchmark)
