"""The baseline ``extract``: it quotes the sentences of the retrieved passages nearest to the question, or their section.

Needs no model."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.records import Passage
from corpus.text.match import normalise
from corpus.text.refusal import REFUSAL
from corpus.text.sentences import sentences
from lm.answerer import Answer, checked_question
from lm.engine_contract import Embedder
from lm.guard import quotable
from rag.answer.cite import citation, nearest
from rag.answer.judge import Judge
from rag.answer.quote_length import DEFAULT, QUOTINGS, Quoting, Span, section_of
from rag.retrieve.retrieve import Retriever
from rag.retrieve.trust import Trust


class ExtractAnswerer:
    """Quotes the best sentences by cosine plus the share of the question's words they hold, or the best passage's section."""

    name = "extract"

    def __init__(
        self,
        retriever: Retriever,
        embedder: Embedder,
        k: int = 3,
        quoting: Quoting = DEFAULT,
        judge: Judge | None = None,
    ) -> None:
        self.retriever = retriever
        self.embedder = embedder
        self.k = k
        self.quoting = quoting
        self.judge = judge
        """Says when the documents do not answer; without one it always quotes."""
        self.guarded = True
        """Never quotes what gives orders; off only to measure what that is worth."""

    def answer(self, question: str) -> Answer:
        """See ``Answerer``."""
        asked = checked_question(question)
        start = time.perf_counter()
        chance: float | None = None
        near: tuple[Passage, ...] = ()
        if self.judge:
            chance, near = self.judge.chance(self.retriever, asked, self.embedder.embed([asked])[0])
            if chance < self.judge.refuse_below:
                return self._abstained(question, chance, near, start)
        passages = self.passages(asked)
        spans = self._quoted(passages, self._ranked(asked, passages), self.quoting)
        if not spans:
            return self._abstained(question, chance, near, start)
        quotes = [p.text[a:b] for p, a, b in spans]
        text = " ".join(quotes)
        cited = tuple(citation(n, *span, _places(text, quotes, n - 1)) for n, span in enumerate(spans, 1))
        answer = Answer(question, text, self.name, citations=cited, retrieve_s=time.perf_counter() - start)
        return replace(answer, answerable=chance, calibrated=self.judge.calibrated if self.judge else None)

    def each_quoting(self, question: str) -> dict[Quoting, str]:
        """What each way of quoting would answer; empty where nothing is found."""
        passages = self.passages(question)
        ranked = self._ranked(question, passages)
        if not ranked:
            return {}
        return {q: " ".join(p.text[a:b] for p, a, b in self._quoted(passages, ranked, q)) for q in QUOTINGS}

    def _ranked(self, asked: str, passages: Sequence[Passage]) -> list[Span]:
        """The sentences of the passages, the best first."""
        spans = [(p, a, b) for p in passages for a, b in (quotable if self.guarded else sentences)(p.text)]
        if not spans:
            return []
        vectors = self.embedder.embed([asked, *(p.text[a:b] for p, a, b in spans)])
        cosines = vectors[1:] @ vectors[0]
        words = set(normalise(asked).split())

        def score(i: int) -> float:
            passage, a, b = spans[i]
            return float(cosines[i]) + len(words & set(normalise(passage.text[a:b]).split())) / max(1, len(words))

        return [spans[i] for i in sorted(range(len(spans)), key=score, reverse=True)]

    def _quoted(self, passages: Sequence[Passage], ranked: Sequence[Span], quoting: Quoting) -> list[Span]:
        """The pieces to quote, in the order of the passages or of the section."""
        if not ranked:
            return []
        if quoting.unit == "section":
            return section_of(passages[0], self.retriever.index, quoting.most, guarded=self.guarded)
        places = {p.id: n for n, p in enumerate(passages)}
        return sorted(ranked[: quoting.most], key=lambda span: (places[span[0].id], span[1]))

    def _abstained(self, question: str, chance: float | None, near: Sequence[Passage], start: float) -> Answer:
        trust = Trust(self.retriever.index)
        return Answer(
            question,
            REFUSAL,
            self.name,
            abstained=True,
            nearest=nearest([p for p in near if not self.guarded or trust.trusted(p)]),
            answerable=chance,
            calibrated=self.judge.calibrated if self.judge else None,
            retrieve_s=time.perf_counter() - start,
        )

    def passages(self, asked: str) -> list[Passage]:
        """The best passages that are trusted, best first."""

        def found(k: int) -> list[Passage]:
            return [f.passage for f in self.retriever.retrieve(asked, k)]

        return Trust(self.retriever.index).first(self.k, found, lambda p: p) if self.guarded else found(self.k)

    def stream(self, question: str) -> Iterator[str | Answer]:
        """See ``Answerer``: the whole text at once."""
        answer = self.answer(question)
        yield answer.text
        yield answer


def _places(text: str, quotes: Sequence[str], n: int) -> list[int]:
    """The sentences of ``text``, the quotes joined, in which quote ``n`` stands: one without a full stop runs on."""
    start = sum(len(q) + 1 for q in quotes[:n])
    end = start + len(quotes[n])
    return [place for place, (a, b) in enumerate(sentences(text), 1) if a < end and b > start]
