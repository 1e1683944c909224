"""A question as the reading arms see it: its parts, each with the prompt that asks it and the texts it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.records import Passage
from corpus.text.echo import is_echo
from lm.engine_contract import Message
from lm.guard import quotable


@dataclass(frozen=True)
class ReadingPrompt:
    """One part of a question with what was retrieved for it."""

    question: str
    messages: list[Message]
    rests_on: list[tuple[Passage, ...]]
    """The passages that each numbered text of the prompt stands for."""

    def informative(self, places: tuple[int, ...], text: str) -> tuple[tuple[int, ...], str]:
        """A reply that rests on these texts; one that only repeats the question gives way to what it points to."""
        place = next((n for n in places if 0 < n <= len(self.rests_on)), 1)
        quote = self.quote(place) if is_echo(self.question, text) else ""
        return ((place,), quote) if quote else (places, text)

    def quote(self, place: int) -> str:
        """The sentences of the text with this number, counted from 1; empty where there is none."""
        texts = [passages[0].text for passages in self.rests_on[place - 1 : place] if passages]
        return " ".join(text[a:b].strip() for text in texts for a, b in quotable(text))


@dataclass(frozen=True)
class ReadQuestion:
    """A question with what the model is asked: nothing where the documents do not answer it."""

    question: str
    prompts: tuple[ReadingPrompt, ...]
    seconds: float
    chance: float | None
    """The probability that the documents answer it; None without a judge."""
    near: tuple[Passage, ...]
    """Where to look instead, if it is not known: the passages that may be quoted."""
    opening: str = ""
    insists: bool = False
    """Is the answer so likely there that a refusal of an adapted model does not count?"""
    calibrated: bool | None = None
    """Was ``chance`` learned from the project's own questions? None without a judge."""
