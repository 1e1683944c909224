"""Arms against each other, pair by pair, on the same questions: which pairs are asked about, and what each one shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from compare.significance import Difference, holm, paired_differences
from compare.verdict import FEWEST

if TYPE_CHECKING:
    from compare.comparison_json import PairJson

SIGNIFICANT = 0.05
Family = Sequence[tuple[str, str]]
"""The pairs that are asked about: their p values are adjusted for their number."""


def drawn_together(questions: Sequence[str], documents: Mapping[str, str]) -> list[str]:
    """The document of each question, where questions are drawn by document; empty where they are drawn one by one.

    That is where each stands by itself, or all are about too few documents to draw from.
    """
    known = [documents.get(i, "") for i in questions]
    units = len({name for name in known if name}) + known.count("")
    return known if FEWEST <= units < len(known) else []


def family_of(arms: Sequence[str], reference: str = "") -> Family:
    """Every pair of ``arms``; with a ``reference``, it against each of the others."""
    if not reference:
        return list(combinations(arms, 2))
    return [(reference, arm) for arm in arms if arm != reference]


def paired(
    columns: Mapping[str, Sequence[float]],
    family: Family,
    metric: str,
    *,
    seed: int,
    documents: Sequence[str] = (),
    few: bool = False,
    level: float = SIGNIFICANT,
) -> list[PairJson]:
    """Each pair of the family on one score: difference, interval, Holm-adjusted p, smallest detectable difference, effect.

    ``columns``: by arm the score of each question, 0 to 1. ``few``: there are too few questions for intervals and detectable
    differences, which are None then, and nothing is significant. ``level``: the adjusted p below which a difference counts.
    """
    differences = paired_differences([(columns[a], columns[b]) for a, b in family], seed, documents)
    adjusted = holm([d.p for d in differences])
    return [_pair(a, b, metric, d, p, few, level) for (a, b), d, p in zip(family, differences, adjusted, strict=True)]


def _pair(a: str, b: str, metric: str, difference: Difference, adjusted: float, few: bool, level: float) -> PairJson:
    def unless_few(value: float) -> float | None:
        return None if few else round(value, 4)

    return {
        "a": a,
        "b": b,
        "metric": metric,
        "difference": round(difference.difference, 4),
        "low": unless_few(difference.low),
        "high": unless_few(difference.high),
        "p": round(adjusted, 5),
        "smallest_detectable": unless_few(difference.smallest_detectable),
        "p_unadjusted": round(difference.p, 5),
        "significant": adjusted < level and not few,
        "effect": round(difference.effect, 3),
    }
