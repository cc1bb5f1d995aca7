"""Candidates from files: one file, or a folder of submissions, each an entrant's answer."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from coopbench.harness.base import Level
from coopbench.harness.errors import UsageError
from coopbench.harness.model import Candidate, Outcome, Recipe
from coopbench.harness.optimizer import Failed, Surroundings, Workbench
from coopbench.harness.registry import unknown_name

_LEVELS = {level.suffix: level for level in Level}

MAX_BYTES = 4 << 20
"""A submission larger than this is refused."""


@dataclass(frozen=True)
class Submitted:
    """Files of one answer to one benchmark."""

    level: Level
    files: dict[str, str]


@dataclass(frozen=True)
class Submission:
    """An entrant whose answers were made elsewhere."""

    name: str
    answers: dict[str, Submitted] = field(repr=False)
    """By benchmark."""
    recipe: Recipe = field(default_factory=Recipe)
    description: str = "candidate files from outside"
    version: str = "1"
    kind: Literal["external"] = "external"

    def available(self, surroundings: Surroundings) -> str | None:
        """Say if assembly is for another architecture; that cannot be known before the build."""
        del surroundings
        return None

    def optimize(self, workbench: Workbench) -> Candidate | Failed:
        """Hand in the answer for this benchmark."""
        view = workbench.benchmark
        answer = self.answers.get(view.name)
        if answer is None:
            return Failed(Outcome.TOOL_CALL_FAILED, "no answer for this benchmark")
        return Candidate(
            benchmark=view.name,
            level=answer.level,
            files=answer.files,
            recipe=self.recipe,
            made_by=self.name,
        )


def read_submission(
    path: Path, benchmarks: dict[str, frozenset[str]], only: str | None
) -> Submission:
    """Read a candidate file, or a folder of them, as one entrant.

    A folder holds `<benchmark>.c`, `.ll` or `.s` for kernels, or `<benchmark>/<source>.c` for
    programs. A single file needs `only`, unless its stem is a benchmark's name.

    Args:
        path: File or folder.
        benchmarks: Known benchmarks and the names of their sources.
        only: Benchmark a single file (or folder of sources) is meant for.

    Raises:
        UsageError: naming the file and the remedy.
    """
    if path.is_file():
        name = only or path.stem
        _known(name, benchmarks)
        return Submission(path.stem, {name: _file(path)})
    if not path.is_dir():
        raise UsageError(f"{path} does not exist; name a candidate file or a folder of candidates")
    if only is not None:
        _known(only, benchmarks)
        return Submission(path.name, {only: _folder(path, benchmarks[only])})
    answers: dict[str, Submitted] = {}
    for entry in sorted(path.iterdir()):
        name = entry.stem if entry.is_file() else entry.name
        if name.startswith(".") or (entry.is_file() and entry.suffix not in _LEVELS):
            continue
        _known(name, benchmarks)
        if name in answers:
            raise UsageError(f"{path}: two answers for {name!r}; leave one")
        answers[name] = _file(entry) if entry.is_file() else _folder(entry, benchmarks[name])
    if not answers:
        raise UsageError(f"{path} holds no candidate: expected <benchmark>.c, .ll or .s")
    return Submission(path.name, answers)


def _known(name: str, benchmarks: dict[str, frozenset[str]]) -> None:
    if name not in benchmarks:
        raise unknown_name("benchmark", name, benchmarks)


def _file(path: Path) -> Submitted:
    level = _LEVELS.get(path.suffix)
    if level is None:
        raise UsageError(f"{path}: a candidate ends in {', '.join(_LEVELS)}")
    return Submitted(level, {f"kernel{path.suffix}": _text(path)})


def _folder(path: Path, sources: frozenset[str]) -> Submitted:
    files = {name: _text(path / name) for name in sources if (path / name).is_file()}
    missing = sorted(sources - set(files))
    if missing:
        raise UsageError(
            f"{path} lacks {missing[0]!r}; an answer holds every source of the benchmark"
        )
    return Submitted(Level.C, files)


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES >> 20} MiB; that is no candidate")
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text") from None
