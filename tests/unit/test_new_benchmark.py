"""`coopbench new benchmark`: what is written, and what is refused."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from coopbench.harness.benchmark import load_benchmark
from coopbench.harness.cli.main import app
from coopbench.harness.cli.new import FILES, scaffold
from coopbench.harness.errors import UsageError
from coopbench.suites.catalog import open_suite


@pytest.mark.parametrize("kind", sorted(FILES))
def test_a_scaffold_is_a_valid_benchmark(kind: str, tmp_path: Path) -> None:
    """It loads, has the name asked for, and fills every key that a curated one has."""
    root = scaffold("my_own2", kind, tmp_path / "suite")
    benchmark = load_benchmark(root)
    m = benchmark.manifest
    assert (benchmark.name, m.kind) == ("my_own2", kind)
    assert m.why
    assert m.room_note
    assert m.tags
    assert m.hidden
    assert open_suite(tmp_path / "suite").names == ("my_own2",)
    if benchmark.is_kernel:
        assert benchmark.contract.function == "my_own2"
        assert "void my_own2(" in benchmark.files["kernel.c"]


@pytest.mark.parametrize("kind", sorted(FILES))
def test_a_scaffold_explains_itself(kind: str, tmp_path: Path) -> None:
    """The manifest has a comment beside most keys, and names the commands to try it."""
    text = (scaffold("mine", kind, tmp_path) / "benchmark.toml").read_text("utf-8")
    assert text.count("#") >= 15
    assert f"coopbench run {tmp_path.as_posix()} -e identity" in text
    assert "{{" not in text


@pytest.mark.parametrize(
    "name",
    ["", "Mine", "2nd", "a-b", "a/b", "..", "été", "int", "main", "memcpy", "a b", "x" + "\n"],
)
def test_a_bad_name_is_refused(name: str, tmp_path: Path) -> None:
    """A name that is no C name in lower case, or means something in C, is refused unwritten."""
    with pytest.raises(UsageError, match="cannot name a benchmark"):
        scaffold(name, "kernel", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_exists_is_kept(tmp_path: Path) -> None:
    """A folder or file of that name is refused, and stays as it is."""
    scaffold("mine", "kernel", tmp_path)
    (tmp_path / "mine" / "kernel.c").write_text("/* much work */\n")
    (tmp_path / "file").write_text("x")
    for name, to in (("mine", tmp_path), ("file", tmp_path)):
        with pytest.raises(UsageError, match="is already there"):
            scaffold(name, "kernel", to)
    with pytest.raises(UsageError, match=r"cannot write|is already there"):
        scaffold("mine", "kernel", tmp_path / "file")
    assert (tmp_path / "mine" / "kernel.c").read_text() == "/* much work */\n"


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    """Only kernels and programs can be made."""
    with pytest.raises(UsageError, match="give kernel or program"):
        scaffold("mine", "library", tmp_path)


def test_the_command_says_what_to_do_next(tmp_path: Path) -> None:
    """The command writes the files and names the command that judges them."""
    suite = tmp_path / "mine"
    done = CliRunner().invoke(app, ["new", "benchmark", "smooth", "--to", str(suite)])
    assert done.exit_code == 0, done.output
    assert "coopbench run" in done.output
    assert sorted(p.name for p in (suite / "smooth").iterdir()) == ["benchmark.toml", "kernel.c"]
