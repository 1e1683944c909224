"""CSV documents: every row is read, whatever its quotation marks; what is wrong with one is named with its line."""

from __future__ import annotations

import csv
import io
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents.formats.omissions import Omissions
from corpus.documents.formats.text.csv_reader import CsvRows
from corpus.documents.read_documents import documents_of
from corpus.records import Document


def _read(file: Path, content: str | bytes) -> tuple[list[str], list[str]]:
    """The lines of the document, and what is named of it."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    document, *omissions = documents_of([(file, file.name)])
    assert isinstance(document, Document)
    return document.text.strip().split("\n"), [str(o) for o in omissions]


@pytest.mark.parametrize("head", ["sep=;\n", "sep=;\r\n", '"sep=;"\n', "SEP=;\n"])
def test_a_first_line_that_tells_the_separator_is_no_row(tmp_path: Path, head: str) -> None:
    assert _read(tmp_path / "a.csv", f"{head}Model;Price, net\nDuo;389,5\n") == (["Model: Duo; Price, net: 389,5"], [])
    assert _read(tmp_path / "a.csv", "sep=^\nModel^Price\nDuo^389\n")[0] == ["Model: Duo; Price: 389"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "cp1252"])
def test_rows_are_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = "Käse;Preis\nmild, jung;5 €\nreif;7 €\nalt;9 €\n"
    assert _read(tmp_path / "a.csv", text.encode(encoding))[0] == [
        "Käse: mild, jung; Preis: 5 €",
        "Käse: reif; Preis: 7 €",
        "Käse: alt; Preis: 9 €",
    ]


def test_surplus_cells_are_read_and_named_with_their_lines(tmp_path: Path) -> None:
    rows = "Model,Price\nDuo,389,new\nStorm,695,,\nSolo,99,old\nUno,9\n"
    assert _read(tmp_path / "a.csv", rows) == (
        ["Model: Duo; Price: 389; new", "Model: Storm; Price: 695", "Model: Solo; Price: 99; old", "Model: Uno; Price: 9"],
        ["a.csv, line 2, line 4: more cells than columns; those behind the last column are read without a header, 2 times;"
         " mend: name each column in the first row"],
    )  # fmt: skip


OPEN = {
    "to the end": ('Duo,"dry,389', "Storm,wet,5", "Solo,dry,7"),
    "to the next cell": ('Duo,"dry,389', 'Storm,"wet",5', "Solo,dry,7"),
    "to a sign of inches": ('Duo,"dry,389', "Storm,wet,5", 'Solo,3",7'),
    "behind a cell": ('Duo,"dry"er,389', "Storm,wet,5", "Solo,dry,7"),
}


@pytest.mark.parametrize("rows", OPEN.values(), ids=list(OPEN))
def test_rows_do_not_vanish_into_a_cell(tmp_path: Path, rows: tuple[str, str, str]) -> None:
    read, named = _read(tmp_path / "a.csv", "\n".join(["Model,Is,Price", *rows]))
    assert [line.partition(";")[0] for line in read] == ["Model: Duo", "Model: Storm", "Model: Solo"]
    assert [line.rpartition("; ")[2] for line in read] == ["Price: 389", "Price: 5", "Price: 7"]
    assert named == [
        "a.csv, line 2: a quotation mark is not closed; the line is read as it stands; mend: close the quotation mark, or "
        "double it within a cell"
    ]


def test_cells_of_several_lines_are_whole(tmp_path: Path) -> None:
    rows = 'Model,Says\nDuo,"Dry, ""light""\nand warm\n\nfor two"\nStorm, "Holds, well"\n'
    assert _read(tmp_path / "a.csv", rows) == (
        ['Model: Duo; Says: Dry, "light" and warm for two', "Model: Storm; Says: Holds, well"],
        [],
    )


_ROWS = st.lists(st.lists(st.text('ab,"\n ', max_size=6), min_size=2, max_size=4), max_size=6)


@given(_ROWS)
def test_what_is_written_as_csv_is_read_again(rows: list[list[str]]) -> None:
    held = io.StringIO()
    csv.writer(held, lineterminator="\n").writerows(rows)
    omissions = Omissions()
    read = list(CsvRows(held.getvalue().splitlines(keepends=True), ",", 9, omissions))
    assert [[cell.lstrip(" ") for cell in row] for row in rows] == [[c.lstrip(" ") for c in row] for row in read]
    assert not omissions.summary()


@given(st.text('ab,"\n', max_size=60))
def test_no_letter_is_lost_whatever_the_quotation_marks(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.csv")
        file.write_text(text)
        read = [r for r in documents_of([(file, "a.csv")]) if isinstance(r, Document)]
    told = "".join(d.text for d in read)
    assert all(told.count(letter) >= text.count(letter) for letter in "ab")


@pytest.mark.long
@pytest.mark.parametrize("line", ['"a,b\n', 'a,"b""\n', '"\n', '"""\n', 'a,"b",""c\n'])
def test_time_grows_with_the_length_alone(tmp_path: Path, line: str) -> None:
    started = time.monotonic()
    _read(tmp_path / "a.csv", "x,y\n" + line * (2**20 // len(line)))
    assert time.monotonic() - started < 30
