"""Questions to one arm, each understood with those before it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from lm.answerer import Answer, Answerer, checked_question
from lm.questions.followup import Rewrite, Turn


class Conversation:
    """Holds its turns in memory only. Without ``rewrite`` each question is asked as it stands."""

    def __init__(self, answerer: Answerer, rewrite: Rewrite | None = None) -> None:
        self.answerer = answerer
        self.rewrite = rewrite
        self.turns: list[Turn] = []

    def understood(self, question: str) -> str:
        """The question as it would be asked now. An empty question raises ``InputError``."""
        asked = checked_question(question)
        return self.rewrite(asked, self.turns) if self.rewrite else asked

    def ask(self, question: str) -> Answer:
        """Answer a question; ``Answer.asked`` tells where it was understood differently from its words."""
        asked = self.understood(question)
        return self._kept(question, asked, self.answerer.answer(asked))

    def stream(self, question: str, asked: str | None = None) -> Generator[str | Answer, None, None]:
        """As ``ask``, in pieces; ``asked``: what ``understood`` made of the question, where that is known already."""
        asked = self.understood(question) if asked is None else asked
        for piece in self.answerer.stream(asked):
            yield self._kept(question, asked, piece) if isinstance(piece, Answer) else piece

    def add(self, question: str, answer: str) -> None:
        """Take in a turn that was answered elsewhere."""
        self._add(question, self.understood(question), answer)

    def begin(self) -> None:
        """A new subject: forget what was said."""
        self.turns.clear()

    def _kept(self, question: str, asked: str, answer: Answer) -> Answer:
        self._add(question, asked, "" if answer.abstained else answer.text)
        return replace(answer, question=question, asked=None if asked == question.strip() else asked)

    def _add(self, question: str, asked: str, answer: str) -> None:
        self.turns.append(Turn(asked, answer, "" if asked == question.strip() else question.strip()))
