"""What an arm's answers cost to make, where the prices are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy

from lm.arm_facts import baselines

if TYPE_CHECKING:
    from compare.score import Score


@dataclass(frozen=True)
class Prices:
    """US dollars; None: not known."""

    machine_usd_per_hour: float | None = None
    """Of the machine that answers, or reads and embeds where the model is elsewhere."""
    hosted: bool = False
    """Is the model elsewhere, behind an endpoint? Its answers then cost their tokens, not the time waited for them."""
    input_usd_per_million: float | None = None
    output_usd_per_million: float | None = None
    source: str = ""


def usd_per_1000(scores: Sequence[Score], prices: Prices) -> float | None:
    """US dollars for a thousand answers like these; None where a price, or what was used, is not known.

    By time: the mean over the answers that were timed. By tokens: the mean over all.
    """
    costs = [_usd(s, prices) for s in scores if _by_tokens(s, prices) or s.seconds is not None]
    known = [usd for usd in costs if usd is not None]
    return round(float(numpy.mean(known)) * 1000, 5) if costs and len(known) == len(costs) else None


def _by_tokens(score: Score, prices: Prices) -> bool:
    return prices.hosted and score.routed_to not in baselines()


def _usd(score: Score, prices: Prices) -> float | None:
    if not _by_tokens(score, prices):
        hour = prices.machine_usd_per_hour
        return None if hour is None or score.seconds is None else score.seconds / 3600 * hour
    if prices.input_usd_per_million is None or prices.output_usd_per_million is None:
        return None
    if not score.prompt_tokens and not score.refused:  # the endpoint did not tell what it used
        return None
    used = score.prompt_tokens * prices.input_usd_per_million + score.completion_tokens * prices.output_usd_per_million
    return used / 1e6
