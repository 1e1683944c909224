"""Which sentence of the shown passages an answer rests on, quoted verbatim. Knows nothing of how either came about."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.match import normalise
from corpus.records import Passage
from corpus.sentences import sentences
from lm.answer import Citation

_MINIMUM_SUPPORT = 0.4
"""Share of an answer sentence's words that a quoted sentence must hold to count as its source."""


def cite(answer: str, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """A citation for each answer sentence that a passage supports, numbered from 1, each quote once."""
    spans = [(p, a, b, set(normalise(p.text[a:b]).split())) for p in passages for a, b in sentences(p.text)]
    chosen: list[tuple[Passage, int, int]] = []
    for start, end in sentences(answer):
        said = set(normalise(answer[start:end]).split())
        if not said or not spans:
            continue
        passage, a, b, words = max(spans, key=lambda s: (len(said & s[3]), -len(s[3])))
        if len(said & words) / len(said) >= _MINIMUM_SUPPORT and (passage, a, b) not in chosen:
            chosen.append((passage, a, b))
    return tuple(citation(n, p, a, b) for n, (p, a, b) in enumerate(chosen, 1))


def citation(n: int, passage: Passage, a: int, b: int) -> Citation:
    """The citation of ``passage.text[a:b]``, with offsets in the document."""
    return Citation(
        n, passage.source, passage.heading, passage.page, passage.text[a:b], passage.start + a, passage.start + b
    )
