"""Which sentence of the shown passages an answer rests on, quoted verbatim. Knows nothing of how either came about."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.match import normalise
from corpus.records import Passage
from corpus.sentences import sentences
from lm.answer import Citation
from lm.guard import quotable

MINIMUM_SUPPORT = 0.4
"""Share of an answer sentence's words that a quoted sentence must hold to count as its source."""


def cite(answer: str, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """A citation for each answer sentence that a passage supports, numbered from 1, each quote once."""
    spans = [(p, a, b, set(normalise(p.text[a:b]).split())) for p in passages for a, b in quotable(p.text)]
    chosen: dict[tuple[str, int, int], tuple[Passage, list[int]]] = {}
    for place, (start, end) in enumerate(sentences(answer), 1):
        said = set(normalise(answer[start:end]).split())
        if not said or not spans:
            continue
        passage, a, b, words = max(spans, key=lambda s: (len(said & s[3]), -len(s[3])))
        if len(said & words) / len(said) >= MINIMUM_SUPPORT:
            chosen.setdefault((passage.id, a, b), (passage, []))[1].append(place)
    return tuple(citation(n, p, a, b, of) for n, ((_, a, b), (p, of)) in enumerate(chosen.items(), 1))


def citation(n: int, passage: Passage, a: int, b: int, of: Sequence[int] = ()) -> Citation:
    """The citation of ``passage.text[a:b]`` for the answer's sentences ``of``, with offsets in the document."""
    start, end = passage.start + a, passage.start + b
    return Citation(n, passage.source, passage.heading, passage.page, passage.text[a:b], start, end, tuple(of))


def nearest(passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """The passages whole, as places to look where no answer is known."""
    return tuple(citation(n, p, 0, len(p.text)) for n, p in enumerate(passages, 1))
