"""Our own hot paths under pytest-benchmark: what happens once per block or per launch."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from coopbench.harness.contract import Contract
from coopbench.harness.driver.arena import Arena, Placement
from coopbench.harness.driver.live import LiveArena
from coopbench.harness.measure.decision import StopRule, decide
from coopbench.harness.measure.sequence import confidence_sequence
from coopbench.harness.workload import make_input

pytestmark = pytest.mark.perf

Benchmark = Callable[..., Any]

CONTRACT = Contract.model_validate(
    {
        "function": "f",
        "parameters": [
            {"name": "y", "type": "f64", "shape": "n", "role": "out"},
            {"name": "x", "type": "f64", "shape": "n", "distributions": [{"kind": "uniform"}]},
            {"name": "n", "type": "size", "max": 100000},
        ],
    }
)


def test_confidence_sequence(benchmark: Benchmark) -> None:
    """The interval after 60 blocks."""
    d = np.random.default_rng(1).normal(0.003, 0.017, 60)
    assert benchmark(confidence_sequence, d, 0.05) is not None


def test_decide(benchmark: Benchmark) -> None:
    """The whole decision after 60 blocks."""
    d = np.random.default_rng(1).normal(0.003, 0.017, 60)
    assert benchmark(decide, d, StopRule()).blocks == 60


def test_make_input(benchmark: Benchmark) -> None:
    """One input of 256 KiB."""
    assert benchmark(make_input, CONTRACT, {"n": 32768}, 1).lengths["x"] == 32768


def test_arena(benchmark: Benchmark) -> None:
    """Laying out ten calls of 512 KiB each, and reading the results back."""
    items = [make_input(CONTRACT, {"n": 32768}, i) for i in range(10)]

    def once() -> str | None:
        arena = Arena(CONTRACT, items, Placement.RANDOM, np.random.default_rng(1))
        with LiveArena(arena) as live:
            return live.results().damage

    assert benchmark(once) is None
