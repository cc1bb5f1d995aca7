"""The task folder: what an optimizer outside of this program gets, and what it answers.

Written: `task.json` (format, benchmark, contract, target, budget, baseline), `sources/` (what
may be rewritten), `inputs/` (the visible inputs) and `README.md`. Answered: `answer/kernel.c`,
`.ll` or `.s` for a kernel, or every source of a program; and, if it likes, `answer/answer.json`.
docs/external.md describes both for their authors.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import Field

from coopbench.harness.base import Frozen, Level
from coopbench.harness.benchmark import parse_model
from coopbench.harness.errors import UsageError
from coopbench.harness.ledger import Count, Currency
from coopbench.harness.model import Candidate, Outcome, Recipe
from coopbench.harness.optimizer import BenchmarkView, Failed, Workbench
from coopbench.harness.submission import MAX_BYTES

FORMAT = 1
TOKENS_OUT = "as the program reports itself"

_README = """\
# A task of CoopBench

Make the program in `sources/` faster and leave it right. `task.json` says what right means (the
contract, or how the program is run), for which target, and what may be spent. `inputs/` holds
inputs like those that count; hidden ones are drawn from the same contract.

Write the answer into `answer/`: for a kernel one file, `kernel.c`, `kernel.ll` or `kernel.s`,
that defines the function; for a program every file of `sources/`. Optionally `answer.json`:
`{"recipe": {"frontend": ["-O3"]}, "note": "what was done", "model_calls": 0, "tokens": 0,
"nano_dollars": 0}`. What is there when the program exits, or when its time is over, counts.
"""


class Report(Frozen):
    """Contents of `answer.json`; all of it is optional."""

    recipe: Recipe = Recipe()
    """How the answer is to be built."""
    note: str = Field(default="", max_length=2000)
    """The transformation, for people."""
    model_calls: Count = 0
    tokens: Count = 0
    nano_dollars: Count | None = None
    """Money spent on models, in 1e-9 US dollars; null means unknown."""


def write_task(folder: Path, workbench: Workbench) -> None:
    """Write a task folder for what lies on the workbench."""
    view = workbench.benchmark
    (folder / "task.json").write_text(json.dumps(_task(view, workbench), indent=1), "utf-8")
    (folder / "README.md").write_text(_README, "utf-8")
    (folder / "answer").mkdir()
    for name, text in view.files.items():
        _put(folder / "sources" / name, text.encode())
    for name, data in workbench.visible_inputs().items():
        _put(folder / "inputs" / name, data)


def read_answer(folder: Path, workbench: Workbench, made_by: str) -> Candidate | Failed:
    """Return the candidate that a task folder holds, or why it holds none."""
    view = workbench.benchmark
    try:
        found = _texts(folder / "answer", view)
        if not found:
            return Failed(Outcome.TOOL_CALL_FAILED, "no answer was written to answer/")
        level, files = found
        said = _report(folder / "answer" / "answer.json")
    except (UsageError, OSError, UnicodeDecodeError) as e:
        return Failed(Outcome.TOOL_CALL_FAILED, f"the answer cannot be used: {e}")
    return Candidate(
        benchmark=view.name,
        level=level,
        files=files,
        recipe=said.recipe,
        made_by=made_by,
        note=said.note,
    )


def read_report(folder: Path) -> Report:
    """Return what a program says it spent; a report that cannot be read says nothing."""
    try:
        return _report(folder / "answer" / "answer.json")
    except (UsageError, OSError):
        return Report()


def _task(view: BenchmarkView, workbench: Workbench) -> dict[str, Any]:
    target = workbench.surroundings.target
    return {
        "format": FORMAT,
        "trial": workbench.trial,
        "seed": workbench.seed,
        "benchmark": view.name,
        "kind": view.kind,
        "title": view.title,
        "sources": sorted(view.files),
        "contract": view.contract.model_dump(mode="json") if view.contract else None,
        "prototype": view.contract.prototype if view.contract else None,
        "program": view.program.model_dump(mode="json") if view.program else None,
        "target": {
            **target.model_dump(mode="json"),
            "triple": target.triple,
            "metric": target.metric.value,
        },
        "baseline": view.baseline.model_dump(mode="json"),
        "levels": ["c", "ir", "asm"] if view.kind == "kernel" else ["c"],
        "budget": {c.value: workbench.remaining(c) for c in Currency},
    }


def _texts(answer: Path, view: BenchmarkView) -> tuple[Level, dict[str, str]] | None:
    """Return the answer's level and files; None if there are none."""
    if view.kind == "program":
        missing = [name for name in sorted(view.files) if not (answer / name).is_file()]
        if len(missing) == len(view.files):
            return None
        if missing:
            raise UsageError(f"answer/ lacks {missing[0]!r}; an answer holds every source")
        return Level.C, {name: _text(answer / name) for name in view.files}
    found = [level for level in Level if (answer / f"kernel{level.suffix}").is_file()]
    if not found:
        return None
    if len(found) > 1:
        raise UsageError("answer/ holds kernels of several levels; leave one")
    name = f"kernel{found[0].suffix}"
    return found[0], {name: _text(answer / name)}


def _report(path: Path) -> Report:
    if not path.is_file():
        return Report()
    try:
        raw = json.loads(_text(path))
    except (json.JSONDecodeError, RecursionError) as e:
        raise UsageError(f"answer.json is not valid JSON: {e}") from None
    if not isinstance(raw, dict):
        raise UsageError("answer.json must hold an object")
    return parse_model(Report, raw, "answer.json")


def _text(path: Path) -> str:
    if path.is_symlink() or path.stat().st_size > MAX_BYTES:
        raise UsageError(f"{path.name} is a link, or larger than {MAX_BYTES >> 20} MiB")
    return path.read_text("utf-8")


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
