"""Tables of Markdown, each row with the names of its columns. Knows nothing of what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.formats.fences import Fences
from corpus.formats.rows import row_text

_RULE = re.compile(r"\s*:?-+:?\s*")
_CELL = re.compile(r"(?<!\\)\|")


def tables_apart(lines: Sequence[str]) -> Iterator[tuple[list[str], bool]]:
    """The lines in order: those between tables as they are, and each table as its rows in words (then True).

    What stands in a fence is code and no table.
    """
    held: list[str] = []
    at, fences = 0, Fences()
    while at < len(lines):
        columns = [] if fences.holds(lines[at]) else _columns(lines, at)
        if not columns:
            held.append(lines[at])
            at += 1
            continue
        end = at + 2
        while end < len(lines) and "|" in lines[end]:
            end += 1
        yield held, False
        held = []
        rows = [row_text(_cells(line), columns) for line in lines[at + 2 : end]]
        yield [row for row in rows if row] or [row_text(columns)], True
        at = end
    yield held, False


def _columns(lines: Sequence[str], at: int) -> list[str]:
    """The names of the columns, where a table begins at line ``at``: a row of cells and, below it, as many rules."""
    if at + 1 >= len(lines) or "|" not in lines[at] or "-" not in lines[at + 1]:
        return []
    names, rules = _cells(lines[at]), _cells(lines[at + 1])
    return names if len(names) == len(rules) and all(map(_RULE.fullmatch, rules)) else []


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.replace("\\|", "|") for cell in _CELL.split(inner)]
