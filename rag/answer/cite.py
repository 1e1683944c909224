"""Which sentence of the shown passages an answer rests on, quoted verbatim."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from corpus.records import Passage
from corpus.text.match import normalise
from corpus.text.sentences import sentences
from lm.answerer import Citation
from lm.guard import quotable

MINIMUM_SUPPORT = 0.4
"""Share of an answer sentence's words that a quoted sentence must hold to count as its source."""


@dataclass(frozen=True)
class _Quote:
    """A sentence of a passage and its words."""

    passage: Passage
    start: int
    end: int
    words: frozenset[str]


def cite(answer: str, passages: Sequence[Passage], others: Sequence[Passage] = ()) -> tuple[Citation, ...]:
    """Citations for each answer sentence that the passages support, else the ``others``; numbered from 1, each quote once.

    The figures of a sentence must stand in what is quoted for it: where no single quote holds them all, two may.
    """
    first, second = _quotes(passages), _quotes(others)
    chosen: dict[tuple[str, int, int], tuple[Passage, list[int]]] = {}
    for place, (start, end) in enumerate(sentences(answer), 1):
        said = frozenset(normalise(answer[start:end]).split())
        for quote in _supporting(said, first) or _supporting(said, second):
            key = (quote.passage.id, quote.start, quote.end)
            chosen.setdefault(key, (quote.passage, []))[1].append(place)
    return tuple(citation(n, p, a, b, of) for n, ((_, a, b), (p, of)) in enumerate(chosen.items(), 1))


def _quotes(passages: Sequence[Passage]) -> list[_Quote]:
    spans = [(p, a, b) for p in passages for a, b in quotable(p.text)]
    return [_Quote(p, a, b, frozenset(normalise(p.text[a:b]).split())) for p, a, b in spans]


def _supporting(said: frozenset[str], quotes: Sequence[_Quote]) -> list[_Quote]:
    """The quote that holds most of these words, with one more where figures are missing; none where too little is held."""
    if not said or not quotes:
        return []
    figures = {word for word in said if any(c.isdigit() for c in word)}

    def holding(wanted: Collection[str]) -> _Quote:
        return max(quotes, key=lambda q: (len(q.words & frozenset(wanted)), len(said & q.words), -len(q.words)))

    chosen = [holding(figures)]
    if missing := figures - chosen[0].words:
        chosen.append(holding(missing))
    held = frozenset[str]().union(*(q.words for q in chosen))
    return chosen if figures <= held and len(said & held) / len(said) >= MINIMUM_SUPPORT else []


def citation(n: int, passage: Passage, a: int, b: int, of: Sequence[int] = ()) -> Citation:
    """The citation of ``passage.text[a:b]`` for the answer's sentences ``of``, with offsets in the document."""
    start, end = passage.start + a, passage.start + b
    return Citation(n, passage.source, passage.heading, passage.page, passage.text[a:b], start, end, tuple(of))


def nearest(passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """The passages whole, as places to look where no answer is known."""
    return tuple(citation(n, p, 0, len(p.text)) for n, p in enumerate(passages, 1))
