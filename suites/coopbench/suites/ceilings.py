"""Reference ceilings: expert versions of benchmarks, judged beside the entrants.

What an expert reached says how much there was to gain, so that scores can be told as shares of
it. The expert versions lie in `ceilings/<benchmark>.c`, outside every benchmark's folder, and
no workbench hands them out. They are no entrants: a report never ranks them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate
from coopbench.harness.optimizer import Surroundings, Workbench
from coopbench.suites.catalog import Suite, curated

FOLDER = Path(__file__).resolve().parent / "ceilings"
NO_CEILING = "no expert version of this benchmark is known"


@dataclass(frozen=True)
class Ceiling:
    """Hands in the expert version of a benchmark, or the original where there is none."""

    folder: Path = FOLDER
    suite: Suite | None = None
    """Suite whose benchmarks the expert versions are of; default: all that come with CoopBench."""
    name: Literal["ceiling"] = "ceiling"
    version: str = "1"
    kind: Literal["ceiling"] = "ceiling"
    description: str = "expert versions: how much there is to gain; shown, never ranked"

    def available(self, surroundings: Surroundings) -> str | None:  # noqa: ARG002 - protocol
        """Expert versions are plain C: they are for every target."""
        return None

    def optimize(self, workbench: Workbench) -> Candidate:
        """Return the expert version under the baseline's recipe, the original if there is none."""
        view = workbench.benchmark
        text = self._text(view.name, view.files)
        if text is None:
            return view.original(view.baseline, self.name, NO_CEILING)
        (main,) = [n for n in view.files if n in ("kernel.c", "main.c")]
        return Candidate(
            benchmark=view.name,
            level=Level.C,
            files={main: text},
            recipe=view.baseline,
            made_by=self.name,
            note="expert version",
        )

    def _text(self, name: str, files: Mapping[str, str]) -> str | None:
        """Return the expert version; a stranger's benchmark of the same name has none."""
        path = self.folder / f"{name}.c"
        if not path.is_file() or name not in self._of.folders:
            return None
        if dict(files) != self._of.benchmark(name).files:
            return None
        return path.read_text("utf-8")

    @cached_property
    def _of(self) -> Suite:
        return self.suite or curated()


def entrants() -> tuple[Ceiling, ...]:
    """Return the reference ceilings as one entrant (entry point `coopbench.entrants`)."""
    return (Ceiling(),)


def with_ceiling(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of the benchmarks that have an expert version."""
    return tuple(sorted(p.stem for p in folder.glob("*.c")))
