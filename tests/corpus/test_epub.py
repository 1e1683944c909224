"""EPUB: every chapter is read, or named with why it is not."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from corpus.documents.read_documents import documents_of
from corpus.errors import Fault, Omission
from corpus.records import Document

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'


def _book(file: Path, items: list[tuple[str, str]], spine: list[str], files: dict[str, str]) -> None:
    """``items``: name (of the file and its id) and media type."""
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("META-INF/container.xml", CONTAINER)
        listed = "".join(f'<item id="{name}" href="{name}" media-type="{kind}"/>' for name, kind in items)
        order = "".join(f'<itemref idref="{name}" linear="{"no" if n else "yes"}"/>' for n, name in enumerate(spine))
        book.writestr("OPS/book.opf", f"<package><manifest>{listed}</manifest><spine>{order}</spine></package>")
        for name, text in files.items():
            book.writestr(name if "/" in name else f"OPS/{name}", text)


def _read(file: Path) -> tuple[list[tuple[str, str]], list[str]]:
    document, *omissions = documents_of([(file, file.name)])
    assert isinstance(document, Document)
    assert all(isinstance(o, Omission) for o in omissions)
    return [(s.heading, s.text) for s in document.sections], [str(o) for o in omissions]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("c.xhtml", "application/xhtml+xml"), ("c.html", "text/html"), ("c.xml", "application/x-dtbook+xml"), ("c.htm", ""),
     ("c.xml", "application/xml"), ("c.xml", "text/x-oeb1-document"), ("c", "application/xhtml+xml"),
     ("c.xhtml", "application/octet-stream")],
)  # fmt: skip
def test_chapters_are_read_whatever_their_type_is_called(tmp_path: Path, name: str, kind: str) -> None:
    _book(tmp_path / "a.epub", [("a.xhtml", "application/xhtml+xml"), (name, kind)], ["a.xhtml", name],
          {"a.xhtml": "<h1>One</h1><p>first</p>", name: "<h1>Two</h1><p>second</p>"})  # fmt: skip
    assert _read(tmp_path / "a.epub") == ([("One", "first"), ("Two", "second")], [])


def test_chapters_in_no_order_are_read_behind_the_others(tmp_path: Path) -> None:
    items = [(f"{n}.xhtml", "application/xhtml+xml") for n in "abc"] + [
        ("s.css", "text/css"),
        ("t.ncx", "application/x-dtbncx+xml"),
    ]
    files = {f"{n}.xhtml": f"<p>{n}</p>" for n in "abc"} | {"s.css": "p {}", "t.ncx": "<ncx>x</ncx>"}
    _book(tmp_path / "a.epub", items, ["c.xhtml", "b.xhtml"], files)
    assert _read(tmp_path / "a.epub") == ([("", "c\n\nb\n\na")], [])


def test_a_chapter_is_no_page_of_a_site(tmp_path: Path) -> None:
    chapter = """<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="x"/></head><body>
    <header><h1>One</h1></header><a id="p1"/><p/>Words with <del>old</del> <![CDATA[a < b]]>.
    <aside epub:type="footnote"><p>A note.</p></aside><footer>The end.</footer></body></html>"""
    _book(tmp_path / "a.epub", [("a.xhtml", "application/xhtml+xml")], ["a.xhtml"], {"a.xhtml": chapter})
    assert _read(tmp_path / "a.epub") == (
        [("One", "Words with a < b.\n\nA note.\n\nThe end.")],
        ["a.epub, OPS/a.xhtml: struck-out text is left out (3 characters)"],
    )


def test_chapters_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    items = [(f"{n}.xhtml", "application/xhtml+xml") for n in "abm"] + [("d.svg", "image/svg+xml")]
    files = {"a.xhtml": "<p>first</p>", "b.xhtml": "?", "d.svg": "<svg/>", "unlisted.html": "<p>x</p>"}
    files["META-INF/encryption.xml"] = (
        '<e><CipherReference URI="OPS/b.xhtml"/><CipherReference URI="OPS/font.otf"/></e>'
    )
    _book(tmp_path / "a.epub", items, ["a.xhtml", "b.xhtml", "m.xhtml", "d.svg", "nowhere"], files)
    read, named = _read(tmp_path / "a.epub")
    assert read == [("", "first")]
    assert [o.partition(";")[0].removeprefix("a.epub, ") for o in named] == [
        "nowhere: a chapter is left out: the book does not say where it stands",
        "OPS/b.xhtml: an encrypted chapter is left out",
        "OPS/m.xhtml: a chapter is left out: it is not in the file",
        "OPS/d.svg: a chapter is left out: no reader for its type image/svg+xml",
        "OPS/unlisted.html: a page is left out: the book does not list it",
    ]


@pytest.mark.parametrize("lock", ["META-INF/rights.xml", "META-INF/encryption.xml"])
def test_a_locked_book_is_named_as_a_whole(tmp_path: Path, lock: str) -> None:
    files = {"a.xhtml": "?", lock: '<e><CipherReference URI="OPS/a.xhtml"/></e>'}
    _book(tmp_path / "a.epub", [("a.xhtml", "application/xhtml+xml")], ["a.xhtml"], files)
    (fault,) = documents_of([(tmp_path / "a.epub", "a.epub")])
    assert isinstance(fault, Fault)
    assert "it is encrypted" in fault.found
