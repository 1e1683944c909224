"""The grid of one worksheet: what is seen of it, merged cells in each place that they cover."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from corpus.documents.formats.grid import Cell
from corpus.documents.formats.numerals import alphabetic

_NOTHING = Cell("")
Range = tuple[int, int, int, int]
"""First row, first column, last row, last column; all from 1."""


@dataclass
class Grid:
    """What a sheet holds: the shown text of each cell by row and column, both from 1."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)
    uncounted: list[str] = field(default_factory=list)
    """Cells with a formula whose value is not stored."""
    errors: list[str] = field(default_factory=list)
    """Cells that show an error, with it: ``B4 #DIV/0!``."""
    struck: dict[str, int] = field(default_factory=dict)
    """Characters struck out, by cell."""
    unshown: dict[str, int] = field(default_factory=dict)
    """Characters of values whose number format shows nothing, by cell."""
    allowed: list[tuple[str, str]] = field(default_factory=list)
    """Cells with the values that may be entered in them, or the hint that stands beside them."""
    headers: list[str] = field(default_factory=list)
    """Words printed above and below each page, as the format codes them."""

    def is_hidden(self, row: int, column: int) -> bool:
        """Does nobody see this cell?"""
        return row in self.hidden_rows or any(first <= column <= last for first, last in self.hidden_columns)

    def unseen(self) -> tuple[int, int]:
        """How many cells with words stand in hidden rows and columns, and how many characters these hold."""
        if not self.hidden_rows and not self.hidden_columns:
            return 0, 0
        visible = {merged[:2] for merged in self.merged if not self._all_hidden(*merged)}
        sizes = [
            len(text)
            for number, row in self.rows.items()
            for column, text in row.items()
            if self.is_hidden(number, column) and (number, column) not in visible
        ]
        return len(sizes), sum(sizes)

    def _all_hidden(self, top: int, left: int, last: int, right: int) -> bool:
        lines = self.hidden_rows.issuperset(range(top, last + 1))
        return lines or any(first <= left and right <= end for first, end in self.hidden_columns)


def column_of(letters: str) -> int:
    """``1`` of ``A``, ``28`` of ``AB``."""
    number = 0
    for letter in letters[:4].upper():
        number = 26 * number + ord(letter) - 64
    return number


def name_of(row: int, column: int) -> str:
    """``B4`` of row 4 and column 2."""
    return f"{alphabetic(column).upper()}{row}"


def spread(grid: Grid) -> Iterator[list[Cell]]:
    """Rows that are seen, top to bottom: a cell of a merged range stands in each place of it; hidden columns are gone.

    A row without a value of its own is left out: it would repeat the one above.
    """
    last = max((max(row) for row in grid.rows.values()), default=0)
    hidden = {column for left, right in grid.hidden_columns for column in range(left, min(right, last) + 1)}
    starts = deque(sorted(r for r in grid.merged if r[:2] != r[2:] and grid.rows.get(r[0], {}).get(r[1])))
    running: list[tuple[Range, Cell]] = []
    for number in sorted(grid.rows):
        while starts and starts[0][0] <= number:
            merged = starts.popleft()
            running.append((merged, Cell(grid.rows[merged[0]][merged[1]])))
        running = [span for span in running if span[0][2] >= number]
        row = grid.rows[number]
        if number not in grid.hidden_rows and not hidden.issuperset(row):
            cells = _filled(row, running, last)
            yield [cell for column, cell in enumerate(cells) if column and column not in hidden]


def _filled(row: dict[int, str], running: Sequence[tuple[Range, Cell]], last: int) -> list[Cell]:
    """The cells of a row, from the column before the first."""
    width = max(max(row), *(right for (*_, right), _ in running), 0)
    cells = [_NOTHING] * (min(last, width) + 1)
    for column, text in row.items():
        cells[column] = Cell(text)
    for (_, left, _, right), cell in running:
        for column in range(left, min(right, len(cells) - 1) + 1):
            cells[column] = cell
    return cells
