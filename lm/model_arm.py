"""The arms without retrieval: ``base`` (the model alone) and ``tuned`` (with an adapter)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lm.answer_openings import Opening
from lm.answerer import Answer, answer_of, checked_question
from lm.engine_contract import TextGenerator, generate_each
from lm.engines.text_stream import pieces_then_result
from lm.prompts import messages_for
from lm.reply_stream import ReplyStream


class ModelAnswerer:
    """Answers from the weights alone."""

    def __init__(
        self,
        name: str,
        generator: TextGenerator,
        adapter: Path | None = None,
        max_new_tokens: int = 96,
        opening: Opening | None = None,
    ) -> None:
        self.name = name
        self.generator = generator
        self.adapter = adapter
        self.max_new_tokens = max_new_tokens
        self.opening = opening

    def answer(self, question: str) -> Answer:
        """See ``Answerer``."""
        return self._answer(question, None)

    def stream(self, question: str) -> Iterator[str | Answer]:
        """See ``Answerer``."""
        return pieces_then_result(lambda on_text: self._answer(question, on_text))

    def answer_each(self, questions: Sequence[str]) -> list[Answer]:
        """See ``Batching``."""
        generations = generate_each(
            self.generator,
            [messages_for(checked_question(q)) for q in questions],
            adapter=self.adapter,
            max_new_tokens=self.max_new_tokens,
        )
        return [answer_of(q, self.name, m, self._opening(q)) for q, m in zip(questions, generations, strict=True)]

    def _answer(self, question: str, on_text: Callable[[str], None] | None) -> Answer:
        asked = checked_question(question)
        opening = self._opening(asked)
        stream = ReplyStream(on_text, opening) if on_text else None
        generation = self.generator.generate(
            messages_for(asked),
            adapter=self.adapter,
            max_new_tokens=self.max_new_tokens,
            on_text=stream.plain() if stream else None,
        )
        answer = answer_of(question, self.name, generation, opening)
        if stream:
            stream.end(answer.text)
        return answer

    def _opening(self, question: str) -> str:
        return self.opening(question.strip()) if self.opening else ""
