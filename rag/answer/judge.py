"""When the arms that read documents say that the answer is not known. Learned elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.records import Passage
from rag.retrieve.retrieve import Retriever
from rag.retrieve.signs import signs

if TYPE_CHECKING:
    import numpy


NEVER = 2.0
"""Above every probability."""


@dataclass(frozen=True)
class Judge:
    """When to say that the answer is not known, as learned elsewhere."""

    probability: Callable[[Mapping[str, float], numpy.ndarray], float]
    """From ``rag.retrieve.signs`` and the question's unit vector to the probability that the documents answer it."""
    refuse_below: float
    """Below it nothing is generated."""
    insist_from: float
    """From it on an adapted model that refuses is asked again for the answer in its best passage, which is quoted at last."""
    calibrated: bool = True
    """Learned from the project's own questions; else it is a default."""

    def chance(self, retriever: Retriever, asked: str, vector: numpy.ndarray) -> tuple[float, tuple[Passage, ...]]:
        """The probability that the documents answer a question with this unit vector, and the passages that come nearest."""
        seen, places = signs(retriever, asked, vector)
        passages = retriever.index.passages()
        return self.probability(seen, vector), tuple(passages[n] for n in places)
