"""The grid of one worksheet as a reader sees it, from its XML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import Element

from openpyxl.formula.translate import Translator

from corpus.documents.formats.office.number_format import formatted, formatted_text, general
from corpus.documents.formats.office.ooxml import S
from corpus.documents.formats.office.xlsx_grid import Grid, Range, column_of, name_of

_COLUMNS = 2**14
_ROWS = 2**20
"""The format's limits; a damaged file may number its next row a billion."""


@dataclass(frozen=True)
class Style:
    """A cell's number format, and whether it is struck out."""

    format: str = "General"
    struck: bool = False


@dataclass(frozen=True)
class Book:
    """What the sheets of a workbook share."""

    strings: Sequence[tuple[str, int]]
    """Each shared string without its struck-out words, and how many characters those are."""
    styles: Sequence[Style]
    since_1904: bool = False


def grid_of(elements: Iterable[Element], book: Book) -> Grid:
    """The cells of a sheet as they are shown, with what its elements of ``TAGS`` say of rows, columns and ranges."""
    grid = Grid()
    cells = _Cells(grid, book)
    for element in elements:
        tag = element.tag.removeprefix(S)
        if tag == "row":
            cells.row(element)
        elif tag == "col":
            if _is_true(element.get("hidden")) or _is_zero(element.get("width")):
                grid.hidden_columns.append((int(element.get("min", 0)), int(element.get("max", 0))))
        elif tag == "mergeCell":
            if ref := range_of(element.get("ref", "")):
                grid.merged.append(ref)
        elif tag == "dataValidation":
            if hint := _hint(element):
                grid.allowed.append((element.get("sqref", ""), hint))
        elif element.text:
            grid.headers.append(element.text)
    return grid


class _Cells:
    """Puts the cells of each row into a grid."""

    def __init__(self, grid: Grid, book: Book) -> None:
        self._grid = grid
        self._book = book
        self._at = 0
        self._shared: dict[str, Translator] = {}

    def row(self, row: Element) -> None:
        number = row.get("r")
        self._at = int(float(number)) if number else self._at + 1
        if not 0 < self._at <= _ROWS:
            return
        if _is_true(row.get("hidden")) or _is_zero(row.get("ht")):
            self._grid.hidden_rows.add(self._at)
        column, texts = 0, {}
        for cell in row:
            name = cell.get("r", "")
            column = column_of(name.rstrip("0123456789")) if name else column + 1
            if 0 < column <= _COLUMNS and (text := self._text(cell, name_of(self._at, column))):
                texts[column] = text
        if texts:
            self._grid.rows.setdefault(self._at, {}).update(texts)

    def _text(self, cell: Element, name: str) -> str:
        style = self._style(cell)
        kind, stored, formula = cell.get("t", "n"), cell.findtext(f"{S}v") or "", cell.find(f"{S}f")
        if formula is not None and not stored and kind != "str":
            self._grid.uncounted.append(name)
            return self._formula(formula, name)
        text, struck = self._value(cell, kind, stored, style)
        if kind == "e" and stored:
            self._grid.errors.append(f"{name} {stored}")
        if style.struck and text:
            text, struck = "", struck + len(text)
        if struck:
            self._grid.struck[name] = struck
        elif stored and not text and kind in ("n", "s"):
            self._grid.unshown[name] = len(stored)
        return text

    def _style(self, cell: Element) -> Style:
        at = int(cell.get("s") or 0)
        return self._book.styles[at] if 0 <= at < len(self._book.styles) else Style()

    def _value(self, cell: Element, kind: str, stored: str, style: Style) -> tuple[str, int]:
        """The text, and the number of characters struck out in it."""
        if kind == "inlineStr":
            inline = cell.find(f"{S}is")
            text, struck = ("", 0) if inline is None else rich_text(inline)
            return formatted_text(text, style.format), struck
        if not stored:
            return "", 0
        if kind == "s":
            text, struck = self._book.strings[int(stored)]
            return formatted_text(text, style.format) if text else "", struck
        if kind == "b":
            return "FALSE" if stored.strip() in ("0", "false") else "TRUE", 0
        if kind == "n":
            return _number(stored, style.format, self._book.since_1904), 0
        if kind == "d":
            return stored.removesuffix("Z").removesuffix("T00:00:00").replace("T", " "), 0
        return (stored if kind == "e" else formatted_text(stored, style.format)), 0

    def _formula(self, formula: Element, name: str) -> str:
        """The formula's text; a shared one is translated from the cell that holds it."""
        text, number = formula.text or "", formula.get("si", "")
        if formula.get("t") == "shared" and not text and number in self._shared:
            try:
                moved: str = self._shared[number].translate_formula(name)
            except Exception:  # noqa: BLE001 - a formula may say anything
                return ""
            return moved
        if formula.get("t") == "shared" and text:
            self._shared[number] = Translator(f"={text}", name)
        return f"={text}" if text else ""


def rich_text(string: Element) -> tuple[str, int]:
    """The words of a string without those struck out and without phonetic readings, and how many characters were struck out."""
    pieces, struck = [], 0
    for child in string:
        tag = child.tag.removeprefix(S)
        if tag == "t":
            pieces.append(child.text or "")
        elif tag == "r":
            words = child.findtext(f"{S}t") or ""
            strike = child.find(f"{S}rPr/{S}strike")
            if strike is not None and strike.get("val", "1") not in ("0", "false"):
                struck += len(words)
            else:
                pieces.append(words)
    return "".join(pieces), struck


@lru_cache(maxsize=10_000)
def _number(stored: str, code: str, since_1904: bool) -> str:
    try:
        value = float(stored)
    except ValueError:
        return stored
    return general(value) if code == "General" else formatted(value, code, since_1904=since_1904)


def _is_true(value: str | None) -> bool:
    return value in ("1", "true")


def _is_zero(size: str | None) -> bool:
    try:
        return size is not None and float(size) == 0
    except ValueError:
        return False


def range_of(ref: str) -> Range | None:
    """First row, first column, last row, last column of ``A2:B4``."""
    first, _, last = ref.replace("$", "").partition(":")
    corners = []
    for corner in (first, last or first):
        letters = corner.rstrip("0123456789")
        if not letters.isalpha() or not letters.isascii() or not corner[len(letters) :]:
            return None
        corners += [min(_ROWS, int(corner[len(letters) :][:8])), min(_COLUMNS, column_of(letters))]
    return corners[0], corners[1], corners[2], corners[3]


def _hint(validation: Element) -> str:
    """What may be entered in cells: the hint beside them, and the values of their list."""
    hint = ": ".join(filter(None, (validation.get("promptTitle"), validation.get("prompt"))))
    options = validation.findtext(f"{S}formula1") or ""
    if validation.get("type") == "list" and options.startswith('"'):
        hint = "; ".join(filter(None, (hint, ", ".join(part.strip() for part in options.strip('"').split(",")))))
    return hint


_HEADERS = (f"{pages}{where}" for pages in ("odd", "even", "first") for where in ("Header", "Footer"))
TAGS = frozenset(f"{S}{tag}" for tag in ("row", "col", "mergeCell", "dataValidation", *_HEADERS))
"""The elements of a sheet that are read."""
