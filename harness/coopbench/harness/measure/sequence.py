"""Confidence sequence of a log ratio, by inverting the sign-flip e-process.

After n blocks the set holds every theta whose own e-process, centred on theta and in the
scale of d - theta, has stayed below 1/alpha so far:

    C_n = { theta : sup_{k <= n} E_k(theta) < 1/alpha }.

If a constant theta is true (d - theta symmetric given the past), Ville's inequality gives
P(theta in C_n for all n at once) >= 1 - alpha, so the interval may be looked at after every
block and sampling may stop because of it (Howard, Ramdas, McAuliffe and Sekhon, Ann. Statist.
49, 2021; Waudby-Smith and Ramdas, JRSS B 86, 2024). What is returned is the hull of C_n,
rounded outwards, so numerical work can only widen it.
"""

import numpy as np
import numpy.typing as npt

from coopbench.harness.measure.eprocess import (
    BETS,
    SCALE_BLOCKS,
    FloatArray,
    log_cosh,
    log_e_paths,
)
from coopbench.harness.model import Interval

_INNER = 96  # grid points among the data, at most
_OUTER = 12  # grid points beyond the data, each side
_SECTIONS = 24  # parts into which an end is divided at each refinement
_REFINEMENTS = 6
_TOLERANCE = 1e-3  # of the width: how exactly an end is found
_REACHES = np.geomspace(0.25, 1024.0, 49)


def confidence_sequence(d: FloatArray, alpha: float) -> Interval | None:
    """Return the running confidence interval of the log ratio after all of `d`.

    Args:
        d: Log ratios in order of measurement, shape (blocks,).
        alpha: Error probability over the whole sequence.

    Returns:
        The interval on the log scale, or None where no bounded one can be stated: too few
        blocks (at alpha = 0.05, fewer than 14), or data so inconsistent that they reject
        every constant ratio.

    Raises:
        ValueError: if alpha is not in (0, 1) or a value is not finite.
    """
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must lie in (0, 1), got {alpha}")
    d = np.asarray(d, dtype=np.float64)
    if not np.isfinite(d).all():
        raise ValueError("log ratios must be finite")
    reach = _reach(len(d), alpha)
    if reach is None:
        return None
    if np.ptp(d) == 0.0:
        return Interval(low=float(d[0]), high=float(d[0]), confidence=1.0 - alpha)
    grid = _grid(d, reach)
    accepted = _accepted(d, grid, alpha)
    if not accepted.any():
        grid, accepted = _search_near_best(d, grid, alpha)
    inside = np.flatnonzero(accepted)
    if not len(inside) or inside[0] == 0 or inside[-1] == len(grid) - 1:
        return None
    first, last = inside[0], inside[-1]
    low = (float(grid[first]), float(grid[first - 1]))
    high = (float(grid[last]), float(grid[last + 1]))
    outer_low, outer_high = _refine(d, alpha, low, high)
    return Interval(low=outer_low, high=outer_high, confidence=1.0 - alpha)


def hodges_lehmann(d: FloatArray) -> float:
    """Return the median of the Walsh averages (d_i + d_j) / 2, i <= j.

    The point estimate that belongs to symmetric noise: robust to spikes, about 95 % efficient
    under Gaussian noise (Hodges and Lehmann, Ann. Math. Statist. 34, 1963).

    Raises:
        ValueError: if `d` is empty.
    """
    if len(d) == 0:
        raise ValueError("an estimate needs at least one block")
    i, j = np.triu_indices(len(d))
    return float(np.median(0.5 * (d[i] + d[j])))


def _reach(blocks: int, alpha: float) -> float | None:
    """Return how far beyond the data, in ranges of the data, theta is certain to be rejected.

    At a distance of c ranges every score lies at or beyond c / (c + 1) with the same sign, and
    the factors of the four bets of that sign grow with the score; the other four are at least
    0. None if no distance up to the largest considered will do.
    """
    scored = blocks - SCALE_BLOCKS
    if scored <= 0:
        return None
    u = _REACHES / (_REACHES + 1.0)
    logs = np.stack([scored * (bet * u - log_cosh(bet * u)) for bet in BETS])
    bound = np.logaddexp.reduce(logs, axis=0) - np.log(2 * len(BETS))
    enough = np.flatnonzero(bound >= -np.log(alpha))
    return float(_REACHES[enough[0]]) if len(enough) else None


def _grid(d: FloatArray, reach: float) -> FloatArray:
    """Return trial values of theta: the data, their midpoints and a widening fringe."""
    values = np.unique(d)
    inner = np.unique(np.concatenate([values, 0.5 * (values[1:] + values[:-1])]))
    if len(inner) > _INNER:
        inner = np.unique(np.quantile(inner, np.linspace(0.0, 1.0, _INNER), method="nearest"))
    spread = float(np.ptp(d))
    fringe = np.geomspace(min(0.01, 0.1 * reach), 1.01 * reach, _OUTER) * spread
    return np.concatenate([values[0] - fringe[::-1], inner, values[-1] + fringe])


def _accepted(d: FloatArray, theta: FloatArray, alpha: float) -> npt.NDArray[np.bool_]:
    accepted: npt.NDArray[np.bool_] = _peaks(d, theta) < -np.log(alpha)
    return accepted


def _peaks(d: FloatArray, theta: FloatArray) -> FloatArray:
    """Return sup log E over the blocks for each theta."""
    peaks: FloatArray = log_e_paths(d[:, np.newaxis] - theta).max(axis=0)
    return peaks


def _search_near_best(
    d: FloatArray, grid: FloatArray, alpha: float
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Zoom in on the least rejected theta, for a set that fell between the grid points."""
    for _ in range(_REFINEMENTS):
        best = int(np.argmin(_peaks(d, grid)))
        ends = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
        grid = np.linspace(*ends, 2 * _SECTIONS + 1)
        accepted = _accepted(d, grid, alpha)
        if accepted.any():
            break
    return grid, accepted


def _refine(
    d: FloatArray, alpha: float, low: tuple[float, float], high: tuple[float, float]
) -> tuple[float, float]:
    """Narrow both ends at once; each is a pair (accepted, rejected neighbour outside it).

    Returns:
        The rejected neighbours, so that the interval contains the whole hull.
    """
    for _ in range(_REFINEMENTS):
        gap = max(low[0] - low[1], high[1] - high[0])
        if gap <= _TOLERANCE * (high[0] - low[0]):
            break
        below = np.linspace(low[1], low[0], _SECTIONS + 1)
        above = np.linspace(high[0], high[1], _SECTIONS + 1)
        accepted = _accepted(d, np.concatenate([below, above]), alpha)
        first = int(np.flatnonzero(accepted[: len(below)])[0])
        last = int(np.flatnonzero(accepted[len(below) :])[-1])
        low = float(below[first]), float(below[first - 1])
        high = float(above[last]), float(above[last + 1])
    return low[1], high[1]
