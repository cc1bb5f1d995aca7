"""Scripted models for whole searches: answers as models write them, and a desk to put them on."""

import json
from collections.abc import Callable, Mapping, Sequence

from coopbench.agents.ask import Models
from coopbench.agents.backends.model import Answer, CallFailed, FailureKind, Request
from coopbench.agents.backends.prices import load_prices
from coopbench.agents.backends.scripted import ScriptedBackend
from coopbench.agents.desk import Desk
from coopbench.harness.optimizer import Workbench

Said = str | Answer | CallFailed
DOWN = CallFailed(kind=FailureKind.UNAVAILABLE, message="backend 'scripted': nobody is there")
CLAIM = {"transformation": "t", "legality": "l", "expected": "e"}


def act(action: str, **fields: object) -> str:
    """Return a guide's answer."""
    return f"```json\n{json.dumps({'action': action, **fields})}\n```"


def code(text: str, language: str = "c", **claim: object) -> str:
    """Return a level agent's answer."""
    return f"```{language}\n{text}\n```\n```json\n{json.dumps({**CLAIM, **claim})}\n```"


def by_role(script: Mapping[str, Sequence[Said]]) -> Callable[[Request], Said]:
    """Return a script with an own list of answers for each role; `DOWN` when a list is used up."""
    left = {role: iter(tuple(answers)) for role, answers in script.items()}

    def answer(request: Request) -> Said:
        return next(left.get(request.role, iter(())), DOWN)

    return answer


def desk_of(bench: Workbench, script: Callable[[Request], Said]) -> tuple[Desk, ScriptedBackend]:
    """Return a desk whose every role is played by one script, and the backend that plays."""
    backend = ScriptedBackend("scripted", script)
    settings = bench.surroundings.settings
    models = Models({"": backend}, bench, settings, load_prices(None), bench.trial)
    return Desk(bench, models), backend
