"""What tells a document from others that are alike: words of its file's name, its title, and names and dates where it begins.

A report says "the Company" on every page but the first; which company and which quarter stands in the file's name. A
question's words are looked for among these names, each place of the question once, by what finds the fewest documents.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from corpus.records import Passage, file_of
from rag.index.periods import Period, periods
from rag.index.terms import EXACT, terms_of

if TYPE_CHECKING:
    import numpy

    from rag.index.bm25_files import Words

HEAD = 1500
"""Characters of a document that are looked through for names."""
_NAMING = 0.3
"""Share of the weight of a name that one document alone has, from which a word of a question is taken for a name."""
_ADDRESS = re.compile(r"^[a-z]+://")
_ENDING = re.compile(r"\.[A-Za-z]\w{1,4}$")
_SEAMS = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=\d)(?=[A-Z][a-z])")
_WORD = re.compile(r"\b\w[\w'’&.-]*")
_PLACE = re.compile(r"[^\W\d_]+\s\d[\w-]*|[^\W_]+(?:[-./&][^\W_]+)*")
"""A word, a code, or a word with its number."""


@dataclass(frozen=True)
class Named:
    """Which documents a question names."""

    scores: numpy.ndarray
    """``(documents,)``: the sum over the question's names of how rare each is, 1 for a name of one document alone."""
    rest: str
    """The question without its names."""

    def best(self, many: int) -> numpy.ndarray:
        """The numbers of the documents that are named best, best first, at most so many."""
        import numpy

        order = numpy.argsort(-self.scores, kind="stable")[:many]
        return order[self.scores[order] > 0]

    @property
    def lead(self) -> float:
        """How far the best document stands above the next; 0 where there is one alone."""
        import numpy

        if len(self.scores) < 2:
            return 0.0
        second, first = numpy.partition(self.scores, len(self.scores) - 2)[-2:]
        return float(first - second)


class Names:
    """The names of every document, counted in ``words``, a row for each of ``documents``."""

    def __init__(self, words: Words, documents: int) -> None:
        self.words = words
        self.documents = documents

    def named(self, question: str) -> Named:
        """Which documents a question names, and what else it says."""
        import numpy

        scores = numpy.zeros(self.documents)
        rest, most = question, math.log(1 + self.documents)
        for start, end, terms in sorted(_places(question), reverse=True):
            having = [rows for term in terms if len(rows := self.words.rows(term))]
            if not having:
                continue
            having.sort(key=len)  # the rarest first: a document counts by that
            weights = [math.log(1 + (self.documents - len(h) + 0.5) / (len(h) + 0.5)) / most for h in having]
            rows, first = numpy.unique(numpy.concatenate(having), return_index=True)
            scores[rows] += numpy.repeat(weights, [len(h) for h in having])[first]
            if weights[0] >= _NAMING:
                rest = f"{rest[:start]} {rest[end:]}"
        return Named(scores, rest)


def names_of(source: str, passages: Sequence[Passage]) -> list[str]:
    """The terms that name a document, each once, from its path, its title and the beginning of its text."""
    titles = [path_words(source), passages[0].title if passages else ""]
    head = _head(passages)
    terms = {t for text in titles for t in (*terms_of(text), *terms_of(" ".join(_SEAMS.split(text))))}
    terms |= set(terms_of(" ".join(word for word in _WORD.findall(head) if not word[0].islower())))
    of_title = [p for text in titles for p in periods(text)]
    stated = any(p.quarter for p in of_title)  # a fiscal quarter need not be the calendar's
    for period in (*of_title, *periods(head)):
        terms |= {t for t in _terms(period) if not (stated and t == EXACT + period.closes)}
    return sorted(terms)


def path_words(source: str) -> str:
    """A source without the address in front and the ending behind, its folders parted by spaces."""
    path = PurePosixPath(_ADDRESS.sub("", file_of(source)))
    return " / ".join([*path.parts[:-1], _ENDING.sub("", path.name)])


def _head(passages: Sequence[Passage]) -> str:
    """The first passages with their headings, as they follow each other."""
    texts, heading, size = [], "", 0
    for passage in passages:
        if size >= HEAD:
            break
        texts += [passage.heading] if passage.heading != heading else []
        texts.append(passage.text)
        heading = passage.heading
        size += len(passage.text)
    return "\n".join(texts)[:HEAD]


def _places(question: str) -> Iterator[tuple[int, int, list[str]]]:
    """Spans of a question that may name a document, with the terms that each is looked for by; none stands twice."""
    spans: list[tuple[int, int, list[str]]] = []
    other = question
    for period in periods(question):
        spans.append((period.start, period.end, _terms(period)))
        other = f"{other[: period.start]}{'|' * (period.end - period.start)}{other[period.end :]}"
    spans += [(*m.span(), list(dict.fromkeys(terms_of(m.group(), asked=True)))) for m in _PLACE.finditer(other)]
    seen: set[tuple[str, ...]] = set()
    for start, end, terms in spans:
        if terms and tuple(terms) not in seen:
            seen.add(tuple(terms))
            yield start, end, terms


def _terms(period: Period) -> list[str]:
    """What a period is counted as: itself, the quarter that it closes, and its year."""
    exact = [EXACT + period.name] if period.quarter or period.month else []
    return [*exact, *([EXACT + period.closes] if period.closes else []), str(period.year)]
