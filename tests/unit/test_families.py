"""Families: what is drawn, how it becomes a benchmark, and what is said of a bad template."""

from pathlib import Path

import pytest
from tests.support.toy_family import BENCHMARK_TOML, FAMILY_TOML, KERNEL, write_family

from coopbench.harness.benchmark import load_benchmark
from coopbench.harness.errors import UsageError
from coopbench.harness.suite import find_suite, settle
from coopbench.suites.families import PUBLIC_VARIANTS, load_family
from coopbench.suites.variants import VariantSuite, from_seed, public


def test_a_variant_is_a_benchmark(tmp_path: Path) -> None:
    """The values drawn stand in sources and contract, and the name is the family's and a hash."""
    (variant,) = load_family(write_family(tmp_path)).variants(7, 1)
    benchmark = variant.benchmark
    family, digits = variant.name.rsplit("_", 1)
    assert (family, len(digits), int(digits, 16) >= 0) == ("affine", 8, True)
    assert benchmark.contract.function == variant.values["function"]
    assert f"* {variant.values['factor']}u" in benchmark.files["kernel.c"]
    assert [p.name for p in benchmark.contract.arrays] == variant.values["order"]


def test_a_written_variant_is_the_same_benchmark(tmp_path: Path) -> None:
    """The folder that `write` makes loads as the benchmark that the suite has in memory."""
    (variant,) = load_family(write_family(tmp_path / "families")).variants(7, 1)
    written = load_benchmark(variant.write(tmp_path / "suite"))
    assert written.digest == variant.benchmark.digest


def test_hidden_variants_are_never_public(tmp_path: Path) -> None:
    """A family of six variants has two public ones and gives the other four to any other seed."""
    small = FAMILY_TOML.split("[choices]")[0] + (
        '[choices]\nfactor = [3, 5, 7]\ntype = ["uint32_t", "uint64_t"]\n'
        'order = [["x", "y"]]\nfunction = ["stretch"]\n'
    )
    family = load_family(write_family(tmp_path, family=small))
    shown = {v.name for v in family.variants(0, PUBLIC_VARIANTS)}
    hidden = {v.name for v in family.variants(5, 4)}
    assert len(shown) == 2
    assert len(hidden) == 4
    assert not shown & hidden
    with pytest.raises(UsageError, match="has only 6 variants, of which 2 are public"):
        family.variants(5, 5)


def test_a_suite_has_every_family(tmp_path: Path) -> None:
    """The suite of a seed has `count` benchmarks of each family, in order of their names."""
    write_family(tmp_path)
    write_family(tmp_path, "bend", family=FAMILY_TOML.replace('"affine"', '"bend"'))
    suite = VariantSuite("families:7:3", tmp_path, 7, 3)
    names = [b.name for b in suite.benchmarks]
    assert names == sorted(names)
    assert sum(n.startswith("affine_") for n in names) == 3
    assert sum(n.startswith("bend_") for n in names) == 3


@pytest.mark.parametrize("rest", ["", "x", "-1", "1.5", "7:", "7:0", "7:101", "7:x", str(1 << 64)])
def test_a_bad_seed_is_refused(rest: str) -> None:
    """What is no seed, or no count, is answered with what to write."""
    if rest == "7:":
        assert from_seed("families:7:", rest).count == 1
        return
    with pytest.raises(UsageError, match="families:"):
        from_seed(f"families:{rest}", rest)


def test_a_secret_seed_is_drawn_anew_and_named() -> None:
    """`families:secret` becomes a seed that the plan can keep; other names stay as they are."""
    one, two = settle("families:secret:2"), settle("families:secret:2")
    assert one != two
    assert one.split(":")[::2] == ["families", "2"]
    assert find_suite(one).name == one
    assert settle("families:7") == "families:7"
    assert settle("some/folder:secret") == "some/folder:secret"


def test_the_public_suite_is_installed() -> None:
    """`families` names the public variants, without a seed."""
    assert find_suite("families").name == public().name == "families"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"kernel": KERNEL.replace("factor", "faktor")}, "kernel.c.j2.*'faktor' is undefined"),
        ({"kernel": "{% if %}"}, "kernel.c.j2: TemplateSyntaxError"),
        ({"benchmark": BENCHMARK_TOML.replace("{{ name }}", "other")}, "needs name = "),
        ({"benchmark": BENCHMARK_TOML + "]"}, "not valid TOML"),
        ({"benchmark": BENCHMARK_TOML.replace("title", "titel", 1)}, "unknown key 'titel'"),
        ({"family": FAMILY_TOML.replace("low = 3", "low = 3000")}, "is above high"),
        ({"family": FAMILY_TOML.replace('["affine_map", "stretch"]', "[]")}, "has no value"),
        ({"family": FAMILY_TOML.replace("factor", "name")}, "is given by us"),
        ({"family": FAMILY_TOML.replace('"affine"', '"other"')}, "differs from the folder's"),
        ({"family": "= 1"}, "not valid TOML"),
    ],
)
def test_a_broken_family_names_the_file_and_the_mistake(
    tmp_path: Path, broken: dict[str, str], said: str
) -> None:
    """One message says which file is wrong, and what is wrong with it."""
    with pytest.raises(UsageError, match=said):
        _ = load_family(write_family(tmp_path, **broken)).variants(0, 1)[0].benchmark


def test_a_folder_without_a_family_is_refused(tmp_path: Path) -> None:
    """A folder that has no family.toml is no family."""
    with pytest.raises(UsageError, match="is no family"):
        load_family(tmp_path)
