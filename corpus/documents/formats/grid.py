"""The grid of a table: each place with the cell that covers it, as a reader sees it.

A cell that spans several places *is* the same object in each of them: ``row[n] is row[n - 1]`` says that it goes on. A
reader whose library tells the places of cells already (merged ranges of a sheet) may build such rows by itself.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import NamedTuple

LARGEST = 2**20
"""Places, and characters in them, that the spans of one table may add to its cells."""


class Cell(NamedTuple):
    """A cell with the places that it covers to the right and below."""

    words: str
    columns: int = 1
    rows: int = 1
    """0: all that are left in its group of rows."""
    header: bool = False
    """Does it name a column or a row?"""


class Grid(NamedTuple):
    """Rows of places. A row ends with its last cell; columns in which no cell begins are merged."""

    rows: list[list[Cell]]
    cut: int = 0
    """Spans that were cut to one place each, because together they add more than ``LARGEST`` to the table."""


class _Place(NamedTuple):
    """Columns that a cell covers in a row (``end`` is behind the last), and its rows from there on (0: all)."""

    start: int
    end: int
    cell: Cell
    rows: int


_NOTHING = Cell("")


def laid(groups: Iterable[Iterable[Sequence[Cell]]]) -> Grid:
    """The grid of rows of cells, each given once, where it begins. No span leaves its group of rows (``tbody``).

    >>> [[cell.words for cell in row] for row in laid([[[Cell("a", rows=2), Cell("b")], [Cell("c")]]]).rows]
    [['a', 'b'], ['a', 'c']]
    """
    row_groups = [[list(row) for row in group] for group in groups]
    cells = [cell for group in row_groups for row in group for cell in row]
    limit = LARGEST + _size(cells)
    placed: list[list[_Place]] = []
    size = 0
    for row in (row for group in row_groups for row in _placed(group)):
        placed.append(row)
        size += _size(place.cell for place in row)
        if size > limit:
            break
    columns = sorted({place.start for row in placed for place in row})
    if size + sum(_size([p.cell]) * (_covered(columns, p) - 1) for row in placed for p in row) > limit:
        return Grid([row for group in row_groups for row in group], sum(c.columns != 1 or c.rows != 1 for c in cells))
    return Grid([list(_expanded(row, columns)) for row in placed])


def _size(cells: Iterable[Cell]) -> int:
    return sum(1 + len(cell.words) for cell in cells)


def _covered(columns: Sequence[int], place: _Place) -> int:
    return bisect_left(columns, place.end) - bisect_left(columns, place.start)


def _expanded(row: Iterable[_Place], columns: Sequence[int]) -> Iterator[Cell]:
    """The cell at each of the columns; nothing where none is."""
    at = 0
    for place in row:
        start = bisect_left(columns, place.start)
        yield from repeat(_NOTHING, start - at)
        at = start + _covered(columns, place)
        yield from repeat(place.cell, at - start)


def _placed(group: Iterable[Sequence[Cell]]) -> Iterator[list[_Place]]:
    """The places of each row's cells, with those from rows above that reach into it."""
    hanging: list[_Place] = []
    for row in group:
        places = list(_beside(hanging, row))
        yield places
        hanging = [p._replace(rows=max(0, p.rows - 1)) for p in places if p.rows != 1]


def _beside(hanging: Sequence[_Place], row: Iterable[Cell]) -> Iterator[_Place]:
    """Each cell in the next free place; one that is too wide for the gap ends at the cell from above."""
    at, above = 0, 0
    for cell in row:
        while above < len(hanging) and hanging[above].start <= at:
            yield hanging[above]
            at = hanging[above].end
            above += 1
        end = at + max(1, cell.columns)
        if above < len(hanging):
            end = min(end, hanging[above].start)
        yield _Place(at, end, cell, max(0, cell.rows))
        at = end
    yield from hanging[above:]
