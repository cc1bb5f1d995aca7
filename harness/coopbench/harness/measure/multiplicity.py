"""Family-wise error control over the claims of one report.

Both corrections hold under any dependence between the claims. Holm's needs nothing but valid
p-values, and an anytime-valid p-value is valid at whatever block its sampling stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from coopbench.harness.model import Decision


@dataclass(frozen=True)
class Claim:
    """One comparison of a report, claimed or not."""

    decision: Decision
    p_value: float | None
    """Anytime-valid p of `no difference`; None where nothing was tested (exact counts)."""


def adjust(claims: Sequence[Claim], alpha: float) -> tuple[Decision, ...]:
    """Return the decisions of a whole report: faster and slower must survive Holm's correction.

    The family is every comparison with a p-value, also those that ended without a claim. A
    direction that does not survive becomes inconclusive; other decisions stay.

    Raises:
        ValueError: if a p-value lies outside [0, 1].
    """
    tested = {i: c.p_value for i, c in enumerate(claims) if c.p_value is not None}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
    directed = (Decision.FASTER, Decision.SLOWER)
    return tuple(
        Decision.INCONCLUSIVE
        if c.decision in directed and adjusted.get(i, 0.0) > alpha
        else c.decision
        for i, c in enumerate(claims)
    )


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return Holm-adjusted p-values, in the order given.

    The claims with adjusted p <= alpha are those that Holm's step-down procedure rejects at
    family-wise level alpha (Holm, Scand. J. Statist. 6, 1979).

    Raises:
        ValueError: if a p-value lies outside [0, 1].
    """
    for p in p_values:
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"p-values must lie in [0, 1], got {p}")
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p_values[i]))
        adjusted[i] = highest
    return tuple(adjusted)


def bonferroni_alpha(alpha: float, claims: int) -> float:
    """Return the level at which each of `claims` intervals is built so that all hold together.

    Raises:
        ValueError: if alpha is not in (0, 1) or there is no claim.
    """
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must lie in (0, 1), got {alpha}")
    if claims < 1:
        raise ValueError(f"needs at least one claim, got {claims}")
    return alpha / claims
