"""Reading: every format, in every encoding, whatever is wrong with it."""

from __future__ import annotations

import contextlib
import io
import json
import re
import tempfile
import textwrap
import time
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.data.sound import sound
from corpus.documents import read_apart as apart
from corpus.documents.encodings import decoded
from corpus.documents.formats import part
from corpus.documents.formats.known_formats import parts
from corpus.documents.formats.pdf.pdf_layout import page_paragraphs, whole_words
from corpus.documents.formats.pdf.pdf_rows import Piece
from corpus.documents.formats.table_rows import rendered
from corpus.documents.formats.text.wrapped import unwrapped
from corpus.documents.formats.web.html import parsed
from corpus.documents.read_documents import documents_from, documents_of, files_in, read_documents
from corpus.errors import Fault, InputError, Omission
from corpus.records import Document, Passage, file_of
from groundtune.project.new_project import init
from rag.index.chunk import chunk


def _read(file: Path) -> Document:
    """The one document of a file, its sections where they say."""
    (document,) = read_documents([file], file.parent, strict=True).documents
    for section in document.sections:
        assert document.text[section.start : section.start + len(section.text)] == section.text
    for passage in chunk(document, lambda texts: [len(t.split()) for t in texts], max_tokens=8):
        assert document.text[passage.start : passage.end] == passage.text
        assert (passage.date, passage.tags) == (document.date, document.tags)
    return document


def _fault(file: Path) -> str:
    (fault,) = documents_of([(file, file.name)])
    assert isinstance(fault, Fault)
    return fault.found


# --- text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be", "cp1252"])
def test_text_is_read_in_the_encoding_it_has(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes("Größe der Füße: 5 € je Stück, naß und müde.\r\nEin Weg.".encode(encoding))
    assert _read(tmp_path / "a.txt").text.strip() == "Größe der Füße: 5 € je Stück, naß und müde.\nEin Weg."


def test_lines_in_another_encoding_do_not_spoil_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Größe für Füße\n".encode() * 3 + "Füße".encode("cp1252"))
    assert _read(tmp_path / "a.txt").text.split() == ["Größe", "für", "Füße"] * 3 + ["Füße"]


@pytest.mark.parametrize("label", ["iso-8859-1", "latin-1", "us-ascii", "windows-1252"])
def test_a_western_label_is_read_as_browsers_read_it(tmp_path: Path, label: str) -> None:
    words = "60–90 days, “free” over €389"
    page = f'<meta charset="{label}"><p>{words}</p>'
    mail = f"Subject: Returns\nContent-Type: text/plain; charset={label}\n\n{words}\n"
    (tmp_path / "a.html").write_bytes(page.encode("cp1252"))
    (tmp_path / "a.eml").write_bytes(mail.encode("cp1252"))
    assert _read(tmp_path / "a.html").text.strip() == words
    assert words in _read(tmp_path / "a.eml").text
    assert decoded("Größe".encode(), "us-ascii") == "Größe"
    assert decoded("Tee;5 €\nKäse;7 €;9 €\n".encode("cp1252")) == "Tee;5 €\nKäse;7 €;9 €\n"


def test_front_matter_tells_title_date_and_tags_and_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: The tent\ndate: 2026-02-28\ntags: [sale, 'duo']\n---\n# Poles\n\nGrey.")
    document = _read(tmp_path / "a.md")
    assert (document.title, document.date, document.tags) == ("The tent", "2026-02-28", ("sale", "duo"))
    assert document.text.strip() == "Grey."
    assert document.sections[0].heading == "Poles"


@pytest.mark.parametrize("head", ["---\nnot closed: yes\n", "---\njust words\n---\n", "---\n\n", "---\na: [\n---\n"])
def test_a_rule_is_not_front_matter(tmp_path: Path, head: str) -> None:
    (tmp_path / "a.md").write_text(head + "\nWords.")
    assert " ".join(_read(tmp_path / "a.md").text.split()) == " ".join((head + "\nWords.").split())


def test_markdown_headings(tmp_path: Path) -> None:
    text = "Title\n=====\n\none\n\n## C#\n\ntwo\n\n### Deep ###\n\n```\n# no heading\n```\n\n"
    text += "Part\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    (tmp_path / "a.md").write_text(text)
    document = _read(tmp_path / "a.md")
    assert [s.heading for s in document.sections] == ["Title", "Title > C#", "Title > C# > Deep", "Title > Part"]
    assert document.sections[2].text == "```\n# no heading\n```"
    assert (document.sections[3].text, document.sections[3].table) == ("a: 1; b: 2", True)


def test_a_fence_ends_at_its_own_sign_alone(tmp_path: Path) -> None:
    code = "~~~~\n```\n| a | b |\n|---|---|\n| 1 | 2 |\n# no heading\n~~~\n~~~~ sh\n# none either\n~~~~"
    (tmp_path / "a.md").write_text(f"# Title\n\n{code}\n\n## Part\n\nWords.\n")
    assert [s.text for s in _read(tmp_path / "a.md").sections] == [code, "Words."]


@pytest.mark.long
def test_a_long_text_comes_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "LONGEST_PART", 200_000)
    words = [f"word{n}" for n in range(300_000)]
    (tmp_path / "big.txt").write_text("# not a heading " + " ".join(words))  # one line without an end
    (tmp_path / "big.md").write_text("# Book\n\n" + "\n\n".join(words))
    read = read_documents([tmp_path], tmp_path).documents
    for name in ("big.txt", "big.md"):
        of_file = [d for d in read if file_of(d.source) == name]
        assert [d.source for d in of_file] == [f"{name}#part-{n}" for n in range(1, len(of_file) + 1)]
        assert len(of_file) >= 3
        assert max(len(d.text) for d in of_file) < 1_500_000
        assert " ".join(d.text for d in of_file).split()[-len(words) :] == words
    assert {d.title for d in read} == {"Book", "big"}
    assert {s.heading for d in read if d.title == "Book" for s in d.sections} == {"Book"}


@given(st.binary(max_size=300), st.sampled_from(["a.md", "a.txt", "a.csv"]))
def test_any_bytes_give_documents_whose_sections_stand_where_they_say(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, name)
        file.write_bytes(content)
        read, *left_out = documents_of([(file, name)])
    assert all(isinstance(each, Omission) and each.where.startswith(name) for each in left_out)
    if isinstance(read, Document):
        assert read.text.strip()
        assert all(read.text[s.start :].startswith(s.text) for s in read.sections)
        assert read.text.encode()
    else:
        assert read.where == name


# --- tables -------------------------------------------------------------------------------------------------------


def test_rows_are_read_with_their_headers() -> None:
    rows = [
        ["Prices 2026"],
        [],
        ["Model", "Price", ""],
        ["Duo", 389.0, "new"],
        [None, None],
        ["Storm", "", "old\nstock"],
    ]
    assert list(rendered(rows)) == ["Prices 2026", "Model: Duo; Price: 389.0; new", "Model: Storm; old stock"]
    assert list(rendered([["1", "2"], ["3", "4"]])) == ["1; 2", "3; 4"]
    assert list(rendered([["Only", "headers"]])) == ["Only; headers"]
    assert list(rendered([])) == []


def test_years_and_quarters_are_headers_where_no_years_stand_below() -> None:
    assert list(rendered([["", "2022", "2023"], ["Tents", "5", "7"]])) == ["Tents; 2022: 5; 2023: 7"]
    assert list(rendered([["", "Q1 2024", "2024/25"], ["Tents", 5, 7]])) == ["Tents; Q1 2024: 5; 2024/25: 7"]
    assert list(rendered([["Berlin", "1999"], ["Graz", "2004"]])) == ["Berlin; 1999", "Graz; 2004"]


@given(st.lists(st.lists(st.text(max_size=5), max_size=4), max_size=8))
def test_no_cell_is_lost(rows: list[list[str]]) -> None:
    told = " ".join(rendered(rows, headed=False))
    assert all(" ".join(cell.split()) in told for row in rows for cell in row)


@pytest.mark.parametrize(
    ("suffix", "delimiter"), [("csv", ","), ("csv", ";"), ("tsv", "\t"), ("csv", "|"), ("csv", "\t")]
)
def test_csv_in_every_dialect(tmp_path: Path, suffix: str, delimiter: str) -> None:
    file = tmp_path / f"a.{suffix}"
    rows = [["Model", "Says"], ["Duo", f'"Dry{delimiter} ""light"" and\nwarm"'], ["Storm", "Holds"]]
    file.write_text("".join(delimiter.join(row) + "\n" for row in rows))
    assert _read(file).text.strip().split("\n") == [
        f'Model: Duo; Says: Dry{" " if delimiter == chr(9) else delimiter + " "}"light" and warm'.replace("  ", " "),
        "Model: Storm; Says: Holds",
    ]


def test_xlsx_amounts_are_written_out(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append([12345678901.0, 1234567890123.25, 0.1 + 0.2, -0.00005, 5.0])  # type: ignore[union-attr]
    book.save(tmp_path / "a.xlsx")
    assert _read(tmp_path / "a.xlsx").text.strip() == "12345678901; 1234567890123.25; 0.3; -0.00005; 5"


def test_xlsx_has_a_section_for_each_sheet(tmp_path: Path) -> None:
    from datetime import datetime

    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Tents"  # type: ignore[union-attr]
    for row in (["Model", "Price", "Since"], ["Duo", 389, datetime(2026, 2, 28)], ["Storm", 695.5, None]):
        book.active.append(row)  # type: ignore[union-attr]
    book.create_sheet("Boots").append(["nothing yet"])
    hidden = book.create_sheet("Secret")
    hidden.append(["hidden"])
    hidden.sheet_state = "hidden"
    book.properties.keywords = "prices; 2026"
    book.properties.modified = datetime(2026, 3, 1)
    book.save(tmp_path / "a.xlsx")
    document, omission = documents_of([(tmp_path / "a.xlsx", "a.xlsx")])
    assert isinstance(document, Document)
    assert isinstance(omission, Omission)
    assert (omission.where, omission.found) == ("a.xlsx, sheet Secret", "is hidden (1 cell, 6 characters)")
    assert [(s.heading, s.text) for s in document.sections] == [
        ("Tents", "Model: Duo; Price: 389; Since: 2026-02-28\nModel: Storm; Price: 695.5"),
        ("Boots", "nothing yet"),
    ]
    assert document.tags == ("prices", "2026")
    assert document.date


# --- office, mail, books ------------------------------------------------------------------------------------------


def test_docx(tmp_path: Path) -> None:
    from docx import Document as new_docx

    made = new_docx()
    made.add_heading("Handbook", 0)
    made.add_heading("Care", 1)
    made.add_paragraph("Wash cold.")
    table = made.add_table(2, 2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ("Line", "Mix", "Thistle", "wool"), strict=True
    ):
        cell.text = text
    made.core_properties.keywords = "wool, care"
    made.save(str(tmp_path / "a.docx"))
    document = _read(tmp_path / "a.docx")
    assert document.title == "Handbook"
    assert [(s.heading, s.text) for s in document.sections] == [
        ("Care", "Wash cold."),
        ("Care", "Line: Thistle; Mix: wool"),
    ]
    assert document.tags == ("wool", "care")


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx"])
def test_office_files_that_state_nothing_of_themselves_have_no_title_and_no_date(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a.{suffix}"
    file.write_bytes(_without_properties(sound(suffix)))
    (part,) = parts(file)
    assert (part.name, part.date, part.tags) == ("", "", ())


def test_what_a_template_states_is_not_said_of_the_file(tmp_path: Path) -> None:
    from docx import Document as new_docx
    from pptx import Presentation

    new_docx().save(str(tmp_path / "a.docx"))
    Presentation().save(str(tmp_path / "a.pptx"))
    titled = new_docx()
    titled.core_properties.title = "Word Document"
    titled.save(str(tmp_path / "b.docx"))
    read = [part for file in sorted(tmp_path.iterdir()) for part in parts(file)]
    assert [(part.name, part.date) for part in read] == [("", "")] * 3


def _without_properties(archive: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if "docProps" not in name:
                new.writestr(
                    name, re.sub(rb"<Relationship [^>]*(?:core|extended)-properties[^>]*>", b"", old.read(name))
                )
    return out.getvalue()


def test_docx_whatever_its_words_are_wrapped_in(tmp_path: Path) -> None:
    from docx import Document as new_docx
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    def put(xml: str) -> None:
        made.element.body.insert(len(made.element.body) - 1, parse_xml(xml.replace(">", f" {nsdecls('w')}>", 1)))

    def control(words: str, given: str = "") -> str:
        held = f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"
        return f"<w:sdt><w:sdtPr>{given}</w:sdtPr><w:sdtContent>{held}</w:sdtContent></w:sdt>"

    made = new_docx()
    put(control("Controlled."))
    put(control("Click here to enter text.", "<w:showingPlcHdr/>"))
    put(control("Contents", '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'))
    put("<w:p><w:r><w:t>Now </w:t></w:r><w:del><w:r><w:delText>45</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>60 </w:t></w:r></w:ins><w:ins><w:sdt><w:sdtContent><w:r><w:t>days</w:t></w:r>"
        "</w:sdtContent></w:sdt></w:ins></w:p>")  # fmt: skip
    cell = made.add_table(1, 1).cell(0, 0)
    cell.text = "Sizes"
    inner = cell.add_table(2, 2)
    for at, text in {(0, 0): "Model", (0, 1): "Price", (1, 0): "Duo", (1, 1): "389"}.items():
        inner.cell(*at).text = text
    made.save(str(tmp_path / "a.docx"))
    document, omission = documents_of([(tmp_path / "a.docx", "a.docx")])
    assert isinstance(document, Document)
    assert isinstance(omission, Omission)
    assert omission.found == "1 passage deleted under tracked changes (2 characters)"
    assert document.text.split("\n\n")[:-1] == [
        "Controlled.",
        "Now 60 days",
        "Sizes Model: Duo; Price: 389",
    ]


def test_headings_that_nothing_stands_below_are_words(tmp_path: Path) -> None:
    from pptx import Presentation

    (tmp_path / "a.md").write_text("# Tents\n\n## Duo\n\nDry.\n\n## Storm\n\n## Sold out\n\n### Solo\n\n# Boots\n")
    document = _read(tmp_path / "a.md")
    assert [(s.heading, s.text) for s in document.sections] == [
        ("Tents > Duo", "Dry."),
        ("Tents", "Storm"),
        ("Tents > Sold out", "Solo"),
        ("", "Boots"),
    ]
    slides = Presentation()
    for title in ("Welcome", "Thank you"):
        slides.slides.add_slide(slides.slide_layouts[5]).shapes.title.text = title
    slides.save(str(tmp_path / "a.pptx"))
    assert [(s.page, s.text) for s in _read(tmp_path / "a.pptx").sections] == [(1, "Welcome"), (2, "Thank you")]


def test_pptx_slides_are_pages(tmp_path: Path) -> None:
    from datetime import datetime

    from pptx import Presentation
    from pptx.util import Inches

    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "Tents", "They are dry."
    slide.notes_slide.notes_text_frame.text = "Say it twice."
    slide = made.slides.add_slide(made.slide_layouts[5])
    slide.shapes.title.text = "Prices"
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    for at, text in {(0, 0): "Model", (0, 1): "Price", (1, 0): "Duo", (1, 1): "389"}.items():
        table.cell(*at).text = text
    made.core_properties.modified = datetime(2026, 2, 28)
    made.save(str(tmp_path / "a.pptx"))
    document = _read(tmp_path / "a.pptx")
    assert [(s.heading, s.page, s.text) for s in document.sections] == [
        ("Tents", 1, "They are dry.\n\nSay it twice."),
        ("Prices", 2, "Model: Duo; Price: 389"),
    ]
    assert document.date == "2026-02-28"


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_mail(tmp_path: Path, kind: str) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Größe der Zelte", "Jo <jo@example.org>", "shop@example.org"
    mail["Date"] = "Sat, 28 Feb 2026 23:30:00 +0100"
    mail.set_content("Ist das Duo groß?" if kind == "plain" else "<nav>x</nav><p>Ist das Duo groß?</p>", subtype=kind)
    mail.add_attachment(b"PK", maintype="application", subtype="zip", filename="plan.zip")
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    document, omission = documents_of([(tmp_path / "a.eml", "a.eml")])
    assert isinstance(document, Document)
    assert (document.title, document.date) == ("Größe der Zelte", "2026-02-28")
    assert "From: Jo <jo@example.org>\nTo: shop@example.org" in document.text
    assert document.text.strip().endswith("Attached: plan.zip\n\nIst das Duo groß?")
    assert "a.eml, plan.zip: an attachment is left out" in str(omission)


def _epub(file: Path, chapters: dict[str, str]) -> None:
    with zipfile.ZipFile(file, "w") as book:
        root = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
        book.writestr("META-INF/container.xml", root)
        items = "".join(f'<item id="{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in chapters)
        spine = "".join(f'<itemref idref="{n}"/>' for n in chapters)
        dc = '<dc:title xmlns:dc="d">The book</dc:title><dc:date xmlns:dc="d">2026-02-28T10:00:00Z</dc:date>'
        book.writestr("OPS/book.opf", f"<package>{dc}<manifest>{items}</manifest><spine>{spine}</spine></package>")
        for name, text in sorted(chapters.items()):
            book.writestr(f"OPS/{name}.xhtml", text)


def test_epub_in_the_order_of_its_spine(tmp_path: Path) -> None:
    _epub(tmp_path / "a.epub", {"z": "<h1>One</h1><p>first</p>", "a": "<h1>Two</h1><p>second</p>"})
    document = _read(tmp_path / "a.epub")
    assert (document.title, document.date) == ("The book", "2026-02-28")
    assert [(s.heading, s.text) for s in document.sections] == [("One", "first"), ("Two", "second")]


# --- broken lines -------------------------------------------------------------------------------------------------

WRAPPED = """Dear Anna,
The lift of the shop is inspected every twelve months, and whoever
works in the store may use it, but nobody does when the fire bell
rings, not even Max.

- Wet floors are marked with the yellow sign and are dried at once by
  whoever sees them first.
- Short.
Opening hours: Monday to Friday from nine to six, Saturday until one
Phone: 0732 1234, and ask for Mirela if nobody answers at the counter
"""
WHOLE = [
    "Dear Anna,",
    "The lift of the shop is inspected every twelve months, and whoever works in the store may use it, but nobody does"
    " when the fire bell rings, not even Max.",
    "",
    "- Wet floors are marked with the yellow sign and are dried at once by whoever sees them first.",
    "- Short.",
    "Opening hours: Monday to Friday from nine to six, Saturday until one",
    "Phone: 0732 1234, and ask for Mirela if nobody answers at the counter",
]


@pytest.mark.parametrize("suffix", ["txt", "md", "eml"])
def test_prose_whose_lines_were_broken_is_read_as_sentences(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a.{suffix}"
    file.write_text(("From: a@b.example\n\n" if suffix == "eml" else "") + WRAPPED, encoding="utf-8")
    assert _read(file).text.strip().split("\n")[-len(WHOLE) :] == WHOLE


@pytest.mark.parametrize(
    "text",
    [
        "    if the_first_of_them is not wanted_by_anybody_else_in_here:\n    return the_others_without_any_of_the_rest\n",
        "```\nsome code that is as long as prose usually is in such files and\nthat goes on in small letters here\n```\n",
        "Roses are red,\nviolets are blue,\nsugar is sweet,\nand so are you.\n",
        "The name of it          The price of it             The place of it\nalpha          9              cellar\n",
        "a line that ends on purpose, as two spaces at its end say to all  \nand the next one\n",
        "2026-01-02 10:00:01 the reader of the cards was started by the clerk\n2026-01-02 10:00:09 it ended\n",
        "x" * 70 + "\n" + "y" * 200 + "\n",
        "".join(f"2026-01-02 10:00:0{n} INFO the reader of the cards was started by clerk {n}\n" for n in range(5)),
        "".join(f"**Name {n}:** a value that is about as long as all of the others in it\n" for n in "ABCD"),
    ],
)
def test_other_lines_stay_as_they_are(text: str) -> None:
    assert "".join(unwrapped(text.splitlines(keepends=True))) == text


@given(st.lists(st.text(alphabet="ab1 -.|#\t\n", max_size=90), max_size=12))
def test_unwrapping_moves_no_word_and_is_done_once(pieces: list[str]) -> None:
    lines = "\n".join(pieces).splitlines(keepends=True)
    once = list(unwrapped(lines))
    assert re.sub(r"\s", "", "".join(once)) == re.sub(r"\s", "", "".join(lines))
    assert "".join(once).count("\n") <= "".join(lines).count("\n")


@given(st.lists(st.text(alphabet="abcdefgh", min_size=1, max_size=11), min_size=30, max_size=80), st.integers(60, 100))
def test_what_an_editor_breaks_is_put_together_again(words: list[str], width: int) -> None:
    text = " ".join(words)
    broken = textwrap.wrap(text, width)
    if max(map(len, broken)) >= 50:
        assert "".join(unwrapped(line + "\n" for line in broken)) == text + "\n"


# --- PDF ----------------------------------------------------------------------------------------------------------

LEFT = [f"left line {n} of the first column" for n in range(12)]
RIGHT = [f"right line {n} of the second column" for n in range(12)]


def _pdf(file: Path, pages: int = 1) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(file))
    canvas.setTitle("Column guide")
    for number in range(1, pages + 1):
        canvas.drawString(60, 800, "Larkspur handbook")
        canvas.drawString(300, 30, f"Page {number} of {pages}")
        canvas.drawString(
            60, 760, f"A title on page {'abcde'[number - 1]} that spans both of the columns below, all the way"
        )
        for n, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):
            canvas.drawString(60, 700 - 14 * n, left)
            canvas.drawString(310, 700 - 14 * n, right)
        canvas.showPage()
    canvas.save()


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    _pdf(tmp_path / "a.pdf")
    document = _read(tmp_path / "a.pdf")
    assert document.title == "Column guide"
    assert " ".join([*LEFT, *RIGHT]) in document.text
    assert document.text.index("spans both") < document.text.index(LEFT[0])


def test_what_repeats_on_each_page_is_left_out(tmp_path: Path) -> None:
    _pdf(tmp_path / "a.pdf", pages=4)
    document = _read(tmp_path / "a.pdf")
    assert [s.page for s in document.sections] == [1, 2, 3, 4]
    assert "handbook" not in document.text
    assert "Page" not in document.text
    assert document.text.count("A title on page") == 4


def test_rows_of_numbers_at_the_edges_of_pages_are_no_running_lines() -> None:
    def page(number: int, *rows: str) -> list[Piece]:
        lines = ["Handbook", *rows, str(number)]
        return [Piece(60, 700 - 14 * n, 200, 710 - 14 * n, text) for n, text in enumerate(lines)]

    pages = page_paragraphs([page(n, f"{n}1 389.0{n} 12", "Words", f"20{n}0-01-0{n}") for n in range(1, 5)])
    assert [text.split("\n") for ((_, text),) in pages] == [
        [f"{n}1 389.0{n} 12", "Words", f"20{n}0-01-0{n}"] for n in range(1, 5)
    ]


def test_tables_are_read_across() -> None:
    cells = [Piece(x, 700 - 14 * n, x + 30, 710 - 14 * n, f"{x}-{n}") for x in (60, 200, 340) for n in range(9)]
    assert page_paragraphs([cells])[0][0][1].splitlines()[0] == "60-0 200-0 340-0"


def _column(lines: Sequence[str], top: float, size: float = 10, left: float = 60) -> list[Piece]:
    """Lines one below the other, each as wide as it has letters."""
    step = 1.2 * size
    return [
        Piece(left, top - step * n - size, left + 0.5 * size * len(line), top - step * n, line)
        for n, line in enumerate(lines)
    ]


def test_lines_of_a_paragraph_are_one_and_larger_letters_are_headings_on_the_next_page_too() -> None:
    prose = ["A tent keeps the rain out, but only where", "the ground below it is dry. Seams that were", "glued last."]
    kept = ["Larkspur, Hauptplatz 1, Ebensee", "Phone 12", "• a bell for the shop, new", "• a key"]
    titles = _column(["Tents"], 800, 20), _column(["1. Rain"], 770, 14), _column(["2. Snow"], 600, 14)
    first = [*titles[0], *titles[1], *_column(prose, 740), *_column(kept, 670), *titles[2]]
    body = [(0, " ".join(prose)), (0, "\n".join(kept))]
    wanted = [[(1, "Tents"), (2, "1. Rain"), *body, (2, "2. Snow")], [(0, "It is cold.")]]
    assert page_paragraphs([first, _column(["It is cold."], 800)]) == wanted


def test_a_paragraph_goes_on_in_the_next_column_and_a_title_is_no_running_line() -> None:
    def column(side: str, page: str) -> list[str]:
        return [f"words of line {line} stand on the {side} of {page} and" for line in "abcdefghi"]

    def page(name: str, size: float = 10) -> list[Piece]:
        head = [*_column(["Handbook"], 800, size), *_column(["of the Larkspur shop, Linz"], 760)]
        return [*head, *_column(column("left", name), 700), *_column(column("side", name), 700, left=320)]

    first, *others = page_paragraphs([page("one", 20), page("two"), page("six"), page("ten")])
    assert [(level, text) for level, text in first if level] == [(1, "Handbook")]
    assert others[0] == [(0, " ".join([*column("left", "two"), *column("side", "two")]))]


def test_a_title_page_of_large_letters_alone_has_words() -> None:
    assert page_paragraphs([_column(["SALE"], 800, 40) + _column(["now"], 700, 10)]) == [[(0, "SALE"), (0, "now")]]


def test_words_parted_at_line_ends_are_whole() -> None:
    text = "The instal-\nlation of a well-\nknown tent. It is well-known, in Graz-\nLinz from 1990-\n2000."
    assert whole_words([text]) == [
        "The installation of a well-known tent. It is well-known, in Graz-Linz from 1990-2000."
    ]


# --- HTML ---------------------------------------------------------------------------------------------------------

PAGE = """<html><head><title>Shop | Tents</title><meta property="article:published_time" content="2026-02-28T09:00:00Z">
<meta name="keywords" content="tents, sale"></head><body class="has-sidebar">
<header><h1>Larkspur</h1><a href="/">Home</a></header><div class="cookie-banner">We use cookies.</div>
<div role="navigation"><a>Boots</a></div><div id="sidebar">Aside</div>
<form action="/"><div class="page">Bare words <b>in</b> a div.<h2>Tents</h2><p>They are <a href=x>dry</a>.<p>And light.
<ul><li>Duo<ul><li>two persons</li></ul></li><li>Storm</ul>
<table><tr><th>Model<th>Price<tr><td>Duo<td>389</table>
<dl><dt>Pole<dd>grey</dl><pre>a
b</pre></div></form>
<ul><li><a>One page</a><li><a>Two pages</a><li><a>Three</a><li><a>Four</a></ul>
<div style="display: none">unseen</div><footer>Imprint</footer></body></html>"""


def test_html_main_text() -> None:
    read = parsed(PAGE)
    assert [b.text for b in read.blocks] == [
        "Bare words in a div.", "They are dry.", "And light.", "Duo", "two persons", "Storm", "Model: Duo; Price: 389",
        "Pole: grey", "a\nb",
    ]  # fmt: skip
    assert {b.heading for b in read.blocks[1:]} == {"Tents"}
    assert (read.title, read.date, read.tags) == ("Shop | Tents", "2026-02-28", ("tents", "sale"))


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<div>around</div><main><p>Words.</p></main>", ["Words."]),
        ("<div>around</div><div role=main><p>Words.</p></div><p>after</p>", ["Words."]),
        ("<p>around</p><article><header><h1>T</h1><p>By Jo</p></header>Words.</article>", ["By Jo", "Words."]),
        ("<div class=sidebar><p>" + "All there is. " * 9 + "</p></div><p>x</p>", [("All there is. " * 9).strip(), "x"]),
        ("<ul><li><a>One</a><li><a>Two</a><li><a>Three</a><li><a>Four</a></ul>", ["One", "Two", "Three", "Four"]),
        ("<p>a<br>b</p>text", ["a\nb", "text"]),
        ("<h2>A <a class=headerlink>¶</a></h2>x", ["x"]),
        ("<table><tr><td>Menu<td>a<table><tr><td>b<td>c</table>d</table>", ["Menu; a", "b; c", "d"]),
        ("<nav><div></nav><p>Words.", ["Words."]),
        ("<svg/><p>Words.", ["Words."]),
        ("no markup at all", ["no markup at all"]),
    ],
)
def test_html_whatever_it_is_built_of(page: str, text: list[str]) -> None:
    assert [b.text for b in parsed(page).blocks] == text


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("<div class=chocolate-chip-cookies><p>Bake.</div><div id=informed-consent>Sign.</div>", ["Bake.", "Sign."]),
        ("<main><div class=menu>Soup 5 €</div><div id=gdpr>We keep nothing.</div></main>", ["Soup 5 €", "We keep nothing."]),
        ("<main><div class=my-cookie-banner>Accept</div><p>Soup</p></main>", ["Soup"]),
        ("<main>x<aside class=warning>Hot!</aside><aside>More</aside></main>", ["x", "Hot!"]),
        ("<aside class=warning>Hot!</aside>x", ["x"]),
        ("<h2>Seen</h2><p>Yes.<div hidden>unseen</div>", ["Yes."]),
        ("<nav><h2>Menu</h2></nav><div hidden>unseen</div>x", ["x"]),
    ],
)  # fmt: skip
def test_html_content_is_not_taken_for_furniture(page: str, told: list[str]) -> None:
    assert [b.text for b in parsed(page + f"<p>{'And so on. ' * 20}").blocks if not b.text.startswith("And")] == told


@pytest.mark.parametrize("hidden", ["hidden", 'style="display: none"', "aria-hidden=true", ""])
def test_html_answers_that_are_folded_up_are_read(hidden: str) -> None:
    one, other = (
        f"<h2><button aria-expanded=false>{asked}</button></h2><div {hidden}><p>{said}</div>"
        for asked, said in (("How long is the warranty?", "Three years."), ("For whom?", "All."))
    )
    assert [(b.heading, b.text) for b in parsed("<h1>Asked</h1>" + one + other).blocks] == [
        ("Asked > How long is the warranty?", "Three years."),
        ("Asked > For whom?", "All."),
    ]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("<tr><th><th>2022<th>2023<tr><td>Tents<td>5<td>7", ["Tents; 2022: 5; 2023: 7"]),
        ("<thead><tr><td>1<td>2<tbody><tr><td>a<td>b", ["1: a; 2: b"]),
        ("<tr><th>Weight<td>light<tr><th>Colour<td>green", ["Weight: light", "Colour: green"]),
        ("<tr><td>John<td>London<tr><td>Mary<td>Paris", ["John; London", "Mary; Paris"]),
        ("<tr><td>Model<td>Price<tr><td>Duo<td>389", ["Model: Duo; Price: 389"]),
    ],
)
def test_html_tables_say_what_their_headers_are(table: str, told: list[str]) -> None:
    assert [b.text for b in parsed(f"<table>{table}</table>").blocks] == told


@pytest.mark.long
@pytest.mark.parametrize("tag", ["div", "table><tr><td", "ul><li", "p", "nav", "a", "h1", "form", "b"])
def test_html_nested_ten_thousand_deep(tag: str) -> None:
    started = time.monotonic()
    read = parsed(f"<{tag}>x" * 10_000 + "<p>end")
    assert time.monotonic() - started < 5
    assert tag == "nav" or read.blocks or tag == "h1"


@given(st.text(alphabet="<>/ abdiv=\"'tdrul!-&;", max_size=60))
def test_any_markup_is_read(markup: str) -> None:
    parsed(markup)


# --- files --------------------------------------------------------------------------------------------------------


def _tree(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"Words of {name}.")


def test_globs_ignore_files_hidden_folders_and_links(tmp_path: Path) -> None:
    _tree(
        tmp_path, "d/a.md", "d/sub/b.md", "d/sub/c.txt", "d/old/e.md", "d/.git/f.md", "d/.g.md", "d/x[1].md", "d/n.bin"
    )
    (tmp_path / "d" / "loop").symlink_to(tmp_path / "d", target_is_directory=True)
    (tmp_path / "d" / "broken.md").symlink_to(tmp_path / "nowhere")

    def found(*paths: str) -> list[str]:
        return [source for _, source in files_in([tmp_path / p for p in paths], tmp_path)]

    assert found("d") == ["d/a.md", "d/old/e.md", "d/sub/b.md", "d/sub/c.txt", "d/x[1].md"]
    assert found("d/**/*.md") == ["d/a.md", "d/old/e.md", "d/sub/b.md", "d/x[1].md"]
    assert found("d/*.md", "d/a.md") == ["d/a.md", "d/x[1].md"]
    assert found("d/s*") == ["d/sub/b.md", "d/sub/c.txt"]
    assert found("d/x[1].md") == ["d/x[1].md"]
    (tmp_path / "d" / ".groundtuneignore").write_text("# no\nold/\n*.txt\n!c.txt\n/a.md\n")
    assert found("d") == ["d/sub/b.md", "d/sub/c.txt", "d/x[1].md"]
    for wrong in ("nowhere", "d/*.pdf", "no/*.md", "d/n.bin"):
        with pytest.raises(InputError, match="cannot be found"):
            found(wrong)


def test_a_project_may_name_its_documents_by_a_glob(tmp_path: Path) -> None:
    _tree(tmp_path, "docs/a.md", "docs/sub/b.md", "docs/c.txt")
    project = init(tmp_path / "project", [str(tmp_path / "docs" / "**" / "*.md")], None, None)
    read = read_documents(project.document_paths(), project.folder).documents
    assert [Path(d.source).name for d in read] == ["a.md", "b.md"]
    with pytest.raises(InputError, match="no such file or folder"):
        init(tmp_path / "other", [str(tmp_path / "none" / "*.md")], None, None)


def test_documents_come_one_at_a_time_and_faults_between_them(tmp_path: Path) -> None:
    _tree(tmp_path, "a.md", "b.pdf", "c.html", "d.txt", "e.csv")
    (tmp_path / "f.txt").write_text(" \n")
    read = documents_from([tmp_path], tmp_path)
    assert next(read).source == "a.md"  # type: ignore[union-attr]
    assert [r.where if isinstance(r, Fault) else r.source for r in read] == [
        "b.pdf",
        "c.html",
        "d.txt",
        "e.csv",
        "f.txt",
    ]


def test_passages_survive_json() -> None:
    passage = Passage("1", "text", "a.md", date="2026-02-28", tags=("a", "b"))
    assert Passage(**json.loads(json.dumps(asdict(passage)))) == passage


# --- what is broken, hostile or absurd ------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_hundred_broken_files_are_read_or_named(tmp_path: Path) -> None:
    from benchmarks.data.broken import files, write

    made = [write(tmp_path, each).name for each in files(100, seed=3)]
    told = {
        read.where if isinstance(read, Fault) else file_of(read.source)
        for read in documents_of([(tmp_path / name, name) for name in made], seconds=5)
        if not isinstance(read, Omission)
    }
    assert told == set(made)


def test_a_file_that_takes_too_long_or_too_much_is_named_and_the_next_one_read(tmp_path: Path) -> None:
    from benchmarks.data.broken_zip import zeros_in

    (tmp_path / "bomb.docx").write_bytes(zeros_in("docx", 5 * 2**27))
    (tmp_path / "good.html").write_text("<p>Words.")
    (tmp_path / "more.docx").write_bytes(zeros_in("docx", 2**20, said=2**31))
    faults, (good,) = _sorted(documents_from([tmp_path], tmp_path))
    assert [f.found for f in faults] == [
        "cannot be read (it needs more than 1 GiB of memory)",
        "cannot be read (it unpacks to more than 1 GiB)",
    ]
    assert good.source == "good.html"
    faults, _ = _sorted(documents_of([(tmp_path / "good.html", "good.html")], seconds=0.001))
    assert "it took longer than 0 s" in faults[0].found


def _sorted(read: Iterable[Document | Fault]) -> tuple[list[Fault], list[Document]]:
    told = list(read)
    return [r for r in told if isinstance(r, Fault)], [r for r in told if isinstance(r, Document)]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.pdf", b"%PDF-1.7 not really", "not a sound PDF"),
        ("a.docx", b"PK", "not a sound zip archive"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "encrypted"),
        ("a.txt", bytes(range(256)) * 9, "not text"),
        ("a.eml", b"no mail", "not a mail"),
        ("a.csv", b'a,"b\n' + b"x" * 2**24, "a row is longer than"),
        ("a.html", b"<nav>x", "holds no text"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert why in _fault(tmp_path / name)
    (tmp_path / "good.md").write_text("Words.")
    with pytest.raises(InputError, match=name):
        read_documents([tmp_path], tmp_path, strict=True)


def test_what_a_file_holds_is_not_told_with_what_is_wrong_with_it() -> None:
    for error in (
        ValueError("invalid literal for int() with base 10: 'Jo Doe'"),
        KeyError("Jo Doe"),
        ValueError("no 'Jo's Doe' in it"),
        ValueError("'Jo\nDoe' is no date"),
        ValueError('bad value b"Jo Doe", at 3'),
    ):
        assert not {"Jo", "Doe", "Jo Doe"} & set(re.findall(r"\w+", apart.reason_of(error)))
    assert apart.reason_of(KeyError("Jo")) == "KeyError"
    assert apart.reason_of(ValueError("it's not text")) == "it's not text"
    assert "can't decode byte 0xe4" in apart.reason_of(
        UnicodeDecodeError("utf-8", b"\xe4", 0, 1, "unexpected end of data")
    )


def test_nothing_is_left_running_when_reading_stops_early(tmp_path: Path) -> None:
    import psutil

    for n in range(9):
        (tmp_path / f"{n}.html").write_text("<p>Words.")
    others = {c.pid for c in psutil.Process().children()}
    read = documents_from([tmp_path], tmp_path)
    next(read)
    mine = {c.pid for c in psutil.Process().children()} - others
    assert mine
    read.close()  # type: ignore[attr-defined]
    assert not mine & {c.pid for c in psutil.Process().children()}


def test_a_reader_that_ends_costs_no_other_file(tmp_path: Path) -> None:
    import psutil

    for n in range(12):
        (tmp_path / f"{n:02}.html").write_text(f"<p>Words {n}.")
    read = documents_from([tmp_path], tmp_path)
    told = []
    for each in read:
        told.append(each)
        for process in psutil.Process().children() if len(told) in (3, 9) else ():  # no file is in hand both times
            with contextlib.suppress(psutil.NoSuchProcess):
                if "corpus.documents.read_apart" in " ".join(process.cmdline()):
                    process.kill()
    assert [d.text.strip() for d in told if isinstance(d, Document)] == [f"Words {n}." for n in range(12)]


def test_headings_that_begin_below_the_first_level_stand_beside_one_another(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("## Rent\n\none\n\n#### Deep\n\ntwo\n\n### Less\n\nthree\n\n## Buy\n\nfour\n")
    (tmp_path / "a.html").write_text(
        "<h2>Rent</h2><p>one</p><h4>Deep</h4><p>two</p><h3>Less</h3><p>three</p><h2>Buy</h2><p>four</p>"
    )
    for name in ("a.md", "a.html"):
        assert [s.heading for s in _read(tmp_path / name).sections] == ["Rent", "Rent > Deep", "Rent > Less", "Buy"]
