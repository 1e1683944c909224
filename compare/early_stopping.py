"""Looking at a comparison before it is over without more false alarms: group-sequential bounds.

The 5 % are spent as looks are taken, little at first (Lan and DeMets 1983, the spending function like O'Brien and Fleming
1979), so a look at half of the questions stops only where the difference is large. The bounds are found by integrating over
the paths that did not stop before (Armitage, McPherson and Rowe 1969).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy

ALPHA = 0.05
_GRID = 801
_WIDEST = 8.0


def spent(share: float, alpha: float = ALPHA) -> float:
    """How much of ``alpha`` may be used up to this share, 0 to 1, of the questions: half of it on each side."""
    from scipy.stats import norm

    return float(4 * norm.sf(norm.ppf(1 - alpha / 4) / numpy.sqrt(share)))


@lru_cache(maxsize=64)
def levels(shares: tuple[float, ...], alpha: float = ALPHA) -> tuple[float, ...]:
    """``shares`` of the questions at each look, rising, the last one 1: the p below which each look may stop.

    Raises ``ValueError`` where they do not rise to 1.
    """
    from scipy.stats import norm

    if not shares or list(shares) != sorted(set(shares)) or shares[0] <= 0 or abs(shares[-1] - 1) > 1e-9:
        raise ValueError(f"looks at {shares}: they must rise to 1")
    bounds: list[float] = []
    density: numpy.ndarray | None = None
    scores = numpy.linspace(-_WIDEST, _WIDEST, _GRID)
    for n, share in enumerate(shares):
        to_spend = spent(share, alpha) - (spent(shares[n - 1], alpha) if n else 0.0)
        reached = norm.pdf(scores) if density is None else _carried(scores, density, shares[n - 1], share)
        bounds.append(_bound(scores, reached, to_spend))
        density = numpy.where(abs(scores) < bounds[-1], reached, 0.0)
    return tuple(float(2 * norm.sf(b)) for b in bounds)


def looks(questions: int, first: int, times: int = 5) -> list[int]:
    """After how many questions a comparison of ``questions`` is looked at: at most ``times``, evenly, none below ``first``."""
    places = [round(questions * n / times) for n in range(1, times + 1)]
    return sorted({p for p in places if p >= min(first, questions)} | {questions})


def may_stop(ps: Sequence[float], level: float) -> bool:
    """Is every one of the p values that are asked about below this look's level?"""
    return bool(ps) and all(p < level for p in ps)


def _carried(scores: numpy.ndarray, density: numpy.ndarray, before: float, now: float) -> numpy.ndarray:
    """The density of the standardised score now of the paths that went on."""
    from scipy.stats import norm

    spread = numpy.sqrt(now - before)
    steps = (scores[:, None] * numpy.sqrt(now) - scores[None, :] * numpy.sqrt(before)) / spread
    width = scores[1] - scores[0]
    return numpy.asarray((norm.pdf(steps) * density[None, :]).sum(axis=1) * width * numpy.sqrt(now) / spread)


def _bound(scores: numpy.ndarray, density: numpy.ndarray, to_spend: float) -> float:
    """From where on, on both sides, the density holds ``to_spend``: by the trapezoid rule, between grid points by line."""
    width = scores[1] - scores[0]
    tail = 2 * numpy.cumsum(density[::-1])[::-1] * width - density * width
    upper = scores > 0
    return float(numpy.interp(-to_spend, -tail[upper], scores[upper]))
