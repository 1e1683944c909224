"""Is a difference real? Paired bootstrap intervals and sign-flip permutation tests.

Sources: Efron and Tibshirani (1993) for the bootstrap; Fisher's randomisation test with (extreme + 1) / (draws + 1);
Holm (1979) for many pairs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy

_BOOTSTRAPS = 2_000
_FLIPS = 10_000
_BLOCK = 500
_LEVEL = 0.95
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


def interval(values: Sequence[float], seed: int = 0) -> Interval:
    """The mean of ``values`` with a percentile bootstrap interval; an empty sequence gives zeros."""
    if not len(values):
        return Interval(0.0, 0.0, 0.0)
    data = numpy.asarray(values, dtype=float)
    low, high = _bootstrap(data, seed)
    return Interval(float(data.mean()), low, high)


def share(hits: int, of: int) -> Interval:
    """``hits / of`` with Wilson's score interval (1927), which also holds where the share is 0 or 1."""
    if not of:
        return Interval(0.0, 0.0, 0.0)
    p, z = hits / of, _NORMAL
    middle, half = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return Interval(p, max(0.0, (middle - half) / (1 + z * z / of)), min(1.0, (middle + half) / (1 + z * z / of)))


def paired_difference(a: Sequence[float], b: Sequence[float], seed: int = 0) -> Difference:
    """Compare two arms on the same questions. Raises ``ValueError`` where the lengths differ or are zero."""
    if len(a) != len(b) or not len(a):
        raise ValueError(f"paired scores of lengths {len(a)} and {len(b)}")
    gaps = numpy.asarray(a, dtype=float) - numpy.asarray(b, dtype=float)
    low, high = _bootstrap(gaps, seed)
    error = gaps.std(ddof=1) / numpy.sqrt(len(gaps)) if len(gaps) > 1 else 0.0
    return Difference(float(gaps.mean()), low, high, _sign_flip_p(gaps, seed), float(_DETECTABLE * error))


def ratio(above: Sequence[float], below: Sequence[float], seed: int = 0) -> Interval | None:
    """The sum of ``above`` over that of ``below``, drawn together for its interval; None where ``below`` comes to nothing."""
    data = numpy.array([above, below], dtype=float)
    if data[1].sum() <= 0:
        return None
    draws = numpy.random.default_rng(seed).integers(0, data.shape[1], (_BOOTSTRAPS, data.shape[1]))
    drawn = data[:, draws].sum(axis=2)
    drawn = drawn[:, drawn[1] > 0]
    tail = (1 - _LEVEL) / 2
    low, high = numpy.quantile(drawn[0] / drawn[1], [tail, 1 - tail])
    return Interval(float(data[0].sum() / data[1].sum()), float(low), float(high))


def holm(ps: Sequence[float]) -> list[float]:
    """p values adjusted for their number (Holm's step-down), in the order given."""
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    adjusted, floor = [0.0] * len(ps), 0.0
    for rank, i in enumerate(order):
        floor = max(floor, min(1.0, ps[i] * (len(ps) - rank)))
        adjusted[i] = floor
    return adjusted


def _bootstrap(data: numpy.ndarray, seed: int) -> tuple[float, float]:
    draws = numpy.random.default_rng(seed)
    means = [data[draws.integers(0, len(data), (_BLOCK, len(data)))].mean(axis=1) for _ in range(_BOOTSTRAPS // _BLOCK)]
    tail = (1 - _LEVEL) / 2 * 100
    low, high = numpy.percentile(numpy.concatenate(means), [tail, 100 - tail])
    return float(low), float(high)


def _sign_flip_p(gaps: numpy.ndarray, seed: int) -> float:
    draws = numpy.random.default_rng(seed)
    observed = abs(gaps.mean()) - 1e-12
    extreme = 0
    for _ in range(_FLIPS // _BLOCK):
        signs = draws.integers(0, 2, (_BLOCK, len(gaps))) * 2 - 1
        extreme += int((abs((signs * gaps).mean(axis=1)) >= observed).sum())
    return (extreme + 1) / (_FLIPS + 1)
