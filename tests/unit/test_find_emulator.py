"""Finding an emulator: each way in which it can be missing has its own message."""

import os
from pathlib import Path

import pytest

from coopbench.harness.emulation.find import find_emulator
from coopbench.harness.errors import MissingToolError

PLUGINLESS = """#!/bin/sh
case "$1" in
    --version) echo "qemu-aarch64 version 10.0.2 (Debian 1:10.0.2)";;
    -h) echo "-cpu model";;
esac
"""


def _install(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path = folder / "qemu-aarch64"
    path.write_text(text, "ascii")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_missing_emulator_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no emulator the message says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError, match="apt-get install qemu-user"):
        find_emulator("aarch64")


def test_emulator_without_plugins_is_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An emulator that cannot load plugins is no counting emulator, but one for plain runs."""
    _install(tmp_path, monkeypatch, PLUGINLESS)
    with pytest.raises(MissingToolError, match=r"10\.0\.2 was built without plugin support"):
        find_emulator("aarch64")
    plain = find_emulator("aarch64", counting=False)
    assert (plain.version, plain.counts) == ("10.0.2", False)


def test_program_that_is_no_emulator_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something of that name that gives no version is not used."""
    _install(tmp_path, monkeypatch, "#!/bin/sh\nexit 1\n")
    with pytest.raises(MissingToolError, match="does not run here"):
        find_emulator("aarch64")
