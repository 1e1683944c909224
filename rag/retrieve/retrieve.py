"""Which passages a question needs: dense and BM25 scores, each z-scored over the candidates, and added.

On public benchmarks this sum beats both alone and reciprocal rank fusion. Where documents are alike but for their names, or
a question names one of them plainly, the names in it choose the document and the rest of it the passage (see
``rag.index.document_names``).
How much the words weigh, a map on the question's vector and a reranking of the best may be learned from examples
(``rag.retrieve.tune_retrieval``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpus.records import EarlierAnswer, Passage, ScoredPassage, ShownText
from lm.engine_contract import Embedder
from rag.index.index import Index
from rag.index.passage_filter import EVERYTHING, Filter
from rag.index.vector_math import best_of
from rag.index.write_index import embedded_text
from rag.retrieve.late_interaction import RERANKED, LateInteraction

if TYPE_CHECKING:
    import numpy

_CANDIDATES = 50
"""The nearest by vector and as many of the best by words. Thirty to a hundred found the same on XQuAD and ``chunking``."""
_NAMES = 4.0
"""What a name that one document alone has adds to its passages, in standard deviations."""
_ALIKE = (0.8, 0.95)
"""Cosines of the best passages to their like in other documents: names do not count up to the first, fully from the other."""
_LEADS = (1.5, 2.5)
"""The same for how far one document's names stand above the next one's, in names that one document alone has."""
_NEAREST = 10
"""Passages whose like is looked for."""
_CHOSEN = 10
"""Documents, best named first, whose passages are looked through besides."""
_TOKENS_KEPT = 1024
"""Passages whose token vectors stay in memory: about 40 MB at 50 tokens."""


@dataclass(frozen=True)
class Tuning:
    """What was learned from examples about retrieving from one index."""

    word_weight: float = 1.0
    """Weight of the z-scored BM25 beside the z-scored cosine."""
    query_map: numpy.ndarray | None = None
    """``(dimension, dimension)``, added to the identity and applied to the question's vector; None: not mapped."""
    late: LateInteraction | None = None
    """Reranks the best passages by their tokens; None: not reranked."""

    def query(self, vector: numpy.ndarray) -> numpy.ndarray:
        """The unit vector to search with, for the question's unit vector of shape ``(dimension,)``."""
        import numpy

        if self.query_map is None:
            return vector
        mapped = vector + vector @ self.query_map
        return numpy.asarray(mapped / numpy.linalg.norm(mapped))


@dataclass(frozen=True)
class Candidates:
    """The passages that may answer a question, by their place in the index, with both kinds of scores."""

    places: Sequence[int]
    dense: numpy.ndarray
    words: numpy.ndarray
    """BM25 of the question or, where names count, of it without them, by as much as they count."""
    names: numpy.ndarray
    """What each one's document gains by the names in the question; zeros where they do not count."""

    def fused(self, word_weight: float) -> numpy.ndarray:
        """The score that orders them, higher is better."""
        fused: numpy.ndarray = self.standing(self.dense) + word_weight * _z(self.words) + self.names
        return fused

    def standing(self, cosines: numpy.ndarray) -> numpy.ndarray:
        """How far cosines stand above the mean of ``dense``, in its standard deviations."""
        spread = self.dense.std()
        standing: numpy.ndarray = (cosines - self.dense.mean()) / (spread if spread > 0 else 1.0)
        return standing


@dataclass(frozen=True)
class _Ranked:
    """A text with the scores that ``ScoredPassage`` explains."""

    text: ShownText
    score: float
    similarity: float
    bm25: float


class Retriever:
    """Retrieves from one index, from the passages that pass ``where``."""

    def __init__(self, index: Index, embedder: Embedder, tuning: Tuning = Tuning(), where: Filter = EVERYTHING) -> None:
        self.index = index
        self.embedder = embedder
        self.tuning = tuning
        self.where = where
        self._tokens: dict[str, numpy.ndarray] = {}

    def tuned(self, tuning: Tuning) -> Retriever:
        """The same retriever with another tuning; the token vectors are shared."""
        return self._sharing(Retriever(self.index, self.embedder, tuning, self.where))

    def within(self, where: Filter) -> Retriever:
        """The same retriever for the passages that pass ``where``; the token vectors are shared."""
        return self if where == self.where else self._sharing(Retriever(self.index, self.embedder, self.tuning, where))

    def _sharing(self, other: Retriever) -> Retriever:
        other._tokens = self._tokens
        return other

    def retrieve(
        self,
        question: str,
        k: int = 3,
        vector: numpy.ndarray | None = None,
    ) -> tuple[ScoredPassage, ...]:
        """The ``k`` best passages, best first; fewer only where no more pass the filter.

        ``vector``: the question's, where it is known already.
        """
        ranked = self._ranked(question, k, vector, ())
        return tuple(
            ScoredPassage(r.text, r.score, r.similarity, r.bm25) for r in ranked if isinstance(r.text, Passage)
        )

    def retrieve_beside(
        self, question: str, k: int, vector: numpy.ndarray, earlier: Sequence[tuple[EarlierAnswer, float]]
    ) -> tuple[ShownText, ...]:
        """The ``k`` best of passages and earlier answers, these with their cosines to the question.

        Without a reranking the earlier answers are left out.
        """
        return tuple(r.text for r in self._ranked(question, k, vector, earlier))

    def _ranked(
        self, question: str, k: int, vector: numpy.ndarray | None, earlier: Sequence[tuple[EarlierAnswer, float]]
    ) -> list[_Ranked]:
        import numpy

        passages = self.index.passages()
        allowed = self.allowed()
        if not len(passages) or (allowed is not None and not len(allowed)):
            return []
        asked = self.embedder.embed([question])[0] if vector is None else vector
        candidates = self.candidates(question, asked, allowed, k)
        fused = candidates.fused(self.tuning.word_weight)
        order = numpy.argsort(-fused, kind="stable")
        ranked = [
            _Ranked(
                passages[candidates.places[i]], float(fused[i]), float(candidates.dense[i]), float(candidates.words[i])
            )
            for i in order[: max(k, RERANKED) if self.tuning.late else k]
        ]
        if self.tuning.late:
            standing = candidates.standing(numpy.array([cosine for _, cosine in earlier]))
            others = [_Ranked(a, float(z), cosine, 0.0) for (a, cosine), z in zip(earlier, standing, strict=True)]
            ranked = [*self._reranked(question, ranked[:RERANKED], others, self.tuning.late), *ranked[RERANKED:]]
        return ranked[:k]

    def nearness(self, question: str) -> float:
        """The cosine of the passage nearest to the question, as the embedder came; 0 where none passes the filter."""
        _, cosines = self.index.nearest(self.embedder.embed([question])[0], 1, self.allowed())
        return float(cosines[0]) if len(cosines) else 0.0

    def allowed(self) -> numpy.ndarray | None:
        """The places of the passages that pass the filter, in rising order; None: every one."""
        import numpy

        if not self.where:
            return None
        spans = [numpy.arange(p.start, p.stop) for p in self.where.places(self.index.entries())]
        return numpy.concatenate(spans) if spans else numpy.zeros(0, int)

    def _reranked(
        self, question: str, best: Sequence[_Ranked], others: Sequence[_Ranked], late: LateInteraction
    ) -> list[_Ranked]:
        texts = self.token_vectors([r.text for r in (*best, *others)])
        added = late.scores(self.embedder.embed_tokens([question])[0], texts)
        added[len(best) :] += late.earlier
        scored = [replace(r, score=r.score + float(a)) for r, a in zip((*best, *others), added, strict=True)]
        return sorted(scored, key=lambda r: -r.score)

    def candidates(
        self, question: str, vector: numpy.ndarray, allowed: numpy.ndarray | None = None, least: int = 0
    ) -> Candidates:
        """The nearest passages by vector and the best by words; ``vector`` is the question's, before the tuning.

        ``allowed``: the places they are chosen from; None: all. ``least``: so many of each kind, where that is more than usual.
        """
        import numpy

        query = self.tuning.query(vector)
        many = max(_CANDIDATES, least)
        near, _ = self.index.nearest(query, many, allowed)
        words = self.index.word_scores(question)
        places = numpy.union1d(near, _best(words, many, allowed))
        named = self.index.named(question)
        count = max(_share(self._alike(near), _ALIKE), _share(named.lead, _LEADS))
        if count:
            words = (1 - count) * words + count * self.index.word_scores(named.rest)
            chosen = self._passages_of(named.best(_CHOSEN), allowed)
            nearest, _ = self.index.nearest(query, many, chosen)
            places = numpy.unique(numpy.concatenate([places, nearest, _best(words, many, chosen)]))
        names = _NAMES * count * named.scores[self.index.documents_of(places)]
        return Candidates(places.tolist(), self.index.vectors()[places] @ query, words[places], names)

    def _alike(self, near: numpy.ndarray) -> float:
        """The mean cosine of the nearest passages, given nearest first, to the one of another document most like each."""
        vectors, documents = self.index.vectors()[near], self.index.documents_of(near)
        cosines = vectors[:_NEAREST] @ vectors.T
        cosines[documents[:_NEAREST, None] == documents] = 0.0
        return float(cosines.max(axis=1).mean()) if len(near) else 0.0

    def _passages_of(self, documents: numpy.ndarray, allowed: numpy.ndarray | None) -> numpy.ndarray:
        """The places of the documents' passages, of those ``allowed``, in rising order."""
        import numpy

        spans = [numpy.arange(*self.index.span_of(n)) for n in sorted(documents.tolist())]
        places = numpy.concatenate([numpy.zeros(0, int), *spans])
        return places if allowed is None else numpy.intersect1d(places, allowed)

    def token_vectors(self, passages: Sequence[ShownText]) -> list[numpy.ndarray]:
        """The texts' token vectors; those used last stay in memory, in half precision."""
        import numpy

        missing = [p for p in passages if p.id not in self._tokens]
        vectors = self.embedder.embed_tokens([embedded_text(p) for p in missing]) if missing else []
        self._tokens.update({p.id: v.astype(numpy.float16) for p, v in zip(missing, vectors, strict=True)})
        for p in passages:
            self._tokens[p.id] = self._tokens.pop(p.id)  # now the newest
        while len(self._tokens) > max(_TOKENS_KEPT, len(passages)):
            del self._tokens[next(iter(self._tokens))]
        return [self._tokens[p.id].astype(numpy.float32) for p in passages]

    def occurrences(self, question: str) -> list[numpy.ndarray]:
        """For each different word of the question, stemmed, the places of the passages that have it."""
        return self.index.word_places(question)


def _best(words: numpy.ndarray, many: int, allowed: numpy.ndarray | None) -> numpy.ndarray:
    """The places of the passages that have most of the words, of those ``allowed``."""
    import numpy

    held = numpy.flatnonzero(words > 0) if allowed is None else allowed[words[allowed] > 0]
    best: numpy.ndarray = held[best_of(words[held], many)]
    return best


def _share(value: float, span: tuple[float, float]) -> float:
    """Where in a span a value lies, from 0 to 1."""
    return min(1.0, max(0.0, (value - span[0]) / (span[1] - span[0])))


def _z(scores: numpy.ndarray) -> numpy.ndarray:
    spread = scores.std()
    standardised: numpy.ndarray = (scores - scores.mean()) / (spread if spread > 0 else 1.0)
    return standardised
