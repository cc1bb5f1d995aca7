"""Minimum detectable effect and number of blocks needed, before and after a run.

Two tests, two answers. A test planned for a fixed number of blocks and looked at once detects
(z_{1-alpha/2} + z_power) * sd / sqrt(blocks). The sign-flip e-process may be looked at after
every block, and pays for it: at the same effect its power is about 45 % where the planned test
has 80 %. `mde` is therefore the e-process's own; `planned_mde` is the textbook formula, for
comparison.
"""

import math
from functools import lru_cache

import numpy as np
from scipy import optimize, stats

from coopbench.harness.measure.eprocess import BETS, CLIP, SCALE_BLOCKS, log_cosh

_NODES = np.linspace(-6.0, 6.0, 241)
_WEIGHTS = np.exp(-0.5 * _NODES**2) / np.exp(-0.5 * _NODES**2).sum()
_LARGEST = 8.0  # effects beyond this many standard deviations change no score any more
_MOST_BLOCKS = 1 << 24


def mde(noise_sd: float, blocks: int, alpha: float, power: float = 0.8) -> float | None:
    """Return the smallest effect that the e-process finds with probability `power`.

    Computed for Gaussian log ratios by a normal approximation of the sum of scores at the last
    block; earlier chances to stop are ignored, so it errs towards the larger side.

    Args:
        noise_sd: (Robust) standard deviation of the per-block log ratio.
        blocks: Number of blocks.
        alpha: Two-sided error probability, already adjusted for multiplicity.
        power: Probability with which the effect shall be found.

    Returns:
        Relative effect, e.g. 0.01 for a speedup of 1.01, or None if so few blocks cannot show
        any effect at this alpha.

    Raises:
        ValueError: for arguments out of range.
    """
    _check(noise_sd, alpha, power)
    if blocks < 0:
        raise ValueError(f"blocks must not be negative, got {blocks}")
    effect = _standard_effect(blocks, alpha, power)
    return None if effect is None else math.expm1(effect * noise_sd)


def planned_mde(noise_sd: float, blocks: int, alpha: float, power: float = 0.8) -> float:
    """Return what a test planned for exactly `blocks` blocks and looked at once would detect.

    (z_{1-alpha/2} + z_power) * sd / sqrt(blocks) on the log scale, as a relative effect.

    Raises:
        ValueError: for arguments out of range.
    """
    _check(noise_sd, alpha, power)
    if blocks < 1:
        raise ValueError(f"a planned test needs at least one block, got {blocks}")
    z = stats.norm.isf(alpha / 2.0) + stats.norm.ppf(power)
    return math.expm1(float(z) * noise_sd / math.sqrt(blocks))


def blocks_needed(effect: float, noise_sd: float, alpha: float, power: float = 0.8) -> int:
    """Return the smallest number of blocks whose `mde` is at most `effect`.

    Args:
        effect: Relative effect to be found, e.g. 0.01.
        noise_sd: (Robust) standard deviation of the per-block log ratio.
        alpha: Two-sided error probability, already adjusted for multiplicity.
        power: Probability with which the effect shall be found.

    Raises:
        ValueError: for arguments out of range, or an effect too small for any practical run.
    """
    if not effect > 0.0:
        raise ValueError(f"effect must be positive, got {effect}")

    def enough(blocks: int) -> bool:
        found = mde(noise_sd, blocks, alpha, power)
        return found is not None and found <= effect

    most = SCALE_BLOCKS + 1
    while not enough(most):
        most *= 2
        if most > _MOST_BLOCKS:
            raise ValueError(f"an effect of {effect:g} at noise {noise_sd:g} needs too many blocks")
    least = most // 2
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if enough(middle) else (middle, most)
    return most


def _check(noise_sd: float, alpha: float, power: float) -> None:
    if not 0.0 <= noise_sd < math.inf:
        raise ValueError(f"noise must be finite and not negative, got {noise_sd}")
    if not (0.0 < alpha < 1.0 and 0.0 < power < 1.0):
        raise ValueError(f"alpha and power must lie in (0, 1), got {alpha} and {power}")


@lru_cache(maxsize=4096)
def _standard_effect(blocks: int, alpha: float, power: float) -> float | None:
    """Return the detectable effect in standard deviations of the log ratio."""
    scored = blocks - SCALE_BLOCKS
    if scored <= 0 or _margin(_LARGEST, scored, alpha, power) < 0.0:
        return None
    if _margin(0.0, scored, alpha, power) >= 0.0:
        return 0.0
    return float(optimize.brentq(_margin, 0.0, _LARGEST, args=(scored, alpha, power), xtol=1e-6))


def _margin(effect: float, scored: int, alpha: float, power: float) -> float:
    """Return by how much the (1 - power) quantile of log E passes log(1/alpha)."""
    scale = float(stats.foldnorm.median(effect))  # median |d| of N(effect, 1)
    u = np.clip((_NODES + effect) / scale, -CLIP, CLIP)
    mean = float(_WEIGHTS @ u)
    spread = math.sqrt(max(float(_WEIGHTS @ (u - mean) ** 2), 0.0))
    total = scored * mean - float(stats.norm.ppf(power)) * math.sqrt(scored) * spread
    # E falls again where the total turns negative: an effect the other way is no detection.
    total = max(total, 0.0)
    logs = [
        float(log_cosh(np.array(bet * total))) - scored * float(_WEIGHTS @ log_cosh(bet * u))
        for bet in BETS
    ]
    return float(np.logaddexp.reduce(logs)) - math.log(len(BETS)) + math.log(alpha)
