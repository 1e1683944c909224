"""Markdown as a reader sees it: front matter, struck-out text, numbers, tables."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents.formats.omissions import Omissions
from corpus.documents.formats.text.visible_markdown import numbered, visible_lines
from corpus.documents.read_documents import documents_of
from corpus.records import Document


def _read(file: Path, text: str) -> tuple[Document, list[str]]:
    file.write_text(text, encoding="utf-8")
    document, *omissions = documents_of([(file, file.name)])
    assert isinstance(document, Document)
    return document, [str(o) for o in omissions]


def _seen(text: str) -> str:
    return "".join(visible_lines(text.splitlines(keepends=True), Omissions(), ""))


@pytest.mark.parametrize(
    "tags", ['tags = ["sale", "duo"]', '[taxonomies]\ntags = ["sale", "duo"]', 'keywords = ["sale", "duo"]']
)
def test_toml_front_matter_tells_title_date_and_tags(tmp_path: Path, tags: str) -> None:
    head = f'+++\ntitle = "The tent"\ndate = 2026-02-28T10:00:00Z\n{tags}\n+++\n'
    document, _ = _read(tmp_path / "a.md", f"{head}# Poles\n\nGrey.")
    assert (document.title, document.date, document.tags) == ("The tent", "2026-02-28", ("sale", "duo"))
    assert document.text.strip() == "Grey."


@pytest.mark.parametrize("head", ["+++\nnot closed = 1\n", "+++\njust words\n+++\n", "+++\n\n"])
def test_plus_signs_are_not_front_matter_by_themselves(tmp_path: Path, head: str) -> None:
    document, _ = _read(tmp_path / "a.md", f"{head}\nWords.")
    assert document.text.split() == f"{head}\nWords.".split()


@pytest.mark.parametrize(
    "head", ["---\ndescription: A tent for two.\n---\n", '+++\nsummary = "A tent for two."\n+++\n']
)
def test_what_front_matter_says_of_the_text_is_read(tmp_path: Path, head: str) -> None:
    assert _read(tmp_path / "a.md", f"{head}# Poles\n\nGrey.")[0].text.split("\n\n")[0] == "A tent for two."


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("From ~~23:00~~ 22:00.", "From  22:00."),
        ("From ~23:00~ 22:00.", "From  22:00."),
        ("~~Dogs\nmay sleep.~~ No dogs.", " No dogs."),
        ("- ~~a~~\n- b ~~c~~d", "- \n- b d"),
        ("a <s>b</s> <del class='x'>c ~~d~~</del> <ins>e</ins> <STRIKE>f</STRIKE>", "a   e "),
        ("About ~5 to ~6 days, H~2~O, a ~ b ~ c.", "About ~5 to ~6 days, H~2~O, a ~ b ~ c."),
        ("Code `~~a~~` and ``<s>`</s>`` stays, \\~~so~~ too", "Code `~~a~~` and ``<s>`</s>`` stays, \\~~so~~ too"),
        ("```\n~~a~~ <!-- b -->\n```\n", "```\n~~a~~ <!-- b -->\n```\n"),
        ("~~a\n\nb~~", "~~a\n\nb~~"),
        ("a ~~ b ~~ c", "a ~~ b ~~ c"),
        ("a <!-- b\n\nc --> d <!-- e", "a  d <!-- e"),
        ("5 < 6 and <b>so</b>", "5 < 6 and <b>so</b>"),
        ("<details>\n<summary>May I?</summary>\n\nYes.\n</details>", "\nMay I?\n\nYes.\n"),
    ],
)
def test_what_is_struck_out_and_comments_are_not_read(text: str, read: str) -> None:
    assert _seen(text) == read


def test_struck_out_text_is_named_with_its_heading(tmp_path: Path) -> None:
    text = "# Quiet\n\nAt ~~23:00~~ 22:00.\n\n## ~~Old~~ Dogs\n\n| a | b |\n|---|---|\n| 1 | ~~2~~ 3 |\n\n"
    text += "Words <!-- that are for the authors alone --> here.\n"
    document, omissions = _read(tmp_path / "a.md", text)
    assert [(s.heading, s.text) for s in document.sections] == [
        ("Quiet", "At 22:00."),
        ("Quiet > Dogs", "a: 1; b: 3"),
        ("Quiet > Dogs", "Words here."),
    ]
    assert omissions == [
        "a.md, Quiet, Quiet > Dogs: struck-out text is left out, 3 times (9 characters)",
        "a.md, Quiet > Dogs: a comment that no reader sees is left out (30 characters)",
    ]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1. a\n1. b\n   1. c\n   1. d\n1. e\n", "1. a\n2. b\n   1. c\n   2. d\n3. e\n"),
        ("3) a\n\n3) b\n", "3) a\n\n4) b\n"),
        ("1. a\n2. b\n4. c\n", "1. a\n2. b\n4. c\n"),
        ("1. a\n\n   more\n\n1. b\n\nwords\n\n1. c\n", "1. a\n\n   more\n\n2. b\n\nwords\n\n1. c\n"),
        ("1. a\n   - x\n1. b\n", "1. a\n   - x\n2. b\n"),
        ("2026. was\n", "2026. was\n"),
    ],
)
def test_items_count_on_as_they_are_shown(text: str, read: str) -> None:
    assert "".join(numbered(text.splitlines(keepends=True))) == read


def test_tables_of_either_kind_keep_their_cells(tmp_path: Path) -> None:
    text = "| Sign | Means | Left |\n|:--|--|--|\n| a \\| b | or | |\n| `&` | and | | more |\n\n"
    text += (
        "<table>\n<tr><th>Pool<th>Mon<th>Tue</tr>\n\n<tr><td>Indoor<td colspan=2>closed</tr>\n</table>\n\nWords.\n\n"
    )
    text += "<dl><dt>Foehn</dt>\n<dd>Warm.</dd></dl>\n<table>\n<b>never closed"
    document, _ = _read(tmp_path / "a.md", text)
    assert [(s.table, s.text) for s in document.sections] == [
        (True, "Sign: a | b; Means: or\nSign: `&`; Means: and; more\nLeft\nPool: Indoor; Mon: closed; Tue: closed"),
        (False, "Words.\n\nFoehn: Warm.\n\n<table>\n<b>never closed"),
    ]


@given(
    st.lists(st.sampled_from(["~~", "~", "`", "<s>", "</s>", "<!--", "-->", "a", " ", "\n", "\\", "1. "]), max_size=30)
)
def test_any_signs_are_read_and_letters_are_read_or_named(signs: list[str]) -> None:
    omissions = Omissions()
    text = "".join(signs)
    read = "".join(visible_lines(text.splitlines(keepends=True), omissions, ""))
    assert read.count("a") <= text.count("a")
    assert omissions.summary() or read.count("a") == text.count("a") or "<!--" in text


@pytest.mark.long
@pytest.mark.parametrize("piece", ["~~a ", "`a ``b ", "<s>a ", "<!-- a", "<table>\n", "1. a\n", "~a ~~b", "<s>a</s>"])
def test_time_grows_with_the_length_alone(tmp_path: Path, piece: str) -> None:
    started = time.monotonic()
    _read(tmp_path / "a.md", "x " + piece * (2**19 // len(piece)))
    assert time.monotonic() - started < 20
