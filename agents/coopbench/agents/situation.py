"""What the guide decides upon."""

from collections.abc import Mapping
from dataclasses import dataclass

from coopbench.agents.moves import Done
from coopbench.harness.base import Level


@dataclass(frozen=True)
class Situation:
    """What a choice depends on, beside the tree and the ledger."""

    step: int
    """Number of the step, from 1."""
    open_levels: frozenset[Level]
    """Levels that the policy lets the step be spent on."""
    closed: Mapping[Level, str]
    """Levels that cannot be worked on, and why."""
    last: tuple[Done, ...]
    """What the last actions brought, the latest last."""
