"""How much of the documents a quotation holds: single sentences, or the section they stand in from its beginning.

Which of these a project's answers are like follows from its examples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal, TypedDict

from corpus.records import Example, Passage
from corpus.text.match import has_key, token_f1
from lm.guard import quotable
from rag.retrieve.trust import Shelved, Trust


@dataclass(frozen=True)
class Quoting:
    """``sentences``: the so many best, in the order of the text; ``section``: the first so many of the best passage's."""

    unit: Literal["sentences", "section"]
    most: int


DEFAULT = Quoting("sentences", 2)
QUOTINGS = (
    DEFAULT,
    Quoting("sentences", 1),
    Quoting("sentences", 3),
    Quoting("sentences", 4),
    *(Quoting("section", most) for most in (3, 5, 8, 12, 20)),
)
MINIMUM = 20
"""With fewer examples nothing is learned."""

Span = tuple[Passage, int, int]
"""A piece of a passage's text, from its first character to behind its last."""


class QuotingJson(TypedDict):
    """A ``Quoting`` as JSON."""

    unit: Literal["sentences", "section"]
    most: int


class LearnedQuotingJson(TypedDict):
    """A ``LearnedQuoting`` as JSON."""

    quoting: QuotingJson
    examples: int
    scores: dict[str, float]


@dataclass(frozen=True)
class LearnedQuoting:
    """The quoting that fits the examples best, and what each came to: the mean of token F1 and key facts, 0 to 1."""

    quoting: Quoting
    examples: int
    scores: Mapping[str, float]
    """By unit and number, such as ``section 8``."""

    def to_json(self) -> LearnedQuotingJson:
        """In the form that ``from_json`` reads."""
        return {
            "quoting": {"unit": self.quoting.unit, "most": self.quoting.most},
            "examples": self.examples,
            "scores": dict(self.scores),
        }

    @classmethod
    def from_json(cls, record: LearnedQuotingJson) -> LearnedQuoting:
        """From what ``to_json`` wrote."""
        return cls(Quoting(**record["quoting"]), record["examples"], record["scores"])


def learn_quoting(quoted: Callable[[str], Mapping[Quoting, str]], examples: Sequence[Example]) -> LearnedQuoting | None:
    """The default, unless another is ahead of it by more than the standard error; None for too few answered examples.

    ``quoted``: what each of ``QUOTINGS`` would quote for a question; empty where nothing is found.
    """
    answered = [e for e in examples if e.answer is not None]
    if len(answered) < MINIMUM:
        return None
    rows = []
    for e in answered:
        texts = quoted(e.question)
        rows.append(
            {q: (token_f1(texts[q], e.references) + has_key(texts[q], e)) / 2 if q in texts else 0.0 for q in QUOTINGS}
        )
    best = max(QUOTINGS, key=lambda q: fmean(row[q] for row in rows))
    ahead = [row[best] - row[DEFAULT] for row in rows]
    if fmean(ahead) <= stdev(ahead) / len(ahead) ** 0.5:
        best = DEFAULT
    scores = {f"{q.unit} {q.most}": round(fmean(row[q] for row in rows), 4) for q in QUOTINGS}
    return LearnedQuoting(best, len(rows), scores)


def section_of(passage: Passage, index: Shelved, most: int, *, guarded: bool = True) -> list[Span]:
    """The first ``most`` sentences of the section that the passage stands in: a piece for each passage of it.

    ``guarded``: without passages that are not trusted and sentences that give orders.
    """
    from corpus.text.sentences import sentences

    pieces: list[Span] = []
    left, trust = most, Trust(index)
    for p in _around(passage, index):
        if guarded and not trust.trusted(p):
            continue
        for a, b in _runs(p, list(sentences(p.text)), set(quotable(p.text)) if guarded else None, left):
            pieces.append((p, a, b))
            left -= sum(a <= s and e <= b for s, e in sentences(p.text))
    return pieces


def _around(passage: Passage, index: Shelved) -> list[Passage]:
    """The passages under the same heading that follow one another with this one in the middle, in the text's order."""
    at = index.place(passage.id)
    if at is None:
        return [passage]
    every = index.passages()
    first, last = at, at
    while first > 0 and _together(every[first - 1], passage):
        first -= 1
    while last + 1 < len(every) and _together(every[last + 1], passage):
        last += 1
    return [every[n] for n in range(first, last + 1)]


def _together(one: Passage, other: Passage) -> bool:
    return one.source == other.source and one.heading == other.heading


def _runs(
    passage: Passage, spans: Sequence[tuple[int, int]], allowed: set[tuple[int, int]] | None, most: int
) -> list[tuple[int, int]]:
    """The first ``most`` allowed sentences, those that follow one another as one piece."""
    runs: list[tuple[int, int]] = []
    open_run = False
    for span in spans:
        if most <= 0:
            break
        if allowed is not None and span not in allowed:
            open_run = False
            continue
        runs[-1:] = [(runs[-1][0], span[1])] if open_run else [*runs[-1:], span]
        open_run, most = True, most - 1
    return runs
