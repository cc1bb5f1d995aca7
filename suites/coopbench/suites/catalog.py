"""Suites: folders of benchmark folders, read when they are asked for.

A suite is any folder that holds benchmark folders, directly or one folder further down
(`core/gemm_ijk`, `traps/sum_strict`). A benchmark folder is one with a `benchmark.toml`, and
its name is the benchmark's.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from coopbench.harness.benchmark import Benchmark, load_benchmark
from coopbench.harness.errors import UsageError
from coopbench.suites.external.manifest import MANIFEST as SUITE_MANIFEST
from coopbench.suites.external.suite import ExternalSuite, open_manifest

MANIFEST = "benchmark.toml"
RESERVED = frozenset({"ceilings", "families", "debian"})
"""Folders beside the groups that hold no benchmarks."""


@dataclass(frozen=True)
class Suite:
    """A named set of benchmarks; nothing is read before it is asked for."""

    name: str
    root: Path
    """Folder that holds the benchmark folders."""
    only: frozenset[str] | None = None
    """Names of the benchmarks that belong to it; None means all in the folder."""

    @cached_property
    def folders(self) -> Mapping[str, Path]:
        """Folder of each benchmark by name, in alphabetical order of the names.

        Raises:
            UsageError: if the suite's folder does not exist or holds no benchmark, a folder holds
                sources without a manifest, or two folders have the same name.
        """
        if not self.root.is_dir():
            raise UsageError(f"suite {self.name!r}: {self.root} is no folder; give an existing one")
        found: dict[str, Path] = {}
        for folder in sorted(_benchmark_folders(self.root)):
            other = found.setdefault(folder.name, folder)
            if other is not folder:
                raise UsageError(
                    f"suite {self.name!r}: two benchmarks are called {folder.name!r} "
                    f"({other} and {folder}); rename one of the folders"
                )
        if not found:
            raise UsageError(
                f"suite {self.name!r}: no benchmark in {self.root}; a benchmark is a folder with "
                f"a {MANIFEST}, at most two levels down"
            )
        if self.only is not None:
            found = {name: folder for name, folder in found.items() if name in self.only}
        return MappingProxyType(dict(sorted(found.items())))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all benchmarks, in alphabetical order (raises as `folders` does)."""
        return tuple(self.folders)

    @cached_property
    def benchmarks(self) -> tuple[Benchmark, ...]:
        """All benchmarks in order of their names (raises as `folders` and `load` do)."""
        return self.load(self.names)

    def load(self, names: Iterable[str]) -> tuple[Benchmark, ...]:
        """Load the benchmarks of these names, in the order given.

        Raises:
            UsageError: if the suite has no benchmark of that name, or its manifest is invalid.
        """
        return tuple(self.benchmark(name) for name in names)

    def benchmark(self, name: str) -> Benchmark:
        """Load one benchmark.

        Raises:
            UsageError: if the suite has no benchmark of that name, or its manifest is invalid.
        """
        if name not in self.folders:
            raise UsageError(f"suite {self.name!r} has no benchmark {name!r}{self._hint(name)}")
        folder = self.folders[name]
        benchmark = load_benchmark(folder)
        if benchmark.name != name:
            raise UsageError(
                f"{folder / MANIFEST}: name {benchmark.name!r} differs from the folder's; "
                f"call both {benchmark.name!r} or both {name!r}"
            )
        return benchmark

    def _hint(self, name: str) -> str:
        close = difflib.get_close_matches(name, self.names, n=1)
        if close:
            return f"; did you mean {close[0]!r}?"
        return f"; it has {', '.join(self.names)}"


STARTER = frozenset(
    """
    chain_mix copy_overlap crc_stream edit_distance find_sub gemm_ijk hist_skew jacobi5 json_pretty
    nbody scan_wrap spmv_short sum_strict utf8_check word_freq
    """.split()  # noqa: SIM905 - a word list is read more easily
)
"""12 kernels and 3 programs: small enough for a first run of ten minutes."""


def starter() -> Suite:
    """Return the suite of the first run (entry point `coopbench.suites`)."""
    return Suite("starter", Path(__file__).resolve().parent, STARTER)


def curated() -> Suite:
    """Return all benchmarks that come with CoopBench (entry point `coopbench.suites`)."""
    return Suite("curated", Path(__file__).resolve().parent)


def open_suite(root: Path) -> Suite | ExternalSuite:
    """Return the suite in a folder; it is read when used.

    A folder with a `suite.toml` has programs of others; its name is in there. Any other is called
    by the folder's name.
    """
    if (root / SUITE_MANIFEST).is_file():
        return open_manifest(root)
    return Suite(root.resolve().name, root)


def _benchmark_folders(root: Path) -> Iterator[Path]:
    """Yield the folders with a manifest; refuse one that has C sources but no manifest."""
    for folder in _subfolders(root):
        if (folder / MANIFEST).is_file():
            yield folder
            continue
        inner = list(_subfolders(folder))
        yield from (f for f in inner if (f / MANIFEST).is_file())
        for leaf in (folder, *inner):
            if not (leaf / MANIFEST).is_file() and any(leaf.glob("*.c")):
                raise UsageError(
                    f"{leaf} holds C sources but no {MANIFEST}; write one, or move the folder away"
                )


def _subfolders(folder: Path) -> Iterator[Path]:
    skipped = (".", "__")
    return (
        p
        for p in folder.iterdir()
        if p.is_dir() and not p.name.startswith(skipped) and p.name not in RESERVED
    )
