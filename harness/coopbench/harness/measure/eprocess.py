"""Sign-flip e-process: evidence against `no difference` that stays valid under peeking.

A block's log ratio d = log(cost of baseline) - log(cost of candidate) changes sign when the
two launches swap labels, and our own coin decided their order. Under the sharp null (both
arms have the same distribution within a block) the sign of d is therefore a fair coin given
its magnitude and everything earlier, whatever the drift, autocorrelation or tails of the
machine's noise. With u the clipped d in units of a scale known beforehand, each factor

    exp(lambda * u) / cosh(lambda * u)

has conditional mean 1, so their product E is a nonnegative martingale with mean 1, and so is
its average over several lambda. Ville's inequality, P(sup E >= 1/alpha) <= alpha, makes it
legitimate to look after every block.

Sources: de la Pena, "A general class of exponential inequalities for martingales and ratios"
(Ann. Probab. 27, 1999) for conditionally symmetric differences; Ville, "Etude critique de la
notion de collectif" (1939); Waudby-Smith and Ramdas, "Estimating means of bounded random
variables by betting" (JRSS B 86, 2024) for bets and their mixtures.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

BETS = np.array([0.1, 0.2, 0.4, 0.8])
"""The lambda of the mixture; each is used with both signs."""
SCALE_BLOCKS = 4
"""The first blocks only set the scale and give no evidence."""
CLIP = 2.0
"""Bound of a block's score, in scales: one spike cannot decide."""

_SMALLEST_LOG_P = -700.0  # exp() of it is still a normal positive number


def log_e_paths(x: FloatArray) -> FloatArray:
    """Return log E after each block for many independent sequences at once.

    Args:
        x: Centred log ratios, shape (blocks, sequences).

    Returns:
        Natural logarithms of the e-process, same shape; 0 for the first `SCALE_BLOCKS`.

    Raises:
        ValueError: if a value is not finite.
    """
    if not np.isfinite(x).all():
        raise ValueError("log ratios must be finite")
    u = _scores(x)
    total = np.cumsum(u, axis=0)
    # The two signs of a bet share their denominator, so that they merge into
    # cosh(lambda * sum u) / prod cosh(lambda * u).
    terms = np.stack([log_cosh(bet * total) - np.cumsum(log_cosh(bet * u), axis=0) for bet in BETS])
    peak = terms.max(axis=0)
    result: FloatArray = peak + np.log(np.exp(terms - peak).mean(axis=0))
    return result


def log_e_path(d: FloatArray, center: float = 0.0) -> FloatArray:
    """Return log E after each block against the hypothesis that d is symmetric about `center`.

    Args:
        d: Log ratios in order of measurement, shape (blocks,).
        center: Log of the hypothetical true ratio; the scale is that of d - center.

    Raises:
        ValueError: if a value is not finite.
    """
    return log_e_paths((np.asarray(d, dtype=np.float64) - center)[:, np.newaxis])[:, 0]


def anytime_p(d: FloatArray) -> float:
    """Return the anytime-valid p-value of `no difference`: min(1, 1 / sup E).

    It never rises as blocks are added and is 1 for an empty sequence.

    Raises:
        ValueError: if a value is not finite.
    """
    return p_of_path(log_e_path(d))


def p_of_path(log_e: FloatArray) -> float:
    """Return min(1, 1 / sup E) for a path of log E, shape (blocks,)."""
    highest = float(np.max(log_e, initial=0.0))
    return float(np.exp(max(-highest, _SMALLEST_LOG_P)))


def log_cosh(x: FloatArray) -> FloatArray:
    """Return log(cosh(x)) without overflow."""
    size = np.abs(x)
    result: FloatArray = size + np.log1p(np.exp(-2.0 * size)) - np.log(2.0)
    return result


def _scores(x: FloatArray) -> FloatArray:
    """Clip each value at +-CLIP scales of the values before it; a tie (0) scores 0.

    A scale of 0 (most earlier values are ties) sends any other value to the clip: its sign is
    a fair coin all the same.
    """
    scale = _earlier_medians(np.abs(x))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        u = np.clip(x / scale, -CLIP, CLIP)
    u[x == 0.0] = 0.0
    u[:SCALE_BLOCKS] = 0.0
    return u


def _earlier_medians(size: FloatArray) -> FloatArray:
    """Return for each row the columns' medians over the rows above it (row 0: infinity)."""
    blocks, sequences = size.shape
    medians = np.full_like(size, np.inf)
    ordered = np.full((blocks + 1, sequences), np.inf)  # the rows so far, sorted by column
    for i in range(blocks):
        if i:
            medians[i] = 0.5 * (ordered[(i - 1) // 2] + ordered[i // 2])
        # Insertion into sorted columns, all at once: every value moves down by one or stays.
        moved = np.maximum(size[i], ordered[:i])
        np.minimum(size[i], ordered[0], out=ordered[0])
        np.minimum(moved, ordered[1 : i + 1], out=ordered[1 : i + 1])
    return medians
