"""A table of HTML as its tags come, and its rows in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corpus.documents.formats.grid import Cell, laid
from corpus.documents.formats.table_rows import rendered_grid

_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_WIDEST, _LONGEST = 1000, 65534
"""Columns and rows that a cell may span at most (HTML standard, 4.9.11)."""


class Table:
    """Gathers cells; words go to the last one."""

    def __init__(self) -> None:
        self._groups: list[list[list[Cell]]] = [[]]
        self._head = False
        self.has_headers = False
        """Is it a table by its marks, not one that is there for the layout?"""
        self.cut = 0
        """Spans too large to follow; set by ``rows``."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A group, a row or a cell begins."""
        if tag in _GROUPS:
            self._groups.append([])
            self._head = tag == "thead"
        elif tag == "tr" or not self._groups[-1]:
            self._groups[-1].append([])
        if tag in ("td", "th"):
            header = tag == "th" or self._head
            self.has_headers |= header
            cell = Cell("", _span(attributes, "colspan", _WIDEST), _span(attributes, "rowspan", _LONGEST), header)
            self._groups[-1][-1].append(cell)

    def takes(self, words: str) -> bool:
        """Adds the words to the last cell, if there is one."""
        row = self._groups[-1][-1] if self._groups[-1] else None
        if not row:
            return False
        row[-1] = row[-1]._replace(words=f"{row[-1].words} {' '.join(words.split())}".strip())
        return True

    def rows(self) -> Iterator[tuple[str, bool]]:
        """Its rows in words, and whether they are rows of several columns."""
        rows = [row for group in self._groups for row in group if any(cell.words for cell in row)]
        several = max(map(len, rows), default=0) > 1
        if not several:
            yield from ((" ".join(cell.words for cell in row), False) for row in rows)
            return
        grid = laid(self._groups)
        self.cut = grid.cut
        yield from ((row, True) for row in rendered_grid(grid.rows, headed=False if _are_alike(rows) else None))


def _are_alike(rows: Sequence[Sequence[Cell]]) -> bool:
    """Two rows of words alone, of which the first names nothing."""
    return len(rows) == 2 and not any(c.isdigit() for cell in rows[1] for c in cell.words)


def _span(attributes: dict[str, str], name: str, most: int) -> int:
    """A span as browsers read it: 1 where it is no number."""
    value = attributes.get(name, "").strip()[:12]
    return min(int(value), most) if value.isascii() and value.isdigit() else 1
