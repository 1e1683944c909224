"""Which rows of a table name its columns, by their words and by how they are spanned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise

from corpus.documents.formats.grid import Cell

LONGEST_NAME = 80
"""Characters of a column's name; longer text is a sentence, not a name."""
DEEPEST = 5
"""Rows of headers above one another."""
_NUMBER = re.compile(r"[-+(]?[\d.,:/ ]*\d[\d.,:/ ]*[%)]?")
_YEAR = re.compile(r"(?:19|20)\d\d(?:[/-]\d\d(?:\d\d)?)?")


def spans_all(row: Sequence[Cell], width: int) -> bool:
    """Is the row one cell over all columns, as those are that name the rows below?"""
    return width > 1 and len(row) == width and bool(row[0].words) and all(cell is row[0] for cell in row)


def joined_names(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The name of each column, from the outermost header: ``Summer > Tuesday``."""
    width = max(map(len, rows), default=0)
    levels = [[row[n].words for row in rows if n < len(row) and row[n].words] for n in range(width)]
    return [" > ".join(words for words, _ in groupby(level)) for level in levels]


def header_rows(rows: Sequence[Sequence[Cell]]) -> tuple[int, int, list[str]]:
    """Where the rows of headers begin and end (behind the last), and the columns' names, judged by their words.

    ``rows`` are the first of a table. Where none is of headers, they begin and end at the first full row.
    """
    width = max(map(len, rows), default=0)
    most = max((_filled(row) for row in rows if not spans_all(row, width)), default=0)
    at = next((n for n, row in enumerate(rows) if _filled(row) > most / 2 and not spans_all(row, width)), 0)
    for start, end in _candidates(rows, at):
        levels = [*(_bridged(*pair) for pair in pairwise(rows[start:end])), rows[end - 1]]
        if _are_headers(levels, rows[end:]):
            return start, end, joined_names(levels)
    return at, at, []


def _candidates(rows: Sequence[Sequence[Cell]], at: int) -> Sequence[tuple[int, int]]:
    """Where headers may begin and end when a full row is one of them, the most rows first."""
    if not rows:
        return []
    start = at - 1 if at and _stands_above(rows[at - 1], rows[at]) else at
    end = at + 1
    while end < min(start + DEEPEST, len(rows)) and _stands_above(rows[end - 1], rows[end]):
        end += 1
    return [*((start, n) for n in range(end, at, -1)), (at, at + 1)]


def _stands_above(upper: Sequence[Cell], lower: Sequence[Cell]) -> bool:
    """Does the upper row name groups of the columns that the lower one names?

    It does where some of its cells go on over several columns of the lower row, and all others stand alone in theirs.
    """
    spans = _bridged(upper, lower)
    wide = {n for n in range(len(spans)) if _goes_on(spans, n)}
    if not wide or len({id(c) for c in spans if c.words}) < 2:
        return False
    alone = [(spans[n], lower[n] if n < len(lower) else None) for n in range(len(spans)) if n not in wide]
    if any(low is not None and low is not up and low.words and up.words for up, low in alone):
        return False
    words = [lower[n].words for n in sorted(wide) if n < len(lower)]
    return any(words) and (bool(alone) or len(set(words)) < len(words))


def _goes_on(row: Sequence[Cell], n: int) -> bool:
    """Does the cell of the place cover one beside it as well?"""
    return bool(row[n].words) and any(row[n] is row[m] for m in (n - 1, n + 1) if 0 <= m < len(row))


def _bridged(upper: Sequence[Cell], lower: Sequence[Cell]) -> list[Cell]:
    """The upper row with each cell over the empty ones behind it, as headers are written where none can be merged."""
    cells: list[Cell] = []
    for n, cell in enumerate(upper):
        bridge = cells and not cell.words and n < len(lower) and lower[n].words
        cells.append(cells[-1] if bridge else cell)
    return cells


def _are_headers(levels: Sequence[Sequence[Cell]], below: Sequence[Sequence[Cell]]) -> bool:
    """Do the rows name the columns? Words do, or years above other values; and no name spans into the row below."""
    names = {n: name for n, name in enumerate(joined_names(levels)) if name}
    columns = {tuple(id(row[n]) for row in levels if n < len(row)) for n in names}
    values = {n: {row[n].words for row in below if n < len(row) and row[n].words} for n in names}
    return (
        bool(below and names)
        and len(set(names.values())) == len(columns)
        and max(map(len, names.values())) <= 10 * LONGEST_NAME
        and not any(up is low and up.words for up, low in zip(levels[-1], below[0], strict=False))
        and not any(_is_number(row[n].words, values[n]) for row in levels for n in names if n < len(row))
    )


def _is_number(words: str, below: set[str]) -> bool:
    """A number, or a year over years."""
    if not _NUMBER.fullmatch(words[:100]):
        return False
    return not _YEAR.fullmatch(words) or any(map(_YEAR.fullmatch, below))


def are_marked(row: Sequence[Cell]) -> bool:
    """Do the row's own marks (``th``, ``thead``) say that it names the columns? One before values names its row."""
    return all(cell.header for cell in row[1:] or row) and any(cell.words for cell in row)


def _filled(row: Sequence[Cell]) -> int:
    return sum(bool(cell.words) for cell in row)
