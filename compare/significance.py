"""Is a difference real? Paired bootstrap intervals, sign-flip permutation tests and McNemar's test.

Sources: Efron and Tibshirani (1993) for the bootstrap; Fisher's randomisation test with (extreme + 1) / (draws + 1);
McNemar (1947) for scores of 0 and 1; Cohen (1988) for the effect size; Holm (1979) for many pairs. ``documents``
keeps the questions of one document together (``compare.resampling``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from compare.resampling import Resampling

_NORMAL = 1.959964
_DETECTABLE = _NORMAL + 0.841621
"""Standard errors that a two-sided test at 5 % detects with 80 % power."""


@dataclass(frozen=True)
class Interval:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """Mean of ``a - b`` over the same questions, its interval, and the two-sided p of no difference."""

    difference: float
    low: float
    high: float
    p: float
    smallest_detectable: float
    """What a two-sided test at 5 % finds with 80 % power."""
    effect: float = 0.0
    """Cohen's d of paired scores: the mean of ``a - b`` over its standard deviation; 0 where nothing differs."""


def interval(values: Sequence[float], seed: int = 0, documents: Sequence[str] = ()) -> Interval:
    """The mean of ``values`` with a percentile bootstrap interval; an empty sequence gives zeros."""
    return intervals([values], seed, documents)[0]


def intervals(columns: Sequence[Sequence[float]], seed: int = 0, documents: Sequence[str] = ()) -> list[Interval]:
    """``interval`` of each of several columns over the same questions, on the same draws."""
    if not len(columns) or not len(columns[0]):
        return [Interval(0.0, 0.0, 0.0) for _ in columns]
    data = numpy.asarray(columns, dtype=float).T
    low, high = Resampling(len(data), documents, seed).bounds(data)
    return [Interval(float(m), float(a), float(b)) for m, a, b in zip(data.mean(axis=0), low, high, strict=True)]


def share(hits: int, of: int) -> Interval:
    """``hits / of`` with Wilson's score interval (1927), which also holds where the share is 0 or 1."""
    if not of:
        return Interval(0.0, 0.0, 0.0)
    p, z = hits / of, _NORMAL
    middle, half = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return Interval(p, max(0.0, (middle - half) / (1 + z * z / of)), min(1.0, (middle + half) / (1 + z * z / of)))


def paired_difference(
    a: Sequence[float], b: Sequence[float], seed: int = 0, documents: Sequence[str] = ()
) -> Difference:
    """Compare two arms on the same questions. Raises ``ValueError`` where the lengths differ or are zero."""
    return paired_differences([(a, b)], seed, documents)[0]


def paired_differences(
    pairs: Sequence[tuple[Sequence[float], Sequence[float]]], seed: int = 0, documents: Sequence[str] = ()
) -> list[Difference]:
    """``paired_difference`` of each of several pairs over the same questions, on the same draws.

    Scores of 0 and 1 that no document holds together get McNemar's mid-p, all others that of drawn signs.
    """
    if not pairs:
        return []
    for a, b in pairs:
        if len(a) != len(b) or not len(a):
            raise ValueError(f"paired scores of lengths {len(a)} and {len(b)}")
    gaps = numpy.array([numpy.subtract(a, b, dtype=float) for a, b in pairs]).T
    draws = Resampling(len(gaps), documents, seed)
    low, high = draws.bounds(gaps)
    ps, errors, spread = (
        list(draws.p_values(gaps)),
        draws.standard_errors(gaps),
        gaps.std(axis=0, ddof=1 if len(gaps) > 1 else 0),
    )
    if not draws.clustered:
        ps = [mcnemar_p(a, b) if _is_binary(a, b) else p for (a, b), p in zip(pairs, ps, strict=True)]
    return [
        Difference(
            float(mean),
            float(low[n]),
            float(high[n]),
            float(ps[n]),
            float(_DETECTABLE * errors[n]),
            _over(mean, spread[n]),
        )
        for n, mean in enumerate(gaps.mean(axis=0))
    ]


def mcnemar_p(a: Sequence[float], b: Sequence[float]) -> float:
    """The two-sided mid-p of McNemar's test: of the questions that one arm alone answers, is half each arm's?

    Mid-p (Fagerland, Lydersen and Laake 2013) counts the observed split half: the exact test finds too little.
    """
    from scipy.stats import binom

    only_a, only_b = int(numpy.greater(a, b).sum()), int(numpy.less(a, b).sum())
    fewer, all_of = min(only_a, only_b), only_a + only_b
    if only_a == only_b:
        return 1.0
    return float(2 * binom.cdf(fewer, all_of, 0.5) - binom.pmf(fewer, all_of, 0.5))


def ratio(
    above: Sequence[float], below: Sequence[float], seed: int = 0, documents: Sequence[str] = ()
) -> Interval | None:
    """The sum of ``above`` over that of ``below``, drawn together for its interval; None where ``below`` comes to nothing."""
    over, under = numpy.asarray(above, dtype=float), numpy.asarray(below, dtype=float)
    if under.sum() <= 0:
        return None
    low, high = Resampling(len(over), documents, seed).ratio_bounds(over, under)
    return Interval(float(over.sum() / under.sum()), low, high)


def holm(ps: Sequence[float]) -> list[float]:
    """p values adjusted for their number (Holm's step-down), in the order given."""
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    adjusted, floor = [0.0] * len(ps), 0.0
    for rank, i in enumerate(order):
        floor = max(floor, min(1.0, ps[i] * (len(ps) - rank)))
        adjusted[i] = floor
    return adjusted


def _is_binary(a: Sequence[float], b: Sequence[float]) -> bool:
    return {*a, *b} <= {0.0, 1.0}


def _over(mean: float, spread: float) -> float:
    return float(mean / spread) if spread > 1e-12 else 0.0
