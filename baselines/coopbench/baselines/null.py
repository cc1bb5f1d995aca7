"""Null entrants: they change nothing that matters, so their scores are the noise floor."""

from dataclasses import dataclass
from typing import Literal

from coopbench.harness.model import Candidate
from coopbench.harness.optimizer import Failed, Surroundings, Workbench


@dataclass(frozen=True)
class Null:
    """An entrant that hands the program back as it was, in one of three disguises."""

    name: Literal["identity", "rename", "relayout"]
    description: str
    version: str = "1"
    kind: Literal["null"] = "null"

    def available(self, surroundings: Surroundings) -> str | None:  # noqa: ARG002 - protocol
        """Null entrants always take part."""
        return None

    def optimize(self, workbench: Workbench) -> Candidate | Failed:
        """Return the original under the baseline's recipe, disguised."""
        view = workbench.benchmark
        if self.name == "rename":
            from coopbench.baselines.rename import rename_locals

            files = {n: rename_locals(t) if n.endswith(".c") else t for n, t in view.files.items()}
            if files == view.files:
                return view.original(view.baseline, self.name, "no local name to change")
            return view.original(view.baseline, self.name).model_copy(update={"files": files})
        recipe = view.baseline
        if self.name == "relayout":
            frontend = (*recipe.frontend, "-falign-functions=256")
            recipe = recipe.model_copy(update={"frontend": frontend})
        return view.original(recipe, self.name)


def entrants() -> tuple[Null, ...]:
    """Return the null entrants."""
    return (
        Null("identity", "the original under the baseline's recipe; must be identical"),
        Null("rename", "all locals renamed; must be identical"),
        Null("relayout", "functions aligned differently; must be within noise"),
    )
