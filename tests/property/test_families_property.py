"""Families for any seed: the same seed the same bytes, other seeds other benchmarks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.toy_family import write_family

from coopbench.suites.families import MOST_VARIANTS, PUBLIC_VARIANTS, Family, load_family
from coopbench.suites.variants import public

LEAST_VARIANTS = 200
"""Below that, a model could know a good part of a family by heart."""
SEEDS = st.integers(0, (1 << 64) - 1)


NAMES = tuple(f.name for f in public().families)


@pytest.fixture(scope="module", params=("affine", *NAMES))
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Family:
    """Return each shipped family, and a small one that needs no file of the project's."""
    if request.param == "affine":
        return load_family(write_family(tmp_path_factory.mktemp("families")))
    return next(f for f in public().families if f.name == request.param)


@settings(deadline=None, max_examples=12)
@given(seed=SEEDS)
def test_any_seed_renders_a_benchmark_that_loads(family: Family, seed: int) -> None:
    """Whatever is drawn, the templates make a valid kernel of that name, twice the same bytes."""
    (one,), (two,) = family.variants(seed, 1), family.variants(seed, 1)
    assert one.files == two.files
    assert one.benchmark.name == one.name
    assert one.benchmark.digest == two.benchmark.digest
    assert one.benchmark.contract.function in one.files["kernel.c"]


@settings(deadline=None, max_examples=5)
@given(seed=SEEDS, count=st.integers(2, 6))
def test_variants_differ(family: Family, seed: int, count: int) -> None:
    """Variants of a seed differ from each other in name and text, and begin alike for any count."""
    found = family.variants(seed, count)
    assert len({v.name for v in found}) == count
    assert len({(v.files["kernel.c"], v.files["benchmark.toml"]) for v in found}) == count
    assert found[0].name == family.variants(seed, 1)[0].name


@settings(deadline=None, max_examples=5)
@given(seed=SEEDS.filter(bool))
def test_other_seeds_give_no_public_variant(family: Family, seed: int) -> None:
    """What is public is never drawn as a hidden variant."""
    shown = {v.name for v in family.variants(0, PUBLIC_VARIANTS)}
    assert not shown & {v.name for v in family.variants(seed, 3)}


def test_a_family_is_too_large_to_be_learnt(family: Family) -> None:
    """Every family has far more variants than anybody would publish."""
    assert family.manifest.variants >= max(LEAST_VARIANTS, MOST_VARIANTS)


def test_there_are_eight_families() -> None:
    """The project ships at least eight families."""
    assert len(NAMES) >= 8
