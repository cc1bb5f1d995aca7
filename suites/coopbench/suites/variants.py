"""The suites of generated variants: `families`, and `families:SEED[:COUNT]`.

`coopbench run families` judges the public variants, `coopbench run families:secret` variants of a
seed that is drawn when the run starts; the run's record names the seed, so that anybody can
judge the same ones afterwards.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.errors import UsageError
from coopbench.suites.families import (
    MOST_VARIANTS,
    PUBLIC_SEED,
    PUBLIC_VARIANTS,
    Family,
    Variant,
    load_family,
)

FOLDER = Path(__file__).resolve().parent / "families"


@dataclass(frozen=True)
class VariantSuite:
    """The first variants of a seed, of every family in a folder."""

    name: str
    root: Path
    seed: int
    count: int

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """The families, in order of their names (UsageError if one is malformed)."""
        if not self.root.is_dir():
            return ()
        folders = sorted(p for p in self.root.iterdir() if (p / "family.toml").is_file())
        return tuple(load_family(folder) for folder in folders)

    @cached_property
    def variants(self) -> tuple[Variant, ...]:
        """All variants, by family (raises as `Family.variants` does)."""
        return tuple(v for f in self.families for v in f.variants(self.seed, self.count))

    @cached_property
    def benchmarks(self) -> tuple[Benchmark, ...]:
        """The variants as benchmarks, in order of their names (raises as `variants` does)."""
        return tuple(sorted((v.benchmark for v in self.variants), key=lambda b: b.name))


def public() -> VariantSuite:
    """Return the public variants of all families (entry point `coopbench.suites`)."""
    return VariantSuite("families", FOLDER, PUBLIC_SEED, PUBLIC_VARIANTS)


def from_seed(name: str, rest: str) -> VariantSuite:
    """Return the variants of a seed (entry point `coopbench.suite_schemes`).

    Args:
        name: As the user gave it.
        rest: What follows `families:`, i.e. `SEED` or `SEED:COUNT`.

    Raises:
        UsageError: if that is not a seed, or the count is out of range.
    """
    seed, _, count = rest.partition(":")
    if not seed.isdecimal() or not (count or "1").isdecimal():
        raise UsageError(
            f"suite {name!r}: give families:SEED or families:SEED:COUNT with whole numbers, e.g."
            " families:7:2, or families:secret for a seed that nobody knows yet"
        )
    number = int(count or 1)
    if not 1 <= number <= MOST_VARIANTS or int(seed) >= 1 << 64:
        raise UsageError(
            f"suite {name!r}: 1 to {MOST_VARIANTS} variants of a family can be asked for, of a"
            " seed below 2^64"
        )
    return VariantSuite(name, FOLDER, int(seed), number)
