"""Rows of a table as words that are understood without the rows above: ``Header: value; Header: value``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from corpus.documents.formats.grid import Cell
from corpus.documents.formats.headers import DEEPEST, LONGEST_NAME, are_marked, header_rows, joined_names, spans_all

_LOOKED_AT = 20
"""Rows whose width and words decide which rows are headers."""
_SENTENCE_ENDS = tuple(".!?。！？")


def rendered(rows: Iterable[Sequence[object]], *, headed: bool | None = None) -> Iterator[str]:
    """Each row in words. The first full rows of words (or years) are the headers, unless ``headed`` says otherwise.

    Several rows of headers are joined: ``Summer > Tuesday``. Rows above them, as a table's title, stand as they are;
    cells without a value are left out. Headers of columns without any value follow the rows.
    """
    filled = (row for row in ([_words(cell) for cell in row] for row in rows) if any(row))
    first = list(islice(filled, _LOOKED_AT))
    at, end, names = _headers([[Cell(words) for words in row] for row in first], headed)
    renderer = _Renderer()
    yield from (row_text(row) for row in first[:at])
    yield from renderer.begin_columns(names)
    for row in chain(first[end:], filled):
        yield renderer.row(row)
    yield from renderer.end()


def rendered_grid(rows: Iterable[Sequence[Cell]], *, headed: bool | None = None) -> Iterator[str]:
    """Each row of a grid (``corpus.documents.formats.grid``) in words; a cell over several rows or columns is in each.

    Cells that are marked as headers tell which rows name the columns, also between others; else the words do, as in
    ``rendered``. A row that is one cell over all columns names the rows below it: ``Winter; Pool: Indoor``.
    """
    filled = (row for row in rows if any(cell.words for cell in row))
    first = list(islice(filled, _LOOKED_AT))
    marked = any(c.header for row in first for c in row) and not all(c.header for row in first for c in row)
    every_row = list(chain(first, filled))
    width = max(map(len, every_row), default=0)
    yield from _marked(every_row, width) if marked else _unmarked(every_row, width, _headers(first, headed))


def row_text(row: Sequence[object], headers: Sequence[object] = ()) -> str:
    """One row in words, on one line; cells without a value are left out, a cell without a header stands alone.

    >>> row_text(["Solo", "1.35 kg"], ["Model", "Weight"])
    'Model: Solo; Weight: 1.35 kg'
    """
    names = [_words(h)[:LONGEST_NAME].rstrip(" :") for h in headers] + [""] * (len(row) - len(headers))
    pairs = zip(names, map(_words, row), strict=False)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)


def _headers(rows: Sequence[Sequence[Cell]], headed: bool | None) -> tuple[int, int, list[str]]:
    """Where the rows of headers begin and end, and the names of the columns."""
    if headed is False or not rows:
        return 0, 0, []
    at, end, names = header_rows(rows)
    return (at, at + 1, joined_names(rows[at : at + 1])) if headed and not names else (at, end, names)


def _unmarked(rows: Sequence[Sequence[Cell]], width: int, headers: tuple[int, int, list[str]]) -> Iterator[str]:
    at, end, names = headers
    renderer = _Renderer()
    for n, row in enumerate(rows):
        if n == at:
            yield from renderer.begin_columns(names)
        if spans_all(row, width):
            yield from renderer.begin_group(row[0].words)
        elif not at <= n < end:
            yield renderer.row(_once(row, renderer.names))
    yield from renderer.end()


def _marked(rows: Sequence[Sequence[Cell]], width: int) -> Iterator[str]:
    renderer = _Renderer()
    levels: list[Sequence[Cell]] = []
    for row in rows:
        names_all = spans_all(row, width) or (len(row) == 1 < width and row[0].header)
        if not names_all and are_marked(row) and len(levels) < DEEPEST:
            levels.append(row)
            continue
        if levels:
            yield from renderer.begin_columns(joined_names(levels))
            levels = []
        if names_all:
            yield from renderer.begin_group(row[0].words)
        else:
            yield renderer.row(_once(_with_row_names(row, renderer.names), renderer.names))
    if levels:
        yield from renderer.begin_columns(joined_names(levels))
    yield from renderer.end()


def _with_row_names(row: Sequence[Cell], names: Sequence[str]) -> Sequence[Cell]:
    """The row with each header before the value behind it, where no columns are named: ``Weight: light``."""
    if names:
        return row
    cells: list[Cell] = []
    for n, cell in enumerate(row):
        if n and cell is row[n - 1]:
            continue
        if cells and cell.words and not cell.header and cells[-1].header and cells[-1].words:
            cell = Cell(f"{cells.pop().words}: {cell.words}")
        cells.append(cell)
    return cells


def _once(row: Sequence[Cell], names: Sequence[str]) -> list[str]:
    """The words of a row; those of a cell over several columns once for each name."""
    padded = [*names, *[""] * (len(row) - len(names))]
    return [
        "" if n and cell is row[n - 1] and padded[n] in ("", padded[n - 1]) else cell.words
        for n, cell in enumerate(row)
    ]


class _Renderer:
    """Renders consecutive rows with the current headers and group. Every header is written at least once."""

    def __init__(self) -> None:
        self.names: Sequence[str] = ()
        self._unused: dict[int, str] = {}
        self._group, self._group_unused = "", False

    def begin_columns(self, names: Sequence[str]) -> Iterator[str]:
        """Rows of other columns follow; yields what named columns without values, or is too long a name."""
        yield from self._unused_names()
        long = any(len(name) > LONGEST_NAME for name in names)
        if long:
            yield row_text(names)
        self.names = names
        self._unused = {} if long else {n: name for n, name in enumerate(names) if name}

    def begin_group(self, words: str) -> Iterator[str]:
        """Rows of a group follow; yields words that name none. Names behind one another are one."""
        if len(words) > LONGEST_NAME or words.endswith(_SENTENCE_ENDS):
            yield words
            return
        joined = f"{self._group}; {words}" if self._group_unused else words
        if len(joined) > LONGEST_NAME:
            yield self._group
            joined = words
        self._group, self._group_unused = joined, True

    def row(self, values: Sequence[str]) -> str:
        for n in [n for n in self._unused if n < len(values) and values[n]]:
            del self._unused[n]
        text = row_text(values, self.names)
        self._group_unused = False
        return f"{self._group}; {text}" if self._group else text

    def end(self) -> Iterator[str]:
        """What named nothing."""
        yield from self._unused_names()
        if self._group_unused:
            yield self._group

    def _unused_names(self) -> Iterator[str]:
        if self._unused:
            yield row_text(list(self._unused.values()))
        self._unused = {}


def _words(cell: object) -> str:
    return "" if cell is None else " ".join(str(cell).split())
