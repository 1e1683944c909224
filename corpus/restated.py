"""Where documents now say what an answer once said: the sentence nearest to it in words, whatever its sums.

Answers outlive documents. A newer price list names another price for the same thing: the old answer is wrong, but it still
tells what its question is about, and so where the answer stands now. Knows nothing of ranking or models.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy

from corpus.records import Example, Passage
from corpus.sentences import sentences

_ALIKE = 0.5
"""Share of weighted words in common from which a sentence says the same. Sample shop, 115 answers whose evidence was not
found: 33 of the 37 about one fact of the shop are at 0.51 or above, the 75 of general knowledge at 0.40 or below."""
_WORD = re.compile(r"([€$£¥]\s?\d[\d.,]*|\d[\d.,:]*\s?[€$£¥])|(\d[\d.,]*\s?%)|\d(?:[\d.,:]*\d)?|[^\W\d_]+")
_SUM, _SHARE = "¤", "%"


class Restatements:
    """The sentences of ``passages`` by their words, each weighted by how few sentences have it (idf)."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._sentences = [(p, p.text[a:b]) for p in passages for a, b in sentences(p.text)]
        having: dict[str, list[int]] = defaultdict(list)
        for n, (_, text) in enumerate(self._sentences):
            for word in _words(text):
                having[word].append(n)
        self._having = {word: numpy.array(places) for word, places in having.items()}
        self._weights = numpy.zeros(len(self._sentences))
        for word, places in self._having.items():
            self._weights[places] += self._weight(word)

    def now(self, example: Example) -> Example | None:
        """The example with the nearest sentence as its answer and evidence; None where no sentence is near enough.

        Nearness is Dice's coefficient of the weighted words; sums of money are alike whatever their amount, and so are
        percentages. An answer that rests on several pieces of evidence is restated by no one sentence.
        """
        if not example.answer or not self._sentences or len(example.evidence) > 1:
            return None
        words = _words(example.answer)
        shared = numpy.zeros(len(self._sentences))
        for word in words:
            if word in self._having:
                shared[self._having[word]] += self._weight(word)
        nearness = 2 * shared / (self._weights + sum(self._weight(word) for word in words))
        best = int(nearness.argmax())
        if nearness[best] < _ALIKE:
            return None
        passage, text = self._sentences[best]
        return replace(example, answer=text, answers=(), source=(passage.source,), evidence=(text,), key=())

    def _weight(self, word: str) -> float:
        return math.log(1 + len(self._sentences) / (1 + len(self._having.get(word, ()))))


def _words(text: str) -> set[str]:
    found = _WORD.finditer(text)
    return {_SUM if m[1] else _SHARE if m[2] else m[0].casefold() for m in found}
