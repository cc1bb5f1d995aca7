"""Whatever a proposal says, it is refused with a reason or becomes a legal input."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.mixed_kernel import MIXED_TOML, violations

from coopbench.harness.benchmark import Benchmark, load_benchmark
from coopbench.harness.proposals_kernel import read_kernel
from coopbench.harness.proposals_program import read_program
from coopbench.harness.proposals_values import UnfitError
from coopbench.suites.catalog import curated

SCALARS = ("n", "k", "total", "scale")
ARRAYS = ("x", "wild", "ordered", "index", "starts", "order", "text", "twin", "out")
KINDS = (
    *("uniform", "normal", "small_integers", "constant", "few", "skewed", "ascending"),
    *("descending", "permutation", "offsets", "alphabet", "words", "utf8", "excerpt", "bits"),
)

numbers = st.one_of(
    st.integers(-3, 70),
    st.integers(),
    st.floats(allow_nan=True),
    st.floats(-2, 2, width=32),
    st.sampled_from(["nan", "inf", "-inf", "-0.0", -0.0, 5e-324, 2**32, 2**64 - 1]),
)
soup: Any = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=8,
)
distributions: Any = st.fixed_dictionaries(
    {"kind": st.sampled_from(KINDS)},
    optional={
        "seed": st.one_of(st.integers(0, 9), soup),
        "letters": st.one_of(st.text(), soup),
        "of": st.sampled_from(ARRAYS),
        "first": st.sampled_from(["0", "1", "n", "k - n", "n // 0", "m", "1 +", ""]),
        "last": st.sampled_from(["n", "k", "n * n", "max(n, 1) - 1"]),
        "damage": st.floats(0, 1),
    },
)
contents: Any = st.one_of(
    st.lists(numbers, max_size=12), st.lists(st.integers(32, 40), max_size=12), distributions, soup
)
workloads: Any = st.one_of(
    st.dictionaries(st.text(), soup),
    st.fixed_dictionaries(
        {},
        optional={
            "scalars": st.one_of(
                st.fixed_dictionaries({"n": st.integers(2, 12), "k": st.integers(2, 6)}),
                st.dictionaries(st.sampled_from(SCALARS), numbers),
                soup,
            ),
            "arrays": st.one_of(st.dictionaries(st.sampled_from(ARRAYS), contents), soup),
            "overlaps": st.one_of(
                st.fixed_dictionaries({"twin": st.integers(-3, 4)}),
                st.dictionaries(st.sampled_from(ARRAYS), numbers),
            ),
        },
    ),
)

LEGAL: dict[str, Any] = {
    "x": st.one_of(st.integers(-1000, 1000), st.sampled_from(["-0.0", 5e-324, -0.0])),
    "wild": st.sampled_from(["nan", "inf", "-inf", "-0.0", 2.5, 0, -999.5]),
    "ordered": st.integers(-5, 32767),
    "index": st.integers(0, 1),
    "starts": st.integers(1, 2),
    "order": st.integers(0, 5),
    "text": st.integers(32, 126),
    "twin": st.integers(32, 33),
}
ODD: dict[str, Any] = {
    "x": st.sampled_from(["nan", "inf", 1000.5, None, True]),
    "wild": st.sampled_from([2.6, 1e-40, 1e39, -1001]),
    "ordered": st.sampled_from([-6, 32768, 1.0]),
    "index": st.sampled_from([-1, 12, 0.5]),
    "starts": st.sampled_from([0, 13]),
    "order": st.sampled_from([-1, 7, 256]),
    "text": st.sampled_from([31, 127, "a"]),
    "twin": st.sampled_from([31, 127]),
}
"""Elements that break a rule."""


@st.composite
def listed(draw: st.DrawFn) -> dict[str, Any]:
    """Return a proposal that lists its arrays value by value, at most a few of them wrong."""
    k = draw(st.integers(2, 6))
    n = draw(st.integers(k, 12))
    lengths = {**dict.fromkeys(LEGAL, n), "wild": k, "starts": k + 1, "order": k}
    arrays: dict[str, Any] = {}
    for name in draw(st.sets(st.sampled_from(sorted(LEGAL)), min_size=1)):
        size = lengths[name]
        values = draw(st.lists(LEGAL[name], min_size=size, max_size=size))
        if name in {"ordered", "starts"} and draw(st.integers(0, 3)):
            values = sorted(values)
        if name == "starts" and draw(st.integers(0, 3)):
            values = [1, *values[1:-1], n]
        if name == "order" and draw(st.integers(0, 3)):
            values = draw(st.permutations(range(k)))
        if not draw(st.integers(0, 7)):
            values[draw(st.integers(0, size - 1))] = draw(ODD[name])
        arrays[name] = list(values)
    overlaps = draw(st.sampled_from([{}, {}, {"twin": 1}, {"twin": -2}]))
    return {"scalars": {"n": n, "k": k}, "arrays": arrays, "overlaps": overlaps}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    """Return a kernel with one parameter for each rule."""
    root: Path = tmp_path_factory.mktemp("mixed")
    (root / "benchmark.toml").write_text(MIXED_TOML)
    (root / "kernel.c").write_text("void mixed(void);")
    return load_benchmark(root)


Input = TypeVar("Input")
Reader = Callable[[Benchmark, dict[str, Any], str], Input]


def read(reader: Reader[Input], benchmark: Benchmark, workload: dict[str, Any]) -> Input | None:
    """Return the input of an accepted proposal; a refusal must say why in one line."""
    try:
        return reader(benchmark, workload, "t")
    except UnfitError as e:
        reason = str(e)
    assert reason.strip()
    assert len(reason.splitlines()) == 1
    return None


def accepted(mixed: Benchmark, workload: dict[str, Any]) -> bool:
    """Read a proposal; if it is accepted, hold it against the oracle."""
    item = read(read_kernel, mixed, workload)
    assert item is None or violations(item) == []
    return item is not None


@settings(max_examples=400)
@given(workloads)
def test_a_proposal_is_refused_or_legal(mixed: Benchmark, workload: dict[str, Any]) -> None:
    """No JSON raises anything else, and nothing illegal is ever accepted."""
    accepted(mixed, workload)


@settings(max_examples=400)
@given(listed())
def test_listed_values_are_refused_or_legal(mixed: Benchmark, workload: dict[str, Any]) -> None:
    """What is given value by value is taken exactly as it is, or refused."""
    item = read(read_kernel, mixed, workload)
    if item is None:
        return
    assert violations(item) == []
    for name, values in workload["arrays"].items():
        expected = np.array([float(v) for v in values], item.arrays[name].dtype)
        assert item.arrays[name].tobytes() == expected.tobytes()


@settings(max_examples=150)
@given(st.integers(2, 12), st.integers(2, 12), st.sampled_from(KINDS), st.integers(0, 5))
def test_legal_sizes_and_a_fitting_draw_are_accepted(
    mixed: Benchmark, n: int, k: int, kind: str, seed: int
) -> None:
    """Among sizes and kinds that fit the contract, what keeps it is accepted, and only that."""
    fitting = {"uniform", "constant", "few", "skewed", "ascending", "descending", "words"}
    workload = {
        "scalars": {"n": n, "k": k},
        "arrays": {"text": {"kind": kind, "seed": seed}},
    }
    done = accepted(mixed, workload)
    if n < k:
        assert not done
    elif kind in fitting:
        assert done


@settings(max_examples=200)
@given(
    st.sampled_from(["word_freq", "json_pretty", "nbody"]),
    st.fixed_dictionaries(
        {},
        optional={
            "args": st.one_of(st.lists(st.one_of(st.integers(), st.text()), max_size=3), soup),
            "stdin": st.one_of(
                st.text(),
                soup,
                st.fixed_dictionaries({"repeat": st.text(), "times": st.integers()}),
                st.fixed_dictionaries(
                    {"kind": st.sampled_from(["words", "bytes", "none"]), "size": numbers}
                ),
            ),
        },
    ),
)
def test_a_proposed_run_is_refused_or_legal(name: str, workload: dict[str, Any]) -> None:
    """Arguments are integers in their ranges, and standard input is no longer than the largest."""
    benchmark = next(b for b in curated().benchmarks if b.name == name)
    run = read(read_program, benchmark, workload)
    if run is None:
        return
    if name == "nbody":
        steps, seed = map(int, run.argv)
        assert 0 <= steps <= 200_000
        assert 0 <= seed < 1_000_000
        assert run.stdin == b""
    else:
        assert run.argv == ()
        assert len(run.stdin) <= 1_300_000 * 9 // 8 + 1024
