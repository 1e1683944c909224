"""The rows of CSV, strictly read: a quotation mark that is not closed costs its own line alone."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from corpus.documents.formats.omissions import Omissions

LONGEST_ROW = 2**24
"""Characters of a row. One that never ends has a quotation mark that nothing closes."""
_READ_AGAIN = 2**26
"""Characters that are read again at most, because quotation marks were open."""
_OPEN = "a quotation mark is not closed; the line is read as it stands"
_CLOSE = "close the quotation mark, or double it within a cell"
_SURPLUS = "more cells than columns; those behind the last column are read without a header"
_NAME = "name each column in the first row"


class CsvRows:
    """An iterator over rows; what is wrong with them is noted in ``omissions``, by line. ``width``: columns of most rows.

    Raises ``ValueError`` where a row is longer than ``LONGEST_ROW``, or open quotation marks are more than can be read.
    """

    def __init__(
        self, lines: Iterable[str], delimiter: str, width: int, omissions: Omissions, first_line: int = 1
    ) -> None:
        self._lines = enumerate(lines, first_line)
        self._delimiter = delimiter
        self._width = width
        self._omissions = omissions
        self._lines_again: deque[tuple[int, str]] = deque()
        self._row_lines: list[tuple[int, str]] = []
        """Lines of the row that is being read, with their numbers."""
        self._size = self._again = 0

    def __iter__(self) -> Iterator[list[str]]:
        csv.field_size_limit(LONGEST_ROW)
        while True:
            try:
                for row in csv.reader(self._fed(), delimiter=self._delimiter, strict=True, skipinitialspace=True):
                    yield self._as_it_stands() if self._holds_rows() else self._whole(row)
                return
            except csv.Error as error:
                if "expected after" not in str(error) and "unexpected end" not in str(error):
                    raise ValueError(f"line {self._row_lines[0][0] if self._row_lines else 1}: {error}") from error
            yield self._as_it_stands()

    def _fed(self) -> Iterator[str]:
        while True:
            line = self._lines_again.popleft() if self._lines_again else next(self._lines, None)
            if line is None:
                return
            self._row_lines.append(line)
            self._size += len(line[1])
            if self._size > LONGEST_ROW:
                longest = f"{LONGEST_ROW // 2**20} million characters"
                raise ValueError(f"line {self._row_lines[0][0]}: a row is longer than {longest}")
            yield line[1]

    def _whole(self, row: list[str]) -> list[str]:
        if 1 < self._width < len(row) and any(cell.strip() for cell in row[self._width :]):
            self._omissions.add(_SURPLUS, place=f"line {self._row_lines[0][0]}", mend=_NAME)
        self._row_lines, self._size = [], 0
        return row

    def _holds_rows(self) -> bool:
        """Does a row of several lines hold whole rows in a cell? Then each line has all columns by itself."""
        return len(self._row_lines) > 1 and all(
            self._width > 1 and line.count(self._delimiter) == self._width - 1 for _, line in self._row_lines
        )

    def _as_it_stands(self) -> list[str]:
        """The first line of what was read, without regard to its quotation marks; the lines behind it are read again."""
        (number, line), *behind = self._row_lines
        self._omissions.add(_OPEN, place=f"line {number}", mend=_CLOSE)
        self._lines_again.extendleft(reversed(behind))
        self._again += self._size
        if self._again > _READ_AGAIN:
            raise ValueError(f"line {number}: too many quotation marks are not closed")
        self._row_lines, self._size = [], 0
        return line.rstrip("\r\n").split(self._delimiter)


def width_of(sample: Sequence[str], delimiter: str) -> tuple[int, float]:
    """Columns of most of these lines, and the share of rows that have as many; 1 and 0 where it parts none."""
    from collections import Counter

    try:
        widths = [len(row) for row in csv.reader(sample, delimiter=delimiter, skipinitialspace=True) if row]
    except csv.Error:
        return 0, 0.0
    width, rows = Counter(widths).most_common(1)[0] if widths else (1, 0)
    return width, rows / len(widths) if width > 1 else 0.0
