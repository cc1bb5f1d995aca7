"""What `coopbench optimize` hands over: the rewritten file, the diff, the verdict with evidence."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import typer

from coopbench.harness.adhoc import AdHoc
from coopbench.harness.base import Level
from coopbench.harness.chain_diff import diffs_along
from coopbench.harness.errors import UsageError
from coopbench.harness.model import Candidate, Outcome, Trial
from coopbench.harness.store import Store
from coopbench.harness.trajectory import Event, read_events


def check_output(file: Path, output: Path | None) -> None:
    """Refuse a place for the result where it cannot be written, before anything is spent.

    Raises:
        UsageError: naming the place and the remedy.
    """
    place = output or Path(file.stem)
    if output is not None and output.is_dir():
        raise UsageError(f"--output {output} is a folder; name a file")
    if not os.access(place.parent, os.W_OK | os.X_OK):
        raise UsageError(
            f"the result cannot be written into {place.parent.absolute()}; name a file in another "
            "folder with --output"
        )
    if output is not None and output.exists() and file.exists() and output.samefile(file):
        raise UsageError(f"--output {output} is the original; name another file")


@dataclass(frozen=True)
class Result:
    """What came out, and where it was written."""

    trial: Trial
    candidate: Candidate | None
    files: tuple[Path, ...]
    diff: str
    diff_file: Path | None
    notes: tuple[str, ...] = ()

    def facts(self) -> dict[str, object]:
        """Return the result as JSON-ready values."""
        m = self.trial.measurement
        return {
            "trial": self.trial.id,
            "outcome": self.trial.outcome.value,
            "reason": self.trial.reason,
            "speedup": m.speedup if m else None,
            "interval": m.interval.model_dump() if m and m.interval else None,
            "level": self.candidate.level.value if self.candidate else None,
            "recipe": self.candidate.recipe.model_dump(mode="json") if self.candidate else None,
            "files": [str(p) for p in self.files],
            "diff": str(self.diff_file) if self.diff_file else None,
            "evidence": [
                e.model_dump(mode="json")
                for e in (self.trial.verdict.evidence if self.trial.verdict else ())
            ],
        }

    def print(self) -> None:
        """Print diff, verdict and evidence."""
        typer.echo(self.diff or "(the text is unchanged: the gain, if any, is in the recipe)")
        typer.echo(f"{self.trial.outcome.value}: {self.trial.reason}")
        for e in self.trial.verdict.evidence if self.trial.verdict else ():
            mark = "passed" if e.passed else "FAILED"
            typer.echo(f"  {e.rung.value:8} {mark}: {e.detail} ({e.seconds:.2f} s)")
        if self.candidate is not None:
            typer.echo(f"recipe: {_recipe(self.candidate)}")
        for path in (*self.files, *([self.diff_file] if self.diff_file else [])):
            typer.echo(f"wrote {path}")
        for note in self.notes:
            typer.echo(f"note: {note}")


def hand_over(work: AdHoc, trial: Trial, store: Store, output: Path | None) -> Result:
    """Write the winner's files and the diff; nothing is written for a loser.

    Args:
        work: What was to be made faster.
        trial: What came out.
        store: Where the candidate and the trajectory are.
        output: The file to write; its suffix is made to fit the winner's level.

    Raises:
        UsageError: if a file cannot be written.
    """
    if trial.candidate_blob is None or trial.outcome is not Outcome.FASTER:
        return Result(trial, None, (), "(nothing faster and right was found)", None)
    candidate = Candidate.model_validate_json(store.get_blob(trial.candidate_blob))
    events: tuple[Event, ...] = ()
    if trial.trajectory_blob is not None:
        with contextlib.suppress(UsageError):
            lines = store.get_blob(trial.trajectory_blob).splitlines(keepends=True)
            events = read_events(lines, trial.id)
    diffs = diffs_along(events, candidate, work.sources, work.as_given)
    text = "\n".join(f"# level {level.value}\n{diff}" for level, diff in diffs)
    out = _place(work.file, output, candidate.level.suffix)
    written = {}
    if candidate.files != work.sources:
        written[out] = _main_file(work, candidate)
    diff_file = out.with_suffix(".diff") if text else None
    if diff_file is not None:
        written[diff_file] = text
    _write(written)
    files = tuple(path for path in written if path != diff_file)
    return Result(trial, candidate, files, text, diff_file, _notes(work, candidate))


def _place(file: Path, output: Path | None, suffix: str) -> Path:
    """Return where to write a text of a level; never over the original."""
    out = output or Path(f"{file.stem}.optimized{suffix}")
    if out.suffix != suffix:
        known = out.suffix in {level.suffix for level in Level}
        out = out.with_suffix(suffix) if known else out.with_name(out.name + suffix)
    if out.exists() and file.exists() and out.samefile(file):
        out = out.with_name(f"{file.stem}.optimized{suffix}")
    return out


def _main_file(work: AdHoc, candidate: Candidate) -> str:
    """Return the text to write: the user's whole file in C, the function's at lower levels."""
    if candidate.level is Level.C:
        return work.as_given(candidate.files)[work.file.name]
    return next(t for n, t in candidate.files.items() if n.endswith(candidate.level.suffix))


def _notes(work: AdHoc, candidate: Candidate) -> tuple[str, ...]:
    if candidate.level is Level.C or not work.extract.parts:
        return ()
    names = ", ".join(part.name for part in work.extract.parts)
    return (f"the file holds only what the function needs, not: {names}",)


def _write(files: dict[Path, str]) -> None:
    for path, text in files.items():
        try:
            path.write_text(text, "utf-8")
        except OSError as e:
            raise UsageError(f"cannot write {path}: {e.strerror}; name another --output") from None


def _recipe(candidate: Candidate) -> str:
    """Return how the result is to be built, as people write it."""
    r = candidate.recipe
    parts = [f"{r.compiler}"]
    if candidate.level.value == "c":
        parts.append(f"front end {' '.join(r.frontend)}")
    if r.passes is not None:
        parts.append(f"opt -passes='{r.passes}' {' '.join(r.pass_options)}".rstrip())
    if r.passes is not None or candidate.level.value == "ir":
        parts.append(f"llc {' '.join(r.codegen)}")
    if candidate.level.value == "asm":
        parts.append("assemble only")
    return "; ".join(parts)
