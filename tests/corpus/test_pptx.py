"""Slides: what a reader sees is read, the rest is named."""

from __future__ import annotations

from pathlib import Path

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.slide import Slide
from pptx.util import Inches

from tests.office import NAMESPACES, named_characters, read

_AT = (Inches(1), Inches(1), Inches(4), Inches(2))
_BOX = (
    "<p:sp><p:nvSpPr><p:cNvPr id='9' name='x'/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody>{}</p:txBody></p:sp>"
)


def _slide(made: object, title: str) -> Slide:
    slide = made.slides.add_slide(made.slide_layouts[5])  # type: ignore[attr-defined]
    slide.shapes.title.text = title
    return slide  # type: ignore[no-any-return]


def _put(slide: Slide, xml: str) -> None:
    slide.shapes._spTree.append(parse_xml(xml.replace(">", f" {NAMESPACES}>", 1)))


def _text(*runs: str) -> str:
    return "<a:p>" + "".join(r if r.startswith("<") else f"<a:r><a:t>{r}</a:t></a:r>" for r in runs) + "</a:p>"


def test_cells_that_span_rows_and_columns_count_for_each(tmp_path: Path) -> None:
    made = Presentation()
    table = _slide(made, "Courses").shapes.add_table(3, 3, *_AT).table
    words = ["Level", "Course", "Day", "Advanced", "Sculling", "May", "", "Coxing", "June"]
    for n, word in enumerate(words):
        table.cell(n // 3, n % 3).text = word
    table.cell(1, 0).merge(table.cell(2, 0))
    made.save(str(tmp_path / "a.pptx"))
    assert read(tmp_path / "a.pptx")[0].text.strip().split("\n") == [
        "Level: Advanced; Course: Sculling; Day: May",
        "Level: Advanced; Course: Coxing; Day: June",
    ]


def test_hidden_slides_and_struck_out_words_are_left_out_and_counted(tmp_path: Path) -> None:
    made = Presentation()
    _put(_slide(made, "Fees"), _BOX.format(_text("Fee ", '<a:r><a:rPr strike="sngStrike"/><a:t>45</a:t></a:r>', " 60")))
    _slide(made, "Secret")._element.set("show", "0")
    made.save(str(tmp_path / "a.pptx"))
    document, left_out = read(tmp_path / "a.pptx")
    assert [(s.heading, s.page, s.text) for s in document.sections] == [("Fees", 1, "Fee 60")]
    assert left_out == ["slide 2: is hidden (6 characters)", "slide 1: 1 struck-out passage (2 characters)"]
    assert named_characters(left_out) == 8


def test_charts_groups_pictures_and_versions(tmp_path: Path) -> None:
    made = Presentation()
    slide = _slide(made, "Visits")
    data = CategoryChartData(number_format="0%")
    data.categories = ["May", "June"]
    data.add_series("2026", (0.25, 0.5))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *_AT, data)
    _put(slide, f"<p:grpSp>{_BOX.format(_text('in a group'))}</p:grpSp>")
    versions = (
        f"<mc:Choice Requires='a14'>{_BOX.format(_text('new'))}</mc:Choice><mc:Fallback>{_BOX.format(_text('old'))}"
    )
    _put(slide, f"<mc:AlternateContent>{versions}</mc:Fallback></mc:AlternateContent>")
    for described in ("Plan of the yard", ""):
        _put(slide, f"<p:pic><p:nvPicPr><p:cNvPr id='8' name='p' descr='{described}'/></p:nvPicPr></p:pic>")
    made.save(str(tmp_path / "a.pptx"))
    document, left_out = read(tmp_path / "a.pptx")
    assert [s.text for s in document.sections] == [
        "May; 2026: 25%\nJune; 2026: 50%",
        "in a group\n\nnew\n\nPlan of the yard",
    ]
    assert left_out == ["slide 1: 1 picture without a description"]


def test_lists_are_numbered_and_equations_are_words(tmp_path: Path) -> None:
    made = Presentation()
    numbered = '<a:p><a:pPr lvl="{}"><a:buAutoNum type="{}"/></a:pPr><a:r><a:t>{}</a:t></a:r></a:p>'
    lines = [
        (0, "arabicPeriod", "cut"),
        (1, "alphaLcParenR", "fold"),
        (1, "alphaLcParenR", "pin"),
        (0, "arabicPeriod", "sew"),
    ]
    equation = "<a:p><m:oMath><m:r><m:t>a=b</m:t></m:r></m:oMath></a:p>"
    _put(_slide(made, "Steps"), _BOX.format("".join(numbered.format(*line) for line in lines) + equation))
    made.save(str(tmp_path / "a.pptx"))
    assert read(tmp_path / "a.pptx")[0].text.strip().split("\n") == ["1. cut", "a) fold", "b) pin", "2. sew", "a=b"]
