"""How far people agree: Cohen's kappa, Krippendorff's alpha, rank correlation, and what each means in words.

Sources: Cohen (1960, 1968) for kappa and its weights; Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability";
Spearman (1904); words by Landis and Koch (1977) and Krippendorff (2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

import numpy

from compare.verdict import FEWEST

Level = Literal["nominal", "ordinal", "interval"]
_DRAWS = 2_000
_RELIABLE, _TENTATIVE = 0.8, 0.667
_KAPPA_WORDS = ((0.8, "almost perfect"), (0.6, "substantial"), (0.4, "moderate"), (0.2, "fair"), (0.0, "slight"))
_RHO_WORDS = ((0.9, "almost the same order"), (0.7, "much the same order"), (0.4, "roughly the same order"))


class FigureJson(TypedDict):
    """A figure with what it rests on. ``value`` is None where nothing can be said; ``meaning`` says why."""

    value: float | None
    low: float | None
    high: float | None
    items: int
    meaning: str


def kappa(a: Sequence[str], b: Sequence[str], labels: Sequence[str], *, weighted: bool) -> FigureJson:
    """Cohen's kappa of two graders on the same items, quadratically weighted by the labels' order or not at all."""
    if not weighted:
        labels = [label for label in labels if label in (*a, *b)]
    if len(a) < FEWEST:
        return _no_figure(len(a), f"{len(a)} of {FEWEST} items needed that both graded")
    if len({*a, *b}) < 2:
        return _no_figure(len(a), "all grades are the same: chance cannot be told from agreement")
    from sklearn.metrics import cohen_kappa_score

    value = float(cohen_kappa_score(a, b, labels=list(labels), weights="quadratic" if weighted else None))
    same = sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
    words = next((w for least, w in _KAPPA_WORDS if value > least), "no better than chance")
    agreement = words if value <= 0 else f"{words} agreement"
    return _figure(value, None, None, len(a), f"{agreement}; the very same grade on {same:.0%}")


def alpha(units: Sequence[Sequence[float]], level: Level, seed: int = 0) -> FigureJson:
    """Krippendorff's alpha over ``units``: of each item the grades it was given, by any number of graders.

    Items with one grade are left out. The interval is a percentile bootstrap over items.
    """
    paired = [unit for unit in units if len(unit) > 1]
    if len(paired) < FEWEST:
        return _no_figure(len(paired), f"{len(paired)} of {FEWEST} items needed that two or more graded")
    value = krippendorff_alpha(paired, level)
    if value is None:
        return _no_figure(len(paired), "all grades are the same: chance cannot be told from agreement")
    low, high = _alpha_interval(paired, level, seed)
    words = _alpha_in_words(value)
    if low < _TENTATIVE <= value:
        words += f"; on so few items it may be as low as {max(low, -1):.2f}"
    return _figure(value, low, high, len(paired), words)


def krippendorff_alpha(units: Sequence[Sequence[float]], level: Level) -> float | None:
    """1 - observed / expected disagreement; None where all values are the same or none are paired.

    ``units``: of each item the values it was given, missing ones left out; how many may differ.

    >>> krippendorff_alpha([[1, 1], [2, 2], [1, 2]], "nominal")
    0.4444444444444444
    """
    coincidences = _coincidences(units)
    return _alpha_of(coincidences.sum(axis=0), level, _values(units)) if len(coincidences) else None


def _values(units: Sequence[Sequence[float]]) -> numpy.ndarray:
    values: numpy.ndarray = numpy.unique([value for unit in units if len(unit) > 1 for value in unit])
    return values


def _coincidences(units: Sequence[Sequence[float]]) -> numpy.ndarray:
    """``(items, values, values)``: how often each two values were given to the same item, by its count of values less one."""
    values = _values(units)
    of_items = []
    for unit in units:
        if len(unit) > 1:
            counts = (numpy.asarray(unit)[:, None] == values[None, :]).sum(axis=0).astype(float)
            of_items.append((numpy.outer(counts, counts) - numpy.diag(counts)) / (len(unit) - 1))
    return numpy.array(of_items)


def _alpha_of(coincidences: numpy.ndarray, level: Level, values: numpy.ndarray) -> float | None:
    totals = coincidences.sum(axis=0)
    distances = _distances(totals, level, values)
    expected = float((numpy.outer(totals, totals) * distances).sum())
    if expected <= 0:
        return None
    observed = float((coincidences * distances).sum())
    return 1 - (float(totals.sum()) - 1) * observed / expected


def _distances(totals: numpy.ndarray, level: Level, values: numpy.ndarray) -> numpy.ndarray:
    """Squared differences of each two values; of ordinal ones by how many grades lie between them."""
    if level == "nominal":
        return 1.0 - numpy.eye(len(values))
    places = values if level == "interval" else numpy.cumsum(totals) - totals / 2
    squared: numpy.ndarray = (places[:, None] - places[None, :]) ** 2
    return squared


def _alpha_interval(units: Sequence[Sequence[float]], level: Level, seed: int) -> tuple[float, float]:
    values, coincidences = _values(units), _coincidences(units)
    flat = coincidences.reshape(len(coincidences), -1)
    weights = numpy.random.default_rng(seed).multinomial(len(flat), [1 / len(flat)] * len(flat), size=_DRAWS)
    drawn = (weights @ flat).reshape(_DRAWS, len(values), len(values))
    alphas = [a for d in drawn if (a := _alpha_of(d, level, values)) is not None]
    low, high = numpy.percentile(alphas, [2.5, 97.5])
    return float(low), float(high)


def _alpha_in_words(value: float) -> str:
    if value >= _RELIABLE:
        return "reliable: conclusions may rest on these grades"
    if value >= _TENTATIVE:
        return "good enough for tentative conclusions only"
    if value > 0:
        return "too low to conclude from: the graders do not mean the same by their grades"
    return "no better than chance"


def spearman(a: Sequence[float], b: Sequence[float]) -> FigureJson:
    """Spearman's rank correlation, ties at their mean rank."""
    if len(a) < FEWEST:
        return _no_figure(len(a), f"{len(a)} of {FEWEST} graded answers needed")
    if len(set(a)) < 2 or len(set(b)) < 2:
        return _no_figure(len(a), "one side gives every answer the same: nothing can be ordered")
    from scipy.stats import spearmanr

    value = float(spearmanr(a, b).statistic)
    words = next((w for least, w in _RHO_WORDS if value >= least), "little in common in their order")
    return _figure(value, None, None, len(a), words if value > 0 else "not the same order")


def _figure(value: float, low: float | None, high: float | None, items: int, meaning: str) -> FigureJson:
    return {
        "value": round(value, 4),
        "low": None if low is None else round(low, 4),
        "high": None if high is None else round(high, 4),
        "items": items,
        "meaning": meaning,
    }


def _no_figure(items: int, why: str) -> FigureJson:
    return {"value": None, "low": None, "high": None, "items": items, "meaning": f"no figure: {why}"}
