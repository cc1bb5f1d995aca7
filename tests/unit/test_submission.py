"""Reading candidate files handed in from outside."""

from pathlib import Path

import pytest

from coopbench.harness.base import Level
from coopbench.harness.errors import UsageError
from coopbench.harness.submission import read_submission

KNOWN = {"scan": frozenset({"kernel.c"}), "words": frozenset({"main.c", "table.c", "table.h"})}


def write(path: Path, text: str = "int x;") -> Path:
    """Write a file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("suffix", [".c", ".ll", ".s"])
def test_a_file_is_an_answer_at_the_level_its_suffix_says(tmp_path: Path, suffix: str) -> None:
    """C, IR and assembly files become candidates of their level, named as the builder wants."""
    entrant = read_submission(write(tmp_path / f"mine{suffix}"), KNOWN, "scan")
    assert entrant.name == "mine"
    assert entrant.answers["scan"].level == Level({".c": "c", ".ll": "ir", ".s": "asm"}[suffix])
    assert set(entrant.answers["scan"].files) == {f"kernel{suffix}"}


def test_a_folder_answers_several_benchmarks(tmp_path: Path) -> None:
    """A folder holds a file per kernel and a folder per program; other files are left alone."""
    write(tmp_path / "s" / "scan.ll")
    write(tmp_path / "s" / "notes.txt")
    for name in KNOWN["words"]:
        write(tmp_path / "s" / "words" / name)
    entrant = read_submission(tmp_path / "s", KNOWN, None)
    assert set(entrant.answers) == {"scan", "words"}
    assert set(entrant.answers["words"].files) == KNOWN["words"]


@pytest.mark.parametrize(
    ("make", "only", "message"),
    [
        ("nothing", "scan", "does not exist"),
        ("x.rs", "scan", "a candidate ends in"),
        ("scann.c", None, "did you mean 'scan'"),
        ("empty/", None, "holds no candidate"),
        ("words/main.c", None, "lacks 'table"),
    ],
)
def test_mistakes_name_the_file_and_the_remedy(
    tmp_path: Path, make: str, only: str | None, message: str
) -> None:
    """Every way to hand in the wrong thing ends in one message."""
    root = tmp_path / "sub"
    root.mkdir()
    if make.endswith("/"):
        path = root
    elif "/" in make:
        write(root / make)
        path = root
    else:
        path = root / make if make == "nothing" else write(root / make)
    with pytest.raises(UsageError, match=message):
        read_submission(path, KNOWN, only)


def test_two_answers_for_one_benchmark_are_refused(tmp_path: Path) -> None:
    """It must be clear which file is judged."""
    write(tmp_path / "s" / "scan.c")
    write(tmp_path / "s" / "scan.s")
    with pytest.raises(UsageError, match="two answers"):
        read_submission(tmp_path / "s", KNOWN, None)


def test_binary_and_huge_files_are_refused(tmp_path: Path) -> None:
    """A candidate is text of a sane size."""
    binary = tmp_path / "scan.c"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_submission(binary, KNOWN, "scan")
    huge = write(tmp_path / "big.c", "x" * (5 << 20))
    with pytest.raises(UsageError, match="larger than"):
        read_submission(huge, KNOWN, "scan")
