"""The arms with retrieval: ``rag`` (the model) and ``hybrid`` (the model with an adapter). Knows nothing of training."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.records import Passage
from corpus.refusal import is_refusal
from lm.answer import Answer, Citation
from lm.engine import ContinuingGenerator, Generation, Message, TextGenerator, generate_each
from lm.model_answer import answer_of, checked_question
from lm.prompts import REFUSAL, messages_for, pointed, split_pointer, unless_refusal, without_pointer
from lm.text_stream import pieces_then_result
from rag.cite import cite, nearest
from rag.memory import Memory
from rag.retrieve import Retriever
from rag.select import EARLIER_TEXTS, TEXTS, Selector
from rag.shown import Shown, what_to_show
from rag.signs import signs
from rag.trust import Trust

if TYPE_CHECKING:
    import numpy


NEVER = 2.0
"""Above every probability."""


@dataclass(frozen=True)
class Judge:
    """When to say that the answer is not known, as learned elsewhere."""

    probability: Callable[[Mapping[str, float], numpy.ndarray], float]
    """From ``rag.signs`` and the question's unit vector to the probability that the documents answer it."""
    refuse_below: float
    """Below it nothing is generated."""
    insist_from: float
    """From it on a tuned model that refuses is asked again for the answer in its best passage."""
    calibrated: bool = True
    """Learned from the project's own questions; else it is a default."""

    def chance(self, retriever: Retriever, asked: str, vector: numpy.ndarray) -> tuple[float, tuple[Passage, ...]]:
        """The probability that the documents answer a question with this unit vector, and the passages that come nearest."""
        told, places = signs(retriever, asked, vector)
        passages = retriever.index.passages()
        return self.probability(told, vector), tuple(passages[n] for n in places)


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

    def over(self, retriever: Retriever, *, guarded: bool = True) -> PassageAnswerer:
        """The same arm reading from another index."""
        made = copy(self)
        made.retriever, made.guarded = retriever, guarded
        return made

    def answer(self, question: str) -> Answer:
        """See ``Answerer``."""
        return self._answer(question, None)

    def stream(self, question: str) -> Iterator[str | Answer]:
        """See ``Answerer``."""
        return pieces_then_result(lambda on_text: self._answer(question, on_text))

    def answer_each(self, questions: Sequence[str]) -> list[Answer]:
        """See ``Batching``."""
        read = [self._read(q) for q in questions]
        asked = [r for r in read if not self._hopeless(r.chance)]
        made = generate_each(
            self.generator, [r.messages for r in asked], adapter=self.adapter, max_new_tokens=self.max_new_tokens
        )
        said = {id(r): self._insisted(r, m, None) for r, m in zip(asked, made, strict=True)}
        return [self._cited(r, said[id(r)]) if id(r) in said else self._abstained(r) for r in read]

    def _answer(self, question: str, on_text: Callable[[str], None] | None) -> Answer:
        read = self._read(question)
        told: list[str] = []

        def tell(piece: str) -> None:
            if on_text and piece:
                told.append(piece)
                on_text(piece)

        if self._hopeless(read.chance):
            answer = self._abstained(read)
        else:
            made = self.generator.generate(
                read.messages,
                adapter=self.adapter,
                max_new_tokens=self.max_new_tokens,
                on_text=on_text and without_pointer(unless_refusal(tell)),
            )
            answer = self._cited(read, self._insisted(read, made, tell if on_text else None))
        if not told:
            tell(answer.text)
        return answer

    def abstains(self, question: str) -> bool:
        """Would the arm say that it does not know without asking the model?"""
        return self._hopeless(self._read(question).chance)

    def _hopeless(self, chance: float | None) -> bool:
        return self.judge is not None and chance is not None and chance < self.judge.refuse_below

    def _insisted(self, read: _Read, made: Generation, on_text: Callable[[str], None] | None) -> Generation:
        """What the model says, or, where it refuses although the answer should be there, what it says when made to answer.

        A tuned model begins its reply with the number of the passage it rests on: it is given the likeliest one.
        """
        engine, judge = self.generator, self.judge
        known = judge is not None and read.chance is not None and read.chance >= judge.insist_from
        refused = is_refusal(split_pointer(made.text)[1])
        if not (refused and known and read.rests_on and self.adapter and isinstance(engine, ContinuingGenerator)):
            return made
        shares = engine.next_tokens([read.messages], "[", adapter=self.adapter, most=len(read.rests_on) + 2)[0]
        best = max(range(1, len(read.rests_on) + 1), key=lambda n: shares.get(str(n), 0.0))
        again = engine.continue_reply(
            read.messages,
            pointed("", [best]).rstrip(),
            adapter=self.adapter,
            max_new_tokens=self.max_new_tokens,
            on_text=on_text and without_pointer(unless_refusal(on_text)),
        )
        return replace(again, seconds=made.seconds + again.seconds)

    def _read(self, question: str) -> _Read:
        asked = checked_question(question)
        start = time.perf_counter()
        vector = self.retriever.embedder.embed([asked])[0]
        chance, near = self._judged(asked, vector)
        shown = [] if self._hopeless(chance) else self.shown(asked, vector)
        seconds = time.perf_counter() - start
        messages = messages_for(asked, [s.text for s in shown], guarded=self.guarded)
        return _Read(question, messages, [s.rests_on for s in shown], seconds, chance, near)

    def _judged(self, asked: str, vector: numpy.ndarray) -> tuple[float | None, tuple[Passage, ...]]:
        if self.judge is None:
            return None, ()
        return self.judge.chance(self.retriever, asked, vector)

    def shown(self, asked: str, vector: numpy.ndarray | None = None, but: Collection[str] = ()) -> list[Shown]:
        """The best texts that are trusted, best first, or the best sentences of them; no earlier answer named in ``but``."""
        k, remembered = self.k, self.remembered
        if self.selector:
            k, remembered = TEXTS, EARLIER_TEXTS if remembered else 0

        def found(k: int) -> Sequence[Shown]:
            return what_to_show(self.retriever, self.memory, asked, k, remembered, vector, but)

        texts = Trust(self.retriever.index).first(k, found, lambda s: s.text) if self.guarded else list(found(k))
        return self.selector.best(asked, texts, self.k, vector, guarded=self.guarded) if self.selector else texts

    def _cited(self, read: _Read, made: Generation) -> Answer:
        pointed_at, text = split_pointer(made.text)
        answer = answer_of(read.question, self.name, replace(made, text=text))
        answer = replace(answer, retrieve_s=read.seconds, answerable=read.chance, calibrated=self._calibrated)
        if answer.abstained:
            return replace(answer, nearest=self._nearest(read))
        named = [p for n, ps in enumerate(read.rests_on, 1) if n in pointed_at for p in ps]
        shown = list({p.id: p for ps in read.rests_on for p in ps}.values())
        return replace(answer, citations=cite(answer.text, named) or cite(answer.text, shown))

    def _abstained(self, read: _Read) -> Answer:
        return Answer(
            read.question,
            REFUSAL,
            self.name,
            abstained=True,
            nearest=self._nearest(read),
            answerable=read.chance,
            calibrated=self._calibrated,
            retrieve_s=read.seconds,
        )

    @property
    def _calibrated(self) -> bool | None:
        return self.judge.calibrated if self.judge else None

    def _nearest(self, read: _Read) -> tuple[Citation, ...]:
        """Where to look instead: what retrieval found, untuned where it was looked through for signs."""
        found = read.near or tuple({p.id: p for ps in read.rests_on for p in ps}.values())
        trust = Trust(self.retriever.index)
        return nearest([p for p in found if not self.guarded or trust.trusted(p)])


@dataclass(frozen=True)
class _Read:
    """A question with what was retrieved for it."""

    question: str
    messages: list[Message]
    rests_on: list[tuple[Passage, ...]]
    """The passages that each numbered text of the prompt stands for; none where the model is not asked."""
    seconds: float
    chance: float | None
    """The probability that the documents answer it; None without a judge."""
    near: tuple[Passage, ...]
