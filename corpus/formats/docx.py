"""DOCX: paragraphs under their headings, tables row by row. Knows nothing of other formats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.formats.part import Block, Part, under
from corpus.formats.rows import rendered
from corpus.formats.zipped import opened, stated

_LEVEL = re.compile(r"(?:Heading|heading) (\d)")


def read(file: Path) -> Iterator[Part]:
    """One part."""
    from docx import Document as open_docx

    with opened(file) as held:
        document = open_docx(held)
        yield Part(tuple(_blocks(document)), **stated(document.core_properties))


def _blocks(document: Any) -> Iterator[Block]:
    from docx.table import Table

    path: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from (Block(" > ".join(path), row, None, True) for row in rendered(_rows(block)))
            continue
        style = (block.style.name or "") if block.style else ""
        level = _LEVEL.match(style)
        words = block.text.strip()
        if (level or style == "Title") and words:
            path, words = under(path, int(level[1]) if level else 1, words), ""
        yield Block(" > ".join(path), words)


def _rows(table: Any) -> Iterator[list[str]]:
    """Cells that span several columns or rows are told once, where they begin."""
    seen: set[Any] = set()
    for row in table.rows:
        cells = []
        for cell in row.cells:
            cells.append("" if cell._tc in seen else cell.text)
            seen.add(cell._tc)
        yield cells
