"""Proposed inputs of kernels: every rule of the contract, and what is filled in."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.support.mixed_kernel import MIXED_TOML

from coopbench.harness.benchmark import Benchmark, load_benchmark
from coopbench.harness.proposals_kernel import kernel_digest, read_kernel
from coopbench.harness.proposals_values import UnfitError


@pytest.fixture
def mixed(make_benchmark: Callable[..., Path]) -> Benchmark:
    """Return a kernel with one parameter for each rule."""
    return load_benchmark(make_benchmark(MIXED_TOML, "mixed", kernel="void mixed(void);"))


SIZES = {"n": 4, "k": 3}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"scalars": [1]}, '"scalars" must be an object'),
    ({"scalars": {"m": 1}}, "unknown scalar 'm'; the scalars are n, k, total, scale"),
    ({"scalars": {"n": 4.0}}, "n: 4.0 is no integer"),
    ({"scalars": {"n": True}}, "n: true is no integer"),
    ({"scalars": {"n": "4"}}, "n: '4' is no integer"),
    ({"scalars": {"n": -1}}, "n: -1 does not fit into size"),
    ({"scalars": {"n": 10**40}}, "n: an integer of 133 bits does not fit"),
    ({"scalars": {"k": 256}}, "k: 256 does not fit into u8"),
    ({"scalars": {"k": 1}}, "k = 1 is below the smallest legal value 2"),
    ({"scalars": {"k": 41}}, "k = 41 is above the largest legal value 40"),
    ({"scalars": {"n": 3, "k": 4}}, "requires n - k >= 0"),
    ({"scalars": {**SIZES, "total": 13}}, "'total' must be n . k = 12"),
    ({"scalars": {"scale": 0.2}}, "scale = 0.2.* is above the largest"),
    ({"scalars": {"scale": "inf"}}, "scale = inf is inf, which the contract excludes"),
    ({"scalars": {"scale": -0.0}}, "scale = -0.0 is negzero"),
    ({"scalars": {"scale": 1e-42}}, "scale = .* is denormal"),
    ({"scalars": {"scale": "NaN"}}, "scale: 'NaN' is no number; the words are"),
    ({"scalars": {"scale": False}}, "scale: false is no number"),
    ({"scalars": {"scale": 1e39}}, "does not fit into f32"),
    ({"scalars": {"scale": 10**400}}, "does not fit into f32"),
    ({"arrays": 5}, '"arrays" must be an object, not 5'),
    ({"arrays": {"out": [0.0]}}, "array 'out' is no input"),
    ({"arrays": {"y": [0.0]}}, "array 'y' is unknown; the input arrays are x, wild"),
    ({"arrays": {"x": 3}}, "array 'x' must be a list of values or"),
    ({"scalars": SIZES, "arrays": {"x": [1, 2, 3]}}, "3 values, but its shape n makes it 4"),
    ({"scalars": SIZES, "arrays": {"x": [1, 2, 3, "nan"]}}, r"x\[3\] = nan is nan"),
    ({"scalars": SIZES, "arrays": {"x": [1, 2, "-inf", 0]}}, r"x\[2\] = -inf is inf"),
    ({"scalars": SIZES, "arrays": {"x": [1, 1000.5, 0, 0]}}, r"x\[1\] .* above the largest"),
    ({"scalars": SIZES, "arrays": {"x": [1, None, 0, 0]}}, r"x\[1\]: null is no number"),
    ({"scalars": SIZES, "arrays": {"wild": [3.0, 0, 0]}}, r"wild\[0\] = 3.0 is above"),
    ({"scalars": SIZES, "arrays": {"wild": [0, 1e-40, 0]}}, r"wild\[1\] = .* is denormal"),
    ({"scalars": SIZES, "arrays": {"ordered": [1, 2, 1, 3]}}, r"ordered\[2\] = 1 is less than"),
    ({"scalars": SIZES, "arrays": {"ordered": [-6, 2, 2, 3]}}, r"ordered\[0\] = -6 is below"),
    ({"scalars": SIZES, "arrays": {"index": [0, 4, 0, 0]}}, r"index\[1\] = 4 is above .* \(max\(n, 1"),
    ({"scalars": SIZES, "arrays": {"index": [0, -1, 0, 0]}}, r"index\[1\]: -1 does not fit"),
    ({"scalars": SIZES, "arrays": {"index": [0, 1.5, 0, 0]}}, r"index\[1\]: 1.5 is no integer"),
    ({"scalars": SIZES, "arrays": {"starts": [0, 1, 2, 4]}}, "'starts' must hold offsets from 1 to n"),
    ({"scalars": SIZES, "arrays": {"starts": [1, 1, 2, 3]}}, "'starts' must hold offsets"),
    ({"scalars": SIZES, "arrays": {"starts": {"kind": "constant"}}}, "'starts' must hold offsets"),
    ({"scalars": SIZES, "arrays": {"order": [0, 1, 1]}}, "'order' must hold a permutation"),
    ({"scalars": SIZES, "arrays": {"text": [31, 40, 40, 40]}}, r"text\[0\] = 31 is below"),
    ({"arrays": {"text": {"kind": "alphabet", "letters": "a\n"}}}, r"text\[\d+\] = 10 is below"),
    ({"arrays": {"text": {"kind": "bits"}}}, r"text\[\d+\] = \d+ is (below|above)"),
    ({"arrays": {"text": {"kind": "small_integers"}}}, "'small_integers' does not fit it"),
    ({"arrays": {"text": {"kind": "zipf"}}}, "array 'text': 'kind': Input should be 'uniform'"),
    ({"arrays": {"text": {}}}, "array 'text': 'kind': Field required"),
    ({"arrays": {"text": {"kind": "words", "size": 3}}}, "'size': Extra inputs"),
    ({"arrays": {"text": {"kind": "words", "seed": -1}}}, '"seed" must be an integer'),
    ({"arrays": {"text": {"kind": "words", "seed": 1.5}}}, '"seed" must be an integer'),
    ({"arrays": {"text": {"kind": "utf8", "damage": 2}}}, '"damage" is a share'),
    ({"arrays": {"text": {"kind": "excerpt", "of": "twin"}}}, "no earlier input array"),
    ({"arrays": {"starts": {"kind": "offsets", "first": "__import__('os')"}}}, "is no expression"),
    ({"arrays": {"starts": {"kind": "offsets", "first": "n ** 9"}}}, "no shape expression|is not a"),
    ({"arrays": {"starts": {"kind": "offsets", "first": "m"}}}, "no scalar parameter"),
    ({"arrays": {"starts": {"kind": "offsets", "first": "99999999999"}}}, "beyond u32"),
    ({"scalars": {"n": 61, "k": 2}}, "array 'x' would have 61 elements; at most 60"),
    ({"scalars": {"n": 2**31 - 1, "k": 2}}, "array 'x' would have 2147483647 elements"),
    ({"scalars": {"n": 2**63, "k": 2}}, "total: 18446744073709551616 does not fit into u32"),
    ({"overlaps": {"x": 0}}, "array 'x' may not overlap another"),
    ({"overlaps": {"twin": 4}}, "the distance of 'twin' from 'text' must be an integer from -2 to 3"),
    ({"overlaps": {"twin": 1.0}}, "must be an integer from -2 to 3, not 1.0"),
    ({"overlaps": {"twin": True}}, "not true"),
    (
        {
            "scalars": {"n": 3, "k": 2},
            "arrays": {"text": [65, 66, 67], "twin": [66, 68, 69]},
            "overlaps": {"twin": 1},
        },
        "'twin' and 'text' overlap with different contents",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("workload", "reason"), REFUSED)
def test_what_breaks_a_rule_is_refused_by_name(
    mixed: Benchmark, workload: dict[str, Any], reason: str
) -> None:
    """Every violation is refused with the parameter and the rule in the reason, never mended."""
    with pytest.raises(UnfitError, match=reason):
        read_kernel(mixed, workload, "t")


def test_given_values_are_taken_as_they_are(mixed: Benchmark) -> None:
    """Scalars and contents arrive bit by bit as proposed, special values included."""
    workload: dict[str, Any] = {
        "scalars": {"n": 4, "k": 3, "total": 12, "scale": "nan"},
        "arrays": {
            "x": [1, -2.5, "-0.0", 5e-324],
            "wild": ["nan", "-inf", -0.0],
            "ordered": [-5, -5, 0, 32767],
            "index": [3, 0, 3, 1],
            "starts": [1, 1, 4, 4],
            "order": [2, 0, 1],
            "text": [65, 66, 67, 68],
            "twin": [67, 68, 32, 126],
        },
        "overlaps": {"twin": 2},
    }
    item = read_kernel(mixed, workload, "proposed 1: all")
    assert item.scalars["total"] == 12
    assert math.isnan(item.scalars["scale"])
    assert item.arrays["x"].tobytes() == np.array([1, -2.5, -0.0, 5e-324]).tobytes()
    assert np.isnan(item.arrays["wild"][0])
    assert item.arrays["wild"].dtype == np.dtype("<f4")
    assert item.arrays["ordered"].tolist() == [-5, -5, 0, 32767]
    assert item.overlaps == {"twin": 2}
    assert item.lengths["out"] == 4
    assert item.label == "proposed 1: all n=4 k=3 total=12 scale=nan"


def test_an_empty_proposal_is_the_preset(mixed: Benchmark) -> None:
    """What is left out is filled in: preset sizes, what follows from them, drawn contents."""
    item = read_kernel(mixed, {}, "t")
    assert (item.scalars["n"], item.scalars["k"], item.scalars["total"]) == (12, 4, 48)
    assert set(item.arrays) == {"x", "wild", "ordered", "index", "starts", "order", "text", "twin"}


def test_a_listed_array_gives_its_length(mixed: Benchmark) -> None:
    """A scalar that is the length of a listed array need not be given."""
    item = read_kernel(mixed, {"arrays": {"x": [0.0] * 9}}, "t")
    assert item.scalars["n"] == 9


@pytest.mark.parametrize(
    ("arrays", "sizes"),
    [
        ({"starts": [1, 2, 5, 9]}, {"k": 3}),
        ({"order": [1, 0, 2], "x": [0.0] * 7}, {"k": 3, "n": 7}),
    ],
)
def test_a_length_is_solved_for_its_scalar(
    mixed: Benchmark, arrays: dict[str, Any], sizes: dict[str, int]
) -> None:
    """Where a shape is more than a name, the scalar that makes it fit is found."""
    workload = {"scalars": {"n": 9}, "arrays": arrays} if "n" not in sizes else {"arrays": arrays}
    assert read_kernel(mixed, workload, "t").scalars.items() >= sizes.items()


def test_a_length_that_no_scalar_gives_is_refused(mixed: Benchmark) -> None:
    """An array that is shorter than its shape can be has no scalar to go with it."""
    with pytest.raises(UnfitError, match=r"array 'starts': 0 values, but its shape k \+ 1"):
        read_kernel(mixed, {"arrays": {"starts": []}}, "t")


def test_sizes_left_out_fit_the_given_ones(mixed: Benchmark) -> None:
    """If the preset does not fit what is given, fitting values are drawn."""
    item = read_kernel(mixed, {"scalars": {"k": 14}}, "t")
    assert item.scalars["k"] == 14
    assert 14 <= item.scalars["n"] <= 60


def test_two_lists_that_disagree_are_refused(mixed: Benchmark) -> None:
    """Two arrays of one shape must have one length."""
    arrays: dict[str, Any] = {"x": [0.0] * 9, "text": [65] * 8}
    with pytest.raises(UnfitError, match="array 'text': 8 values, but its shape n makes it 9"):
        read_kernel(mixed, {"arrays": arrays}, "t")


def test_draws_depend_on_the_seed_only(mixed: Benchmark) -> None:
    """The same proposal is the same input, and another seed another one."""
    found = []
    for seed, label in ((1, "a"), (1, "b"), (2, "a")):
        workload: dict[str, Any] = {"arrays": {"x": {"kind": "uniform", "seed": seed}}}
        found.append(kernel_digest(read_kernel(mixed, workload, label)))
    one, same, other = found
    assert one == same
    assert one != other


@pytest.mark.parametrize("kind", ["uniform", "words", "descending", "few", "skewed", "constant"])
def test_drawn_contents_keep_the_range(mixed: Benchmark, kind: str) -> None:
    """Every distribution that fits a parameter yields legal contents."""
    workload: dict[str, Any] = {"arrays": {"text": {"kind": kind, "seed": 3}}}
    item = read_kernel(mixed, workload, "t")
    text = item.arrays["text"]
    assert text.size == 12
    assert ((text >= 32) & (text <= 126)).all()
