"""Suites of users and of third parties: a scaffold, an installed package, generated variants."""

import json
import os
import secrets
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.toy_family import write_family

from coopbench.harness.compose import Hall, open_hall
from coopbench.harness.model import Outcome, Trial
from coopbench.harness.store import Store
from coopbench.harness.suite import find_suite
from coopbench.suites.variants import VariantSuite, public

pytestmark = pytest.mark.e2e

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "third-party-suite"
version = "1.0"

[project.entry-points."coopbench.suites"]
theirs = "third_party_suite:suite"
"""
MODULE = '''\
"""A suite in a package of its own."""

from pathlib import Path

from coopbench.suites.catalog import Suite


def suite() -> Suite:
    """Return the suite."""
    return Suite("theirs", Path(__file__).parent / "programs")
'''


def coopbench(*args: str | Path, cwd: Path, path: Path | None = None) -> str:
    """Run the command in a folder, with a folder of installed packages; return what it printed."""
    env = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    done = subprocess.run(
        [sys.executable, "-m", "coopbench.harness.cli.main", *map(str, args)],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def trials(store: Path) -> tuple[Trial, ...]:
    """Return the entrants' trials of a store's one run."""
    with Store.open(store, create=False) as opened:
        (record,) = opened.runs()
        return tuple(t for t in opened.trials(record.id) if t.control is None)


def test_a_scaffold_is_admitted_as_it_stands(tmp_path: Path) -> None:
    """Both kinds are admitted on both architectures, and unchanged code is found unchanged."""
    coopbench("new", "benchmark", "smooth", cwd=tmp_path)
    coopbench("new", "benchmark", "counts", "--kind", "program", cwd=tmp_path)
    coopbench(
        "run",
        "benchmarks",
        "-e",
        "identity",
        "-e",
        "rename",
        "--store",
        "s",
        "--wait",
        cwd=tmp_path,
    )
    found = {(t.benchmark, t.target, t.entrant): t.outcome for t in trials(tmp_path / "s")}
    assert len(found) == 8
    assert set(found.values()) == {Outcome.NO_CHANGE}


def test_a_package_brings_a_suite(tmp_path: Path) -> None:
    """A suite announced by an installed third-party package is listed, shown and judged by name."""
    pytest.importorskip("hatchling")
    project, installed = tmp_path / "project", tmp_path / "installed"
    package = project / "third_party_suite"
    package.mkdir(parents=True)
    (project / "pyproject.toml").write_text(PYPROJECT)
    (package / "__init__.py").write_text(MODULE)
    coopbench("new", "benchmark", "smooth", "--to", package / "programs", cwd=tmp_path)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, check=True, cwd=project, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(installed)
    listed = coopbench("list", "benchmarks", "--suite", "theirs", cwd=tmp_path, path=installed)
    assert "smooth" in listed
    shown = coopbench("show", "smooth", "--suite", "theirs", cwd=tmp_path, path=installed)
    assert "void smooth(int32_t *out, const int32_t *in, size_t n)" in shown
    run = ("run", "theirs", "-e", "identity", "-t", "armv8-a", "--store", "s", "--wait")
    coopbench(*run, cwd=tmp_path, path=installed)
    (trial,) = trials(tmp_path / "s")
    assert (trial.benchmark, trial.outcome) == ("smooth", Outcome.NO_CHANGE)


def test_variants_of_any_seed_are_admitted(tmp_path: Path) -> None:
    """Generated variants are judged like any benchmark: the referee admits what a seed makes."""
    write_family(tmp_path / "families")
    suite = VariantSuite("families:11:2", tmp_path / "families", 11, 2)
    with open_hall(suite, (), b"secret", unsafe=False) as hall:
        for b in suite.benchmarks:
            for target in hall.targets:
                referee = hall.referee(b.name, target)
                assert referee.baseline.verdict.passed


@pytest.fixture(scope="module")
def unseen() -> Iterator[Hall]:
    """Return variants that nobody has seen: one of every family, from a fresh seed."""
    suite = find_suite("families:secret")
    with open_hall(suite, (), secrets.token_bytes(16), unsafe=False) as hall:
        yield hall


@pytest.mark.parametrize("family", [f.name for f in public().families])
def test_unseen_variants_are_admitted(unseen: Hall, family: str) -> None:
    """What a fresh seed makes of each family is admitted on every target, as the referee sees it."""
    suite = unseen.suite
    assert isinstance(suite, VariantSuite)
    (name,) = [v.name for v in suite.variants if v.family == family]
    for target in unseen.targets:
        assert unseen.referee(name, target).baseline.verdict.passed, suite.name


def test_a_run_of_unseen_variants_can_be_repeated(tmp_path: Path) -> None:
    """The record names the seed, and a second run by that name judges the very same programs."""
    listed = coopbench("list", "benchmarks", "--suite", "families:41", "--json", cwd=tmp_path)
    chosen = json.loads(listed)[0]["name"]
    run = ("-b", chosen, "-e", "identity", "-t", "armv8-a", "--store", "s", "--wait")
    coopbench("run", "families:41", *run, cwd=tmp_path)
    with Store.open(tmp_path / "s", create=False) as store:
        (record,) = store.runs()
        assert record.plan.suite == "families:41"
        known = {b.name: b.digest for b in find_suite(record.plan.suite).benchmarks}
        assert {b.name: b.digest for b in record.benchmarks} == {chosen: known[chosen]}
