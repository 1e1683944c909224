"""Which passages are shown and quoted: none that gives orders to whoever answers, and none that stands beside one that does.

An order seldom comes alone: what it wants said stands before or behind it, in words that order nothing. Only the text around
it is left out; all of it stays in the index. Knows nothing of what an order looks like.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from corpus.records import Passage
from lm.guard import gives_orders


class Trust:
    """Over the passages of one index, in its order."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._place = {p.id: n for n, p in enumerate(passages)}

    def trusted(self, passage: Passage) -> bool:
        """Are the passage and those before and behind it in its document free of orders? True for other texts that are."""
        at = self._place.get(passage.id)
        if at is None:
            return not _gives_orders(passage)
        beside = self._passages[max(0, at - 1) : at + 2]
        return not any(_gives_orders(p) for p in beside if p.source == passage.source)


@lru_cache(maxsize=4096)
def _gives_orders(passage: Passage) -> bool:
    return gives_orders(passage.text) or gives_orders(passage.label)
