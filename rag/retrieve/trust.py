"""Which passages are shown and quoted: none that takes over whoever answers, and none that stands beside one that does.

An attack seldom comes alone: what it wants said stands before or behind it, in words that order nothing. Only the text around
it is left out; all of it stays in the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Protocol, TypeVar

from corpus.records import Passage, ShownText
from lm.guard import takes_over

_SPARE = 6
"""So many more are looked at, in the place of those that are not trusted."""

T = TypeVar("T")


class Shelved(Protocol):
    """Passages in the order of their documents, found by id without reading them all; ``rag.index.index.Index`` is one."""

    def passages(self) -> Sequence[Passage]:
        """Every passage, read when it is asked for."""

    def place(self, name: str) -> int | None:
        """Where the passage with this id stands."""


class Trust:
    """Over the passages of one index. Reads a passage and its two neighbours, no others."""

    def __init__(self, index: Shelved) -> None:
        self._index = index

    def trusted(self, passage: ShownText) -> bool:
        """Are the passage and those before and behind it in its document free of attacks? True for other texts that are."""
        at = self._index.place(passage.id) if isinstance(passage, Passage) else None
        if at is None or not isinstance(passage, Passage):
            return not _takes_over(passage)
        beside = self._index.passages()[max(0, at - 1) : at + 2]
        return not any(_takes_over(p) for p in beside if p.source == passage.source)

    def first(self, k: int, find: Callable[[int], Iterable[T]], text: Callable[[T], ShownText]) -> list[T]:
        """The ``k`` best whose ``text`` is trusted, of what ``find`` gives for a number, best first."""
        return list(islice((x for x in find(k + _SPARE) if self.trusted(text(x))), k))


@lru_cache(maxsize=4096)
def _takes_over(passage: ShownText) -> bool:
    return takes_over(passage.text) or takes_over(passage.label)
