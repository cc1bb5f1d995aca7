"""Reference ceilings: what is handed in, to whom it is not, and that it is never in the way."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from coopbench.harness.model import Candidate
from coopbench.harness.optimizer import BenchmarkView, Optimizer, Workbench
from coopbench.harness.plan import choose_entrants
from coopbench.harness.referee import BASELINE
from coopbench.harness.registry import ENTRANTS, Plugins
from coopbench.suites.catalog import Suite, curated
from coopbench.suites.ceilings import FOLDER, NO_CEILING, Ceiling, with_ceiling

EXPERT = "/* The expert's. */\n"


@pytest.fixture
def ceiling(tmp_path: Path) -> Ceiling:
    """Return an entrant that knows an expert version of `gemm_ijk` alone."""
    (tmp_path / "gemm_ijk.c").write_text(EXPERT)
    (tmp_path / "stranger.c").write_text(EXPERT)
    return Ceiling(folder=tmp_path, suite=Suite("curated", curated().root))


def answer(ceiling: Ceiling, name: str, files: dict[str, str] | None = None) -> Candidate:
    """Return what is handed in for a benchmark."""
    known = curated().benchmark("gemm_ijk" if name == "stranger" else name)
    view = BenchmarkView(
        name=name,
        kind=known.manifest.kind,
        title=known.manifest.title,
        contract=known.manifest.contract,
        program=known.manifest.program,
        files=known.files if files is None else files,
        baseline=BASELINE,
    )
    return ceiling.optimize(cast("Workbench", SimpleNamespace(benchmark=view)))


def test_the_expert_version_is_handed_in(ceiling: Ceiling) -> None:
    """The expert's text is built as the reference is."""
    made = answer(ceiling, "gemm_ijk")
    assert made.files == {"kernel.c": EXPERT}
    assert made.recipe == BASELINE


def test_without_an_expert_version_nothing_changes(ceiling: Ceiling) -> None:
    """Where there is none, the original shows no headroom, and the note says why."""
    made = answer(ceiling, "jacobi5")
    assert made.files == curated().benchmark("jacobi5").files
    assert made.note == NO_CEILING


@pytest.mark.parametrize("name", ["gemm_ijk", "stranger"])
def test_a_strangers_benchmark_has_no_ceiling(ceiling: Ceiling, name: str) -> None:
    """A benchmark that is not the one the expert saw, by name or by text, gets none."""
    files = {"kernel.c": "void f(void);\n"} if name == "gemm_ijk" else None
    assert answer(ceiling, name, files).note == NO_CEILING


def test_every_ceiling_belongs_to_a_benchmark() -> None:
    """Each expert version is of a benchmark that has room for it, and of no control."""
    suite = curated()
    for name in with_ceiling():
        assert suite.benchmark(name).manifest.room, name
        assert suite.benchmark(name).manifest.group != "controls", name


def test_no_ceiling_is_among_an_entrants_files() -> None:
    """No benchmark's sources hold an expert version, and no suite finds the folder."""
    suite = curated()
    assert "ceilings" not in {p.parent.name for p in suite.folders.values()}
    for name in with_ceiling():
        expert = (FOLDER / f"{name}.c").read_text("utf-8")
        assert expert not in suite.benchmark(name).files.values()


def test_ceilings_take_part_only_if_asked_for() -> None:
    """By default all compete but the ceilings, which can be named or added."""
    known: dict[str, Optimizer] = Plugins(ENTRANTS).entrants()
    assert known["ceiling"].kind == "ceiling"
    assert "ceiling" not in choose_entrants((), known)
    assert set(choose_entrants((), known)) == set(known) - {"ceiling"}
    assert choose_entrants(("ceiling",), known) == ("ceiling",)
    assert choose_entrants(("identity",), known, ceilings=True) == ("identity", "ceiling")
