"""`coopbench suite fetch`: source packages through apt, with pinned versions and hashes.

apt is used with folders of its own, so neither root nor a `deb-src` line of the machine is needed:
the mirrors are those that the machine's binary packages come from. Only the upstream archive is
used; its hash is pinned, so any Debian revision of one upstream version is as good as another.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.errors import InfraError, MissingToolError, UsageError
from coopbench.suites.external.manifest import SourcePackage
from coopbench.suites.external.suite import (
    CACHED,
    SOURCES,
    ExternalSuite,
    resolve_root,
)

_TIMEOUT_S = 300
_TARGETS = "$(REPO_URI)|$(LABEL)|$(COMPONENT)|$(SIGNED_BY)"
RELEASE = "bookworm"
"""The Debian release that has the pinned versions."""


@dataclass(frozen=True)
class Apt:
    """apt with folders of its own.

    Args:
        folder: Where its lists and downloads go.
    """

    folder: Path

    @property
    def options(self) -> tuple[str, ...]:
        """Options that keep apt off the machine's state."""
        values = {
            "Dir::Etc::sourcelist": self.folder / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::lists": self.folder / "lists",
            "Dir::Cache": self.folder / "cache",
            "APT::Sandbox::User": "",
        }
        return tuple(word for name, value in values.items() for word in ("-o", f"{name}={value}"))

    def prepare(self, sources: Sequence[str]) -> None:
        """Write the list of sources and read what they have.

        Raises:
            UsageError: if no source can be reached.
        """
        for name in ("lists/partial", "cache/archives/partial", "downloads"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "sources.list").write_text("".join(f"{s}\n" for s in sources))
        done = _run(("apt-get", *self.options, "update", "-q"))
        if done.returncode:
            raise UsageError(f"apt cannot read its sources: {_last(done.stderr)}")

    def versions(self, package: str) -> tuple[str, ...]:
        """Return the versions of a source package that there are."""
        done = _run(("apt-cache", *self.options, "showsrc", "--only-source", package))
        return tuple(re.findall(r"^Version: (\S+)", done.stdout, re.MULTILINE))

    def download(self, package: str, version: str) -> Path:
        """Download a source package; return the folder with its files.

        Raises:
            UsageError: if it cannot be had.
        """
        folder = self.folder / "downloads" / package
        folder.mkdir()
        wanted = f"{package}={version}"
        command = ("apt-get", *self.options, "source", "-q", "--tar-only", "--only-source")
        done = _run((*command, wanted), folder)
        if done.returncode:
            raise UsageError(
                f"package {package}: apt cannot download {wanted}: {_last(done.stderr)}"
            )
        return folder


def fetch_packages(suite: ExternalSuite, to: Path | None) -> tuple[str, ...]:
    """Get the packages of a suite that are not there yet; return what was done, one line each.

    Raises:
        UsageError: if the suite has none, apt is not there, or a version or hash is not the one
            wanted; the message names the package, what was wanted and what was found.
        InfraError: if the archive cannot be unpacked.
    """
    manifest = suite.manifest
    if not manifest.packages:
        raise UsageError(f"suite {suite.name!r} names no packages; get its sources yourself")
    root = resolve_root(suite.path, manifest)
    if to is not None:
        root = to.absolute() / manifest.root.removeprefix(CACHED).lstrip("/")
    wanted = {n: p for n, p in manifest.packages.items() if not _present(root / n, p)}
    lines = [f"{n} {manifest.packages[n].version} is there" for n in manifest.packages]
    if wanted:
        lines = [line for line in lines if line.split()[0] not in wanted]
        with tempfile.TemporaryDirectory(prefix="coopbench-apt-") as name:
            lines += _fetch(Apt(Path(name)), wanted, root)
    if to is not None:
        lines.append(f"to use them: export {SOURCES}={to.absolute()}")
    return (*lines, f"sources: {root}")


def machine_sources() -> tuple[str, ...]:
    """Return apt source lines for the machine's own Debian mirrors.

    Raises:
        MissingToolError: if the machine has no apt.
        UsageError: if it knows no mirror of Debian.
    """
    if shutil.which("apt-get") is None:
        raise MissingToolError("apt-get is not here; fetch the sources on a Debian machine (--to)")
    done = _run(("apt-get", "indextargets", "--format", _TARGETS, "Created-By: Packages"))
    lines = dict.fromkeys(source_lines(done.stdout))
    if not lines:
        raise UsageError(
            "apt knows no mirror of Debian here; add one to its sources and run `apt-get update`"
        )
    return tuple(lines)


def source_lines(text: str) -> Iterator[str]:
    """Yield apt source lines for the mirrors of Debian in the output of `apt-get indextargets`."""
    for line in text.splitlines():
        uri, label, component, signed_by = (*line.split("|"), "", "", "", "")[:4]
        if label == "Debian" and component == "main":
            key = f"[signed-by={signed_by}] " if signed_by.startswith("/") else ""
            yield f"deb-src {key}{uri} {RELEASE} main"


def _fetch(apt: Apt, wanted: dict[str, SourcePackage], root: Path) -> list[str]:
    apt.prepare(machine_sources())
    lines = []
    for name, package in wanted.items():
        version = _offered(name, package, apt.versions(name))
        folder = apt.download(name, version)
        archive = folder / package.archive
        check_archive(name, package, archive)
        _unpack(archive, root / name, package)
        lines.append(f"{name} {version}: {package.archive} fetched, its hash is right")
    return lines


def _offered(name: str, package: SourcePackage, found: Sequence[str]) -> str:
    """Return the offered version that has the wanted upstream version."""
    for version in found:
        if upstream(version) == package.version:
            return version
    offers = f"apt offers {', '.join(found)}" if found else "apt does not have it"
    raise UsageError(f"package {name}: wanted version {package.version}, {offers}")


def upstream(version: str) -> str:
    """Return the upstream part of a Debian version: without epoch and revision."""
    return version.rpartition(":")[2].rpartition("-")[0] or version


def check_archive(name: str, package: SourcePackage, archive: Path) -> None:
    """Check that an archive is the pinned one.

    Raises:
        UsageError: naming the package, the hash wanted and the hash found.
    """
    try:
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise UsageError(f"package {name}: it has no {package.archive}") from None
    if found != package.sha256:
        raise UsageError(
            f"package {name}: {package.archive} has SHA-256 {found}, wanted {package.sha256}; "
            "it is not used"
        )


def _unpack(archive: Path, folder: Path, package: SourcePackage) -> None:
    """Unpack without the archive's own top folder; an unfinished one is never left behind."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".unpacking-"))
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(aside, filter="data")
        (top,) = aside.iterdir()
        (top / ".coopbench").write_text(package.sha256)
        shutil.rmtree(folder, ignore_errors=True)
        top.replace(folder)
    except (tarfile.TarError, OSError, ValueError) as e:
        raise InfraError(f"cannot unpack {archive.name}: {e}") from e
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _present(folder: Path, package: SourcePackage) -> bool:
    mark = folder / ".coopbench"
    return mark.is_file() and mark.read_text() == package.sha256


def _run(command: Sequence[str], folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise MissingToolError(f"{command[0]} is not here; install apt") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"{command[0]} does not end within {_TIMEOUT_S} s") from None


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.startswith(("E:", "W:"))]
    return (lines or text.splitlines() or ["no message"])[0]
