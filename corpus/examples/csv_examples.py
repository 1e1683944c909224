"""Rows of CSV as spreadsheets write it, read strictly: no cell is lost, none swallows the rows below it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.errors import Fault
from corpus.examples.example_layouts import ANSWERS, CHATS, LAYOUTS, LISTS, QUESTIONS, is_example, name_of
from corpus.examples.example_rows import Row, shown
from corpus.examples.json_decoder import within

_DELIMITERS = ",;\t|"
_LONGEST_CELL = 2**24
_SEP = re.compile(r'"?sep=([,;|\t])"?', re.IGNORECASE)
"""Excel's line that names the delimiter."""
_MAY_BE_LISTS = ("answers", "history", *CHATS, *LISTS)
"""Columns whose cells hold lists where they look like it."""
_SWALLOWED = 3
"""Lines of a cell that are rows of the table, all of them, from which the cell's quotation mark was left open."""


def rows(text: str, name: str, usual: str) -> Iterator[Row | Fault]:
    """Every row below the header, and a fault for each one that is not a row of it. ``usual``: the delimiter by its suffix."""
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    stated = _SEP.fullmatch(lines[first].strip(" \r")) if first < len(lines) else None
    if stated:
        first = next((n for n in range(first + 1, len(lines)) if lines[n].strip()), len(lines))
    if first == len(lines):
        return
    delimiter = stated[1] if stated else _delimiter(lines[first], usual)
    csv.field_size_limit(_LONGEST_CELL)
    records = _records(lines, first, delimiter, name)
    header = next(records)
    if isinstance(header, Fault):
        yield header
        return
    at, names = header
    if fault := _fault_of_header(names, f"{name}, line {at}"):
        yield fault
        return
    columns = [column.strip() or f"column {n}" for n, column in enumerate(names, 1)]
    number = 0
    for record in records:
        if isinstance(record, Fault):
            yield record
            continue
        line, cells = record
        if not any(cell.strip() for cell in cells):
            continue
        number += 1
        yield _row(columns, cells, Row(None, number, line, cells=True), f"{name}, line {line}", delimiter)


def _records(lines: Sequence[str], first: int, delimiter: str, name: str) -> Iterator[tuple[int, list[str]] | Fault]:
    """Line and cells of each record from line ``first`` (from 0) on. Reading goes on below the line that breaks."""
    at = first
    while at < len(lines):
        reader = csv.reader((f"{lines[n]}\n" for n in range(at, len(lines))), delimiter=delimiter, strict=True)
        done = 0
        try:
            for cells in reader:
                begins, done = at + done, reader.line_num
                if cells:
                    yield begins + 1, cells
            return
        except csv.Error:
            yield _unclosed(f"{name}, line {at + done + 1}")
            at += done + 1


def _row(names: Sequence[str], cells: Sequence[str], row: Row, where: str, delimiter: str) -> Row | Fault:
    surplus = [cell for cell in cells[len(names) :] if cell.strip()]
    if surplus:
        mend = f'put a cell that holds "{delimiter}" in quotation marks'
        return Fault(where, f"more cells than the header has ({len(names)})", "a cell for each column", mend)
    if any(_swallowed(cell, len(names), delimiter) for cell in cells):
        return _unclosed(where)
    filled = dict(zip(names, [*cells, *[""] * (len(names) - len(cells))], strict=False))
    values: dict[str, object] = {}
    for column, cell in filled.items():
        if cell.strip() or name_of(column) in (*QUESTIONS, *ANSWERS):
            values[column] = within(cell) if name_of(column) in _MAY_BE_LISTS else cell
    return replace(row, value=values)


def _swallowed(cell: str, width: int, delimiter: str) -> bool:
    """Does a cell hold rows of the table, because its quotation mark was closed by one further below?"""
    inner = [line for line in cell.split("\n")[1:-1] if line.strip()]
    split = [line.split(delimiter) for line in inner]
    return len(inner) >= _SWALLOWED and all(
        len(parts) >= width and all(part and not part.startswith(" ") for part in parts[:width]) for parts in split
    )


def _unclosed(where: str) -> Fault:
    return Fault(
        where,
        "a quotation mark that is not closed where its cell ends",
        "a closing one",
        'close it at the end of its cell; within a cell write it twice ("")',
    )


def _fault_of_header(names: Sequence[str], where: str) -> Fault | None:
    known = [name_of(name) for name in names]
    twice = [name for name in known if name and known.count(name) > 1]
    if twice:
        return Fault(where, f"two columns are called {shown(twice[0])}", "each column once")
    if is_example(dict.fromkeys(names)):
        return None
    return Fault(where, f"columns {', '.join(map(shown, names[:8]))}", f"a first row that names them: {LAYOUTS}")


def _delimiter(header: str, usual: str) -> str:
    """The delimiter that gives known column names, else the most columns."""

    def columns(delimiter: str) -> list[str]:
        return next(csv.reader([header], delimiter=delimiter), [])

    order = [usual, *(d for d in _DELIMITERS if d != usual)]
    known = [d for d in order if is_example(dict.fromkeys(columns(d)))]
    return known[0] if known else max(order, key=lambda d: len(columns(d)))
