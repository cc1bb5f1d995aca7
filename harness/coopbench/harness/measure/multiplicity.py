"""Family-wise error control over the claims of one report.

Both corrections hold under any dependence between the claims. Holm's needs nothing but valid
p-values, and an anytime-valid p-value is valid at whatever block its sampling stopped.
"""

from collections.abc import Sequence


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
