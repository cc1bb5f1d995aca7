"""Handing over a faster function: where it is written, whole, and never over the original."""

from pathlib import Path
from typing import Any

import pytest

from coopbench.harness.adhoc import AdHoc, read_function
from coopbench.harness.base import Level
from coopbench.harness.cli.handover import check_output, hand_over
from coopbench.harness.errors import UsageError
from coopbench.harness.model import Candidate, Outcome, Trial

SOURCE = """int f(const int *x, int n) { return n; }

int main(void)
{
    return f(0, 0);
}
"""


class Blobs:
    """A store of one candidate."""

    def __init__(self, candidate: Candidate) -> None:
        self.blob = candidate.model_dump_json().encode()

    def get_blob(self, _: str) -> bytes:
        return self.blob


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AdHoc:
    """Return a function in a file with a `main`, in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("code.c").write_text(SOURCE)
    return read_function(Path("code.c"), "f", None)


def over(work: AdHoc, level: Level, text: str, output: Path | None = None) -> Any:
    """Hand over a candidate that was found to be faster."""
    name = f"kernel{level.suffix}"
    made = Candidate(benchmark="f", level=level, files={name: text}, made_by="t")
    trial = Trial(
        id="0" * 16,
        run="r",
        entrant="t",
        benchmark="f",
        target="x",
        repetition=0,
        outcome=Outcome.FASTER,
        reason="2x",
        candidate=made.id,
        candidate_blob="b",
        started_at=0.0,
        finished_at=1.0,
    )
    return hand_over(work, trial, Blobs(made), output)  # type: ignore[arg-type]


def test_a_file_in_c_is_whole_and_its_diff_fits(work: AdHoc) -> None:
    """What was left out is back, and the diff names the user's file and its lines."""
    better = work.sources["kernel.c"].replace("return n;", "return n + 0;")
    assert "main" not in better.replace("main is left out", "")
    found = over(work, Level.C, better)
    assert found.files == (Path("code.optimized.c"),)
    assert found.files[0].read_text() == SOURCE.replace("return n;", "return n + 0;")
    diff = Path("code.optimized.diff").read_text()
    assert diff.startswith("# level c\n--- a/code.c\n+++ b/code.c\n@@ -1,4 +1,4 @@\n")
    assert "left out" not in diff
    assert found.notes == ()


def test_lower_levels_say_what_they_lack(work: AdHoc) -> None:
    """Assembly holds the function alone, which is said."""
    found = over(work, Level.ASM, "f:\n ret\n")
    assert found.files == (Path("code.optimized.s"),)
    assert found.notes == ("the file holds only what the function needs, not: main",)


@pytest.mark.parametrize(
    ("output", "level", "written"),
    [
        ("out/new.c", Level.C, "out/new.c"),
        ("out/new.c", Level.ASM, "out/new.s"),
        ("out/new", Level.IR, "out/new.ll"),
        ("out/v1.2", Level.C, "out/v1.2.c"),
        ("code.s", Level.C, "code.optimized.c"),
    ],
)
def test_the_suffix_tells_the_level(work: AdHoc, output: str, level: Level, written: str) -> None:
    """A file never has the suffix of another level, nor the place of the original."""
    Path("out").mkdir()
    found = over(work, level, "int f;\n", Path(output))
    assert found.files == (Path(written),)
    assert Path("code.c").read_text() == SOURCE


def test_places_that_do_not_work_are_refused_at_once(work: AdHoc, tmp_path: Path) -> None:
    """Before a search: a missing folder, a folder, and the original itself."""
    check_output(work.file, None)
    check_output(work.file, Path("new.c"))
    with pytest.raises(UsageError, match="cannot be written into"):
        check_output(work.file, tmp_path / "none" / "new.c")
    with pytest.raises(UsageError, match="is a folder"):
        check_output(work.file, tmp_path)
    with pytest.raises(UsageError, match="is the original"):
        check_output(work.file, tmp_path / "code.c")


def test_a_disk_that_fails_is_one_message(work: AdHoc, tmp_path: Path) -> None:
    """Trouble while writing names the file and the remedy."""
    with pytest.raises(UsageError, match=r"cannot write .*; name another --output"):
        over(work, Level.C, "int f;\n", tmp_path / "gone" / "new.c")
