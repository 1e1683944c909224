"""Below which probability of an answer nothing is said, and up to which a model's own refusal counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.answerability import Answerability

WRONGLY_REFUSED = 0.04
"""Share of the answerable training questions that may be turned away: less than the 5 % that new ones may come to."""
CERTAIN = 0.02
"""The share that is at least turned away whatever the model says, where a model's own refusals count, too."""
DOUBTED = 0.5
"""The share of answerable questions up to which, at most, a model's own refusal is believed."""


def turned_away(refused: float) -> tuple[float, float]:
    """The shares of answerable questions that are refused whatever the model says, and up to which its refusal counts.

    ``refused``: the share it refuses by itself, 0 to 1. Both together come to ``WRONGLY_REFUSED``, or to less.
    """
    if not refused:
        return WRONGLY_REFUSED, WRONGLY_REFUSED
    certain = max(CERTAIN, (WRONGLY_REFUSED - DOUBTED * refused) / (1 - refused)) if refused < 1 else CERTAIN
    return certain, believed(refused, certain)


def believed(refused: float, certain: float) -> float:
    """The share of answerable questions up to which a model's refusal counts that refuses this share by itself.

    ``certain``: the share that is turned away whatever the model says.
    """
    return min(DOUBTED, certain + (WRONGLY_REFUSED - certain) / refused) if refused else certain


def held_below(learned: Answerability, share: float) -> float:
    """The threshold below which this share of the answerable questions lies, out of fold."""
    return float(learned.answerable[min(int(share * len(learned.answerable)), len(learned.answerable) - 1)])
