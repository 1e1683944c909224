"""Rows of a table as words that are understood without the rows above: ``Header: value; Header: value``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_LONGEST_HEADER = 80
_NUMBER = re.compile(r"[-+(]?[\d.,:/ ]*\d[\d.,:/ ]*[%)]?")
_YEAR = re.compile(r"(?:19|20)\d\d(?:[/-]\d\d(?:\d\d)?)?")
_LOOKED_AT = 20
"""Rows from whose width the row of headers is told."""


def rendered(rows: Iterable[Sequence[object]], *, headed: bool | None = None) -> Iterator[str]:
    """Each row in words. The first full row of words (or years) is the headers, unless ``headed`` says otherwise.

    Rows above it, as a table's title, stand as they are; cells without a value are left out.
    """
    cells = ([_words(cell) for cell in row] for row in rows)
    filled = (row for row in cells if any(row))
    first = [row for _, row in zip(range(_LOOKED_AT), filled, strict=False)]
    width = max((_filled(row) for row in first), default=0)
    at = next((n for n, row in enumerate(first) if _filled(row) > width / 2), 0)
    headers: list[str] = []
    if first and (_is_header(first[at:]) if headed is None else headed):
        headers = first[at]
        first = first[:at] + first[at + 1 :]
    for n, row in enumerate(first):
        yield row_text(row, headers if n >= at else [])
    for row in filled:
        yield row_text(row, headers)
    if headers and len(first) == at:  # nothing below: the headers are all there is
        yield row_text(headers)


def row_text(row: Sequence[object], headers: Sequence[object] = ()) -> str:
    """One row in words, on one line; cells without a value are left out, a cell without a header stands alone.

    >>> row_text(["Solo", "1.35 kg"], ["Model", "Weight"])
    'Model: Solo; Weight: 1.35 kg'
    """
    names = [_words(h)[:_LONGEST_HEADER].rstrip(" :") for h in headers] + [""] * (len(row) - len(headers))
    pairs = zip(names, map(_words, row), strict=False)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)


def _words(cell: object) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _filled(row: Sequence[str]) -> int:
    return sum(map(bool, row))


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Does the first row name the columns? Words do, and years over what are no years."""
    named = {n: cell for n, cell in enumerate(rows[0]) if cell}
    below = [{cell for row in rows[1:] if n < len(row) and (cell := row[n])} for n in named]
    return (
        len(rows) > 1
        and len(set(named.values())) == len(named)
        and max(map(len, named.values())) <= 10 * _LONGEST_HEADER
        and not any(
            _NUMBER.fullmatch(cell[:100]) and not (_YEAR.fullmatch(cell) and not any(map(_YEAR.fullmatch, cells)))
            for cell, cells in zip(named.values(), below, strict=True)
        )
    )
