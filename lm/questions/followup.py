"""Makes a follow-up question stand by itself, by rules or by the model.

The rules are English: a question in another language stays as it is unless it shares English words. What they miss or carry
over without need is measured by ``python -m benchmarks.quality.followups``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lm.engine_contract import TextGenerator
from lm.prompts import rewriting_messages

Nearness = Callable[[str], float]
"""How near the documents come to a question: its best cosine."""
Rewrite = Callable[[str, "Sequence[Turn]"], str]
"""From a question and the turns before it to a question that stands by itself; the same text where it does already."""

_WORD = re.compile(r"[\w€%'’-]+")
_NAME = re.compile(r"(?<=[\w,] )[A-Z][\w'’-]*|(?<=\()[A-Z][\w'’-]*")
"""A word with a capital inside a sentence, or carried over in brackets."""
_ASKS_WHICH = re.compile(r"(?:which|who|what kind)\b", re.I)
_NAMES_OF_ANSWER = 2
_LONGEST = 3
"""A model's rewrite may have so many times the words of question and earlier question together."""


@dataclass(frozen=True)
class Turn:
    """A question, as it was understood, and what was answered; empty where nothing was known."""

    question: str
    answer: str = ""
    said: str = ""
    """The question in the user's words, where it was rewritten."""


def rewrite_by_rules(question: str, turns: Sequence[Turn], nearness: Nearness | None = None) -> str:
    """The question with the subject of the last turn behind it, where it needs one.

    ``nearness`` decides about short questions that nothing marks as follow-ups ("How big is the deposit?"): they are, if
    the documents come nearer to them with the question before. Without it they are taken for follow-ups.

    >>> rewrite_by_rules("And the Haul?", [Turn("How many litres does the Heron Hut hold?")])
    'And the Haul? (litres Heron hold)'
    """
    if not turns or not _goes_on(question, turns[-1].question, nearness):
        return question
    carried = _carried(question, turns[-1])
    return f"{question.strip()} ({' '.join(carried)})" if carried else question


def rewrite_by_model(question: str, turns: Sequence[Turn], generator: TextGenerator) -> str:
    """The question as the model words it; unchanged where its reply is empty, several lines or beyond all measure."""
    if not turns:
        return question
    reply = generator.generate(
        rewriting_messages(question, turns[-1].question, turns[-1].answer), max_new_tokens=64
    ).text
    rewritten = reply.strip().removeprefix("Standalone:").strip().strip('"')
    longest = _LONGEST * len(f"{question} {turns[-1].question}".split())
    return rewritten if rewritten and "\n" not in rewritten and len(rewritten.split()) <= longest else question


def _goes_on(question: str, before: str, nearness: Nearness | None) -> bool:
    """Does the question need the one before it?"""
    named = len(_subject(question))
    if not named or (_opened(question) and named <= _table()["most_after_opener"]) or _points_back(question):
        return True
    if named > _table()["most_alone"]:
        return False
    return nearness is None or nearness(f"{before} {question}") > nearness(question)


def _opened(said: str) -> bool:
    """Does it begin as what goes on: "And …", "What about …"?"""
    return any(re.match(rf"\s*{opener}\b", said, re.I) for opener in _table()["openers"])


def _points_back(said: str) -> bool:
    """Is there a pronoun without a clause before it that may name what it stands for?"""
    for pattern in _table()["expletives"]:
        said = re.sub(pattern, " ", said, flags=re.I)
    for word in _WORD.finditer(said):
        before = said[: word.start()]
        if word.group().lower() in _words("pronouns") and not (re.search(r"[,;]", before) and _subject(before)):
            return True
    return False


def _carried(question: str, turn: Turn) -> list[str]:
    """The subject words of the turn that the question lacks, less the name that it puts another in the place of.

    What was asked about the subject in between ("What does it weigh?") is not carried on, unless this question continues it.
    """
    said, names = _subject(question), _names(turn.question)
    words = {low: w for low, w in _subject(turn.question).items() if low not in said}
    if turn.said and not _opened(turn.said) and not _opened(question):
        words = {low: w for low, w in words.items() if low in names or low not in _subject(turn.said)}
    if _names(question) and (replaced := [n for n in names if n in words]):
        del words[replaced[-1]]
    if _ASKS_WHICH.match(turn.question) and not _names(question):
        new = [n for n in _names(turn.answer).items() if n[0] not in said and n[0] not in words]
        words |= dict(new[:_NAMES_OF_ANSWER])
    return list(words.values())[: _table()["most_carried"]]


def _names(text: str) -> dict[str, str]:
    """The words with a capital inside a sentence, by their form in lower case."""
    return {low: w for low, w in _lowered(_NAME.findall(text)) if low not in _words("function_words")}


def _subject(text: str) -> dict[str, str]:
    """The words that name something, by their form in lower case."""
    return {low: w for low, w in _lowered(_WORD.findall(text)) if low not in _words("function_words")}


def _lowered(words: Sequence[str]) -> list[tuple[str, str]]:
    return [(w.lower(), w) for w in words]


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(_table()[name].split())


@cache
def _table() -> dict:  # type: ignore[type-arg]
    return tomllib.loads((Path(__file__).parent / "tables" / "followup.toml").read_text(encoding="utf-8"))
