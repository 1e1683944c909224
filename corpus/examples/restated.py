"""Where documents now say what an answer once said: the sentence nearest to it in words, whatever its sums.

Answers outlive documents. A newer price list names another price for the same thing: the old answer is wrong, but it still
tells what its question is about, and so where the answer stands now.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy

from corpus.records import Example, Passage
from corpus.text.match import normalise
from corpus.text.sentences import sentences

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
        """The example as the nearest sentence has it, which is its evidence; None where no sentence is near enough.

        Nearness is Dice's coefficient of the weighted words; sums of money are alike whatever their amount, and so are
        percentages. An answer that names one of them keeps its words and names that of the sentence; any other answer is
        the sentence. One that rests on several pieces of evidence is restated by no one sentence.
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
        answer = self._renewed(example.answer, text) or text
        return replace(example, answer=answer, answers=(), source=(passage.source,), evidence=(text,), key=())

    def _renewed(self, answer: str, sentence: str) -> str:
        """The answer with the sentence's sum, or percentage, in the place of its own; empty where it is not clear which.

        Of several, as in the row of a table, it is the one behind the header of which the answer has most.
        """
        figures = list(_figures(answer))
        if len(figures) != 1:
            return ""
        kind, old, _ = figures[0]
        new = [(figure, before) for k, figure, before in _figures(sentence) if k == kind]
        if len(new) > 1 and all(before.rstrip().endswith(":") for _, before in new):
            words = _words(answer)
            shared = [sum(map(self._weight, words & _words(before.rpartition(";")[2]))) for _, before in new]
            new = [each for each, weight in zip(new, shared, strict=True) if weight == max(shared) > 0]
        return answer.replace(old, new[0][0]) if len(new) == 1 else ""

    def _weight(self, word: str) -> float:
        return math.log(1 + len(self._sentences) / (1 + len(self._having.get(word, ()))))


def _figures(text: str) -> Iterator[tuple[str, str, str]]:
    """Each sum of money and percentage: its kind, itself, and the text since the one before."""
    at = 0
    for match in _WORD.finditer(text):
        if match[1] or match[2]:
            yield _SUM if match[1] else _SHARE, match[0].rstrip(".,"), text[at : match.start()]
            at = match.end()


def _words(text: str) -> set[str]:
    """The words as ``corpus.text.match`` compares them, articles too; a sum of money is one word, and so is a percentage."""
    words: set[str] = set()
    for match in _WORD.finditer(unicodedata.normalize("NFC", text)):
        word = match[0]
        if match[1] or match[2]:
            words.add(_SUM if match[1] else _SHARE)
        elif word.isascii() and word.isalpha():
            words.add(word.lower())
        else:
            words.update(normalise(word).split())
    return words
