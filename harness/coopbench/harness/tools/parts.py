"""What the tools work with: the builder, and what is fixed for one benchmark on one target."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.base import Level
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.model import Candidate, Target
from coopbench.harness.toolchain.build import Builder, Built
from coopbench.harness.toolchain.pipeline import Work
from coopbench.harness.toolchain.step import BuildFailure
from coopbench.harness.verify.prelude import with_prototype


@dataclass(frozen=True)
class Parts:
    """The builder, and what all candidates of a benchmark on a target have in common."""

    builder: Builder
    benchmark: Benchmark
    target: Target
    entry: str
    """The symbol a candidate must define."""
    profiles: Mapping[str, bytes]
    """Profiles that recipes may name, by SHA-256."""
    driver: tuple[Path, ...]
    """Objects that are linked before a kernel's, or with a program of others."""
    entries: tuple[str, ...] = ()
    """Symbols that link-time optimization keeps; default: the entry."""

    def work(self, candidate: Candidate) -> Work | BuildFailure:
        """Return a candidate as the constituents get it, or why its recipe is refused."""
        return self.builder.work(
            with_prototype(self.benchmark, candidate),
            self.target,
            entries=self.entries or (self.entry,),
            profiles=self.profiles,
        )

    def build(self, candidate: Candidate) -> Built | BuildFailure:
        """Build a candidate's objects and assembly."""
        return self.builder.build(
            with_prototype(self.benchmark, candidate),
            self.target,
            entries=self.entries or (self.entry,),
            profiles=self.profiles,
        )


def units(candidate: Candidate, to: Level) -> tuple[str, ...]:
    """Return the names of the files at a lower level that a candidate's files become, in order."""
    suffix = candidate.level.suffix
    stems = sorted(n.removesuffix(suffix) for n in candidate.files if n.endswith(suffix))
    return tuple(f"{stem}{to.suffix}" for stem in stems)
