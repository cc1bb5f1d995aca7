"""Suites of benchmark folders: what is found, and what is said when something is wrong."""

import dataclasses
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from coopbench.harness.errors import UsageError
from coopbench.suites.catalog import Suite, open_suite, starter

REQUIRED = {
    "core": {
        "gemm_ijk", "jacobi5", "spmv_short", "scan_wrap", "hist_skew", "find_sub", "utf8_check",
        "crc_stream", "edit_distance", "word_freq", "json_pretty", "nbody",
    },
    "traps": {"sum_strict", "copy_overlap"},
    "controls": {"chain_mix"},
}  # fmt: skip
"""What the starter suite promises, whatever else it has."""

Maker = Callable[[str], Path]


@pytest.fixture
def put(tmp_path: Path, make_benchmark: Callable[..., Path], scan_toml: str) -> Maker:
    """Return a function that writes a valid benchmark at a path below the suite's folder."""

    def write(path: str) -> Path:
        name = path.rsplit("/", 1)[-1]
        toml = scan_toml.replace('name = "scan"', f'name = "{name}"')
        return make_benchmark(toml, name=f"suite/{path}")

    (tmp_path / "suite").mkdir()
    return write


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Return the suite in the folder that `put` writes to."""
    found = open_suite(tmp_path / "suite")
    assert isinstance(found, Suite)
    return found


def test_starter_has_what_it_promises() -> None:
    """The starter suite has at least the 12 kernels and 3 programs, each in its group's folder."""
    suite = starter()
    for group, names in REQUIRED.items():
        for name in names:
            assert suite.folders[name] == suite.root / group / name
    kernels = [b for b in suite.benchmarks if b.is_kernel]
    assert len(kernels) >= 12
    assert len(suite.benchmarks) - len(kernels) >= 3


@pytest.mark.parametrize("name", starter().names)
def test_starter_benchmark_is_well_described(name: str) -> None:
    """Every benchmark loads, says why it is there, names its room, sizes and hidden ranges."""
    manifest = starter().benchmark(name).manifest
    folder = starter().folders[name].parent.name
    assert manifest.group == folder
    assert len(manifest.why) > 60
    assert manifest.tags
    assert bool(manifest.room) == bool(manifest.room_note) == (manifest.group != "controls")
    (named,) = {frozenset(values) for values in manifest.sizes.values()}
    assert set() < set(manifest.hidden) <= named
    for key, (low, high) in manifest.hidden.items():
        assert 0 <= low < high
        assert manifest.sizes["test"][key] <= manifest.sizes["ref"][key]


@pytest.mark.parametrize("name", [b.name for b in starter().benchmarks if b.is_kernel])
def test_starter_kernel_is_self_contained(name: str) -> None:
    """A kernel is one file that includes only the headers the contract's users may expect."""
    benchmark = starter().benchmark(name)
    allowed = {"stdint.h", "stddef.h", "string.h", "math.h", "stdlib.h", "limits.h"}
    text = benchmark.files["kernel.c"]
    includes = {line.split("<")[1].rstrip(">") for line in text.splitlines() if "#include" in line}
    assert set(benchmark.files) == {"kernel.c"}
    assert includes <= allowed
    assert benchmark.contract.function == name


def test_starter_is_registered() -> None:
    """The entry point `starter` leads to the suite."""
    (entry,) = entry_points(group="coopbench.suites", name="starter")
    assert entry.load()() == starter()


def test_suite_is_frozen_and_lazy(tmp_path: Path) -> None:
    """Making a suite reads nothing, and its fields cannot be set."""
    suite = open_suite(tmp_path / "not there")
    assert suite.name == "not there"
    with pytest.raises(dataclasses.FrozenInstanceError):
        suite.name = "other"  # type: ignore[misc]


def test_benchmarks_are_found_on_both_levels(put: Maker, suite: Suite) -> None:
    """Folders directly below and one further down count, in order of name, none deeper."""
    put("zeta")
    put("group/alpha")
    put("group/deeper/hidden")
    assert suite.names == ("alpha", "zeta")
    assert [b.name for b in suite.benchmarks] == ["alpha", "zeta"]
    assert [b.name for b in suite.load(["zeta"])] == ["zeta"]


def test_a_broken_manifest_hurts_only_its_own_benchmark(put: Maker, suite: Suite) -> None:
    """Names and other benchmarks can be had although one manifest is no TOML."""
    put("good")
    (put("broken") / "benchmark.toml").write_text("name = [")
    assert suite.names == ("broken", "good")
    assert suite.benchmark("good").name == "good"
    with pytest.raises(UsageError, match=r"broken.benchmark\.toml: not valid TOML"):
        suite.benchmark("broken")


def test_other_folders_are_ignored(put: Maker, suite: Suite) -> None:
    """Folders without C sources, hidden folders and caches are no benchmarks."""
    put("good")
    put(".git/old")
    put("__pycache__")
    (suite.root / "notes").mkdir()
    assert suite.names == ("good",)


@pytest.mark.parametrize(
    ("asked", "hint"),
    [("gem_ijk", r"did you mean 'gemm_ijk'\?"), ("quux", "it has .*chain_mix, .*crc_stream")],
)
def test_unknown_name_gets_a_hint(asked: str, hint: str) -> None:
    """An unknown name is answered with the nearest one, or with all."""
    with pytest.raises(UsageError, match=f"has no benchmark '{asked}'; {hint}"):
        starter().benchmark(asked)


def test_same_name_twice_is_refused(put: Maker, suite: Suite) -> None:
    """Two folders of one name in different groups are one mistake, not one benchmark."""
    put("core/twin")
    put("traps/twin")
    with pytest.raises(UsageError, match=r"two benchmarks are called 'twin'.*rename one"):
        _ = suite.names


def test_folder_and_manifest_must_agree(put: Maker, suite: Suite) -> None:
    """A folder whose manifest has another name is refused when it is loaded."""
    put("core/right").rename(suite.root / "core" / "wrong")
    with pytest.raises(UsageError, match=r"name 'right' differs from the folder's"):
        suite.benchmark("wrong")


def test_empty_and_missing_folders_are_refused(suite: Suite, put: Maker) -> None:
    """A suite without benchmarks, or without a folder, says what a benchmark is."""
    with pytest.raises(UsageError, match=r"no benchmark in .*a folder with a benchmark\.toml"):
        _ = suite.benchmarks
    with pytest.raises(UsageError, match="is no folder; give an existing one"):
        _ = open_suite(suite.root / "gone").names


def test_sources_without_manifest_are_refused(put: Maker, suite: Suite) -> None:
    """A benchmark that would silently be left out because its manifest is missing is named."""
    put("good")
    (put("core/forgotten") / "benchmark.toml").unlink()
    with pytest.raises(UsageError, match=r"forgotten holds C sources but no benchmark\.toml"):
        _ = suite.names
