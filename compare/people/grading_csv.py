"""A blind sheet as CSV for a spreadsheet, and back. Names no arm."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from compare.people.blind_sheet import BlindItem
from compare.people.sheet_row import SheetRow
from corpus.errors import Fault

_DELIMITERS = ",;\t"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the beginning of a cell."""
_CELL = 2**24
_BOTH_BAD = {"bad": "both bad"}


def csv_sheet(
    items: Sequence[BlindItem], given: Mapping[str, str], grader: str, seed: int, *, reference: bool = True
) -> str:
    """A row for each item, with the grade ``given`` already, by item id. Begins with a byte order mark, for Excel.

    A cell that would be run as a formula has an apostrophe before it.
    """
    pairs = any(len(i.answers) == 2 for i in items)
    answers = ["answer_a", "answer_b"] if pairs else ["answer"]
    columns = [
        "item",
        "question_id",
        "question",
        *(["reference"] if reference else []),
        *answers,
        "grade",
        "grader",
        "seed",
    ]
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for item in items:
        grade = given.get(item.id, "")
        shown = [item.id, item.question, item.text, *([item.reference] if reference else []), *item.answers]
        writer.writerow([*map(_cell, shown), _BOTH_BAD.get(grade, grade), grader, seed])
    return out.getvalue()


def csv_rows(text: str, name: str) -> Iterator[SheetRow | Fault]:
    """The rows of a sheet that came back, in any order, with any further columns; ``name``: the file's."""
    lines = text.removeprefix("\ufeff").split("\n")
    delimiter = max(_DELIMITERS, key=lambda d: lines[0].count(d))
    csv.field_size_limit(_CELL)
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True)
    columns: list[str] = []
    line = 1
    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            if not columns:
                columns = [c.strip().casefold() for c in cells]
                if missing := [c for c in ("item", "grade") if c not in columns]:
                    found = f"columns {', '.join(columns)}"
                    yield Fault(f"{name}, line {begins}", found, f"a column {' and a column '.join(missing)}")
                    return
            elif any(cell.strip() for cell in cells):
                row = dict(zip(columns, cells, strict=False))
                item, grader, grade, seed = (row.get(c, "") for c in ("item", "grader", "grade", "seed"))
                yield SheetRow(f"{name}, line {begins}", item, grader, grade, seed)
    except csv.Error as error:
        mend = "close each quotation mark, and double those within a cell"
        yield Fault(f"{name}, line {line}", f"not CSV ({error})", "rows of the exported sheet", mend)


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
