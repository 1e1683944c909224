"""XLSX: each row of each sheet with its headers, under the sheet's name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from openpyxl.styles.numbers import BUILTIN_FORMATS

from corpus.documents.formats.office.drawing import chart_texts, diagram_words, picture_words, words
from corpus.documents.formats.office.ooxml import REL, S, first_part, parsed, related, stated, streamed
from corpus.documents.formats.office.xlsx_grid import Grid, spread
from corpus.documents.formats.office.xlsx_sheet import TAGS, Book, Style, grid_of, range_of, rich_text
from corpus.documents.formats.part import Block, LeftOut, Part
from corpus.documents.formats.table_rows import rendered, rendered_grid
from corpus.documents.formats.tally import COMMENT, EMBEDDED, HIDDEN, STRUCK, Tally, number
from corpus.documents.formats.zipped import opened

_SHAPES = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_PRINTED = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d+|[A-Za-z])|&(?=&)')
"""Codes of headers and footers: fonts, sizes, page numbers, dates."""
_THREADED = "[Threaded comment]"
_NAMED = 5
"""Places that are named where there are many."""


class _Sheet(NamedTuple):
    name: str
    part: str
    """Where it lies in the archive; empty where it is missing there."""
    hidden: bool


def read(file: Path) -> Iterator[Part]:
    """One part. Formulas are read as the values they had when the file was saved, numbers as they are shown."""
    tally = Tally()
    blocks: list[Block] = []
    left_out: list[LeftOut] = []
    with opened(file) as archive:
        book, sheets = _workbook(archive)
        for sheet in sheets:
            _read_sheet(archive, sheet, book, blocks, left_out, tally)
        yield Part(tuple(blocks), **stated(archive), left_out=(*left_out, *tally.left_out()))


def _workbook(archive: ZipFile) -> tuple[Book, list[_Sheet]]:
    at = first_part(archive, "xl/workbook.xml")
    root, parts = parsed(archive, at), related(archive, at)
    by_kind = dict(parts.values())
    properties = root.find(f"{S}workbookPr")
    book = Book(
        _strings(archive, by_kind["sharedStrings"]) if "sharedStrings" in by_kind else [],
        _styles(parsed(archive, by_kind["styles"])) if "styles" in by_kind else [],
        properties is not None and properties.get("date1904") in ("1", "true"),
    )
    sheets = []
    for sheet in root.iter(f"{S}sheet"):
        lies = parts.get(sheet.get(f"{REL}id", ""), ("", ""))[1]
        sheets.append(_Sheet(sheet.get("name", ""), lies, sheet.get("state", "visible") != "visible"))
    if not sheets:
        raise ValueError("its workbook names no sheet")
    return book, sheets


def _strings(archive: ZipFile, part: str) -> list[tuple[str, int]]:
    return [rich_text(element) for element in streamed(archive, part, {f"{S}si"})]


def _styles(root: Element) -> list[Style]:
    own = {f.get("numFmtId"): f.get("formatCode", "") for f in root.iterfind(f"{S}numFmts/{S}numFmt")}
    fonts = [f.find(f"{S}strike") for f in root.iterfind(f"{S}fonts/{S}font")]
    struck = [f is not None and f.get("val", "1") not in ("0", "false") for f in fonts]
    styles = []
    for xf in root.iterfind(f"{S}cellXfs/{S}xf"):
        code, font = xf.get("numFmtId", "0"), int(xf.get("fontId", 0))
        builtin = BUILTIN_FORMATS.get(int(code), "General")
        styles.append(Style(own.get(code, builtin), 0 <= font < len(struck) and struck[font]))
    return styles


def _read_sheet(
    archive: ZipFile, sheet: _Sheet, book: Book, blocks: list[Block], left_out: list[LeftOut], tally: Tally
) -> None:
    if not sheet.part:
        left_out.append(LeftOut(f"sheet {sheet.name}", "is not in the file", "save the file anew"))
        return
    grid = grid_of(streamed(archive, sheet.part, TAGS), book)
    if sheet.hidden:
        sizes = [len(text) for row in grid.rows.values() for text in row.values()]
        reason = f"is hidden ({number(len(sizes), 'cell')}, {number(sum(sizes), 'character')})"
        left_out.append(LeftOut(f"sheet {sheet.name}", reason, "show the sheet, if it is to be found"))
        return
    blocks += [Block(sheet.name, row, None, True) for row in _rows_in_words(grid)]
    blocks += [Block(sheet.name, f"{cells}: {hint}") for cells, hint in grid.allowed]
    for kind, lies in related(archive, sheet.part).values():
        texts = _beside(archive, kind, lies, grid, f"sheet {sheet.name}", tally)
        blocks += [Block(sheet.name, text, None, table) for text, table in texts]
    printed = (" ".join(_PRINTED.sub(" ", text).split()) for text in grid.headers)
    blocks += [Block(sheet.name, text) for text in dict.fromkeys(printed) if any(map(str.isalpha, text))]
    left_out += _of_grid(grid, f"sheet {sheet.name}")


def _rows_in_words(grid: Grid) -> Iterator[str]:
    """The rows in words; only those of a grid with merged cells must be held all at once."""
    rows = spread(grid)
    return rendered_grid(rows) if grid.merged else rendered([cell.words for cell in row] for row in rows)


def _of_grid(grid: Grid, place: str) -> Iterator[LeftOut]:
    cells, characters = grid.unseen()
    if cells:
        lines = number(len(grid.hidden_rows), "hidden row")
        columns = number(sum(right - left + 1 for left, right in grid.hidden_columns), "hidden column")
        lines_and_columns = " and ".join(t for t in (lines, columns) if not t.startswith("0 "))
        size = f"{number(cells, 'cell')}, {number(characters, 'character')}"
        yield LeftOut(place, f"{lines_and_columns} ({size})", "show them, if they are to be found")
    for cell_names, kind, mend in (
        (grid.uncounted, "formula whose value is not stored", "open the file in a spreadsheet program and save it"),
        (grid.errors, "cell that shows an error", "mend its formula"),
        ([*grid.struck], STRUCK, ""),
        ([*grid.unshown], "cell whose number format shows nothing", "give it another format, if it is to be found"),
    ):
        if cell_names:
            lost = sum(grid.struck.values()) if kind == STRUCK else 0
            lost_text = f" ({number(lost, 'character')})" if lost else ""
            yield LeftOut(place, f"{number(len(cell_names), kind)}{lost_text}: {_some(cell_names)}", mend)


def _some(cells: Sequence[str]) -> str:
    more = f" and {len(cells) - _NAMED} more" if len(cells) > _NAMED else ""
    return ", ".join(cells[:_NAMED]) + more


def _beside(archive: ZipFile, kind: str, part: str, grid: Grid, place: str, tally: Tally) -> Iterator[tuple[str, bool]]:
    """Notes, text boxes and charts of a sheet; each text with whether it is a row of a table."""
    if kind == "comments":
        for cell, text in _notes(parsed(archive, part)):
            at = range_of(cell)
            if at and grid.is_hidden(at[0], at[1]):
                tally.add(place, HIDDEN, len(text))
            else:
                yield f"Note on {cell}: {text}", False
    elif kind == "threadedComment":
        for comment in parsed(archive, part):
            text = "".join(e.text or "" for e in comment if e.tag.endswith("}text"))
            tally.add(place, COMMENT, len(text))
    elif kind == "drawing":
        yield from _drawn(archive, part, place, tally)
    elif kind in ("oleObject", "package"):
        tally.add(place, EMBEDDED)


def _notes(root: Element) -> Iterator[tuple[str, str]]:
    """Each note with its cell; threaded comments are only placeholders here."""
    for note in root.iter(f"{S}comment"):
        words = note.find(f"{S}text")
        text = rich_text(words)[0].strip() if words is not None else ""
        if text and not text.startswith(_THREADED):
            yield note.get("ref", ""), text


def _drawn(archive: ZipFile, part: str, place: str, tally: Tally) -> Iterator[tuple[str, bool]]:
    """Text boxes, pictures and charts."""
    root = parsed(archive, part)
    for body in root.iter(f"{_SHAPES}txBody"):
        yield words(body, place, tally), False
    for picture in root.iter(f"{_SHAPES}pic"):
        properties = picture.find(f"{_SHAPES}nvPicPr/{_SHAPES}cNvPr")
        if description := picture_words(picture, properties, place, tally):
            yield description, False
    for kind, lies in related(archive, part).values():
        if kind in ("chart", "chartEx"):
            yield from chart_texts(parsed(archive, lies), place, tally)
        elif kind == "diagramData":
            yield diagram_words(parsed(archive, lies), place, tally), False
