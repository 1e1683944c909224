"""Reading order of words that stand somewhere on a page: lines, columns, paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, compress, islice, pairwise
from statistics import median
from typing import NamedTuple

from corpus.documents.formats.pdf.pdf_rows import Piece, rows_of, words_of
from corpus.documents.formats.pdf.pdf_running_lines import without_running_lines
from corpus.documents.formats.text.wrapped import begins_anew

_BINS = 200
_CROSSING = 0.25
"""Largest share of a page's pieces (titles, mostly) that may span the gap between two columns."""
_COLUMN_LINES = 4
_COLUMN_WORDS, _COLUMN_CHARACTERS = 3, 18
"""A usual line of a column has at least so many: shorter ones are cells of a table, and read across."""
_HYPHENS = "-\u00ad\u2010"
_PROSE = 30
"""Shortest line that may be continued by one with a capital or a number at its start."""
_INDENT = 3
"""How far, in heights of a line, lines of a paragraph may begin apart."""
_DOUBLE_SPACED = 2.1
"""Lines of a paragraph are no further apart than this, in their heights."""
_HYPHENATED = re.compile(r"\b(\w{1,60})[-\u00ad\u2010]\n+(\w{1,60})")
_COMPOUND = re.compile(r"\b\w{1,60}-\w{1,60}")
_LARGER = 0.15
"""Letters larger by this share are another paragraph's; short ones of them are headings."""
_STEP = 0.93
"""Headings in letters smaller by more than this are a level further in."""
_LONGEST_HEADING = 120
_LEADER = ". . ."
"""Between a heading in a table of contents and its page."""
_HEADINGS = 0.3
"""With a larger share of headings than this, letter sizes vary for another reason."""


class _Row(NamedTuple):
    """Pieces on one line, left to right, and how far to the right their column reaches."""

    pieces: list[Piece]
    edge: float

    @property
    def words(self) -> str:
        return words_of(self.pieces)

    @property
    def longest(self) -> Piece:
        return max(self.pieces, key=lambda p: len(p.text))

    @property
    def middle(self) -> float:
        return self.pieces[0].middle


class _Paragraph(NamedTuple):
    text: str
    height: float
    cells: bool
    """Are words of it side by side, as in a table?"""


def page_paragraphs(pages: Sequence[Sequence[Piece]]) -> list[list[tuple[int, str]]]:
    """The paragraphs of each page in reading order, with the level of those that are headings (1 is the outermost), else 0.

    Running headers and footers are left out, lines of a paragraph are one, hyphenated words are whole.
    """
    frames = without_running_lines(pages)
    paragraphs = [[p for frame in page for p in _paragraphs(_ordered(frame, 0))] for page in frames]
    every = [p for page in paragraphs for p in page]
    numbered = iter(zip(_levels(every), whole_words([p.text for p in every]), strict=True))
    return [
        [(level, " ".join(text.split()) if level else text) for level, text in islice(numbered, len(page))]
        for page in paragraphs
    ]


def _levels(paragraphs: Sequence[_Paragraph]) -> list[int]:
    """Short paragraphs in larger letters than most of the text are headings; the larger, the further out."""
    sizes: Counter[float] = Counter()
    for p in paragraphs:
        sizes[round(p.height, 1)] += len(p.text)
    usual = max(sizes, key=lambda size: sizes[size], default=0.0)
    larger = [_is_heading(p, usual) for p in paragraphs]
    headings = list(compress(paragraphs, larger))
    if sum(len(p.text) for p in headings) > _HEADINGS * sizes.total():
        return [0] * len(paragraphs)
    steps: list[float] = []
    for height in sorted({p.height for p in headings}, reverse=True):
        if not steps or height < _STEP * steps[-1]:
            steps.append(height)
    return [sum(p.height <= step for step in steps) * heading for p, heading in zip(paragraphs, larger, strict=True)]


def _is_heading(paragraph: _Paragraph, usual: float) -> bool:
    text = paragraph.text
    return (
        paragraph.height > (1 + _LARGER) * usual
        and not paragraph.cells
        and len(text) <= _LONGEST_HEADING
        and any(c.isalpha() for c in text)
        and text[-1] not in ".,;"
        and _LEADER not in text
    )


def whole_words(texts: Sequence[str]) -> list[str]:
    """Words parted at line ends are joined; the hyphen stays in those that are written with it elsewhere."""
    compounds = set(_COMPOUND.findall("\n".join(texts)))

    def join(match: re.Match[str]) -> str:
        if not match[2][0].islower() or not match[1][-1].isalpha():
            return f"{match[1]}-{match[2]}" if match[1][-1].isalnum() else match[0]
        compound = f"{match[1]}-{match[2]}"
        return compound if compound in compounds else match[1] + match[2]

    return [_HYPHENATED.sub(join, text) for text in texts]


def _ordered(pieces: Sequence[Piece], depth: int) -> Iterator[_Row]:
    """Rows in reading order: between what spans the columns, each column from top to bottom."""
    gutter = _gutter(pieces) if depth < 4 else None
    if gutter is None:
        edge = max((p.right for p in pieces), default=0.0)
        yield from (_Row(row, edge) for row in rows_of(pieces))
        return
    spanning = sorted((p for p in pieces if p.left < gutter < p.right), key=lambda p: -p.middle)
    rest = sorted((p for p in pieces if not p.left < gutter < p.right), key=lambda p: -p.middle)
    at = 0
    for row in [*rows_of(spanning), None]:
        start = at
        while at < len(rest) and (row is None or rest[at].middle > row[0].middle):
            at += 1
        for side in (True, False):
            yield from _ordered([p for p in rest[start:at] if (p.right <= gutter) == side], depth + 1)
        if row:
            yield _Row(row, max(p.right for p in spanning))


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
    covered = list(accumulate(change[:_BINS]))
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


def _paragraphs(rows: Iterator[_Row]) -> Iterator[_Paragraph]:
    """Rows that neither a gap nor larger letters part."""
    lines = list(rows)
    gaps = [a.middle - b.middle for a, b in pairwise(lines) if a.middle > b.middle]
    usual = median(gaps) if gaps else 0.0
    blocks = [lines[:1]] if lines else []
    for a, b in pairwise(lines):
        if _apart(a.longest, b.longest, usual):
            blocks.append([])
        blocks[-1].append(b)
    for block in blocks:
        cells = any(len(row.pieces) > 1 for row in block)
        yield _Paragraph(_joined(block), median(row.longest.height for row in block), cells)


def _apart(before: Piece, piece: Piece, usual: float) -> bool:
    return before.middle - piece.middle > 1.35 * usual or abs(before.height - piece.height) > _LARGER * piece.height


def _joined(rows: Sequence[_Row]) -> str:
    """Lines without room for the first word of the next go on in it; hyphens at line ends are joined later."""
    widest: dict[float, float] = {}
    for row in rows:
        widest[row.edge] = max(widest.get(row.edge, 0.0), row.pieces[-1].right)
    parts = [rows[0].words]
    for a, b in pairwise(rows):
        goes_on = parts[-1][-1] not in _HYPHENS and _goes_on(a, b, widest[a.edge])
        parts += [" " if goes_on else "\n", b.words]
    return "".join(parts)


def _goes_on(before: _Row, row: _Row, widest: float) -> bool:
    """Is ``row`` the next line of the sentence before? Not beside cells, nor where a word would still have fitted.

    ``widest``: how far to the right the paragraph reaches. What begins in small letters goes on, in another column too;
    anything else only where the line before reaches the edge of its column: lines of an address do not.
    """
    if len(before.pieces) > 1 or len(row.pieces) > 1 or begins_anew(row.words):
        return False
    a, b = before.pieces[0], row.pieces[0]
    end = a.right + (len(b.text.split()[0]) + 1) * (b.right - b.left) / len(b.text)
    if b.text[0].islower():
        return end > widest and (before.edge != row.edge or abs(a.left - b.left) < _INDENT * b.height)
    prose = len(a.text) >= _PROSE and abs(a.left - b.left) < _INDENT * b.height
    prose = prose and a.middle - b.middle < _DOUBLE_SPACED * b.height
    return prose and end > before.edge == row.edge
