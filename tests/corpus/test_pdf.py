"""Pages of PDFs that are not upright, not from left to right, not text, or filled in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from corpus.documents.formats.known_formats import parts
from corpus.documents.formats.part import LeftOut, Part
from corpus.documents.formats.pdf.pdf_bidi import letters, logical
from tests.pdf_files import alphabet, line, write_pdf

WIDE, HIGH = 595, 842
FEES = ["Winter storage", "The storage fee is 310 euros for a single and", "480 euros for a four, paid in advance."]
TABLE = [("Jetty", "Summer", "Winter"), ("North jetty", "740", "120"), ("South jetty", "610", "95")]


def _read(file: Path) -> Part:
    (part,) = parts(file)
    return part


def _text(file: Path) -> str:
    return "\n\n".join(f"{b.heading}\n{b.text}" for b in _read(file).blocks).strip()


def _written(file: Path, *pages: Callable[[Canvas], object]) -> Path:
    canvas = Canvas(str(file), pagesize=(WIDE, HIGH))
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return file


def _paragraph(canvas: Canvas) -> None:
    for n, words in enumerate(FEES):
        canvas.drawString(60, 780 - 14 * n, words)


def _turned(canvas: Canvas, angle: float, draw: Callable[[Canvas], object]) -> None:
    """What ``draw`` draws, turned counter-clockwise about the middle of the page."""
    canvas.saveState()
    canvas.translate(WIDE / 2, HIGH / 2)
    canvas.rotate(angle)
    canvas.translate(-WIDE / 2, -HIGH / 2)
    draw(canvas)
    canvas.restoreState()


def _table(canvas: Canvas) -> None:
    for n, cells in enumerate(TABLE):
        for x, cell in zip((60, 200, 300), cells, strict=True):
            canvas.drawString(x, 400 - 20 * n, cell)


# --- turned -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("angle", [0, 30, 45, 90, 135, 180, 270, 315])
def test_text_reads_alike_whichever_way_it_runs(tmp_path: Path, angle: float) -> None:
    upright = _text(_written(tmp_path / "a.pdf", _paragraph))
    assert _text(_written(tmp_path / "b.pdf", lambda c: _turned(c, angle, _paragraph))) == upright
    assert "The storage fee is 310 euros for a single and 480 euros for a four" in upright


def test_text_a_little_askew_keeps_its_lines(tmp_path: Path) -> None:
    text = _text(_written(tmp_path / "a.pdf", lambda c: _turned(c, 2, _paragraph)))
    assert text.split() == " ".join(FEES).split()


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_reads_like_one_that_stands(tmp_path: Path, turn: int) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setPageRotation(turn)
        _turned(canvas, turn, _paragraph)
        _turned(canvas, turn + 90, _table)

    text = _text(_written(tmp_path / "a.pdf", page))
    assert text.index("single and 480 euros") < text.index("South jetty 610 95")


def test_a_sideways_table_on_an_upright_page_keeps_its_rows(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        _turned(canvas, 90, _table)
        canvas.drawString(60, 800, "Appendix: mooring fees")

    rows = [" ".join(cells) for cells in TABLE]
    assert _text(_written(tmp_path / "a.pdf", page)).split("\n\n") == ["Appendix: mooring fees", "\n".join(rows)]


def test_running_lines_are_left_out_beside_turned_text(tmp_path: Path) -> None:
    def page(canvas: Canvas, number: str) -> None:
        canvas.drawString(60, 820, "Harbour handbook")
        canvas.drawString(60, 800, f"Chapter {number}")
        _paragraph(canvas)
        canvas.drawString(60, 720, f"It ends {number}")
        _turned(canvas, 90, lambda c: c.drawString(100, 500, "Downloaded by a member"))

    text = _text(_written(tmp_path / "a.pdf", *(partial(page, number=n) for n in ("one", "two", "three", "four"))))
    assert text.count("310 euros") == 4
    assert "handbook" not in text
    assert "Downloaded" not in text


words = st.lists(st.text("abcdefgh", min_size=2, max_size=9), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(words, min_size=1, max_size=12), st.sampled_from([0, 45, 90, 180, 270]), st.sampled_from([0, 90, 180, 270])
)
def test_no_word_is_lost_however_it_stands(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]], angle: int, turn: int
) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setPageRotation(turn)
        for n, said in enumerate(lines):
            canvas.drawString(60, 780 - 14 * n, " ".join(said))
        _turned(canvas, angle, lambda c: c.drawString(100, 450, "sideways"))

    file = _written(tmp_path_factory.mktemp("p") / "a.pdf", page)
    assert Counter(_text(file).split()) == Counter(["sideways", *(word for said in lines for word in said)])


# --- from right to left ---------------------------------------------------------------------------------------------

RULES = ["הסירה חוזרת למעגן עד שעה שש בערב", "מפתח אבוד עולה שלושים וחמישה אירו", "המנוף נבדק בכל אביב"]


def _hebrew(file: Path, seen: list[str], *, as_drawn: Callable[[str], str] = str) -> Path:
    letters = alphabet(seen)
    write_pdf(
        file, ["".join(line(as_drawn(s), letters, 530, 780 - 30 * n, right=True) for n, s in enumerate(seen))], letters
    )
    return file


def test_hebrew_reads_letter_for_letter(tmp_path: Path) -> None:
    assert _text(_hebrew(tmp_path / "a.pdf", [rule[::-1] for rule in RULES])).split("\n") == RULES


@pytest.mark.parametrize(
    ("seen", "read"),
    [
        ("וריא 310 הלוע", "עולה 310 אירו"),
        ("וריא 1,310.50 הלוע", "עולה 1,310.50 אירו"),
        ("החנה 7.5% הלוע", "עולה 7.5% הנחה"),
        ("12/05/2026 ,18:30-20:00 העשב", "בשעה 18:30-20:00, 12/05/2026"),
        ("(310) הלוע", "עולה (310)"),
        (")310( הלוע", "עולה (310)"),
        ("(ץיק) הריס", "סירה (קיץ)"),
        (".ריהמ Windows 11 הריס", "סירה Windows 11 מהיר."),
        ("הריס abc (def) ריהמ", "מהיר abc (def) סירה"),
        ("خصم"[::-1] + " 50", "50 خصم"),
        ("%50 " + "خصم"[::-1], "خصم 50%"),
        ("Pump room 7, by the gate", "Pump room 7, by the gate"),
    ],
)
def test_numbers_and_latin_words_stay_as_they_are_among_letters_from_right_to_left(seen: str, read: str) -> None:
    assert logical(list(seen), rtl=True) == read


def test_hebrew_words_among_english_ones_are_read_in_their_order() -> None:
    seen = "The sign " + "מעגן פרטי 12 בלבד"[::-1].replace("21", "12") + " means private."
    assert logical(list(seen), rtl=False) == "The sign מעגן פרטי 12 בלבד means private."


def test_the_shapes_of_arabic_letters_are_letters() -> None:
    assert letters("ﻣﺮﺣﺒﺎ ﻛﻼﻡ") == "مرحبا كلام"


@pytest.mark.parametrize("lam_alef", ["لا", "ﻻ"])
def test_the_letters_of_arabic_ligatures_keep_their_order(tmp_path: Path, lam_alef: str) -> None:
    known = ["ك", lam_alef, "م", " ", "س", "ع", "ر"]
    seen = ["ر", "ع", "س", " ", "م", lam_alef, "ك"]
    write_pdf(tmp_path / "a.pdf", [line(seen, known, 530, 700, right=True)], known)
    assert _text(tmp_path / "a.pdf") == "كلام سعر"


def test_a_table_from_right_to_left_is_read_from_the_right(tmp_path: Path) -> None:
    rows = [("סירה", "310", "קיץ"), ("מעגן", "480", "חורף")]
    known = alphabet([cell for row in rows for cell in row])
    content = "".join(
        line(cell if cell.isdigit() else cell[::-1], known, x, 700 - 20 * n, right=True)
        for n, row in enumerate(rows)
        for x, cell in zip((530, 380, 230), row, strict=True)
    )
    write_pdf(tmp_path / "a.pdf", [content], known)
    assert _text(tmp_path / "a.pdf").split("\n") == ["סירה 310 קיץ", "מעגן 480 חורף"]


def test_columns_from_right_to_left_begin_at_the_right(tmp_path: Path) -> None:
    first, second = (f"שורה ארוכה של הטור ה{name}" for name in ("ראשון", "שני"))
    known = alphabet([first, second])
    content = "".join(
        line(text[::-1], known, x, 700 - 14 * n, right=True)
        for n in range(12)
        for x, text in ((530, first), (280, second))
    )
    write_pdf(tmp_path / "a.pdf", [content], known)
    text = _text(tmp_path / "a.pdf")
    assert text.count(first) == text.count(second) == 12
    assert text.rindex(first) < text.index(second)


hebrew = st.text("אבגדהזחטילמנסעפצקרשת", min_size=1, max_size=8)
tokens = st.one_of(hebrew, st.integers(0, 99999).map(str), st.text("abcdefgh", min_size=2, max_size=6))


@given(hebrew, st.lists(tokens, max_size=8), hebrew)
def test_every_word_and_number_is_whole(first: str, middle: list[str], last: str) -> None:
    said = [first, *middle, last]
    seen = " ".join(word[::-1] if "א" <= word[0] <= "ת" else word for word in reversed(said))
    assert Counter(logical(list(seen), rtl=True).split()) == Counter(said)
    only = [word for word in said if not word[0].isascii() or word.isdigit()]
    seen = " ".join(word[::-1] if "א" <= word[0] <= "ת" else word for word in reversed(only))
    assert logical(list(seen), rtl=True).split() == only


# --- set wide, downward -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spacing", [0, 1, 3, 6, 10, 14])
def test_words_set_wide_are_whole(tmp_path: Path, spacing: float) -> None:
    def page(canvas: Canvas) -> None:
        text = canvas.beginText(60, 700)
        text.setCharSpace(spacing)
        text.textOut("STORAGE FEES")
        canvas.drawText(text)
        canvas.drawString(60, 680, "From May to October")

    assert _text(_written(tmp_path / "a.pdf", page)) == "STORAGE FEES\nFrom May to October"


def test_letters_typed_apart_are_words(tmp_path: Path) -> None:
    file = _written(tmp_path / "a.pdf", lambda c: c.drawString(60, 700, "S T O R A G E   F E E S"))
    assert _text(file) == "STORAGE FEES"


def test_letters_at_the_head_of_columns_stay_apart(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        for n, letter in enumerate("ABCDEF"):
            canvas.drawString(60 + 50 * n, 700, letter)
            canvas.drawString(60 + 50 * n, 680, f"{n}0")

    assert _text(_written(tmp_path / "a.pdf", page)).split("\n")[0] == "A B C D E F"


def test_lines_from_top_to_bottom_are_read_from_the_right(tmp_path: Path) -> None:
    columns = ["冬期保管料金は三百十", "ユーロです鍵をなくす"]
    known = alphabet(columns)
    content = "".join(
        line(c, known, 500 - 30 * n, 700 - 14 * at) for n, column in enumerate(columns) for at, c in enumerate(column)
    )
    write_pdf(tmp_path / "a.pdf", [content], known)
    assert "".join(_text(tmp_path / "a.pdf").split()) == "".join(columns)


# --- without text -----------------------------------------------------------------------------------------------------


def _scan(canvas: Canvas) -> None:
    from PIL import Image

    picture = Image.new("L", (200, 280), 255)
    picture.putpixel((50, 50), 0)
    canvas.drawImage(ImageReader(picture), 0, 0, WIDE, HIGH)


def _blank(canvas: Canvas) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(0, 0, WIDE, HIGH, stroke=0, fill=1)


def _shapes(canvas: Canvas) -> None:
    canvas.line(60, 60, 300, 300)


def _numbered_scan(canvas: Canvas) -> None:
    _scan(canvas)
    canvas.drawString(280, 30, "Page 4 of 9")


def test_pages_without_text_are_named_and_blank_ones_are_not(tmp_path: Path) -> None:
    pages = [_paragraph, _scan, _scan, _shapes, _paragraph, lambda _: None, _blank, _scan, _numbered_scan]
    assert [(o.place, o.what) for o in _read(_written(tmp_path / "a.pdf", *pages)).left_out] == [
        ("pages 2-4", "holds no text"),
        ("page 8", "holds no text"),
        ("page 9", "is a picture with hardly any text"),
    ]


def test_a_page_whose_fonts_do_not_tell_its_letters_is_named(tmp_path: Path) -> None:
    known = alphabet(["the storage fee is"])
    write_pdf(tmp_path / "a.pdf", [line("the storage fee is", known, 60, 700)], known, mapped=False)
    part = _read(tmp_path / "a.pdf")
    assert not part.blocks
    assert [(o.place, o.what) for o in part.left_out] == [("page 1", "holds text whose fonts do not tell its letters")]


# --- filled in, written over ------------------------------------------------------------------------------------------


def _form(canvas: Canvas, *, filled: bool = True) -> None:
    form = canvas.acroForm
    said = {"boat": "Sandpiper", "berth": "East wing, rack 14", "notes": "Two keys.\nNo pump."} if filled else {}
    canvas.drawString(60, 740, "Name of the boat:")
    form.textfield(name="form.boat", x=200, y=733, width=160, height=18, value=said.get("boat", ""))
    canvas.drawString(60, 710, "Berth wanted")
    form.textfield(name="berth", x=200, y=703, width=160, height=18, value=said.get("berth", ""))
    form.checkbox(name="insured", x=60, y=670, size=12, checked=filled)
    canvas.drawString(78, 672, "The boat is insured")
    form.checkbox(name="trailer", x=60, y=650, size=12, checked=False)
    canvas.drawString(78, 652, "A trailer is kept")
    canvas.drawString(60, 620, "Season")
    for n, season in enumerate(["summer", "winter"]):
        chosen = filled and season == "winter"
        form.radio(name="season", tooltip="Season", value=season, x=120 + 110 * n, y=618, size=12, selected=chosen)
        canvas.drawString(134 + 110 * n, 620, f"the whole {season}")
    if filled:
        sizes = ["single", "pair", "four"]
        form.choice(name="s", tooltip="Size of the boat", options=sizes, value="four", x=60, y=560, width=80, height=18)
    canvas.drawString(60, 530, "Remarks")
    form.textfield(name="notes", x=60, y=440, width=300, height=80, value=said.get("notes", ""), fieldFlags="multiline")


def test_what_was_filled_in_stands_with_its_label(tmp_path: Path) -> None:
    text = _text(_written(tmp_path / "a.pdf", _form))
    for said in (
        "Name of the boat: Sandpiper",
        "Berth wanted: East wing, rack 14",
        "The boat is insured: yes",
        "A trailer is kept: no",
        "Season: the whole winter",
        "Size of the boat: four",
        "Remarks: Two keys. No pump.",
    ):
        assert said in text
    assert text.count("Sandpiper") == 1
    assert "the whole summer" in text


def test_an_empty_form_says_nothing_of_its_boxes(tmp_path: Path) -> None:
    text = _text(_written(tmp_path / "a.pdf", lambda c: _form(c, filled=False)))
    assert "insured" in text
    assert ": no" not in text
    assert ": yes" not in text


def test_values_drawn_on_the_page_too_are_read_once(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 740, "Name of the boat:")
        canvas.drawString(204, 738, "Sandpiper")
        canvas.acroForm.textfield(name="boat", x=200, y=733, width=160, height=18, value="Sandpiper")

    assert _text(_written(tmp_path / "a.pdf", page)) == "Name of the boat: Sandpiper"


def test_values_on_a_turned_page_stand_with_their_labels(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        _turned(canvas, 90, lambda c: c.drawString(100, 500, "Name of the boat:"))
        x, y = WIDE / 2 - (500 - HIGH / 2), HIGH / 2 + (100 - WIDE / 2)
        canvas.acroForm.textfield(name="b", x=x - 12, y=y + 110, width=18, height=120, value="Sandpiper")

    assert _text(_written(tmp_path / "a.pdf", page)) == "Name of the boat: Sandpiper"


def _annotated(file: Path, *notes: str) -> Path:
    known = alphabet(["The fee is 310 euros.", "The fee is 290 euros."])
    content = line("The fee is 310 euros.", known, 60, 700) + line("The fee is 290 euros.", known, 60, 680)
    write_pdf(file, [content], known, extra=f"/Annots [{' '.join(notes)}]")
    return file


def test_text_that_is_struck_out_is_not_read_but_counted(tmp_path: Path) -> None:
    quad = "60 710 186 710 60 698 186 698"
    note = f"<< /Type /Annot /Subtype /StrikeOut /Rect [60 698 186 710] /QuadPoints [{quad}] >>"
    part = _read(_annotated(tmp_path / "a.pdf", note))
    assert [b.text for b in part.blocks] == ["The fee is 290 euros."]
    assert part.left_out == (LeftOut("page 1", "holds 17 struck-out characters, left out"),)


@pytest.mark.parametrize("turn", [0, 90, 180])
def test_text_with_a_line_through_it_is_not_read_but_counted(tmp_path: Path, turn: int) -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "The fee is 310 euros.")
        canvas.drawString(220, 700, "The fee is 290 euros.")
        wide = canvas.stringWidth("The fee is 310 euros.")
        canvas.line(60, 703.4, 60 + wide, 703.4)
        canvas.line(220, 698.5, 220 + wide, 698.5)

    part = _read(_written(tmp_path / "a.pdf", lambda c: _turned(c, turn, page)))
    assert [b.text for b in part.blocks] == ["The fee is 290 euros."]
    assert [o.what for o in part.left_out] == ["holds 17 struck-out characters, left out"]


def test_rules_of_tables_and_forms_strike_nothing_out(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "The fee is 310 euros.")
        canvas.line(40, 703.4, 500, 703.4)
        _table(canvas)
        for n in range(5):
            canvas.line(60, 414 - 20 * n, 340, 414 - 20 * n)

    part = _read(_written(tmp_path / "a.pdf", page))
    assert "310 euros" in part.blocks[0].text
    assert not part.left_out


def test_text_typed_onto_a_page_is_read_and_comments_are_named(tmp_path: Path) -> None:
    part = _read(
        _annotated(
            tmp_path / "a.pdf",
            "<< /Type /Annot /Subtype /FreeText /Rect [60 640 300 670] /Contents (Paid on 3 May.\\nBy transfer.) >>",
            "<< /Type /Annot /Subtype /Text /Rect [300 640 320 660] /Contents (Is this right?) >>",
            "<< /Type /Annot /Subtype /Highlight /Rect [60 698 186 710] >>",
            "<< /Type /Annot /Subtype /Stamp /Rect [300 500 400 600] >>",
        )
    )
    assert "Paid on 3 May.\nBy transfer." in part.blocks[0].text
    assert [(o.place, o.what) for o in part.left_out] == [
        ("page 1", "holds 1 comment not read"),
        ("page 1", "holds 1 stamp not read"),
    ]


def test_attached_files_are_named(tmp_path: Path) -> None:
    import pypdfium2

    pdf = pypdfium2.PdfDocument(_written(tmp_path / "a.pdf", _paragraph))
    pdf.new_attachment("fees.xlsx").set_data(b"x")
    pdf.save(str(tmp_path / "b.pdf"))
    (left_out,) = _read(tmp_path / "b.pdf").left_out
    assert (left_out.place, left_out.what) == ("", "holds attached files that are not read (fees.xlsx)")
