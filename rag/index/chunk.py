"""Documents into passages along headings and paragraphs. Knows nothing of indexes or embedders but a token count."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from corpus.records import Document, Passage, Section, label_of
from corpus.text.sentences import segments, trimmed

CountTokens = Callable[[Sequence[str]], list[int]]
Cut = Callable[[str], Iterator[tuple[int, int]]]
"""From a text to the spans of its parts, without outer space."""
CHUNKING = 2
"""Raised where the same document is cut into other passages than before: indexes made with another one are refused."""
MAX_TOKENS = 160
"""Below the 256 tokens the default embedder reads, with room for the heading that is embedded along."""
WHOLE = 160
"""Up to so many tokens a sentence or a row of a table stays whole: half of it is found less well and says less."""
READ = 256
"""Tokens that the default embedder reads of one text, with the two that it adds itself."""
LONG_LABEL = 200
"""Characters: longer titles and headings are embedded behind their passages, so that these are read whole."""
_LEAST = 32
"""A passage has room for so many tokens, however long its heading."""
_UNREAD = 12
"""Characters a token: a text with more is hardly words, and some embedders take a long unbroken string for one token."""
_SHORT = 50
"""Characters of an unbroken string that is never cut."""
_LINE = re.compile(r"[^\n]+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_WORD = re.compile(r"\s+|(?<=[、，；：])")
_ATOM = re.compile(r"[^\W_]{1,24}|[\W_]")


def chunk(
    document: Document, count_tokens: CountTokens, *, max_tokens: int = MAX_TOKENS, overlap: int = 0, read: int = READ
) -> tuple[Passage, ...]:
    """The passages of a document: ``document.text[p.start:p.end] == p.text``, each within ``max_tokens`` where it can be.

    A section that fits is one passage; a longer one is cut at paragraphs, then at lines and sentences. A sentence or a row
    of a table stays whole, also above ``max_tokens``; only above ``WHOLE`` tokens it is cut at words, and an unbroken string
    within itself. With its heading no passage has more than the ``read`` tokens of which an embedder makes a vector.
    A passage repeats as much of the end of the one before it as fits ``overlap`` tokens, below ``max_tokens``.
    Ids are of the content and the place, so that an unchanged document keeps them.
    """
    sections = document.sections or (Section(document.text),)
    labels = [label_of(document.title, section.heading) for section in sections]
    spans: list[tuple[int, int, Section]] = []
    for section, tokens in zip(sections, count_tokens(labels), strict=True):
        most = max(_LEAST, read - 2 - tokens)
        for start, end in _spans(section, count_tokens, min(max_tokens, most), min(overlap, most), min(WHOLE, most)):
            spans.append((section.start + start, section.start + end, section))
    return tuple(_passage(document, n, start, end, section) for n, (start, end, section) in enumerate(spans))


def _passage(document: Document, n: int, start: int, end: int, section: Section) -> Passage:
    text = document.text[start:end]
    name = hashlib.sha256(f"{section.heading}\n{text}".encode()).hexdigest()[:12]
    where = (document.source, document.title, section.heading, section.page, start, end)
    return Passage(f"{document.source}#{n}-{name}", text, *where, document.date, document.tags)


def _spans(
    section: Section, count_tokens: CountTokens, limit: int, overlap: int, whole: int
) -> Iterator[tuple[int, int]]:
    text = section.text
    whole = max(limit, whole)
    if section.table:
        rows = ((m.start(), m.end()) for m in _LINE.finditer(text))
        pieces = [p for a, b in rows for p in _pieces(text, a, b, _FINE, count_tokens, whole, whole)]
    else:
        pieces = list(_pieces(text, 0, len(text), (_paragraphs, *_FINE), count_tokens, limit, whole))
    sizes = count_tokens([text[a:b] for a, b in pieces])
    first, size, repeated = 0, 0, 0
    for n, tokens in enumerate(sizes):
        unread = pieces[n][1] - pieces[first][0] > _UNREAD * whole  # more characters than the tokens told can be
        if n > first + repeated and (size + tokens > limit or unread):
            yield pieces[first][0], pieces[n - 1][1]
            first, size = _tail(sizes, first + 1, n, min(overlap, limit - tokens))
            repeated = n - first
        size += tokens
    if pieces:
        yield pieces[first][0], pieces[-1][1]


def _tail(sizes: Sequence[int], first: int, end: int, most: int) -> tuple[int, int]:
    """Where the longest row of pieces before ``end`` begins that holds at most ``most`` tokens, and how many it holds."""
    size = 0
    while most > 0 and end > first and size + sizes[end - 1] <= most:
        end -= 1
        size += sizes[end]
    return end, size


def _pieces(
    text: str, a: int, b: int, cuts: tuple[Cut, ...], count_tokens: CountTokens, limit: int, whole: int
) -> Iterator[tuple[int, int]]:
    """Spans of ``text[a:b]`` without outer space, each within ``limit``, a sentence within ``whole``."""
    for start, end in trimmed(text, a, b):
        of_sentence = len(cuts) < len(_FINE)
        if not cuts or _fits(text[start:end], cuts, count_tokens, whole if of_sentence else limit, whole):
            yield start, end
        else:
            for first, last in cuts[0](text[start:end]):
                yield from _pieces(text, start + first, start + last, cuts[1:], count_tokens, limit, whole)


def _fits(text: str, cuts: tuple[Cut, ...], count_tokens: CountTokens, limit: int, whole: int) -> bool:
    if cuts == (_atoms,) and len(text) <= _SHORT:
        return True
    return len(text) <= _UNREAD * whole and count_tokens([text])[0] <= limit


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    return _between(_PARAGRAPH, text)


def _words(text: str) -> Iterator[tuple[int, int]]:
    return _between(_WORD, text)


def _between(cut: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for match in cut.finditer(text):
        yield at, match.start()
        at = match.end()
    yield at, len(text)


def _atoms(text: str) -> Iterator[tuple[int, int]]:
    """Pieces of an unbroken string: no mark is parted from its letter."""
    at = 0
    while at < len(text):
        atom = _ATOM.match(text, at)
        end = atom.end() if atom else at + 1
        while end < len(text) and unicodedata.category(text[end]) in ("Mn", "Mc", "Me", "Cf"):
            end += 1
        yield at, end
        at = end


_FINE: tuple[Cut, ...] = (segments, _words, _atoms)
