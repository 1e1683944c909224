"""DOCX: paragraphs under their headings, tables row by row. Knows nothing of other formats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.formats.part import Block, Part, joined, under
from corpus.formats.rows import rendered
from corpus.formats.zipped import opened, stated

_WRAPS = ("w:sdt", "w:ins", "w:moveTo", "w:smartTag", "w:customXml", "w:fldSimple")
_NO_TEXT = ("w:docPartObj", "w:showingPlcHdr")
_LEVEL = re.compile(r"(?:Heading|heading) (\d)")


def read(file: Path) -> Iterator[Part]:
    """One part."""
    from docx import Document as open_docx

    with opened(file) as held:
        document = open_docx(held)
        _unwrap(document.element.body)
        yield Part(tuple(_blocks(document)), **stated(document.core_properties))


def _unwrap(body: Any) -> None:
    """Put in place of content controls, insertions and the like what they hold: python-docx passes them over.

    Tables of contents, and prompts where nothing was filled in, go.
    """
    from docx.oxml.ns import qn

    for wrap in list(body.iter(*map(qn, _WRAPS))):
        held = wrap
        if wrap.tag == qn("w:sdt"):
            given = wrap.find(qn("w:sdtPr"))
            held = wrap.find(qn("w:sdtContent"))
            if held is None or (given is not None and any(True for _ in given.iter(*map(qn, _NO_TEXT)))):
                held = ()
        for each in list(held):
            wrap.addprevious(each)
        wrap.getparent().remove(wrap)


def _blocks(document: Any) -> Iterator[Block]:
    from docx.table import Table

    path: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from (Block(joined(path), row, None, True) for row in rendered(_rows(block)))
            continue
        style = (block.style.name or "") if block.style else ""
        level = _LEVEL.match(style)
        words = block.text.strip()
        if (level or style == "Title") and words:
            path, words = under(path, int(level[1]) if level else 1, words), ""
        yield Block(joined(path), words)


def _rows(table: Any) -> Iterator[list[str]]:
    """Cells that span several columns or rows are told once, where they begin."""
    seen: set[Any] = set()
    for row in table.rows:
        cells = []
        for cell in row.cells:
            cells.append("" if cell._tc in seen else _cell(cell))
            seen.add(cell._tc)
        yield cells


def _cell(cell: Any) -> str:
    """The words of a cell, with those of tables in it."""
    from docx.table import Table

    inner = cell.iter_inner_content()
    return "\n".join(" / ".join(rendered(_rows(i))) if isinstance(i, Table) else i.text for i in inner)
