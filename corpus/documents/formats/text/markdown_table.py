"""Tables of Markdown, each row with the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from corpus.documents.formats.grid import Cell
from corpus.documents.formats.omissions import Omissions
from corpus.documents.formats.table_rows import rendered_grid
from corpus.documents.formats.text.fences import Fences
from corpus.documents.formats.web.html import parsed

_RULE = re.compile(r"\s*:?-+:?\s*")
_HTML = re.compile(r" {0,3}<(table|dl|ol|ul)\b", re.IGNORECASE)
_CELL = re.compile(r"(?<!\\)\|")


def tables_apart(
    lines: Sequence[str], omissions: Omissions | None = None, place: str = ""
) -> Iterator[tuple[list[str], bool]]:
    """The lines in order: those between tables as they are, and each table as its rows in words (then True).

    Tables and lists that are written in HTML are read as such; what they leave out is noted in ``omissions``. What stands in
    a fence is code and no table.
    """
    omissions = omissions or Omissions()
    between: list[str] = []
    at, fences, unclosed = 0, Fences(), set[str]()
    while at < len(lines):
        fenced = fences.holds(lines[at])
        columns, end = ([], 0) if fenced else (_columns(lines, at), _html_end(lines, at, unclosed))
        if not columns and not end:
            between.append(lines[at])
            at += 1
            continue
        yield between, False
        between = []
        if columns:
            end = at + 2
            while end < len(lines) and "|" in lines[end]:
                end += 1
            rows = ([Cell(cell) for cell in _cells(line)] for line in lines[at + 2 : end])
            yield list(rendered_grid([columns, *rows])), True
        else:
            page = parsed("".join(lines[at:end]))
            for each in page.left_out:
                omissions.add(each.what, place=place, mend=each.mend)
            for table, blocks in groupby(page.blocks, key=lambda block: block.table):
                yield [block.text for block in blocks], table
        at = end
    yield between, False


def _html_end(lines: Sequence[str], at: int, unclosed: set[str]) -> int:
    """Behind the last line of a table or list of HTML that begins at line ``at``; 0: none does.

    Behind one that nothing closes no more of its kind is looked for, so that each line is read once.
    """
    match = _HTML.match(lines[at])
    if not match or (name := match[1].lower()) in unclosed:
        return 0
    tag = re.compile(rf"<(/?){name}\b", re.IGNORECASE)
    depth = 0
    for n in range(at, len(lines)):
        depth += sum(-1 if end else 1 for end in tag.findall(lines[n]))
        if depth <= 0:
            return n + 1
    unclosed.add(name)
    return 0


def _columns(lines: Sequence[str], at: int) -> list[Cell]:
    """The names of the columns, where a table begins at line ``at``: a row of cells and, below it, as many rules."""
    if at + 1 >= len(lines) or "|" not in lines[at] or "-" not in lines[at + 1]:
        return []
    names, rules = _cells(lines[at]), _cells(lines[at + 1])
    marked = [Cell(name, header=True) for name in names]
    return marked if len(names) == len(rules) and all(map(_RULE.fullmatch, rules)) else []


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [" ".join(cell.replace("\\|", "|").split()) for cell in _CELL.split(inner)]
