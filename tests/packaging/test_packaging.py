"""The traps of five source roots in one namespace (docs/adr/0001)."""

import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
ROOTS = ("harness", "baselines", "agents", "suites", "reports")


def test_no_portion_hides_the_others() -> None:
    """No `__init__.py` stands in any `X/coopbench/`, which would hide the other four portions."""
    assert [r for r in ROOTS if (REPO / r / "coopbench" / "__init__.py").exists()] == []


def test_every_root_is_a_development_directory() -> None:
    """hatch knows all five roots, for wheels and for editable installs alike."""
    hatch = tomllib.loads((REPO / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert set(hatch["dev-mode-dirs"]) == set(ROOTS)
    assert set(hatch["targets"]["wheel"]["packages"]) == {f"{r}/coopbench" for r in ROOTS}


def test_every_portion_is_importable_and_typed() -> None:
    """All five portions import from one interpreter, and each announces its types."""
    code = "import importlib.resources as r\n" + "\n".join(
        f"import coopbench.{p}; assert r.files('coopbench.{p}').joinpath('py.typed').is_file()"
        for p in ROOTS
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd="/")


@pytest.mark.parametrize(
    "group", ["entrants", "suites", "suite_schemes", "readers", "reports", "commands"]
)
def test_entry_points_load(group: str) -> None:
    """Every entry point that the project announces can be loaded."""
    points = [
        p for p in entry_points(group=f"coopbench.{group}") if p.value.startswith("coopbench.")
    ]
    assert points
    assert all(callable(p.load()) for p in points)


def test_the_wheel_holds_sources_and_data_and_nothing_else(tmp_path: Path) -> None:
    """The wheel has the five portions with their C files, templates and suites, and no test."""
    pytest.importorskip("hatchling")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        check=True,
        cwd=REPO,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.split("/")[1] for n in names if n.startswith("coopbench/")} == set(ROOTS)
    assert "coopbench/harness/driver/driver.c.j2" in names
    assert "coopbench/harness/sandbox/launcher.c" in names
    assert "coopbench/harness/emulation/plugin.c" in names
    assert "coopbench/suites/core/gemm_ijk/benchmark.toml" in names
    assert "coopbench/harness/scaffold/kernel/kernel.c.j2" in names
    assert "coopbench/suites/ceilings/find_byte.c" in names
    assert "coopbench/suites/families/rolling_hash/kernel.c.j2" in names
    assert not [n for n in names if "/tests/" in n or n.endswith(".pyc")]


def test_help_imports_nothing_heavy() -> None:
    """`coopbench --help` loads neither numpy nor pydantic nor optuna: that keeps it quick."""
    code = (
        "import sys; sys.argv = ['coopbench', '--help']\n"
        "from coopbench.harness.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'pydantic', 'optuna', 'scipy', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd="/")
