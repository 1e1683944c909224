"""Headers and footers that run through the pages of a document, taken out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from corpus.documents.formats.pdf.pdf_rows import Piece, rows_of, words_of

_REPEATED = 0.5
"""Share of the pages from which a first or last line is a running header or footer; never on fewer than three."""


_EDGE = 2


_PAGE = re.compile(r"\d{1,4}|[-–—] ?\d{1,4} ?[-–—]")


def without_running_lines(pages: Sequence[Sequence[Piece]]) -> list[list[list[Piece]]]:
    """The frames of each page."""
    rows = [[rows_of(frame) for frame in _frames(page)] for page in pages]
    edges = [{_key(row) for r in page for row in (*r[:_EDGE], *r[-_EDGE:])} - {""} for page in rows]
    count = Counter(key for keys in edges for key in keys)
    running = {key for key, n in count.items() if n >= 3 and n >= _REPEATED * len(pages)}
    return [[_without(frame, running) for frame in page] for page in rows]


def _without(rows: Sequence[Sequence[Piece]], running: Collection[str]) -> list[Piece]:
    last = len(rows) - _EDGE
    return [p for n, row in enumerate(rows) if _EDGE <= n < last or _key(row) not in running for p in row]


def _frames(page: Sequence[Piece]) -> list[list[Piece]]:
    return [[piece for piece in page if piece.frame == n] for n in sorted({piece.frame for piece in page})]


def _key(row: Sequence[Piece]) -> str:
    """Its words, whatever their numbers, and the size of its letters: a title may stand in the head of every page again.

    Empty for a row of numbers, which differ from page to page as page numbers do.
    """
    words = words_of(row)
    if any(c.isdigit() for c in words) and not any(c.isalpha() for c in words) and not _PAGE.fullmatch(words):
        return ""
    words = re.sub(r"\d+", "#", words).casefold()
    return f"{words} {round(max(p.height for p in row))}"
