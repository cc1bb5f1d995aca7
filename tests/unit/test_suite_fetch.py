"""Fetching source packages: what is said when apt does not have what is wanted."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from coopbench.harness.errors import MissingToolError, UsageError
from coopbench.suites.external import fetch
from coopbench.suites.external.manifest import SourcePackage, SuiteManifest
from coopbench.suites.external.suite import ExternalSuite

PACKAGE = SourcePackage(version="1.2", archive="tool_1.2.orig.tar.gz", sha256="0" * 64)


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.2-3", "1.2"), ("1:1.2-3+deb12u1", "1.2"), ("1.2", "1.2"), ("2.5-rc1-4", "2.5-rc1")],
)
def test_upstream_version(version: str, expected: str) -> None:
    """Epoch and Debian revision are no part of the upstream version."""
    assert fetch.upstream(version) == expected


def archive(path: Path) -> str:
    """Write an archive with one top folder; return its hash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo("tool-1.2/code.c")
        info.size = 7
        tar.addfile(info, io.BytesIO(b"int x;\n"))
    return hashlib.sha256(path.read_bytes()).hexdigest()


class FakeApt:
    """Stands in for apt: offers versions, and downloads a prepared archive."""

    def __init__(self, folder: Path, versions: tuple[str, ...]) -> None:
        self.folder = folder
        self._versions = versions

    def prepare(self, sources: object) -> None:
        """Nothing is needed."""

    def versions(self, package: str) -> tuple[str, ...]:
        """Return what is offered."""
        return self._versions

    def download(self, package: str, version: str) -> Path:
        """Return the folder with the archive."""
        return self.folder


def suite(folder: Path, package: SourcePackage) -> ExternalSuite:
    """Return a suite with one package, below a folder."""
    manifest = SuiteManifest.model_validate(
        {
            "name": "mine",
            "licence": "MIT",
            "root": "@cache/mine",
            "packages": {"tool": package},
            "programs": {"one": {"rewritable": ["code.c"], "root": "tool"}},
        }
    )
    return ExternalSuite(folder / "suite.toml", manifest)


def fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, versions: tuple[str, ...], sha256: str | None
) -> tuple[str, ...]:
    """Fetch a package through a stand-in for apt."""
    found = archive(tmp_path / "apt" / PACKAGE.archive)
    package = PACKAGE.model_copy(update={"sha256": sha256 or found})
    monkeypatch.setenv("COOPBENCH_SOURCES", str(tmp_path / "sources"))
    monkeypatch.setattr(fetch, "machine_sources", lambda: ("deb-src somewhere",))
    monkeypatch.setattr(fetch, "Apt", lambda _: FakeApt(tmp_path / "apt", versions))
    return fetch.fetch_packages(suite(tmp_path, package), None)


def test_fetched_and_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right archive is unpacked outside the repository, once; its programs are then there."""
    lines = fetched(tmp_path, monkeypatch, ("1.1-1", "1.2-7"), None)
    assert lines[0] == "tool 1.2-7: tool_1.2.orig.tar.gz fetched, its hash is right"
    assert (tmp_path / "sources/mine/tool/code.c").read_bytes() == b"int x;\n"
    again = fetched(tmp_path, monkeypatch, (), None)
    assert again[0] == "tool 1.2 is there"


def test_other_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the package, the version wanted and those found."""
    with pytest.raises(UsageError, match=r"tool: wanted version 1\.2, apt offers 1\.3-1, 1\.4-1"):
        fetched(tmp_path, monkeypatch, ("1.3-1", "1.4-1"), None)


def test_unknown_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that apt does not have is named."""
    with pytest.raises(UsageError, match=r"tool: wanted version 1\.2, apt does not have it"):
        fetched(tmp_path, monkeypatch, (), None)


def test_wrong_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive with another hash is not unpacked, and both hashes are named."""
    with pytest.raises(UsageError, match=r"has SHA-256 \w{64}, wanted f{64}; it is not used"):
        fetched(tmp_path, monkeypatch, ("1.2-1",), "f" * 64)
    assert not (tmp_path / "sources").exists()


def test_no_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without apt is told what to do."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingToolError, match="apt-get is not here"):
        fetch.machine_sources()


def test_suite_without_packages(tmp_path: Path) -> None:
    """A suite whose sources no package manager has says so."""
    manifest = suite(tmp_path, PACKAGE).manifest.model_copy(update={"packages": {}})
    with pytest.raises(UsageError, match="names no packages"):
        fetch.fetch_packages(ExternalSuite(tmp_path / "suite.toml", manifest), None)


def test_source_lines() -> None:
    """Only mirrors of Debian's main section are used, with their key if one is named."""
    text = (
        "http://mirror.test/debian/|Debian|main|/usr/share/keyrings/k.gpg\n"
        "http://mirror.test/debian/|Debian|main|$(SIGNED_BY)\n"
        "http://mirror.test/debian/|Debian|contrib|\n"
        "http://other.test/|Other|main|\n"
    )
    found = list(fetch.source_lines(text))
    key = "[signed-by=/usr/share/keyrings/k.gpg] "
    assert found == [
        f"deb-src {key}http://mirror.test/debian/ bookworm main",
        "deb-src http://mirror.test/debian/ bookworm main",
    ]
