"""Is what an arm says of its own answers true? Calibration, and what is left when the unlikely ones are not given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy

if TYPE_CHECKING:
    from compare.comparison_json import CalibrationJson

MINIMUM = 20
"""With fewer answers there is no calibration."""
_BINS = 10
_COVERAGES = (0.25, 0.5, 0.75, 1.0)
_DRAWS = 1000


@dataclass(frozen=True)
class Calibration:
    """``error``: the expected calibration error over bins of equal size (Naeini et al. 2015); ``brier``: mean squared error."""

    answers: int
    right: float
    """Share of the answers that were right."""
    confidence: float
    """Mean of the probabilities."""
    error: float
    error_by_chance: float
    """The mean error of probabilities that are true, on as many answers: what chance alone does to each bin's share."""
    p: float
    """How often true probabilities would err as much as these or more, by simulation: small where these are not true."""
    brier: float
    bins: tuple[tuple[float, float, int], ...]
    """Mean probability, share of right answers and number of each bin, from the least likely."""
    risk: tuple[tuple[float, float], ...]
    """Share of wrong answers among the likeliest answers, by the share of answers that these are (risk-coverage)."""

    def to_json(self) -> CalibrationJson:
        """In the form that a comparison's result holds, rounded to four digits."""
        return {
            "answers": self.answers,
            "right": round(self.right, 4),
            "told": round(self.confidence, 4),
            "error": round(self.error, 4),
            "error_by_chance": round(self.error_by_chance, 4),
            "p": round(self.p, 4),
            "brier": round(self.brier, 4),
            "bins": [[round(p, 4), round(r, 4), n] for p, r, n in self.bins],
            "risk": [[c, round(r, 4)] for c, r in self.risk],
        }


def calibration(probabilities: Sequence[float], right: Sequence[bool]) -> Calibration | None:
    """Stated probabilities of being right, 0 to 1, against whether the answers were right; None for too few."""
    if len(right) < MINIMUM:
        return None
    order = numpy.argsort(probabilities, kind="stable")
    chances, truth = numpy.array(probabilities, dtype=float)[order], numpy.array(right, dtype=float)[order]
    brier = float(((chances - truth) ** 2).mean())
    truth = _tied(chances, truth[None, :])[0]
    parts = [p for p in numpy.array_split(numpy.arange(len(chances)), _BINS) if len(p)]
    bins = tuple((float(chances[p].mean()), float(truth[p].mean()), len(p)) for p in parts)
    error = float(_errors(chances, truth[None, :], parts)[0])
    drawn = _errors(
        chances, _tied(chances, numpy.random.default_rng(0).random((_DRAWS, len(chances))) < chances), parts
    )
    wrong = 1 - truth[::-1]
    risk = tuple((c, float(wrong[: max(1, round(c * len(wrong)))].mean())) for c in _COVERAGES)
    return Calibration(
        answers=len(chances),
        right=float(truth.mean()),
        confidence=float(chances.mean()),
        error=error,
        error_by_chance=float(drawn.mean()),
        p=float(((drawn >= error - 1e-12).sum() + 1) / (_DRAWS + 1)),
        brier=brier,
        bins=bins,
        risk=risk,
    )


def _tied(chances: numpy.ndarray, truths: numpy.ndarray) -> numpy.ndarray:
    """Each row of ``truths``, ``(rows, n)``, with equal chances sharing their mean: they have no order."""
    _, starts, counts = numpy.unique(chances, return_index=True, return_counts=True)
    means = numpy.add.reduceat(truths.astype(float), starts, axis=1) / counts
    return numpy.asarray(numpy.repeat(means, counts, axis=1))


def _errors(chances: numpy.ndarray, truths: numpy.ndarray, parts: Sequence[numpy.ndarray]) -> numpy.ndarray:
    """The expected calibration error of each row of ``truths``, ``(rows, n)``, against ``chances``, ``(n,)``."""
    total = sum(len(p) * abs(truths[:, p].mean(axis=1) - chances[p].mean()) for p in parts)
    return numpy.asarray(total / len(chances))
