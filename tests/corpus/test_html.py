"""HTML: what a reader of the page sees, under what; what is left out is named."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents.formats.part import Part
from corpus.documents.formats.web.html import parsed
from corpus.documents.read_documents import documents_of
from corpus.errors import Omission


def _said(part: Part) -> list[tuple[str, str]]:
    return [(block.heading, block.text) for block in part.blocks]


def _texts(markup: str) -> list[str]:
    return [" ".join(block.text.split()) for block in parsed(markup).blocks]


def test_tables_keep_their_grid() -> None:
    hours = """<table><thead><tr><th rowspan=2>Pool<th colspan=2>Summer<th>Winter<tr><th>Mon<th>Tue<th>Mon
    <tbody><tr><th>Indoor<td colspan=2>closed<td>7 to 21<tr><th rowspan=0>Outdoor<td>9<td>10<td rowspan=2>closed
    <tr><td>11<td>12<tfoot><tr><td colspan=4>Children swim free.</table>"""
    assert _texts(hours) == [
        "Pool: Indoor; Summer > Mon: closed; Summer > Tue: closed; Winter > Mon: 7 to 21",
        "Pool: Outdoor; Summer > Mon: 9; Summer > Tue: 10; Winter > Mon: closed",
        "Pool: Outdoor; Summer > Mon: 11; Summer > Tue: 12; Winter > Mon: closed",
        "Children swim free.",
    ]


def test_a_table_in_a_cell_of_one_with_headers_stays_in_it() -> None:
    inner = "<table><tr><th>Size<th>Fee<tr><td>S<td>3<tr><td>L<td>5</table>"
    assert _texts(f"<table><tr><th>Park<th>Fees<tr><td>Jetty<td>{inner}<tr><td>Quarry<td>none</table>") == [
        "Park: Jetty; Fees: Size: S; Fee: 3 / Size: L; Fee: 5",
        "Park: Quarry; Fees: none",
    ]


def test_absurd_spans_are_named() -> None:
    cells = "".join(f"<tr><td colspan=1000 rowspan=65534>{n}" for n in range(3000))
    started = time.monotonic()
    part = parsed(f"<h1>Fees</h1><table>{cells}</table>")
    assert time.monotonic() - started < 20
    if part.left_out:
        assert "spans too large to follow" in part.left_out[0].what
    assert {str(n) for n in range(3000)} <= set(" ".join(b.text for b in part.blocks).replace(";", "").split())


@pytest.mark.parametrize(
    "struck",
    ["<s>30</s>", "<del>30</del>", "<strike>30</strike>", "<span style='text-decoration:line-through'>30</span>",
     "<b style='color: red; text-decoration-line: line-through'>30</b>", "<i class='line-through'>30</i>",
     "<i class=old>30</i>", "<del><ins>3</ins>0</del>"],
)  # fmt: skip
def test_struck_out_text_is_named_not_read(struck: str) -> None:
    style = "<style>/* a */ .new, i.old { text-decoration: line-through solid } .new2 {color: red}</style>"
    part = parsed(f"{style}<h1>Returns</h1><p>Gear is returned within {struck} <ins>14</ins> days.</p>")
    assert " ".join(part.blocks[0].text.split()) == "Gear is returned within 14 days."
    assert [(o.place, o.what) for o in part.left_out] == [("Returns", "struck-out text is left out (2 characters)")]


def test_struck_out_text_is_told_by_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<h1>Fees</h1><p>Now 5 <s>4</s> euros.<h1>Rent</h1><ul><li><s>Free.</s><li>9 <s>8</s>"
    )
    _, omission = documents_of([(tmp_path / "a.html", "a.html")])
    assert isinstance(omission, Omission)
    assert str(omission) == "a.html, Fees, Rent: struck-out text is left out, 3 times (7 characters)"


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("<ol start=3><li>One<li value=7>Two<p>more<ol type=i><li>x<li>y</ol><li>Three</ol>",
         ["3. One", "7. Two", "more", "i. x", "ii. y", "8. Three"]),
        ("<ol reversed type=A><li>a<li>b<ul><li>u</ul></ol>", ["B. a", "A. b", "u"]),
        ("<ol style='list-style-type: lower-roman' start=4><li>a</ol>", ["iv. a"]),
        ("<ol style='list-style:none'><li>1. own</ol>", ["1. own"]),
        ("<ol start=27 type=a><li>a</ol><ol start=x><li>b</ol>", ["aa. a", "1. b"]),
        ("<ol><li>a<p>more</ol><p>b", ["1. a", "more", "b"]),
        ("<dl><dt>Foehn<dt>South wind:<dd>Warm.<dd>Dry.<dt>Bise<dd><p>Cold.<p>Long.<dt>Lone</dl>",
         ["Foehn, South wind: Warm.", "Foehn, South wind: Dry.", "Bise: Cold.", "Long.", "Lone"]),
        ("<dl><div><dt>Dogs?</dt><dd>Yes.</dd></div></dl>", ["Dogs? Yes."]),
        ("<p>10<sup>2</sup> m<sup>3</sup>, H<sub>2</sub>O, 1<sup>st</sup>, x<sup>k+1</sup>", ["10² m³, H2O, 1st, x^(k+1)"]),
        ("<p>In 30 days<sup><a href=#n1>1</a></sup>.<ol><li id=n1>Not on Sundays.</ol>",
         ["In 30 days[1].", "1. Not on Sundays."]),
        ("<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby>です", ["漢字(かんじ)です"]),
        ("<p>so <math><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>.", ["so E = mc^2."]),
        ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><msqrt><mi>b</mi></msqrt></mfrac><p>x",
         ["(a + 1)/(√b)", "x"]),
        ("<math alttext='a over b'><semantics><annotation>\\frac</annotation></semantics></math>", ["a over b"]),
        ("<p><img alt='Plan of the jetty'> and <q>this</q><img alt=''>", ["Plan of the jetty and “this”"]),
        ("<p><select><option>S<option selected>M</select> <select><option>a<option>b</select>", ["M a, b"]),
        ("<form>Name <input value=Jo> <input type=hidden value=x><input type=checkbox checked> Member"
         "<textarea>Late.</textarea></form><p>y", ["Name Jo [x] Member Late.", "y"]),
        ("<ol><li><h3>Scope</h3>All.<li><h3>Fees</h3></ol>", ["All.", ""]),
        ("<h2>Sold out</h2><h2>Here</h2><p>x", ["", "x"]),
    ],
)  # fmt: skip
def test_what_a_reader_sees(markup: str, read: list[str]) -> None:
    assert _texts(markup) == read


def test_numbered_headings_keep_their_numbers() -> None:
    part = parsed(
        "<ol start=4><li><h3>Scope</h3><p>All boats.</p><p>All days.</p></li><li><h3>Fees</h3>None.</li></ol>"
    )
    assert _said(part) == [("4. Scope", "All boats."), ("4. Scope", "All days."), ("5. Fees", "None.")]


PANELS = {
    "details": "<details><summary>Dogs?</summary><p>Yes.</details><details open><summary>Cats?</summary>No.</details>",
    "buttons": "<div><div><button aria-expanded=false>Dogs?</button></div><div hidden><p>Yes.</div></div>"
    "<div><button aria-expanded=false>Cats?</button><div style='display:none'>No.</div></div>",
    "tabs": "<div role=tablist><button role=tab aria-controls=d>Dogs?</button><a role=tab id=c href=#x>Cats?</a></div>"
    "<div role=tabpanel id=d hidden>Yes.</div><div role=tabpanel aria-labelledby=c aria-hidden=true>No.</div>",
    "bootstrap": "<a data-toggle=collapse href=#d>Dogs?</a><a data-bs-toggle=collapse data-bs-target=#c>Cats?</a>"
    "<div id=d class=collapse>Yes.</div><div id=c class=collapse hidden>No.</div>",
}


@pytest.mark.parametrize("panels", PANELS.values(), ids=list(PANELS))
def test_what_is_shown_when_pressed_stands_under_its_label(panels: str) -> None:
    part = parsed(f"<h1>Asked</h1><section>{panels}</section><p>After.")
    assert _said(part) == [("Asked > Dogs?", "Yes."), ("Asked > Cats?", "No."), ("Asked", "After.")]
    assert not part.left_out


def test_words_beside_the_main_text_are_named() -> None:
    page = """<header>Larkspur</header><nav><a>Boats</a> <a>All of the boats</a></nav><main><p>Boats are let by the day.
    <div hidden>Only for members of the club.</div></main><aside>The jetty is closed on Mondays.</aside>
    <footer>© 2026 Larkspur at the lake <a>Imprint of the page</a></footer><script>var a = 'not at all text'</script>"""
    part = parsed(page)
    assert [b.text for b in part.blocks] == ["Boats are let by the day."]
    assert [o.what for o in part.left_out] == ["words beside the main text are left out, 2 times (60 characters)"]
    assert "<main>" in part.left_out[0].mend


_WRAPS = [
    "<p>{}</p>", "<div>{}", "<ul><li>{}</ul>", "<ol><li>{}</ol>", "<dl><dt>{}</dl>", "<blockquote>{}", "<pre>{}</pre>",
    "<details><summary>{}</summary></details>", "<table><tr><td>{}<td>b</table>", "<table><tr><th>{}<td>b</table>",
    "<table><caption>{}</caption></table>", "<h3>{}</h3>", "<p><b>{}</b>", "<s>{}</s>", "<p>Now <del>{}</del>.",
    "<footer>{}</footer>", "<div hidden>{}</div>", "<form><p>{}</form>", "<section><article>{}</article></section>",
]  # fmt: skip


@given(st.lists(st.sampled_from(_WRAPS), max_size=12))
def test_every_word_of_a_page_is_read_or_named(wraps: list[str]) -> None:
    words = [f"alpha{n} beta{n} gamma{n} delta{n} eta{n} theta{n} iota{n} kappa{n}" for n in range(len(wraps))]
    part = parsed("<p>begin" + "".join(wrap.format(text) for wrap, text in zip(wraps, words, strict=True)))
    read = " ".join(f"{block.heading} {block.text}" for block in part.blocks)
    lost = [text for text in words if text not in read]
    named = sum(int(o.what.rpartition("(")[2].split()[0].replace(",", "")) for o in part.left_out)
    around = 4 * len(wraps)  # numbers of items and words such as "Now", which stand around them
    assert sum(map(len, lost)) <= named <= sum(map(len, lost)) + (around if lost else 0)
