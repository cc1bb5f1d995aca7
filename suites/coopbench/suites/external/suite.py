"""A suite of other people's programs: a folder or a file with a manifest."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.errors import UsageError
from coopbench.harness.record import Unavailable
from coopbench.harness.toolchain.cache import cache_home
from coopbench.suites.external.load import Place, UnfitError, load_program
from coopbench.suites.external.manifest import MANIFEST, Excluded, SuiteManifest, read_manifest

SOURCES = "COOPBENCH_SOURCES"
"""Environment variable: folder of what `coopbench suite fetch` unpacked, if not the cache."""
CACHED = "@cache"


@dataclass(frozen=True)
class ExternalSuite:
    """Programs of others, read from where the user has them."""

    path: Path
    """The manifest."""
    manifest: SuiteManifest

    @property
    def name(self) -> str:
        """Name in results."""
        return self.manifest.name

    @cached_property
    def place(self) -> Place:
        """Where the files lie.

        Raises:
            UsageError: if the checkout is not there.
        """
        root = resolve_root(self.path, self.manifest)
        if not root.is_dir():
            remedy = (
                f"run `coopbench suite fetch {self.name}`"
                if self.manifest.root.startswith(CACHED)
                else f"set `root` in {self.path} to your checkout"
            )
            raise UsageError(f"suite {self.name!r}: {root} is not there; {remedy}")
        return Place(self.path.parent, root)

    @property
    def benchmarks(self) -> tuple[Benchmark, ...]:
        """The programs that are not excluded, in order of their names.

        Raises:
            UsageError: if none is left, or the checkout is not there.
        """
        found = self._loaded[0]
        if not found:
            first = self._loaded[1][0]
            raise UsageError(
                f"suite {self.name!r}: every program is excluded, e.g. {first.name}: {first.why}"
            )
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """Names of those programs."""
        return tuple(b.name for b in self.benchmarks)

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """What is left out, with reasons: by the manifest at this size, or as it cannot be read."""
        return self._loaded[1]

    @property
    def unavailable(self) -> tuple[Unavailable, ...]:
        """The same for the record of a run."""
        return tuple(
            Unavailable(
                what=f"program {e.name}" + (f" on {e.target}" if e.target else ""),
                why=f"{e.pitfall}: {e.why}",
                remedy=f"mend it or its entry in {self.path.name}, then `coopbench suite add`",
            )
            for e in self.excluded
        )

    @cached_property
    def _loaded(self) -> tuple[tuple[Benchmark, ...], tuple[Excluded, ...]]:
        place, manifest = self.place, self.manifest
        out = [e for e in manifest.excluded if applies(e, manifest)]
        names = {e.name for e in out if not e.target}
        found = []
        for name in sorted(set(manifest.programs) - names):
            try:
                found.append(load_program(name, manifest, place))
            except UnfitError as e:
                out.append(Excluded(name=name, pitfall=e.pitfall, why=str(e)))
        return tuple(found), tuple(out)


def open_manifest(path: Path, size: str | None = None) -> ExternalSuite:
    """Return the suite of a manifest, or of the folder that holds one.

    Raises:
        UsageError: if the manifest is not there or is invalid.
    """
    file = path / MANIFEST if path.is_dir() else path
    return ExternalSuite(file.absolute(), read_manifest(file, size))


def debian() -> ExternalSuite:
    """Return the suite of real programs from Debian (entry point `coopbench.suites`)."""
    return open_manifest(Path(__file__).resolve().parent.parent / "debian")


def applies(excluded: Excluded, manifest: SuiteManifest) -> bool:
    """Whether an exclusion holds at the sizes in use."""
    entry = manifest.programs.get(excluded.name)
    size = (entry.size if entry is not None else None) or manifest.size
    return not excluded.size or excluded.size == size


def resolve_root(path: Path, manifest: SuiteManifest) -> Path:
    """Return the folder that a manifest calls `root`; it need not exist."""
    if manifest.root.startswith(CACHED):
        below = manifest.root.removeprefix(CACHED).lstrip("/")
        return sources_folder(os.environ) / below
    return (path.parent / manifest.root).resolve()


def sources_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder that holds what was fetched, by suite."""
    own = environment.get(SOURCES)
    return Path(own).absolute() if own else cache_home(environment) / "sources"
