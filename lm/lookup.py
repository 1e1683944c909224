"""The baseline ``lookup``: the stored answer of the nearest training example. Knows nothing of language models."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.records import Example
from corpus.refusal import is_refusal
from lm.answer import Answer
from lm.engine import Embedder
from lm.model_answer import checked_question
from lm.prompts import REFUSAL

if TYPE_CHECKING:
    import numpy


class LookupAnswerer:
    """Answers with the training answer whose question is nearest by cosine. The examples are embedded at first use."""

    name = "lookup"

    def __init__(self, embedder: Embedder, examples: Sequence[Example]) -> None:
        self.embedder = embedder
        self.examples = tuple(examples)
        self._vectors: numpy.ndarray | None = None

    def nearest(self, question: str) -> tuple[Example, float]:
        """The training example whose question is nearest, and the cosine. Raises ``InputError`` without examples."""
        if not self.examples:
            raise InputError("there are no training examples to look up", mend="name an examples file in the project")
        if self._vectors is None:
            self._vectors = self.embedder.embed([e.question for e in self.examples])
        scores = self._vectors @ self.embedder.embed([question])[0]
        best = int(scores.argmax())
        return self.examples[best], float(scores[best])

    def answer(self, question: str) -> Answer:
        """See ``Answerer``; ``confidence`` is the cosine, never below 0."""
        start = time.perf_counter()
        example, cosine = self.nearest(checked_question(question))
        return Answer(
            question=question,
            text=example.answer or REFUSAL,
            arm=self.name,
            abstained=example.answer is None or is_refusal(example.answer),
            confidence=max(0.0, min(1.0, cosine)),
            retrieve_s=time.perf_counter() - start,
        )

    def stream(self, question: str) -> Iterator[str | Answer]:
        """See ``Answerer``: the whole text at once."""
        answer = self.answer(question)
        yield answer.text
        yield answer
