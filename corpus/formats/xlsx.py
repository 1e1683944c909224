"""XLSX: each row of each sheet with its headers, under the sheet's name. Knows nothing of other formats."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from corpus.formats.part import Block, Part
from corpus.formats.rows import rendered
from corpus.formats.zipped import opened, stated

_ROWS = 2**20
"""The format has no more; a file may say that its next row is the billionth."""


def read(file: Path) -> Iterator[Part]:
    """One part. Formulas are read as the values they had when the file was saved."""
    from openpyxl import load_workbook

    with opened(file) as held, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions that are not read
        book = load_workbook(held, read_only=True, data_only=True)
        blocks = [Block(sheet.title, row, None, True) for sheet in book.worksheets for row in _rows(sheet)]
        yield Part(tuple(blocks), **stated(book.properties))


def _rows(sheet: Any) -> Iterator[str]:
    if sheet.sheet_state != "visible":
        return
    sheet.reset_dimensions()  # what a file says of its size may be a million rows that are not there
    yield from rendered([_value(cell) for cell in row] for row in sheet.iter_rows(max_row=_ROWS, values_only=True))


def _value(cell: object) -> object:
    """As a reader would write it: days without midnight, whole numbers without ``.0``, amounts without an exponent."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, float):
        exact = f"{cell:.15g}"
        return format(Decimal(exact), "f") if 1e-9 < abs(cell) < 1e21 else exact
    return cell
