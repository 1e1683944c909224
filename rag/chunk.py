"""Documents into passages along headings and paragraphs. Knows nothing of indexes or embedders but a token count."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence

from corpus.records import Document, Passage, Section

CountTokens = Callable[[Sequence[str]], list[int]]
CHUNKING = 1
"""Raised where the same document is cut into other passages than before: indexes made with another one are refused."""
MAX_TOKENS = 160
"""Below the 256 tokens the default embedder reads, with room for the heading that is embedded along."""
WHOLE = 160
"""Up to so many tokens a sentence or a row of a table stays whole: half of it is found less well and says less."""
_LINE = re.compile(r"[^\n]+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_LINE_OR_SENTENCE = re.compile(r"\n|(?<=[.!?])\s+")
_WORD = re.compile(r"\s+")


def chunk(
    document: Document, count_tokens: CountTokens, *, max_tokens: int = MAX_TOKENS, overlap: int = 0
) -> tuple[Passage, ...]:
    """The passages of a document: ``document.text[p.start:p.end] == p.text``, each within ``max_tokens`` where it can be.

    A section that fits is one passage; a longer one is cut at paragraphs, then at lines and sentences. A sentence or a row
    of a table stays whole, also above ``max_tokens``; only above ``WHOLE`` tokens it is cut at words.
    A passage repeats as much of the end of the one before it as fits ``overlap`` tokens, below ``max_tokens``.
    Ids are of the content and the place, so that an unchanged document keeps them.
    """
    spans: list[tuple[int, int, Section]] = []
    for section in document.sections or (Section(document.text),):
        for start, end in _spans(section, count_tokens, max_tokens, overlap):
            spans.append((section.start + start, section.start + end, section))
    return tuple(_passage(document, n, start, end, section) for n, (start, end, section) in enumerate(spans))


def _passage(document: Document, n: int, start: int, end: int, section: Section) -> Passage:
    text = document.text[start:end]
    name = hashlib.sha256(f"{section.heading}\n{text}".encode()).hexdigest()[:12]
    return Passage(
        f"{document.source}#{n}-{name}",
        text,
        document.source,
        document.title,
        section.heading,
        section.page,
        start,
        end,
        document.date,
        document.tags,
    )


def _spans(section: Section, count_tokens: CountTokens, limit: int, overlap: int) -> Iterator[tuple[int, int]]:
    text = section.text
    if section.table:
        pieces = list(_rows(text, count_tokens, max(limit, WHOLE)))
    else:
        pieces = list(_pieces(text, 0, len(text), (_PARAGRAPH, _LINE_OR_SENTENCE, _WORD), count_tokens, limit))
    sizes = count_tokens([text[a:b] for a, b in pieces])
    first, size, repeated = 0, 0, 0
    for n, tokens in enumerate(sizes):
        if n > first + repeated and size + tokens > limit:
            yield pieces[first][0], pieces[n - 1][1]
            first, size = _tail(sizes, first + 1, n, min(overlap, limit - tokens))
            repeated = n - first
        size += tokens
    if pieces:
        yield pieces[first][0], pieces[-1][1]


def _rows(text: str, count_tokens: CountTokens, limit: int) -> Iterator[tuple[int, int]]:
    for line in _LINE.finditer(text):
        yield from _pieces(text, line.start(), line.end(), (_LINE_OR_SENTENCE, _WORD), count_tokens, limit)


def _tail(sizes: Sequence[int], first: int, end: int, most: int) -> tuple[int, int]:
    """Where the longest row of pieces before ``end`` begins that holds at most ``most`` tokens, and how many it holds."""
    size = 0
    while most > 0 and end > first and size + sizes[end - 1] <= most:
        end -= 1
        size += sizes[end]
    return end, size


def _pieces(
    text: str, a: int, b: int, cuts: tuple[re.Pattern[str], ...], count_tokens: CountTokens, limit: int
) -> Iterator[tuple[int, int]]:
    """Spans of ``text[a:b]`` without outer space, each within ``limit`` or cut as finely as ``cuts`` allow."""
    if cuts == (_WORD,):
        limit = max(limit, WHOLE)
    inner = text[a:b]
    a, b = a + len(inner) - len(inner.lstrip()), b - (len(inner) - len(inner.rstrip()))
    if a >= b:
        return
    if not cuts or count_tokens([text[a:b]])[0] <= limit:
        yield a, b
        return
    at = a
    for cut in cuts[0].finditer(text, a, b):
        yield from _pieces(text, at, cut.start(), cuts[1:], count_tokens, limit)
        at = cut.end()
    yield from _pieces(text, at, b, cuts[1:], count_tokens, limit)
