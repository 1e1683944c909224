"""The arms with retrieval: ``rag`` (the model) and ``hybrid`` (the model with an adapter). Knows nothing of training."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from lm.answer import Answer
from lm.engine import TextGenerator
from lm.model_answer import answer_of, checked_question
from lm.prompts import messages_for, split_pointer, without_pointer
from lm.text_stream import pieces_then_result
from rag.cite import cite
from rag.memory import Memory
from rag.retrieve import Retriever


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
    ) -> None:
        self.name = name
        self.retriever = retriever
        self.generator = generator
        self.adapter = adapter
        self.k = k
        self.max_new_tokens = max_new_tokens
        self.memory = memory
        self.remembered = remembered

    def answer(self, question: str) -> Answer:
        """See ``Answerer``."""
        return self._answer(question, None)

    def stream(self, question: str) -> Iterator[str | Answer]:
        """See ``Answerer``."""
        return pieces_then_result(lambda on_text: self._answer(question, on_text))

    def _answer(self, question: str, on_text: Callable[[str], None] | None) -> Answer:
        asked = checked_question(question)
        start = time.perf_counter()
        vector = self.retriever.embedder.embed([asked])[0]
        passages = [f.passage for f in self.retriever.retrieve(asked, self.k, vector)]
        earlier = self.memory.nearest(vector, self.remembered) if self.memory else ()
        retrieved = time.perf_counter() - start
        shown = [*passages, *(e.shown for e in earlier)]
        made = self.generator.generate(
            messages_for(asked, shown),
            adapter=self.adapter,
            max_new_tokens=self.max_new_tokens,
            on_text=on_text and without_pointer(on_text),
        )
        pointed_at, text = split_pointer(made.text)
        answer = replace(answer_of(question, self.name, replace(made, text=text)), retrieve_s=retrieved)
        if answer.abstained:
            return answer
        rests_on = [(p,) for p in passages] + [e.evidence for e in earlier]
        named = [p for n, ps in enumerate(rests_on, 1) if n in pointed_at for p in ps]
        all_shown = list({p.id: p for ps in rests_on for p in ps}.values())
        return replace(answer, citations=cite(answer.text, named) or cite(answer.text, all_shown))
