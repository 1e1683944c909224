"""Rows of a table as words that are understood without the rows above: ``Header: value; Header: value``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_LONGEST_HEADER = 80
_NUMBER = re.compile(r"[-+(]?[\d.,:/ ]*\d[\d.,:/ ]*[%)]?")
_LOOKED_AT = 20
"""Rows from whose width the row of headers is told."""


def rendered(rows: Iterable[Sequence[object]], *, headed: bool | None = None) -> Iterator[str]:
    """Each row in words. The first full row that holds only words is the headers, unless ``headed`` says otherwise.

    Rows above it, as a table's title, stand as they are; cells without a value are left out.
    """
    cells = ([_words(cell) for cell in row] for row in rows)
    filled = (row for row in cells if any(row))
    first = [row for _, row in zip(range(_LOOKED_AT), filled, strict=False)]
    width = max((_filled(row) for row in first), default=0)
    at = next((n for n, row in enumerate(first) if _filled(row) > width / 2), 0)
    headers: list[str] = []
    if first and (_is_header(first[at], len(first) - at) if headed is None else headed):
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


def _is_header(row: Sequence[str], rows: int) -> bool:
    named = [cell for cell in row if cell]
    return (
        rows > 1
        and len(set(named)) == len(named)
        and not any(_NUMBER.fullmatch(cell[:100]) for cell in named)
        and max(map(len, named)) <= 10 * _LONGEST_HEADER
    )
