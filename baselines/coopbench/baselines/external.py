"""Optimizers of others: any program that turns a task folder into a candidate file.

Nothing of theirs is imported. They run as the user who started them, outside the sandbox that
their candidates are judged in: whoever names a program here trusts it with the machine.
"""

import os
import shlex
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from coopbench.baselines.task_folder import (
    TOKENS_OUT,
    read_answer,
    read_report,
    write_task,
)
from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.ledger import NANO, Amounts, Currency, Purpose
from coopbench.harness.model import Candidate
from coopbench.harness.optimizer import Failed, Surroundings, Workbench
from coopbench.harness.submission import Submission, read_submission
from coopbench.harness.trajectory import event

DEFAULT_SECONDS = 3600.0
"""How long a program may take where the budget has no cap on wall time."""
MOST_OUTPUT = 1 << 20


@dataclass(frozen=True)
class Program:
    """A program as an optimizer; it is given the task folder as its last argument."""

    name: str
    """As on the command line, e.g. `cmd:./optimizer --fast`."""
    argv: tuple[str, ...]
    version: str = "1"
    kind: Literal["external"] = "external"

    @property
    def description(self) -> str:
        """One line for people."""
        return f"the program {Path(self.argv[0]).name}"

    def available(self, surroundings: Surroundings) -> str | None:
        """Say if there is no such program."""
        del surroundings
        if shutil.which(self.argv[0]) is None:
            return (
                f"there is no program {self.argv[0]!r} that can be run; mend the name or its mode"
            )
        return None

    def optimize(self, workbench: Workbench) -> Candidate | Failed:
        """Run the program on a task folder and take the answer it leaves there.

        A program that is stopped at the end of its wall time has its answer taken too, if there
        is one: writing early and improving later is the way to use a budget to its end.
        """
        with tempfile.TemporaryDirectory(prefix="coopbench-task-") as name:
            folder = Path(name)
            write_task(folder, workbench)
            why = self._run(workbench, folder)
            _charge(workbench, folder)
            answer = read_answer(folder, workbench, self.name)
        if isinstance(answer, Failed) and why is not None:
            return Failed(answer.outcome, f"{why}; {answer.reason}")
        return answer

    def _run(self, workbench: Workbench, folder: Path) -> str | None:
        """Run the program; return what went wrong, one line."""
        from coopbench.agents.backends.process import Child, run_child

        left = workbench.remaining(Currency.WALL_NS)
        seconds = DEFAULT_SECONDS if left is None else left / NANO
        environment = {**os.environ, "COOPBENCH_TASK": str(folder)}
        child = Child((*self.argv, str(folder)), b"", environment, str(Path.cwd()))
        try:
            done = run_child(child, time.monotonic() + seconds, MOST_OUTPUT)
        except OSError as e:
            raise InfraError(f"{self.name} cannot be started: {e.strerror}") from e
        workbench.record(
            event(
                "program",
                f"{done.why} with status {done.status}",
                agent=self.name,
                data={
                    "status": done.status,
                    "seconds": round(done.seconds, 3),
                    "stdout": done.stdout.decode("utf-8", "replace")[-4096:],
                    "stderr": done.stderr,
                },
            )
        )
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
        if done.why == "overdue":
            return f"stopped after {seconds:.0f} s, the end of its wall time"
        if done.why == "flood":
            return f"stopped because it printed more than {MOST_OUTPUT >> 20} MiB"
        return None if done.status == 0 else f"exit status {done.status} ({last})"


def _charge(workbench: Workbench, folder: Path) -> None:
    """Put what the program says it spent on models into the ledger; nobody else can know."""
    said = read_report(folder)
    amounts = Amounts(
        model_calls=said.model_calls,
        tokens=said.tokens,
        nano_dollars=said.nano_dollars or 0,
        estimated_calls=said.model_calls,
        unpriced_calls=said.model_calls if said.nano_dollars is None else 0,
    )
    if said.model_calls:
        reservation = workbench.reserve(Purpose(agent="program", action="program"), Amounts())
        workbench.settle(reservation, amounts)
        source = f"command: {TOKENS_OUT}"
        workbench.record(event("answer", said.note, agent="program", data={"source": source}))


def from_command(name: str, command: str, sources: Mapping[str, frozenset[str]]) -> Program:
    """Make the entrant of `cmd:PROGRAM ARGS…`.

    Raises:
        UsageError: if the command is empty, its quotes are unbalanced, or there is no such program.
    """
    del sources
    try:
        argv = tuple(shlex.split(command))
    except ValueError as e:
        raise UsageError(f"entrant {name!r}: {e}; mend the quotes") from None
    if not argv:
        raise UsageError(f"entrant {name!r} names no program; write cmd:PROGRAM")
    if shutil.which(argv[0]) is None:
        raise UsageError(f"entrant {name!r}: {_missing(argv[0])}")
    return Program(name, argv)


def from_folder(name: str, path: str, sources: Mapping[str, frozenset[str]]) -> Submission:
    """Make the entrant of `dir:PATH`: a folder of answers made elsewhere.

    Raises:
        UsageError: if the folder is no submission.
    """
    found = read_submission(Path(path), dict(sources), None)
    return Submission(name, found.answers, found.recipe, f"submission {found.name}")


def _missing(program: str) -> str:
    return f"there is no program {program!r} that can be run; mend the name or its mode"
