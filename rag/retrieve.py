"""Which passages a question needs: dense and BM25 scores, each z-scored over the candidates, and added.

On public benchmarks this sum beats both alone and reciprocal rank fusion. How much the words weigh, a map on the
question's vector and a reranking of the best may be learned from examples (``rag.tune``). Knows nothing of answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from corpus.records import Found, Passage
from lm.engine import Embedder
from rag.index import Index, embedded_text
from rag.late import RERANKED, LateInteraction

if TYPE_CHECKING:
    import numpy

_DENSE_CANDIDATES = 100
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

    def fused(self, word_weight: float) -> numpy.ndarray:
        """The score that orders them, higher is better."""
        return self.standing(self.dense) + word_weight * _z(self.words)

    def standing(self, cosines: numpy.ndarray) -> numpy.ndarray:
        """How far cosines stand above the mean of ``dense``, in its standard deviations."""
        spread = self.dense.std()
        return (cosines - self.dense.mean()) / (spread if spread > 0 else 1.0)


class Retriever:
    """Retrieves from one index. The BM25 statistics are computed at the first question."""

    def __init__(self, index: Index, embedder: Embedder, tuning: Tuning = Tuning()) -> None:
        self.index = index
        self.embedder = embedder
        self.tuning = tuning
        self._words_index: dict[str, Any] = {}
        self._tokens: dict[str, numpy.ndarray] = {}

    def tuned(self, tuning: Tuning) -> Retriever:
        """The same retriever with another tuning; the BM25 statistics and token vectors are shared."""
        made = Retriever(self.index, self.embedder, tuning)
        made._words_index, made._tokens = self._words_index, self._tokens
        return made

    def retrieve(
        self,
        question: str,
        k: int = 3,
        vector: numpy.ndarray | None = None,
        also: Sequence[tuple[Passage, float]] = (),
    ) -> tuple[Found, ...]:
        """The ``k`` best passages, best first; fewer only where the index holds fewer.

        ``vector``: the question's, where it is known already. ``also``: other texts with their cosines to it, which take
        part in the reranking; without a reranking they are left out.
        """
        import numpy

        passages = self.index.passages()
        if not passages:
            return ()
        found = self.candidates(question, self.embedder.embed([question])[0] if vector is None else vector)
        fused = found.fused(self.tuning.word_weight)
        order = numpy.argsort(-fused, kind="stable")
        ranked = [
            Found(passages[found.places[i]], float(fused[i]), float(found.dense[i]), float(found.words[i]))
            for i in order[: max(k, RERANKED)]
        ]
        if self.tuning.late:
            standing = found.standing(numpy.array([cosine for _, cosine in also]))
            others = [Found(p, float(z), cosine, 0.0) for (p, cosine), z in zip(also, standing, strict=True)]
            ranked = [*self._reranked(question, ranked[:RERANKED], others, self.tuning.late), *ranked[RERANKED:]]
        return tuple(ranked[:k])

    def nearness(self, question: str) -> float:
        """The cosine of the passage nearest to the question, as the embedder came; 0 in an empty index."""
        return max(self.index.nearest(self.embedder.embed([question])[0], 1).values(), default=0.0)

    def _reranked(
        self, question: str, best: Sequence[Found], others: Sequence[Found], late: LateInteraction
    ) -> list[Found]:
        texts = self.token_vectors([f.passage for f in (*best, *others)])
        added = late.scores(self.embedder.embed_tokens([question])[0], texts)
        added[len(best) :] += late.earlier
        scored = [replace(f, score=f.score + float(a)) for f, a in zip((*best, *others), added, strict=True)]
        return sorted(scored, key=lambda f: -f.score)

    def candidates(self, question: str, vector: numpy.ndarray) -> Candidates:
        """The nearest passages by vector and the best by words; ``vector`` is the question's, before the tuning."""
        import numpy

        passages = self.index.passages()
        place = {p.id: i for i, p in enumerate(passages)}
        cosines = self.index.nearest(self.tuning.query(vector), min(_DENSE_CANDIDATES, len(passages)))
        words = self._word_scores(question, passages)
        best_by_words = numpy.argsort(-words, kind="stable")[:_DENSE_CANDIDATES]
        places = sorted({place[i] for i in cosines} | {int(i) for i in best_by_words if words[i] > 0})
        floor = min(cosines.values(), default=0.0)
        dense = numpy.array([cosines.get(passages[i].id, floor) for i in places])
        return Candidates(places, dense, words[places])

    def token_vectors(self, passages: Sequence[Passage]) -> list[numpy.ndarray]:
        """The passages' token vectors; those used last stay in memory, in half precision."""
        import numpy

        missing = [p for p in passages if p.id not in self._tokens]
        made = self.embedder.embed_tokens([embedded_text(p) for p in missing]) if missing else []
        self._tokens.update({p.id: v.astype(numpy.float16) for p, v in zip(missing, made, strict=True)})
        for p in passages:
            self._tokens[p.id] = self._tokens.pop(p.id)  # now the newest
        while len(self._tokens) > max(_TOKENS_KEPT, len(passages)):
            del self._tokens[next(iter(self._tokens))]
        return [self._tokens[p.id].astype(numpy.float32) for p in passages]

    def occurrences(self, question: str) -> list[numpy.ndarray]:
        """For each different word of the question, stemmed, the places of the passages that have it."""
        import numpy

        self._word_scores(question, self.index.passages())
        words = dict.fromkeys(self._words([question])[0])
        bm25 = self._words_index["bm25"]
        numbers = [bm25.vocab_dict.get(word) for word in words]
        starts, places = bm25.scores["indptr"], bm25.scores["indices"]
        return [places[starts[n] : starts[n + 1]] if n is not None else numpy.zeros(0, int) for n in numbers]

    def _word_scores(self, question: str, passages: Sequence[Passage]) -> numpy.ndarray:
        """BM25 of every passage for the question, ``(len(passages),)``."""
        import bm25s
        import numpy

        if not self._words_index:
            import Stemmer

            self._words_index["stemmer"] = Stemmer.Stemmer("english")
            bm25 = bm25s.BM25()
            bm25.index(self._words([embedded_text(p) for p in passages]), show_progress=False)
            self._words_index["bm25"] = bm25
        asked = self._words([question])[0]
        return numpy.asarray(self._words_index["bm25"].get_scores(asked)) if asked else numpy.zeros(len(passages))

    def _words(self, texts: list[str]) -> list[list[str]]:
        import bm25s

        made: list[list[str]] = bm25s.tokenize(
            texts, stopwords="en", stemmer=self._words_index["stemmer"], show_progress=False, return_ids=False
        )
        return made


def _z(scores: numpy.ndarray) -> numpy.ndarray:
    spread = scores.std()
    return (scores - scores.mean()) / (spread if spread > 0 else 1.0)
