"""Rows of a table as text that can be read alone: each value behind the name of its column. Knows nothing of formats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_SEPARATOR = re.compile(r"^\s*\|?\s*:?-{1,}:?\s*(\|\s*:?-{1,}:?\s*)*\|?\s*$")
_CELL = re.compile(r"(?<!\\)\|")


def row_text(header: Sequence[str], cells: Sequence[str]) -> str:
    """One row: ``Model: Solo; Weight: 1.35 kg``. Empty cells are left out, a cell without a name stands alone.

    >>> row_text(["Model", "Weight"], ["Solo", "1.35 kg"])
    'Model: Solo; Weight: 1.35 kg'
    """
    names = [*header, *[""] * (len(cells) - len(header))]
    pairs = [(_flat(name).rstrip(":"), _flat(cell)) for name, cell in zip(names, cells, strict=False)]
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)


def markdown_rows(lines: Sequence[str]) -> Iterator[str | list[str]]:
    """The lines of a Markdown text: a list of row texts for each table, every other line as it is."""
    at = 0
    while at < len(lines):
        columns = _columns(lines, at)
        if not columns:
            yield lines[at]
            at += 1
            continue
        end = at + 2
        while end < len(lines) and "|" in lines[end] and lines[end].strip():
            end += 1
        rows = [row_text(columns, _cells(line)) for line in lines[at + 2 : end]]
        yield [row for row in rows if row] or [row_text([], columns)]
        at = end


def _columns(lines: Sequence[str], at: int) -> list[str]:
    """The column names, where a table begins at line ``at``: a row of cells and, below it, as many rules."""
    if at + 1 >= len(lines) or "|" not in lines[at] or not _SEPARATOR.match(lines[at + 1]):
        return []
    names, rules = _cells(lines[at]), _cells(lines[at + 1])
    return names if len(names) == len(rules) else []


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip().replace("\\|", "|") for cell in _CELL.split(inner)]


def _flat(text: str) -> str:
    return " ".join(text.split())
