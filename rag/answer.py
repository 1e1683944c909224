"""The arms with retrieval: ``rag`` (the model) and ``hybrid`` (the model with an adapter). Knows nothing of training."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.records import Passage
from lm.answer import Answer
from lm.engine import Generation, Message, TextGenerator, generate_each
from lm.guard import readable
from lm.model_answer import answer_of, checked_question
from lm.prompts import messages_for, split_pointer, without_pointer
from lm.text_stream import pieces_then_result
from rag.cite import cite
from rag.memory import Memory
from rag.retrieve import Retriever
from rag.shown import Shown, what_to_show

_SPARE = 4
"""So many texts more are looked at, in the place of those that give nothing but orders."""


class PassageAnswerer:
    """Retrieves, lets the model read, and cites what its answer rests on."""

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
        made = generate_each(
            self.generator, [r.messages for r in read], adapter=self.adapter, max_new_tokens=self.max_new_tokens
        )
        return [self._cited(r, m) for r, m in zip(read, made, strict=True)]

    def _answer(self, question: str, on_text: Callable[[str], None] | None) -> Answer:
        read = self._read(question)
        made = self.generator.generate(
            read.messages,
            adapter=self.adapter,
            max_new_tokens=self.max_new_tokens,
            on_text=on_text and without_pointer(on_text),
        )
        return self._cited(read, made)

    def _read(self, question: str) -> _Read:
        asked = checked_question(question)
        start = time.perf_counter()
        shown = self.shown(asked)
        seconds = time.perf_counter() - start
        messages = messages_for(asked, [s.text for s in shown], guarded=self.guarded)
        return _Read(question, messages, [s.rests_on for s in shown], seconds)

    def shown(self, asked: str) -> list[Shown]:
        """The best texts, best first, of which a prompt may hold anything."""
        if not self.guarded:
            return list(what_to_show(self.retriever, self.memory, asked, self.k, self.remembered))
        found = what_to_show(self.retriever, self.memory, asked, self.k + _SPARE, self.remembered)
        return [s for s in found if readable(s.text).text][: self.k]

    def _cited(self, read: _Read, made: Generation) -> Answer:
        pointed_at, text = split_pointer(made.text)
        answer = replace(answer_of(read.question, self.name, replace(made, text=text)), retrieve_s=read.seconds)
        if answer.abstained:
            return answer
        named = [p for n, ps in enumerate(read.rests_on, 1) if n in pointed_at for p in ps]
        shown = list({p.id: p for ps in read.rests_on for p in ps}.values())
        return replace(answer, citations=cite(answer.text, named) or cite(answer.text, shown))


@dataclass(frozen=True)
class _Read:
    """A question with what was retrieved for it."""

    question: str
    messages: list[Message]
    rests_on: list[tuple[Passage, ...]]
    """The passages that each numbered text of the prompt stands for."""
    seconds: float
