"""What speaks for and against the documents answering a question, in numbers that can be compared between questions.

All of it comes from one look at the untuned index: what was learned from the examples would make their own questions look
better known than new ones. What the numbers mean together is learned elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING

from rag.retrieve.retrieve import Candidates, Retriever, Tuning

if TYPE_CHECKING:
    import numpy

SIGNS = (
    "similarity",
    "second",
    "words",
    "standing",
    "coverage",
    "best_coverage",
    "unknown",
    "rarest_missing",
    "length",
)
_LOOKED_AT = 4
"""Passages, best first, whose words are looked for those of the question."""


def signs(
    retriever: Retriever, question: str, vector: numpy.ndarray, but: Collection[str] = ()
) -> tuple[dict[str, float], tuple[int, ...]]:
    """``SIGNS`` of a question with this unit vector, and the places of the passages they were read from, best first.

    ``but``: sources that are taken for absent. Cosines: ``similarity``, ``second``. BM25: ``words``. Standard deviations:
    ``standing``, the best passage above the others. Shares of the question's words, weighted by idf: ``coverage`` by the best
    passages together, ``best_coverage`` by one of them, ``unknown`` to all documents. ``rarest_missing``: the idf of the
    rarest word that documents know and the best passages lack.
    """
    import numpy

    plain = retriever.tuned(Tuning(retriever.tuning.word_weight))
    candidates = _without(plain, plain.candidates(question, vector, plain.allowed()), but)
    if not len(candidates.places):
        return dict.fromkeys(SIGNS, 0.0), ()
    fused = candidates.fused(plain.tuning.word_weight)
    order = numpy.argsort(-fused, kind="stable")
    best = [int(candidates.places[i]) for i in order[:_LOOKED_AT]]
    cosines = numpy.sort(candidates.dense)[::-1]
    having = plain.occurrences(question)
    number = len(plain.index.passages())
    weights = [math.log(1 + (number - len(at) + 0.5) / (len(at) + 0.5)) for at in having]
    whole = sum(weights) or 1.0
    held = [[bool(numpy.isin(place, at)) for at in having] for place in best]
    anywhere = [any(row[n] for row in held) for n in range(len(having))]
    values = {
        "similarity": float(cosines[0]),
        "second": float(cosines[min(1, len(cosines) - 1)]),
        "words": float(max(candidates.words[i] for i in order[:_LOOKED_AT])),
        "standing": float(fused[order[0]] - fused[order[1 : 1 + _LOOKED_AT]].mean()) if len(order) > 1 else 0.0,
        "coverage": sum(w for w, there in zip(weights, anywhere, strict=True) if there) / whole,
        "best_coverage": max(sum(w for w, there in zip(weights, row, strict=True) if there) for row in held) / whole,
        "unknown": sum(w for w, at in zip(weights, having, strict=True) if not len(at)) / whole,
        "rarest_missing": max(
            (w for w, at, there in zip(weights, having, anywhere, strict=True) if len(at) and not there), default=0.0
        ),
        "length": float(len(having)),
    }
    return values, tuple(best)


def _without(retriever: Retriever, candidates: Candidates, but: Collection[str]) -> Candidates:
    if not but:
        return candidates
    passages = retriever.index.passages()
    kept = [n for n, place in enumerate(candidates.places) if passages[place].source not in but]
    places = [candidates.places[n] for n in kept]
    return Candidates(places, candidates.dense[kept], candidates.words[kept], candidates.names[kept])
