"""Workbooks: what a reader sees on the sheets is read, the rest is named."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from corpus.documents.formats.office.xlsx_grid import name_of
from corpus.documents.formats.office.xlsx_sheet import range_of
from tests.office import named_characters, package, read


def _book(*rows: list[object]) -> Workbook:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.active.title = "Hire"
    return book


def _told(book: Workbook, folder: Path) -> tuple[list[str], list[str]]:
    """The lines, and what was left out."""
    book.save(folder / "a.xlsx")
    document, left_out = read(folder / "a.xlsx")
    return document.text.strip().split("\n"), left_out


def _sheet(file: Path, rows: str, **parts: str) -> Path:
    """A workbook of one sheet from its XML."""
    book = '<s:workbook><s:sheets><s:sheet name="Hire" r:id="one"/></s:sheets></s:workbook>'
    sheet = f"<s:worksheet>{rows}</s:worksheet>"
    return package(file, "xl/workbook.xml", {"main": book, "one=worksheet": sheet, **parts})


def test_merged_cells_count_for_each_row_and_column(tmp_path: Path) -> None:
    book = _book(
        ["Kind", "Boat", "Mon", "Tue"],
        ["Rowing", "Heron", "closed", None],
        [None, "Plover", 9, 10],
        [None, None, None, None],
        ["Sailing", "Gull", 8, 7],
    )
    for merged in ("A2:A4", "C2:D2"):
        book.active.merge_cells(merged)
    assert _told(book, tmp_path) == (
        [
            "Kind: Rowing; Boat: Heron; Mon: closed; Tue: closed",
            "Kind: Rowing; Boat: Plover; Mon: 9; Tue: 10",
            "Kind: Sailing; Boat: Gull; Mon: 8; Tue: 7",
        ],
        [],
    )


def test_several_rows_of_headers_are_joined(tmp_path: Path) -> None:
    seasons = ["Boat", "Summer", None, "Winter", None]
    days = [None, "Mon", "Tue", "Mon", "Tue"]
    book = _book(seasons, days, ["Heron", 1, 2, 3, 4], ["Gull", 5, 6, 7, 8])
    for merged in ("A1:A2", "B1:C1", "D1:E1"):
        book.active.merge_cells(merged)
    assert _told(book, tmp_path)[0] == [
        "Boat: Heron; Summer > Mon: 1; Summer > Tue: 2; Winter > Mon: 3; Winter > Tue: 4",
        "Boat: Gull; Summer > Mon: 5; Summer > Tue: 6; Winter > Mon: 7; Winter > Tue: 8",
    ]


def test_numbers_are_told_as_they_are_shown(tmp_path: Path) -> None:
    book = _book(["Late fee", 0.075], ["Code", 427], ["Longest", 1.5], ["Paid", True], ["No", "7"], ["Silent", 5])
    for row, code in enumerate(["0.0%", "00000", "[h]:mm", "General", '"No. "@', ";;;"], 1):
        book.active.cell(row, 2).number_format = code
    lines, left_out = _told(book, tmp_path)
    assert lines == ["Late fee; 7.5%", "Code; 00427", "Longest; 36:00", "Paid; TRUE", "No; No. 7", "Silent"]
    assert left_out == ["sheet Hire: 1 cell whose number format shows nothing: B6"]


def test_formulas_without_a_value_are_told_as_they_are_and_named(tmp_path: Path) -> None:
    book = _book(["Item", "Euros"], ["Boats", 1200], ["Total", "=SUM(B2:B2)"])
    lines, left_out = _told(book, tmp_path)
    assert lines == ["Item: Boats; Euros: 1200", "Item: Total; Euros: =SUM(B2:B2)"]
    assert left_out == ["sheet Hire: 1 formula whose value is not stored: B3"]


def test_stored_values_shared_formulas_and_errors(tmp_path: Path) -> None:
    cells = (
        '<s:c r="A1"><s:f>1+1</s:f><s:v>2</s:v></s:c><s:c r="B1" t="str"><s:f>""</s:f><s:v></s:v></s:c>'
        '<s:c r="C1" t="e"><s:f>1/0</s:f><s:v>#DIV/0!</s:v></s:c>'
        '<s:c r="D1"><s:f t="shared" si="0" ref="D1:E1">A1*2</s:f></s:c><s:c r="E1"><s:f t="shared" si="0"/></s:c>'
    )
    document, left_out = read(_sheet(tmp_path / "a.xlsx", f'<s:sheetData><s:row r="1">{cells}</s:row></s:sheetData>'))
    assert document.text.strip() == "2; #DIV/0!; =A1*2; =B1*2"
    assert left_out == [
        "sheet Hire: 2 formulas whose value is not stored: D1, E1",
        "sheet Hire: 1 cell that shows an error: C1 #DIV/0!",
    ]


def test_hidden_rows_columns_and_sheets_are_left_out_and_counted(tmp_path: Path) -> None:
    book = _book(
        ["Article", "Price", "Cost", "Rest"], ["Vest", 85, 37, "x"], ["Paddle", 55, 21, "y"], ["Bag", 29, 11, "z"]
    )
    book.active.column_dimensions["C"].hidden = True
    book.active.column_dimensions.group("D", "D", hidden=True)
    book.active.row_dimensions[3].hidden = True
    book.active["C2"].comment = Comment("bought cheap", "me")
    for state in ("hidden", "veryHidden"):
        sheet = book.create_sheet(state)
        sheet.append(["secret"])
        sheet.sheet_state = state
    lines, left_out = _told(book, tmp_path)
    assert lines == ["Article: Vest; Price: 85", "Article: Bag; Price: 29"]
    assert left_out == [
        "sheet Hire: 1 hidden row and 2 hidden columns (10 cells, 25 characters)",
        "sheet hidden: is hidden (1 cell, 6 characters)",
        "sheet veryHidden: is hidden (1 cell, 6 characters)",
        "sheet Hire: 1 hidden passage (12 characters)",
    ]


def test_rows_and_columns_without_any_size_are_hidden(tmp_path: Path) -> None:
    rows = "".join(
        f'<s:row r="{n}" ht="{height}"><s:c r="A{n}"><s:v>{n}</s:v></s:c><s:c r="B{n}"><s:v>9</s:v></s:c></s:row>'
        for n, height in ((1, 15), (2, 0))
    )
    columns = '<s:cols><s:col min="2" max="16384" width="0"/></s:cols>'
    document, left_out = read(_sheet(tmp_path / "a.xlsx", f"{columns}<s:sheetData>{rows}</s:sheetData>"))
    assert document.text.strip() == "1"
    assert left_out == ["sheet Hire: 1 hidden row and 16383 hidden columns (3 cells, 3 characters)"]


def test_a_merged_value_is_told_where_only_its_first_row_is_hidden(tmp_path: Path) -> None:
    book = _book(["Rowing", "Heron"], [None, "Plover"])
    book.active.merge_cells("A1:A2")
    book.active.row_dimensions[1].hidden = True
    assert _told(book, tmp_path) == (["Rowing; Plover"], ["sheet Hire: 1 hidden row (1 cell, 5 characters)"])


def test_struck_out_words_are_left_out_and_counted(tmp_path: Path) -> None:
    struck = CellRichText("fee ", TextBlock(InlineFont(strike=True), "45"), " 60 euros")
    book = _book([struck, 1], ["kept", 2], ["gone", 3])
    book.active["A3"].font = Font(strike=True)
    lines, left_out = _told(book, tmp_path)
    assert lines == ["fee 60 euros; 1", "kept; 2", "3"]
    assert left_out == ["sheet Hire: 2 struck-out passages (6 characters): A1, A3"]


def test_notes_lists_headers_and_charts_of_a_sheet(tmp_path: Path) -> None:
    book = _book(["Month", "Visits"], ["May", 5], ["June", 7])
    sheet = book.active
    sheet["B2"].comment = Comment("counted twice", "me")
    sheet.add_data_validation(choice := DataValidation(type="list", formula1='"May,June"'))
    choice.add("A2:A9")
    sheet.oddHeader.center.text = "Harbour office"
    sheet.oddFooter.center.text = "&P"
    chart = BarChart()
    chart.title = "Visits by month"
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    sheet.add_chart(chart, "D2")
    lines, left_out = _told(book, tmp_path)
    assert lines[:2] == ["Month: May; Visits: 5", "Month: June; Visits: 7"]
    assert sorted(line for line in lines[2:] if line) == [
        "A2:A9: May, June",
        "Harbour office",
        "Note on B2: counted twice",
        "Visits by month",
    ]
    assert left_out == ["sheet Hire: 1 chart whose values are not stored"]


def test_text_boxes_of_a_sheet(tmp_path: Path) -> None:
    file = _sheet(tmp_path / "a.xlsx", '<s:sheetData><s:row><s:c t="b"><s:v>0</s:v></s:c></s:row></s:sheetData>')
    box = (
        "<xdr:wsDr><xdr:sp><xdr:txBody><a:p><a:r><a:t>Read me first</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:wsDr>"
    )
    package(tmp_path / "b.xlsx", "xl/worksheet1.xml", {"main": "<s:worksheet/>", "drawing": box})
    with zipfile.ZipFile(tmp_path / "b.xlsx") as drawn, zipfile.ZipFile(file, "a") as made:
        for name in ("xl/drawing1.xml", "xl/_rels/worksheet1.xml.rels"):
            made.writestr(name, drawn.read(name))
    assert read(file)[0].text.split("\n\n")[:2] == ["FALSE", "Read me first"]


def test_names_of_cells() -> None:
    assert [name_of(1, n) for n in (1, 26, 27, 702, 703)] == ["A1", "Z1", "AA1", "ZZ1", "AAA1"]
    assert range_of("$B$2:C4") == (2, 2, 4, 3)
    assert range_of("B2") == (2, 2, 2, 2)
    assert [range_of(ref) for ref in ("", "B", "2:3", "Ä1", ":")] == [None] * 5


_CELLS = st.lists(
    st.lists(st.text("0123456789", min_size=1, max_size=6), min_size=1, max_size=5), min_size=1, max_size=6
)


@settings(max_examples=30, deadline=None)
@given(_CELLS, st.sets(st.integers(2, 6)), st.sets(st.integers(2, 5)))
def test_each_character_is_told_or_named(cells: list[list[str]], rows: set[int], columns: set[int]) -> None:
    book = _book(["1"], *(["7", *row] for row in cells))
    for row in rows:
        book.active.row_dimensions[row].hidden = True
    for column in columns:
        book.active.column_dimensions[name_of(1, column)[:-1]].hidden = True
    with tempfile.TemporaryDirectory() as folder:
        lines, left_out = _told(book, Path(folder))
    told = sum(character.isdigit() for character in "".join(lines))
    assert told + named_characters(left_out) == 1 + sum(1 + len("".join(row)) for row in cells)
