"""Tables: what spans several rows or columns stands where a reader sees it, under all of its headers."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents.formats.grid import LARGEST, Cell, laid
from corpus.documents.formats.table_rows import rendered, rendered_grid


def _cell(given: str) -> Cell:
    """``*Summer/2x1``: a header over two columns and one row."""
    words, _, spans = given.partition("/")
    columns, _, rows = spans.partition("x")
    return Cell(words.lstrip("*"), int(columns or 1), int(rows or 1), words.startswith("*"))


def _rows(text: str) -> list[list[Cell]]:
    return [[_cell(given.strip()) for given in line.split("|")] for line in text.split("\n")]


def _told(text: str) -> list[str]:
    return list(rendered_grid(laid([_rows(text)]).rows))


def test_a_cell_stands_in_each_place_that_it_covers() -> None:
    grid = laid([_rows("a/1x2|b/2x1|c\nd|e|f/1x0"), _rows("g|h|i|j")]).rows
    assert [[cell.words for cell in row] for row in grid] == [list("abbc"), list("adef"), list("ghij")]
    assert grid[0][1] is grid[0][2]
    assert grid[1][0] is grid[0][0]
    short = laid([_rows("a|b|c/1x2\nd")]).rows
    assert [cell.words for cell in short[1]] == ["d", "", "c"]


def test_columns_in_which_no_cell_begins_are_not_told_apart() -> None:
    assert [len(row) for row in laid([_rows("a|b/1000x1\nc|d|e")]).rows] == [3, 3]


@pytest.mark.long
@pytest.mark.parametrize(
    "rows", [[[Cell(str(n), 1000, 65534)] for n in range(5000)], [[Cell("x", 10**9, 9)] * 3000] * 9]
)
def test_absurd_spans_are_bounded_and_counted(rows: list[list[Cell]]) -> None:
    started = time.monotonic()
    grid = laid([rows])
    assert time.monotonic() - started < 20
    assert sum(map(len, grid.rows)) <= LARGEST + sum(map(len, rows))
    assert grid.cut in (0, sum(map(len, rows)))


_CELLS = st.builds(Cell, st.text("abc", max_size=3), st.integers(1, 4), st.integers(0, 4), st.booleans())
_TABLES = st.lists(st.lists(_CELLS, max_size=4), max_size=6)


@given(_TABLES)
def test_each_cell_has_its_place_and_no_word_is_lost(rows: list[list[Cell]]) -> None:
    grid = laid([rows]).rows
    assert {id(cell) for row in grid for cell in row if cell.words} == {id(c) for row in rows for c in row if c.words}
    words = " ".join(rendered_grid(grid))
    assert all(cell.words in words for row in rows for cell in row)


@given(st.lists(st.lists(st.text("ab 1", max_size=3), max_size=4), max_size=8))
def test_a_table_without_spans_is_told_as_its_rows_are(rows: list[list[str]]) -> None:
    grid = laid([[[Cell(" ".join(words.split())) for words in row] for row in rows]]).rows
    assert list(rendered_grid(grid)) == list(rendered(rows))


@pytest.mark.parametrize("mark", ["*", ""])
def test_a_value_stands_under_each_header_above_it(mark: str) -> None:
    assert _told(f"{mark}Pool|{mark}Mon|{mark}Tue|{mark}Wed\nIndoor|closed/2x1|7 to 21\nOutdoor|9|9|10") == [
        "Pool: Indoor; Mon: closed; Tue: closed; Wed: 7 to 21",
        "Pool: Outdoor; Mon: 9; Tue: 9; Wed: 10",
    ]
    assert _told(f"{mark}Park|{mark}Ticket|{mark}Fee\nJetty/1x2|Visitor|8 euros\nMember|3 euros") == [
        "Park: Jetty; Ticket: Visitor; Fee: 8 euros",
        "Park: Jetty; Ticket: Member; Fee: 3 euros",
    ]
    assert _told(f"{mark}Name|{mark}Contact/2x1\nJo|a@b|07\nAl|c@d|08") == [
        "Name: Jo; Contact: a@b; Contact: 07",
        "Name: Al; Contact: c@d; Contact: 08",
    ]


@pytest.mark.parametrize(
    "head",
    [
        "*Pool/1x2|*Summer/2x1|*Winter/2x1\n*Tue|*Wed|*Tue|*Wed",
        "Pool/1x2|Summer/2x1|Winter/2x1\nTue|Wed|Tue|Wed",
        "Pool|Summer||Winter|\n|Tue|Wed|Tue|Wed",
        "|Summer||Winter|\nPool|Tue|Wed|Tue|Wed",
    ],
)
def test_rows_of_headers_are_joined(head: str) -> None:
    read = "Pool: Indoor; Summer > Tue: 7; Summer > Wed: 8; Winter > Tue: 9; Winter > Wed: 10"
    assert _told(f"{head}\nIndoor|7|8|9|10") == [read]
    if "/" not in head:
        assert list(rendered([line.split("|") for line in [*head.split("\n"), "Indoor|7|8|9|10"]])) == [read]


@pytest.mark.parametrize(
    ("table", "read"),
    [
        ("Jetty/1x2|Visitor|8 euros\nMember|3 euros", ["Jetty; Visitor; 8 euros", "Jetty; Member; 3 euros"]),
        ("*Park|*Fee\n*Summer/2x1\nJetty|8\nWinter/2x1\nJetty|3\nFree for children./2x1",
         ["Summer; Park: Jetty; Fee: 8", "Winter; Park: Jetty; Fee: 3", "Free for children."]),
        ("*Summer/2x1\n*Park|*Tue\nJetty|8\n*Winter/2x1\n*Park|*Thu\nJetty|3",
         ["Summer; Park: Jetty; Tue: 8", "Winter; Park: Jetty; Thu: 3"]),
        ("*Weight|light\n*Colour|green", ["Weight: light", "Colour: green"]),
        ("*Weight|light|*Size|S\n*Colour|green|*Fee|5", ["Weight: light; Size: S", "Colour: green; Fee: 5"]),
        ("*Weight|light/2x1\n*Size|S|M", ["Weight: light", "Size: S; M"]),
        ("*A|*B|*Remarks\n1|2|", ["A: 1; B: 2", "Remarks"]),
        ("A/3x1\nB/3x1\na|b|c\nd|e|f", ["A; B; a: d; b: e; c: f"]),
        ("Only/2x1", ["Only"]),
    ],
)  # fmt: skip
def test_what_names_rows_is_told_with_them(table: str, read: list[str]) -> None:
    assert _told(table) == read


def test_a_header_that_is_too_long_a_name_is_told_whole_once() -> None:
    long = "What is " + "very " * 20 + "long"
    assert next(rendered([["Model", long], ["Duo", "5"], ["Solo", "6"]])) == f"Model; {long}"


def test_a_first_row_with_gaps_is_no_row_above_headers_by_that_alone() -> None:
    assert list(rendered([["Name", "Contact", ""], ["Jo", "a@b", "07"]])) == ["Name: Jo; Contact: a@b; 07"]
    titled = [["Report", "", "", "May"], ["A", "B", "C", "D"], ["1", "2", "3", "4"]]
    assert list(rendered(titled)) == ["Report; May", "A: 1; B: 2; C: 3; D: 4"]
