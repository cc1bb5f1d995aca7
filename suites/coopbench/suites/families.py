"""Families: templates from which a seed makes benchmarks that no model can have seen.

A family is a folder `families/<family>/` with `family.toml` (title, reason and the choices that
can be made), `kernel.c.j2` and `benchmark.toml.j2`. A seed draws one value for each choice, and
the templates become a benchmark named after the family and the values drawn. The variants of
seed 0 are public; those of any other seed are never among them, so that an optimizer that knows
the public ones by heart gains nothing by it.
"""

import hashlib
import itertools
import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, JsonValue, model_validator

from coopbench.harness.base import Frozen
from coopbench.harness.benchmark import Benchmark, Manifest, parse_model
from coopbench.harness.errors import UsageError
from coopbench.harness.workload import derive_seed

if TYPE_CHECKING:
    import jinja2

PUBLIC_SEED = 0
PUBLIC_VARIANTS = 2
"""Public variants of each family: the first ones of seed 0."""
MOST_VARIANTS = 100
"""More of one family would say little more."""
_TEMPLATES = {"kernel.c": "kernel.c.j2", "benchmark.toml": "benchmark.toml.j2"}
_DRAWS = 64
"""Draws for each variant before a family counts as exhausted."""


class Span(Frozen):
    """Whole numbers from `low` to `high`, both included, `step` apart."""

    low: int
    high: int
    step: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _not_empty(self) -> "Span":
        if self.low > self.high:
            raise ValueError(f"low = {self.low} is above high = {self.high}")
        return self

    def __len__(self) -> int:
        return (self.high - self.low) // self.step + 1

    def __getitem__(self, index: int) -> int:
        return self.low + index * self.step


class FamilyManifest(Frozen):
    """Contents of `family.toml`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    why: str
    """What the family is for, and what varies."""
    choices: dict[str, Span | tuple[JsonValue, ...]] = Field(min_length=1)
    """By name: a list of values, or a range of whole numbers (`{ low = 1, high = 9 }`)."""

    @model_validator(mode="after")
    def _can_be_drawn(self) -> "FamilyManifest":
        for name, values in self.choices.items():
            if len(values) == 0:
                raise ValueError(f"choices.{name} has no value")
        return self

    @property
    def variants(self) -> int:
        """Number of different draws; a value that is listed twice is drawn twice as often."""
        return math.prod(
            len(values) if isinstance(values, Span) else len({json.dumps(v) for v in values})
            for values in self.choices.values()
        )


@dataclass(frozen=True)
class Variant:
    """One benchmark of a family, as texts."""

    family: str
    name: str
    """The family's name and eight hexadecimal digits of the hash of the values drawn."""
    values: Mapping[str, JsonValue]
    files: Mapping[str, str]
    """`benchmark.toml` and `kernel.c`."""
    origin: Path
    """The family's folder."""

    @cached_property
    def benchmark(self) -> Benchmark:
        """The benchmark.

        Raises:
            UsageError: if the family's templates do not make a valid one.
        """
        where = f"{self.origin / _TEMPLATES['benchmark.toml']} (variant {self.name})"
        try:
            raw = tomllib.loads(self.files["benchmark.toml"])
        except tomllib.TOMLDecodeError as e:
            raise UsageError(f"{where}: not valid TOML: {e}") from None
        manifest = parse_model(Manifest, raw, where)
        if manifest.name != self.name or manifest.sources != ("kernel.c",):
            raise UsageError(
                f'{where}: needs name = "{{{{ name }}}}", and kernel.c alone as source'
            )
        return Benchmark(self.origin, manifest, {"kernel.c": self.files["kernel.c"]})

    def write(self, folder: Path) -> Path:
        """Write the benchmark's folder below a suite's; return it."""
        root = folder / self.name
        root.mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            (root / name).write_text(text, "utf-8", newline="")
        return root


@dataclass(frozen=True)
class Family:
    """A template and what can be chosen in it."""

    root: Path
    manifest: FamilyManifest

    @property
    def name(self) -> str:
        """Name of the family and its folder."""
        return self.manifest.name

    def variants(self, seed: int, count: int) -> tuple[Variant, ...]:
        """Return the first `count` variants of a seed, all different.

        Those of a seed other than `PUBLIC_SEED` are different from the public ones, too.

        Raises:
            UsageError: if the family has not that many, or its templates are at fault.
        """
        public: set[str] = set()
        if seed != PUBLIC_SEED:
            public = {v.name for v in self.variants(PUBLIC_SEED, PUBLIC_VARIANTS)}
        found: dict[str, Variant] = {}
        for values in itertools.islice(self._draws(seed), _DRAWS * (count + len(public))):
            if len(found) == count:
                break
            name = variant_name(self.name, values)
            if name not in public and name not in found:
                found[name] = self.render(values)
        if len(found) < count:
            raise UsageError(
                f"family {self.name!r} has only {self.manifest.variants} variants, of which"
                f" {len(public)} are public; ask for fewer than {count}"
            )
        return tuple(found.values())

    def render(self, values: Mapping[str, JsonValue]) -> Variant:
        """Return the variant of these values; the same values give the same bytes.

        Raises:
            UsageError: if a template is missing, or names something that is not chosen.
        """
        import jinja2

        name = variant_name(self.name, values)
        files = {}
        for made, template in _TEMPLATES.items():
            try:
                files[made] = (
                    _environment(self.root)
                    .get_template(template)
                    .render(values, name=name, family=self.name)
                )
            except (jinja2.TemplateError, UnicodeDecodeError) as e:
                raise UsageError(f"{self.root / template}: {type(e).__name__}: {e}") from None
        return Variant(self.name, name, dict(values), files, self.root)

    def _draws(self, seed: int) -> Iterator[dict[str, JsonValue]]:
        """Yield one value for each choice, again and again, from a stream of the seed's own."""
        key = derive_seed(b"coopbench families", self.name, seed)
        rng = np.random.Generator(np.random.PCG64(key))
        choices = sorted(self.manifest.choices.items())
        while True:
            yield {n: values[int(rng.integers(len(values)))] for n, values in choices}


def variant_name(family: str, values: Mapping[str, JsonValue]) -> str:
    """Return the name of the variant with these values."""
    text = json.dumps(dict(values), sort_keys=True)
    return f"{family}_{hashlib.sha256(f'{family}{text}'.encode()).hexdigest()[:8]}"


def load_family(root: Path) -> Family:
    """Load the family in a folder.

    Raises:
        UsageError: naming the file, the key and the remedy.
    """
    path = root / "family.toml"
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{root} is no family: it has no family.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise UsageError(f"{path}: not valid TOML: {e}") from None
    manifest = parse_model(FamilyManifest, raw, str(path))
    if manifest.name != root.name:
        raise UsageError(f"{path}: name {manifest.name!r} differs from the folder's")
    reserved = {"name", "family"} & set(manifest.choices)
    if reserved:
        raise UsageError(f"{path}: choices.{reserved.pop()} is given by us; rename the choice")
    return Family(root, manifest)


def _environment(root: Path) -> "jinja2.Environment":
    import jinja2

    return jinja2.Environment(  # noqa: S701 - the texts are C and TOML, not HTML
        loader=jinja2.FileSystemLoader(root),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
