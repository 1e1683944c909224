"""Word documents: all that a reader sees is read, the rest is named."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents.formats.office.numbering import letter, ordinal, roman
from tests.office import docx, named_characters, paragraph, read, run

BOX = "<w:txbxContent>{}</w:txbxContent>"
STYLES = (
    '<w:styles><w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:basedOn w:val="H1"/>'
    '<w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="7"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Clause"><w:name w:val="Clause"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    '<w:style w:type="character" w:styleId="Gone"><w:name w:val="Gone"/><w:rPr><w:strike/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Void"><w:name w:val="Void"/><w:basedOn w:val="Old"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Old"><w:name w:val="Old"/><w:rPr><w:strike/></w:rPr></w:style></w:styles>'
)


def _numbering(*levels: str, overrides: str = "") -> str:
    """List 7 of these levels: ``format text`` each; list 8 counts on in it, or as ``overrides`` say."""
    made = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{level.split(" ", 1)[0]}"/>'
        f'<w:lvlText w:val="{level.split(" ", 1)[1]}"/></w:lvl>'
        for n, level in enumerate(levels)
    )
    lists = "".join(
        f'<w:num w:numId="{n}"><w:abstractNumId w:val="3"/>{o}</w:num>' for n, o in ((7, ""), (8, overrides))
    )
    return f'<w:numbering><w:abstractNum w:abstractNumId="3">{made}</w:abstractNum>{lists}</w:numbering>'


def _item(words: str, level: int = 0, number: int = 7) -> str:
    return paragraph(words, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def _lines(file: Path) -> list[str]:
    return [line for line in read(file)[0].text.split("\n") if line]


def test_text_boxes_are_read_once_where_they_are_anchored(tmp_path: Path) -> None:
    box = BOX.format(paragraph("The red lever cuts the power."))
    new = f"<w:drawing><wp:anchor><a:graphic><wps:wsp><wps:txbx>{box}</wps:txbx></wps:wsp></a:graphic></wp:anchor></w:drawing>"
    old = f"<w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict>"
    versions = f"<mc:Choice Requires='wps'>{new}</mc:Choice><mc:Fallback>{old}</mc:Fallback>"
    both = f"<mc:AlternateContent>{versions}</mc:AlternateContent>"
    for held in (new, old, both):
        file = docx(tmp_path / "a.docx", paragraph("Cranes.", f"<w:r>{held}</w:r>") + paragraph("After."))
        assert _lines(file) == ["Cranes.", "The red lever cuts the power.", "After."]
        table = f"<w:tbl><w:tr><w:tc>{paragraph('Lever', f'<w:r>{held}</w:r>')}</w:tc></w:tr></w:tbl>"
        assert _lines(docx(tmp_path / "b.docx", table)) == ["Lever The red lever cuts the power."]


@pytest.mark.parametrize("kind", ["footnote", "endnote"])
def test_notes_stand_behind_the_paragraph_that_refers_to_them(tmp_path: Path, kind: str) -> None:
    notes = (
        f'<w:{kind}s><w:{kind} w:id="0" w:type="separator">{paragraph("----")}</w:{kind}>'
        f'<w:{kind} w:id="2">{paragraph("Members pay none.")}</w:{kind}>'
        f'<w:{kind} w:id="9">{paragraph("Nobody refers to me.")}</w:{kind}></w:{kind}s>'
    )
    body = paragraph("A deposit is due.", f'<w:r><w:{kind}Reference w:id="2"/></w:r>') + paragraph("It is paid back.")
    document, left_out = read(docx(tmp_path / "a.docx", body, **{f"{kind}s": notes}))
    assert document.text.split("\n\n")[:-1] == [
        "A deposit is due.",
        f"{kind.capitalize()} 1: Members pay none.",
        "It is paid back.",
    ]
    assert left_out == ["1 note that nothing refers to (20 characters)"]


def test_headings_carry_the_numbers_that_word_makes(tmp_path: Path) -> None:
    heading = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="7"/></w:numPr>'
    body = "".join(
        paragraph(words, style=style, properties=heading if style == "H1" else "")
        for words, style in [("Members", "H1"), ("Fees", "H2"), ("Boathouse", "H1"), ("Keys", "H2"), ("Lost.", "")]
    )
    body += paragraph("Late", style="Clause") + paragraph("Pays.")
    parts = {"styles": STYLES, "numbering": _numbering("decimal %1", "decimal %1.%2")}
    document, left_out = read(docx(tmp_path / "a.docx", body, **parts))
    assert [(s.heading, s.text) for s in document.sections] == [
        ("1 Members", "1.1 Fees"),
        ("2 Boathouse > 2.1 Keys", "Lost."),
        ("2 Boathouse > Late", "Pays."),
    ]
    assert left_out == []


def test_lists_are_numbered_as_they_are_shown(tmp_path: Path) -> None:
    body = "".join(_item(w, n) for w, n in [("one", 0), ("a", 1), ("b", 1), ("deep", 2), ("two", 0), ("again", 1)])
    levels = ("upperRoman %1.", "lowerLetter %2)", "decimalZero %1-%2-%3")
    assert _lines(docx(tmp_path / "a.docx", body, numbering=_numbering(*levels))) == [
        "I. one", "a) a", "b) b", "I-b-01 deep", "II. two", "a) again",
    ]  # fmt: skip
    more = "".join(_item(w, number=n) for w, n in [("one", 7), ("two", 7), ("on", 8)])
    begun = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    for overrides, last in (("", "3 on"), (begun, "5 on")):
        numbers = _numbering("decimal %1", overrides=overrides)
        assert _lines(docx(tmp_path / "a.docx", more, numbering=numbers)) == ["1 one", "2 two", last]
    bullets = docx(tmp_path / "a.docx", _item("a point"), numbering=_numbering("bullet \uf0b7"))
    assert _lines(bullets) == ["a point"]


def test_numbers_of_every_kind() -> None:
    assert [roman(n) for n in (1, 4, 9, 14, 1999, 0)] == ["i", "iv", "ix", "xiv", "mcmxcix", "0"]
    assert [letter(n) for n in (1, 26, 27, 53, -1)] == ["a", "z", "aa", "aaa", "-1"]
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == (
        ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"]
    )


@pytest.mark.parametrize(
    "gone",
    [
        run("45 euros", "<w:strike/>"),
        run("45 euros", "<w:dstrike w:val='true'/>"),
        run("45 euros", '<w:rStyle w:val="Gone"/>'),
        run("45 euros", "<w:vanish/>"),
        "<w:del><w:r><w:delText>45 euros</w:delText></w:r></w:del>",
        f"<w:moveFrom>{run('45 euros')}</w:moveFrom>",
        f"<w:hyperlink>{run('45 euros', '<w:strike/>')}</w:hyperlink>",
        f"<w:ins>{run('45 euros', '<w:strike/>')}</w:ins>",
    ],
)
def test_words_that_are_no_longer_valid_are_left_out_and_counted(tmp_path: Path, gone: str) -> None:
    body = paragraph("Fees", style="H1") + paragraph("The fee is ", gone, run("60 euros.", '<w:strike w:val="0"/>'))
    document, left_out = read(docx(tmp_path / "a.docx", body, styles=STYLES))
    assert document.text.strip() == "The fee is 60 euros."
    (told,) = left_out
    assert told.startswith('under "Fees": 1 ')
    assert named_characters(left_out) == len("45 euros")


def test_a_style_may_strike_out_all_of_a_paragraph(tmp_path: Path) -> None:
    body = paragraph("Pupils pay nothing.", style="Void") + paragraph("All pay.")
    document, left_out = read(docx(tmp_path / "a.docx", body, styles=STYLES))
    assert (document.text.strip(), left_out) == ("All pay.", ["1 struck-out passage (19 characters)"])


def _row(*cells: str, properties: str = "") -> str:
    made = (c if c.startswith("<") else f"<w:tc>{paragraph(c)}</w:tc>" for c in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(made)}</w:tr>"


def _cell(words: str, properties: str) -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(words) if words else '<w:p/>'}</w:tc>"


def test_cells_that_span_rows_and_columns_count_for_each(tmp_path: Path) -> None:
    down, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [
        _row("Floor", "Room", "Mon", "Tue"),
        _row(_cell("Upper", down), "Alder", _cell("closed", '<w:gridSpan w:val="2"/>')),
        _row(_cell("", on), "Rowan", "9", "10"),
        _row("Attic", "Elm", "8", "8", properties="<w:del/>"),
    ]
    document, left_out = read(docx(tmp_path / "a.docx", f"<w:tbl>{''.join(rows)}</w:tbl>"))
    assert document.text.strip().split("\n") == [
        "Floor: Upper; Room: Alder; Mon: closed; Tue: closed",
        "Floor: Upper; Room: Rowan; Mon: 9; Tue: 10",
    ]
    assert left_out == ["1 passage deleted under tracked changes (10 characters)"]


def test_cells_that_hold_but_their_number_are_told(tmp_path: Path) -> None:
    numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="7"/></w:numPr>'
    rows = [_row("No", "Step")] + [_row(f"<w:tc>{paragraph(properties=numbered)}</w:tc>", w) for w in ("Cut", "Sew")]
    file = docx(tmp_path / "a.docx", f"<w:tbl>{''.join(rows)}</w:tbl>", numbering=_numbering("decimal %1."))
    assert _lines(file) == ["No: 1.; Step: Cut", "No: 2.; Step: Sew"]


EQUATION = (
    "<m:oMath><m:r><m:t>E=</m:t></m:r><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den>"
    "</m:f><m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
    '<m:rad><m:radPr/><m:deg/><m:e><m:r><m:t>x</m:t></m:r></m:e></m:rad><m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr>'
    "<m:sub><m:r><m:t>i=1</m:t></m:r></m:sub><m:sup><m:r><m:t>n</m:t></m:r></m:sup><m:e><m:r><m:t>i</m:t></m:r></m:e></m:nary>"
    "</m:oMath>"
)


def _field(data: str) -> str:
    return f"<w:r><w:fldChar w:fldCharType='begin'><w:ffData>{data}</w:ffData></w:fldChar></w:r>"


@pytest.mark.parametrize(
    ("held", "text"),
    [
        (EQUATION, "E=(a+b)/2c^2√x∑_(i=1)^n i"),
        (f"<m:oMathPara>{EQUATION}</m:oMathPara>", "E=(a+b)/2c^2√x∑_(i=1)^n i"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t> paid</w:t></w:r>', "☑ paid"),
        (_field("<w:checkBox><w:checked/></w:checkBox>"), "☒"),
        (_field('<w:ddList><w:result w:val="1"/><w:listEntry w:val="a"/><w:listEntry w:val="b"/></w:ddList>'), "b"),
        (f"<w:r><w:instrText>REF x</w:instrText></w:r><w:fldSimple>{run('9 May')}</w:fldSimple>", "9 May"),
        (f"<w:sdt><w:sdtPr><w:dropDownList/></w:sdtPr><w:sdtContent>{run('blue')}</w:sdtContent></w:sdt>", "blue"),
        ("<w:r><w:t>twenty</w:t><w:noBreakHyphen/><w:t>one</w:t><w:br/><w:t>two</w:t></w:r>", "twenty-one\ntwo"),
        (f"<w:r><w:ruby><w:rt>{run('kana')}</w:rt><w:rubyBase>{run('字')}</w:rubyBase></w:ruby></w:r>", "字 (kana)"),
        ('<w:r><w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict></w:r>', "DRAFT"),
    ],
)
def test_what_stands_in_a_paragraph(tmp_path: Path, held: str, text: str) -> None:
    document, left_out = read(docx(tmp_path / "a.docx", paragraph(held)))
    assert (document.text.strip(), left_out) == (text, [])


CHART = (
    "<c:chartSpace><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Visitors</a:t></a:r></a:p></c:rich></c:tx></c:title>"
    "<c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>2026</c:v></c:pt></c:strCache></c:strRef>"
    "</c:tx><c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>May</c:v></c:pt><c:pt idx='1'><c:v>June</c:v></c:pt></c:strCache>"
    "</c:strRef></c:cat><c:val><c:numRef><c:numCache><c:formatCode>0%</c:formatCode><c:pt idx='0'><c:v>0.25</c:v></c:pt>"
    "<c:pt idx='1'><c:v>0.5</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart>"
    "</c:plotArea></c:chart></c:chartSpace>"
)
DIAGRAM = (
    "<dgm:dataModel><dgm:ptLst><dgm:pt><dgm:t><a:p><a:r><a:t>Order</a:t></a:r></a:p></dgm:t></dgm:pt><dgm:pt type='pres'>"
    "<dgm:t><a:p><a:r><a:t>x</a:t></a:r></a:p></dgm:t></dgm:pt><dgm:pt><dgm:t><a:p><a:r><a:t>Pay</a:t></a:r></a:p></dgm:t>"
    "</dgm:pt></dgm:ptLst></dgm:dataModel>"
)


def _drawn(held: str, named: str = "") -> str:
    return f"<w:r><w:drawing><wp:inline><wp:docPr {named}/><a:graphic>{held}</a:graphic></wp:inline></w:drawing></w:r>"


def test_charts_diagrams_and_pictures(tmp_path: Path) -> None:
    body = (
        paragraph("Figures.", _drawn('<c:chart r:id="c1"/>'), _drawn('<dgm:relIds r:dm="d1"/>'))
        + paragraph(_drawn("<pic:pic/>", 'descr="Plan of the yard"'), _drawn("<pic:pic/>"))
        + paragraph(_drawn('<c:chart r:id="gone"/>'), "<w:r><w:object><o:OLEObject ProgID='Excel'/></w:object></w:r>")
    )
    document, left_out = read(docx(tmp_path / "a.docx", body, **{"c1=chart": CHART, "d1=diagramData": DIAGRAM}))
    assert [s.text for s in document.sections] == [
        "Figures.\n\nVisitors",
        "May; 2026: 25%\nJune; 2026: 50%",
        "Order\nPay\n\nPlan of the yard",
    ]
    assert left_out == [
        "1 picture without a description",
        "1 chart whose values are not stored",
        "1 embedded object",
    ]


def test_headers_are_read_once_and_comments_are_named(tmp_path: Path) -> None:
    head = f"<w:hdr>{paragraph('Valid from May')}</w:hdr>"
    parts = {
        "header": head,
        "x=header": head,
        "footer": f"<w:ftr>{paragraph('Page 1 of 3')}</w:ftr>",
        "comments": f"<w:comments><w:comment>{paragraph('Really?')}</w:comment></w:comments>",
    }
    document, left_out = read(docx(tmp_path / "a.docx", paragraph("Rules."), **parts))
    assert (document.text.split(), left_out) == (["Rules.", "Valid", "from", "May"], ["1 comment (7 characters)"])


def test_documents_within_a_document_are_named(tmp_path: Path) -> None:
    body = paragraph("Rules.") + '<w:altChunk r:id="a"/>'
    _, left_out = read(docx(tmp_path / "a.docx", body, **{"a=aFChunk": "<html/>"}))
    assert left_out == ["holds another document (aFChunk1.xml) that is not read"]


def test_the_strict_kind_of_the_format_is_read_as_well(tmp_path: Path) -> None:
    made = docx(tmp_path / "a.docx", paragraph("Rules."))
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(tmp_path / "b.docx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            ))  # fmt: skip
    assert _lines(tmp_path / "b.docx") == ["Rules."]


_PIECES = st.tuples(
    st.text("1234567", min_size=1, max_size=9), st.sampled_from(["", "<w:b/>", "<w:strike/>", "<w:vanish/>"])
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(_PIECES, max_size=4), min_size=1, max_size=4))
def test_each_character_is_told_or_named(pieces: list[list[tuple[str, str]]]) -> None:
    made = [paragraph(*(run(*piece) for piece in line)) for line in pieces]
    table = f"<w:tbl>{''.join(_row(f'<w:tc>{p}</w:tc>') for p in made)}</w:tbl>"
    box = paragraph(f"<w:r><w:pict><v:textbox>{BOX.format(''.join(made))}</v:textbox></w:pict></w:r>")
    with tempfile.TemporaryDirectory() as folder:
        document, left_out = read(docx(Path(folder, "a.docx"), paragraph("0") + "".join(made) + table + box))
    gone = sum(len(words) for line in pieces for words, given in line if given in ("<w:strike/>", "<w:vanish/>"))
    held = sum(len(words) for line in pieces for words, _ in line)
    assert named_characters(left_out) == 3 * gone
    assert len("".join(document.text.split())) == 1 + 3 * (held - gone)
