"""Reading order of words that stand somewhere on a page: lines, columns, paragraphs. Knows nothing of PDF."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

_BINS = 200
_CROSSING = 0.25
"""Largest share of a page's pieces (titles, mostly) that may span the gap between two columns."""
_COLUMN_LINES = 4
_COLUMN_WORDS, _COLUMN_CHARACTERS = 3, 18
"""A usual line of a column has at least so many: shorter ones are cells of a table, and read across."""
_REPEATED = 0.5
"""Share of the pages from which a first or last line is a running header or footer; never on fewer than three."""
_EDGE = 2
_PAGE = re.compile(r"\d{1,4}|[-–—] ?\d{1,4} ?[-–—]")
_HYPHENATED = re.compile(r"\b(\w{1,60})[-\u00ad\u2010]\n+(\w{1,60})")
_COMPOUND = re.compile(r"\b\w{1,60}-\w{1,60}")


class Piece(NamedTuple):
    """Words that stand together on one line; the page's origin is its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float
    text: str

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        return self.top - self.bottom


def page_texts(pages: Sequence[Sequence[Piece]]) -> list[str]:
    """The text of each page in reading order, without running headers and footers, hyphenated words made whole."""
    return whole_words([_text(_ordered(page, 0)) for page in _without_running_lines(pages)])


def whole_words(texts: Sequence[str]) -> list[str]:
    """Words parted at line ends are joined; the hyphen stays in those that are written with it elsewhere."""
    written = set(_COMPOUND.findall("\n".join(texts)))

    def join(found: re.Match[str]) -> str:
        if not found[2][0].islower() or not found[1][-1].isalpha():
            return f"{found[1]}-{found[2]}" if found[1][-1].isalnum() else found[0]
        compound = f"{found[1]}-{found[2]}"
        return compound if compound in written else found[1] + found[2]

    return [_HYPHENATED.sub(join, text) for text in texts]


def _without_running_lines(pages: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    rows = [_rows(page) for page in pages]
    edges = [{_key(row) for row in (*r[:_EDGE], *r[-_EDGE:]) if _may_run(row)} for r in rows]
    seen = Counter(key for keys in edges for key in keys)
    running = {key for key, n in seen.items() if n >= 3 and n >= _REPEATED * len(pages)}
    kept = []
    for page in rows:
        last = len(page) - _EDGE
        kept.append([p for n, row in enumerate(page) if _EDGE <= n < last or not _runs(row, running) for p in row])
    return kept


def _runs(row: Sequence[Piece], running: Collection[str]) -> bool:
    return _may_run(row) and _key(row) in running


def _may_run(row: Sequence[Piece]) -> bool:
    """Not a row of numbers, which differ from page to page as page numbers do."""
    words = " ".join(p.text for p in row)
    return any(c.isalpha() for c in words) or not any(c.isdigit() for c in words) or bool(_PAGE.fullmatch(words))


def _key(row: Sequence[Piece]) -> str:
    return re.sub(r"\d+", "#", " ".join(p.text for p in row)).casefold()


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces on one baseline, left to right; the rows from top to bottom."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: -p.middle):
        if rows and abs(rows[-1][0].middle - piece.middle) < 0.4 * min(rows[-1][0].height, piece.height):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row) for row in rows]


def _ordered(pieces: Sequence[Piece], depth: int) -> Iterator[list[Piece]]:
    """Rows in reading order: between what spans the columns, each column from top to bottom."""
    gutter = _gutter(pieces) if depth < 4 else None
    if gutter is None:
        yield from _rows(pieces)
        return
    spanning = sorted((p for p in pieces if p.left < gutter < p.right), key=lambda p: -p.middle)
    rest = sorted((p for p in pieces if not p.left < gutter < p.right), key=lambda p: -p.middle)
    at = 0
    for row in [*_rows(spanning), None]:
        start = at
        while at < len(rest) and (row is None or rest[at].middle > row[0].middle):
            at += 1
        for side in (True, False):
            yield from _ordered([p for p in rest[start:at] if (p.right <= gutter) == side], depth + 1)
        if row:
            yield row


def _gutter(pieces: Sequence[Piece]) -> float | None:
    """The middle of the gap between two columns of running text, or None."""
    if len(pieces) < 2 * _COLUMN_LINES:
        return None
    left, right = min(p.left for p in pieces), max(p.right for p in pieces)
    width = (right - left) / _BINS
    if width <= 0:
        return None
    change = [0] * (_BINS + 2)
    for p in pieces:
        change[int((p.left - left) / width)] += 1
        change[int((p.right - left) / width) + 1] -= 1
    covered, depth = [], 0
    for step in change[:_BINS]:
        depth += step
        covered.append(depth)
    inner = range(_BINS // 8, _BINS - _BINS // 8)
    fewest = min(covered[n] for n in inner)
    if fewest > _CROSSING * len(pieces):
        return None
    start, length = _longest_run([n for n in inner if covered[n] == fewest])
    gutter = left + (start + length / 2) * width
    sides = [p for p in pieces if p.right <= gutter], [p for p in pieces if p.left >= gutter]
    return gutter if all(_is_running_text(side) for side in sides) and _side_by_side(*sides) else None


def _longest_run(numbers: Sequence[int]) -> tuple[int, int]:
    best = start = numbers[0], 1
    for n in numbers[1:]:
        start = (start[0], start[1] + 1) if n == start[0] + start[1] else (n, 1)
        best = max(best, start, key=lambda run: run[1])
    return best


def _is_running_text(side: Sequence[Piece]) -> bool:
    if len(side) < _COLUMN_LINES:
        return False
    usual = median(len(p.text) for p in side), median(len(p.text.split()) for p in side)
    return usual[0] >= _COLUMN_CHARACTERS and usual[1] >= _COLUMN_WORDS


def _side_by_side(a: Sequence[Piece], b: Sequence[Piece]) -> bool:
    low, high = max(min(p.bottom for p in s) for s in (a, b)), min(max(p.top for p in s) for s in (a, b))
    return high - low > 0.5 * min(max(p.top for p in s) - min(p.bottom for p in s) for s in (a, b))


def _text(rows: Iterator[list[Piece]]) -> str:
    """Rows as lines; an empty line where a gap or larger letters part paragraphs."""
    lines = [(max(row, key=lambda p: len(p.text)), " ".join(p.text for p in row)) for row in rows]
    gaps = [a.middle - b.middle for (a, _), (b, _) in pairwise(lines) if a.middle > b.middle]
    usual = median(gaps) if gaps else 0.0
    before: Piece | None = None
    parts: list[str] = []
    for piece, line in lines:
        if before is not None:
            apart = (
                before.middle - piece.middle > 1.35 * usual or abs(before.height - piece.height) > 0.15 * piece.height
            )
            parts.append("\n\n" if apart else "\n")
        parts.append(line)
        before = piece
    return "".join(parts)
