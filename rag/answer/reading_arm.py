"""The arms with retrieval: ``rag`` (the model) and ``hybrid`` (the model with an adapter). Knows nothing of training."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.records import Passage
from corpus.text.refusal import REFUSAL, is_refusal
from lm.answer_openings import Opening
from lm.answerer import Answer, Citation, answer_of, checked_question
from lm.engine_contract import ContinuingGenerator, Generation, TextGenerator, generate_each
from lm.engines.text_stream import pieces_then_result
from lm.prompts import NOT_KNOWN, messages_for, pointed, split_pointer
from lm.reply_stream import opened, opened_with, unless_echo, unless_refusal, without_pointer
from rag.answer.asked_question import ReadingPrompt, ReadQuestion, joined
from rag.answer.cite import cite, nearest
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
        prompts = [p for r in read for p in r.prompts]
        made = generate_each(
            self.generator, [p.messages for p in prompts], adapter=self.adapter, max_new_tokens=self.max_new_tokens
        )
        said = {id(p): m for p, m in zip(prompts, made, strict=True)}
        return [self._cited(r, [self._insisted(r, p, said[id(p)], None) for p in r.prompts]) for r in read]

    def _answer(self, question: str, on_text: Callable[[str], None] | None) -> Answer:
        read = self._read(question)
        told: list[str] = []

        def tell(piece: str) -> None:
            if on_text and piece:
                told.append(piece)
                on_text(piece)

        made: list[Generation] = []
        for prompt in read.prompts:
            told_of = self._telling(read, prompt, tell, after=bool(told)) if on_text else None
            said = self.generator.generate(
                prompt.messages,
                adapter=self.adapter,
                max_new_tokens=self.max_new_tokens,
                on_text=told_of and without_pointer(unless_refusal(told_of)),
            )
            made.append(self._insisted(read, prompt, said, told_of))
        answer = self._cited(read, made)
        if (rest := answer.text.removeprefix("".join(told))) and on_text:
            tell(rest if answer.text.startswith("".join(told)) else "")
        return answer

    def _telling(
        self, read: ReadQuestion, prompt: ReadingPrompt, tell: Callable[[str], None], *, after: bool
    ) -> Callable[[str], None]:
        """What is told of a part as it comes: behind the opening where it is the first, else behind a space."""
        return unless_echo(opened_with(tell, " " if after else read.opening), prompt.question)

    def abstains(self, question: str) -> bool:
        """Would the arm say that it does not know without asking the model?"""
        return self._hopeless(self._read(question).chance)

    def _hopeless(self, chance: float | None) -> bool:
        return self.judge is not None and chance is not None and chance < self.judge.refuse_below

    def _insisted(
        self, read: ReadQuestion, prompt: ReadingPrompt, made: Generation, on_text: Callable[[str], None] | None
    ) -> Generation:
        """What the model says, or, where it refuses although the answer should be there, what it says when made to answer.

        An adapted model begins its reply with the number of the passage it rests on: it is given the likeliest one. Where it
        refuses even then, that passage is quoted.
        """
        engine, judge = self.generator, self.judge
        known = judge is not None and read.chance is not None and read.chance >= judge.insist_from
        refused = is_refusal(split_pointer(made.text)[1])
        if not (refused and known and prompt.rests_on and self.adapter and isinstance(engine, ContinuingGenerator)):
            return made
        shares = engine.next_tokens([prompt.messages], "[", adapter=self.adapter, most=len(prompt.rests_on) + 2)[0]
        best = max(range(1, len(prompt.rests_on) + 1), key=lambda n: shares.get(str(n), 0.0))
        again = engine.continue_reply(
            prompt.messages,
            pointed("", [best]).rstrip(),
            adapter=self.adapter,
            max_new_tokens=self.max_new_tokens,
            on_text=on_text and without_pointer(unless_refusal(on_text)),
        )
        if is_refusal(split_pointer(again.text)[1]) and (quote := prompt.quote(best)):
            again = replace(again, text=pointed(quote, [best]))
        return replace(again, seconds=made.seconds + again.seconds)

    def _read(self, question: str) -> ReadQuestion:
        asked = checked_question(question)
        start = time.perf_counter()
        vector = self.retriever.embedder.embed([asked])[0]
        chance, near = self._judged(asked, vector)
        prompts = () if self._hopeless(chance) else tuple(self._prompt(p, asked, vector) for p in self._parts(asked))
        opening = self.opening(asked) if self.opening and prompts else ""
        return ReadQuestion(question, prompts, time.perf_counter() - start, chance, near, opening)

    def _parts(self, asked: str) -> Sequence[str]:
        return self.parts(asked) if self.parts else (asked,)

    def _prompt(self, part: str, asked: str, vector: numpy.ndarray) -> ReadingPrompt:
        shown = self.shown(part, vector if part == asked else None)
        messages = messages_for(part, [s.text for s in shown], guarded=self.guarded)
        return ReadingPrompt(part, messages, [s.rests_on for s in shown])

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

    def _cited(self, read: ReadQuestion, made: Sequence[Generation]) -> Answer:
        """One answer of what was said to each part of the question: what is not known of several is named."""
        said = [prompt.informative(*split_pointer(m.text)) for prompt, m in zip(read.prompts, made, strict=True)]
        known = [n for n, (_, text) in enumerate(said) if text.strip() and not is_refusal(text)]
        if not known:
            return self._abstained(read, made)
        text = opened(" ".join(dict.fromkeys(said[n][1].strip() for n in known)), read.opening)
        unknown = [p.question for n, p in enumerate(read.prompts) if n not in known]
        text = " ".join([text, *(f'{NOT_KNOWN} "{question}"' for question in unknown)])
        named = [p for n in known for at, ps in enumerate(read.prompts[n].rests_on, 1) if at in said[n][0] for p in ps]
        shown = list({p.id: p for n in known for ps in read.prompts[n].rests_on for p in ps}.values())
        answer = answer_of(read.question, self.name, replace(joined(made), text=text))
        answer = replace(answer, retrieve_s=read.seconds, answerable=read.chance, calibrated=self._calibrated)
        return replace(answer, abstained=False, citations=cite(answer.text, named, shown))

    def _abstained(self, read: ReadQuestion, made: Sequence[Generation] = ()) -> Answer:
        refused = joined(made) if made else Generation(REFUSAL, 0, 0, 0.0)
        return replace(
            answer_of(read.question, self.name, replace(refused, text=split_pointer(refused.text)[1])),
            abstained=True,
            nearest=self._nearest(read),
            answerable=read.chance,
            calibrated=self._calibrated,
            retrieve_s=read.seconds,
        )

    @property
    def _calibrated(self) -> bool | None:
        return self.judge.calibrated if self.judge else None

    def _nearest(self, read: ReadQuestion) -> tuple[Citation, ...]:
        """Where to look instead: what retrieval found, untuned where it was looked through for signs."""
        found = read.near or tuple({p.id: p for x in read.prompts for ps in x.rests_on for p in ps}.values())
        trust = Trust(self.retriever.index)
        return nearest([p for p in found if not self.guarded or trust.trusted(p)])
