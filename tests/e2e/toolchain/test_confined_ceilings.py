"""Compilers see neither the suite's expert versions nor anything else of ours."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from coopbench.harness.base import Level
from coopbench.harness.compose import open_builder, open_hall
from coopbench.harness.model import Candidate, Outcome
from coopbench.harness.sandbox.probe import open_sandbox
from coopbench.harness.suite import find_suite
from coopbench.harness.toolchain.confine import confine
from coopbench.suites.ceilings import FOLDER, with_ceiling

pytestmark = pytest.mark.e2e


def test_an_expert_version_cannot_be_included() -> None:
    """A candidate that knows where it lies does not build."""
    name = with_ceiling()[0]
    text = f'#include "{FOLDER / name}.c"\n'
    with open_hall(find_suite("curated"), ("x86-64-v2",), b"secret", unsafe=False) as hall:
        referee = hall.referee(name, hall.targets[0])
        verdict = referee.examine(
            Candidate(benchmark=name, level=Level.C, files={"kernel.c": text}, made_by="thief")
        ).verdict
    assert verdict.outcome is Outcome.BUILD_FAILED
    assert "file not found" in verdict.reason


def test_a_folder_inside_a_readable_one_can_be_hidden(tmp_path: Path) -> None:
    """What lies in a readable folder is seen, unless it is hidden: then its folder is empty."""
    bwrap = open_sandbox(unsafe=False).bwrap
    if bwrap is None:
        pytest.skip("there is no bubblewrap")
    ours = tmp_path / "packages" / "coopbench"
    ours.mkdir(parents=True)
    (ours / "expert.c").write_text("int best;\n")
    work = tmp_path / "work"
    work.mkdir()
    seeing = replace(
        confine(open_builder().compilers, bwrap.path), readable=(tmp_path / "packages",)
    )

    def read() -> int:
        words = seeing.wrap(["/bin/cat", str(ours / "expert.c")], work)
        return subprocess.run(words, capture_output=True, check=False).returncode

    assert read() == 0
    seeing = replace(seeing, hidden=(ours,))
    assert read() != 0
