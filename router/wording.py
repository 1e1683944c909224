"""The words of a question as numbers: TF-IDF of its words, pairs of words, and marks like ``!``.

A sentence vector tells what a question is about; its words tell how it is asked (politely, in anger).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import numpy

_TERM = re.compile(r"\w+|[!?.]")
_MOST = 4000
"""Terms that are looked at: the most frequent."""


class WordingJson(TypedDict):
    """A ``Wording`` as JSON."""

    terms: list[str]
    rarity: list[float]


@dataclass(frozen=True)
class Wording:
    """The terms of the questions it was learned from, in a fixed order, and how rare each is (inverse document frequency)."""

    terms: tuple[str, ...] = ()
    rarity: tuple[float, ...] = ()

    def vector(self, question: str) -> numpy.ndarray:
        """A unit vector ``(terms,)``, or zeros where no term is known."""
        import numpy

        counts = Counter(_terms(question))
        weights = numpy.array(
            [(1 + math.log(counts[t])) * r if counts[t] else 0.0 for t, r in zip(self.terms, self.rarity, strict=True)]
        )
        return weights / (numpy.linalg.norm(weights) or 1.0)

    def to_json(self) -> WordingJson:
        """In the form that ``from_json`` reads."""
        return {"terms": list(self.terms), "rarity": list(self.rarity)}

    @classmethod
    def from_json(cls, record: WordingJson) -> Wording:
        """From what ``to_json`` wrote."""
        return cls(tuple(record["terms"]), tuple(record["rarity"]))


def learn_wording(questions: Sequence[str]) -> Wording:
    """The terms that stand in at least two of the questions."""
    counts = Counter(t for q in questions for t in set(_terms(q)))
    terms = sorted(t for t, n in counts.most_common(_MOST) if n > 1)
    return Wording(tuple(terms), tuple(round(math.log((1 + len(questions)) / (1 + counts[t])) + 1, 4) for t in terms))


def _terms(question: str) -> list[str]:
    words = _TERM.findall(question.lower())
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


def with_words(vectors: numpy.ndarray, questions: Sequence[str], wording: Wording) -> numpy.ndarray:
    """What questions are about, ``(n, d)``, and how they are asked, side by side: ``(n, d + terms)``."""
    import numpy

    return numpy.hstack([vectors, numpy.array([wording.vector(q) for q in questions])])
