"""Generated inputs obey the contract they were made from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbench.harness.contract import Contract, ScalarType, Special
from coopbench.harness.errors import UsageError
from coopbench.harness.workload import derive_seed, make_input, rotated

KINDS = [
    "uniform",
    "constant",
    "few",
    "skewed",
    "ascending",
    "descending",
    "bits",
    "small_integers",
]


def contract(kind: str, dist: str, **more: object) -> Contract:
    """Return a kernel over one input array of a type and distribution."""
    array = {"name": "a", "type": kind, "shape": "n", "distributions": [{"kind": dist}], **more}
    return Contract.model_validate(
        {"function": "f", "parameters": [array, {"name": "n", "type": "size", "max": 500}]}
    )


@given(
    st.sampled_from(list(ScalarType)),
    st.sampled_from(KINDS),
    st.integers(0, 200),
    st.integers(0, 2**62),
)
def test_arrays_have_the_declared_type_and_length(
    kind: ScalarType, dist: str, n: int, seed: int
) -> None:
    """Whatever the type and distribution, length and element type are the contract's."""
    made = make_input(contract(kind.value, dist), {"n": n}, seed)
    assert made.arrays["a"].dtype == kind.dtype
    assert made.arrays["a"].shape == (n,)


@given(
    st.sampled_from(["uniform", "constant", "few", "skewed", "ascending", "normal"]),
    st.integers(0, 2**62),
)
def test_values_stay_inside_the_contract(dist: str, seed: int) -> None:
    """No generated value lies outside the declared range."""
    made = make_input(contract("f64", dist, min=-3, max=5), {"n": 300}, seed)
    assert np.all((made.arrays["a"] >= -3) & (made.arrays["a"] <= 5))


@given(st.sets(st.sampled_from(list(Special))), st.integers(0, 2**62))
def test_special_floats_occur_only_where_allowed(allowed: set[Special], seed: int) -> None:
    """Random bit patterns are cleaned of every class of special value the contract excludes."""
    c = contract("f32", "bits", special=sorted(allowed))
    a = make_input(c, {"n": 500}, seed).arrays["a"]
    tiny = np.finfo(np.float32).tiny
    assert Special.NAN in allowed or not np.isnan(a).any()
    assert Special.INF in allowed or not np.isinf(a).any()
    assert Special.NEGZERO in allowed or not ((a == 0) & np.signbit(a)).any()
    assert Special.DENORMAL in allowed or not ((np.abs(a) < tiny) & (a != 0)).any()


@given(st.integers(0, 2**62))
def test_the_same_seed_gives_the_same_input(seed: int) -> None:
    """Inputs are a pure function of contract, sizes and seed."""
    c = contract("i32", "uniform")
    one, two = (make_input(c, {}, seed) for _ in range(2))
    assert one.scalars == two.scalars
    assert one.arrays["a"].tobytes() == two.arrays["a"].tobytes()


def test_offsets_run_from_first_to_last() -> None:
    """CSR-like offsets start at `first`, end at `last` and never fall."""
    c = Contract.model_validate(
        {
            "function": "f",
            "parameters": [
                {"name": "row", "type": "u32", "shape": "rows + 1", "sorted": True,
                 "distributions": [{"kind": "offsets", "first": "0", "last": "nnz"}]},
                {"name": "rows", "type": "size", "max": 50},
                {"name": "nnz", "type": "size", "max": 400},
            ],
        }
    )  # fmt: skip
    for seed in range(20):
        made = make_input(c, {"rows": 17}, seed)
        row = made.arrays["row"]
        assert row[0] == 0
        assert row[-1] == made.scalars["nnz"]
        assert np.all(np.diff(row.astype(np.int64)) >= 0)


def test_requires_is_obeyed_and_impossible_ones_are_named() -> None:
    """Scalars are redrawn until `requires` holds; if it cannot, the message says so."""
    base = {
        "function": "f",
        "parameters": [{"name": n, "type": "size", "max": 100} for n in ("len", "dst", "count")],
    }
    c = Contract.model_validate({**base, "requires": ["len - dst - count"]})
    for seed in range(50):
        s = make_input(c, {}, seed).scalars
        assert s["dst"] + s["count"] <= s["len"]
    with pytest.raises(UsageError, match="no scalars satisfy"):
        make_input(Contract.model_validate({**base, "requires": ["0 - len - 1"]}), {}, 1)


def test_utf8_text_is_valid_without_damage() -> None:
    """Text of the `utf8` distribution decodes strictly, whatever its length."""
    c = contract("u8", "utf8")
    for seed in range(200):
        make_input(c, {"n": seed % 67}, seed).arrays["a"].tobytes().decode("utf-8", "strict")


def test_derived_seeds_depend_on_the_secret_and_every_part() -> None:
    """Different secrets or paths give different seeds; the same give the same."""
    seeds = [derive_seed(s, *p) for s in (b"a", b"b") for p in (("x", 1), ("x", 2), ("x1",))]
    assert len(set(seeds)) == len(seeds)
    assert derive_seed(b"a", "x", 1) == seeds[0]


@given(
    st.sampled_from(["uniform", "bits", "words", "utf8"]),
    st.integers(2, 300),
    st.integers(0, 2**62),
)
def test_rotated_inputs_are_legal_and_hold_the_same_values(dist: str, n: int, seed: int) -> None:
    """A rotation keeps the multiset of values, and never cuts a UTF-8 sequence."""
    c = contract("u8", dist)
    base = make_input(c, {"n": n}, seed)
    turned = rotated(c, base, seed + 1)
    assert turned is not None
    assert sorted(turned.arrays["a"]) == sorted(base.arrays["a"])
    if dist == "utf8":
        turned.arrays["a"].tobytes().decode("utf-8", "strict")


def test_arrays_whose_order_matters_are_not_rotated() -> None:
    """Where no array can be rotated the caller is told to draw afresh."""
    c = contract("u8", "ascending")
    assert rotated(c, make_input(c, {"n": 50}, 1), 2) is None
