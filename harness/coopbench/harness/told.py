"""What a trajectory says of an action's result: an outcome, one line, and details."""

from dataclasses import dataclass, field
from functools import singledispatch

from pydantic import JsonValue

from coopbench.harness.model import Candidate, Verdict
from coopbench.harness.optimizer import Admission, BuildFailed, Built

_LINES = 12
_CHARACTERS = 1200


@dataclass(frozen=True)
class Told:
    """How an action ended."""

    outcome: str
    """A word: `made`, `passed`, `known`, `unavailable`, `build_failed`, `wrong_output`…"""
    text: str = ""
    """One line for people."""
    data: dict[str, JsonValue] = field(default_factory=dict)


@singledispatch
def told(result: object) -> Told:
    """Return what an action's result comes to."""
    raise AssertionError(f"a result of an unknown kind: {type(result).__name__}")


@told.register
def _(_: None) -> Told:
    return Told("unavailable")


@told.register
def _(failure: BuildFailed) -> Told:
    lines = "\n".join(failure.diagnostics[:_CHARACTERS].splitlines()[:_LINES])
    return Told(
        "build_failed",
        f"{failure.step}: {error_line(lines)}",
        {"step": failure.step, "diagnostics": lines},
    )


@told.register
def _(verdict: Verdict) -> Told:
    outcome = verdict.outcome.value if verdict.outcome else "passed"
    found = verdict.counterexample
    data: dict[str, JsonValue] = {"counterexample": found.model_dump(mode="json")} if found else {}
    return Told(outcome, verdict.reason, data)


@told.register
def _(built: Built) -> Told:
    return Told("made", data={"exe_sha256": built.exe_sha256})


@told.register
def _(candidate: Candidate) -> Told:
    return Told("made", candidate.note, {"result": candidate.id, "files": list(candidate.files)})


@told.register
def _(admission: Admission) -> Told:
    outcome = "accepted" if admission.accepted else "refused"
    return Told(outcome, admission.reason, {"label": admission.label})


@told.register
def _(value: float) -> Told:
    return Told("known", f"{value:.9g}", {"value": value})


@told.register
def _(text: str) -> Told:
    return Told("made", f"{len(text.splitlines())} lines")


@told.register
def _(rows: tuple) -> Told:  # type: ignore[type-arg]
    return Told("known", f"{len(rows)} entries")


def error_line(diagnostics: str) -> str:
    """Return the first line that names an error."""
    lines = diagnostics.splitlines() or ["no diagnostics"]
    return next((line for line in lines if "error" in line.lower()), lines[0]).strip()
