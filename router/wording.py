"""The words of a question as numbers: TF-IDF of its words, pairs of words, and marks like ``!``.

A sentence vector tells what a question is about; its words tell how it is asked (politely, in anger). Knows nothing of sorts.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy

_TERM = re.compile(r"\w+|[!?.]")
_MOST = 4000
"""Terms that are looked at: the most frequent."""


@dataclass(frozen=True)
class Wording:
    """The terms of the questions it was learned from, in a fixed order, and how rare each is (inverse document frequency)."""

    terms: tuple[str, ...] = ()
    rarity: tuple[float, ...] = ()

    def vector(self, question: str) -> numpy.ndarray:
        """A unit vector ``(terms,)``, or zeros where no term is known."""
        import numpy

        counts = Counter(_terms(question))
        made = numpy.array(
            [(1 + math.log(counts[t])) * r if counts[t] else 0.0 for t, r in zip(self.terms, self.rarity, strict=True)]
        )
        return made / (numpy.linalg.norm(made) or 1.0)

    def to_json(self) -> dict[str, Any]:
        """As ``from_json`` reads it."""
        return {"terms": list(self.terms), "rarity": list(self.rarity)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Wording:
        """What ``to_json`` wrote."""
        return cls(tuple(told["terms"]), tuple(told["rarity"]))


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
