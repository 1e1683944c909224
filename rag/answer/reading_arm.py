"""The arms with retrieval: ``rag`` (the model) and ``hybrid`` (the model with an adapter)."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.records import Passage
from lm.answer_openings import Opening
from lm.answerer import Answer, checked_question
from lm.engine_contract import TextGenerator
from lm.engines.text_stream import pieces_then_result
from lm.prompts import messages_for
from lm.reply_stream import ReplyStream
from rag.answer.ask_model import AskedModel
from rag.answer.asked_question import ReadingPrompt, ReadQuestion
from rag.answer.cited_answer import cited_answer
from rag.answer.judge import Judge
from rag.answer.shown_texts import Shown, what_to_show
from rag.retrieve.earlier_answers import Memory
from rag.retrieve.retrieve import Retriever
from rag.retrieve.select_sentences import EARLIER_TEXTS, TEXTS, Selector
from rag.retrieve.trust import Trust

if TYPE_CHECKING:
    import numpy

Parts = Callable[[str], Sequence[str]]
"""From a question to the questions it asks, each standing by itself; most ask one."""


class PassageAnswerer:
    """Retrieves, lets the model read, and cites what its answer rests on; abstains where a ``judge`` says so."""

    def __init__(
        self,
        name: str,
        retriever: Retriever,
        generator: TextGenerator,
        adapter: Path | None = None,
        k: int = 3,
        max_new_tokens: int = 96,
        memory: Memory | None = None,
        remembered: int = 0,
        guarded: bool = True,
        judge: Judge | None = None,
        selector: Selector | None = None,
        parts: Parts | None = None,
        opening: Opening | None = None,
    ) -> None:
        self.name = name
        self.retriever = retriever
        self.generator = generator
        self.adapter = adapter
        self.k = k
        self.max_new_tokens = max_new_tokens
        self.memory = memory
        self.remembered = remembered
        self.guarded = guarded
        """Shows no text that gives orders (``lm.guard``); off only to measure what that is worth."""
        self.judge = judge
        self.selector = selector
        """Chooses the sentences that are shown; without one whole texts are."""
        self.parts = parts
        self.opening = opening

    def over(self, retriever: Retriever, *, guarded: bool = True) -> PassageAnswerer:
        """The same arm reading from another index."""
        arm = copy(self)
        arm.retriever, arm.guarded = retriever, guarded
        return arm

    def answer(self, question: str) -> Answer:
        """See ``Answerer``."""
        read = self._read(question)
        return cited_answer(self.name, read, self._model.replies(read))

    def stream(self, question: str) -> Iterator[str | Answer]:
        """See ``Answerer``."""
        return pieces_then_result(lambda on_text: self._streamed(question, on_text))

    def answer_each(self, questions: Sequence[str]) -> list[Answer]:
        """See ``Batching``."""
        read = [self._read(q) for q in questions]
        replies = self._model.replies_to_each(read)
        return [cited_answer(self.name, r, of) for r, of in zip(read, replies, strict=True)]

    def _streamed(self, question: str, on_text: Callable[[str], None]) -> Answer:
        read = self._read(question)
        stream = ReplyStream(on_text, read.opening)
        answer = cited_answer(self.name, read, self._model.replies(read, stream))
        stream.end(answer.text)
        return answer

    @property
    def _model(self) -> AskedModel:
        return AskedModel(self.generator, self.adapter, self.max_new_tokens)

    def abstains(self, question: str) -> bool:
        """Would the arm say that it does not know without asking the model?"""
        return not self._read(question).prompts

    def _read(self, question: str) -> ReadQuestion:
        asked, judge = checked_question(question), self.judge
        start = time.perf_counter()
        vector = self.retriever.embedder.embed([asked])[0]
        chance, near = judge.chance(self.retriever, asked, vector) if judge else (None, ())
        hopeless = judge is not None and chance is not None and chance < judge.refuse_below
        prompts = () if hopeless else tuple(self._prompt(p, asked, vector) for p in self._parts(asked))
        opening = self.opening(asked) if self.opening and prompts else ""
        quotable = self._quotable(near or [p for x in prompts for ps in x.rests_on for p in ps])
        return ReadQuestion(
            question,
            prompts,
            time.perf_counter() - start,
            chance,
            quotable,
            opening,
            insists=judge is not None and chance is not None and chance >= judge.insist_from,
            calibrated=judge.calibrated if judge else None,
        )

    def _quotable(self, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        """Each once, less what gives orders."""
        trust = Trust(self.retriever.index)
        return tuple(p for p in {p.id: p for p in passages}.values() if not self.guarded or trust.trusted(p))

    def _parts(self, asked: str) -> Sequence[str]:
        return self.parts(asked) if self.parts else (asked,)

    def _prompt(self, part: str, asked: str, vector: numpy.ndarray) -> ReadingPrompt:
        shown = self.shown(part, vector if part == asked else None)
        messages = messages_for(part, [s.text for s in shown], guarded=self.guarded)
        return ReadingPrompt(part, messages, [s.rests_on for s in shown])

    def shown(self, asked: str, vector: numpy.ndarray | None = None, but: Collection[str] = ()) -> list[Shown]:
        """The best texts that are trusted, best first, or the best sentences of them; no earlier answer named in ``but``."""
        k, remembered = self.k, self.remembered
        if self.selector:
            k, remembered = TEXTS, EARLIER_TEXTS if remembered else 0

        def found(k: int) -> Sequence[Shown]:
            return what_to_show(self.retriever, self.memory, asked, k, remembered, vector, but)

        texts = Trust(self.retriever.index).first(k, found, lambda s: s.text) if self.guarded else list(found(k))
        return self.selector.best(asked, texts, self.k, vector, guarded=self.guarded) if self.selector else texts
