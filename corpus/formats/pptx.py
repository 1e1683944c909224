"""PPTX: slides as pages under their titles, with tables and notes. Knows nothing of other formats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.formats.part import Block, Part
from corpus.formats.rows import rendered
from corpus.formats.zipped import opened, stated

_DEEPEST = 50


def read(file: Path) -> Iterator[Part]:
    """One part; ``page`` is the slide's number."""
    from pptx import Presentation

    with opened(file) as held:
        slides = Presentation(held)
        blocks = [b for number, slide in enumerate(slides.slides, 1) for b in _slide(slide, number)]
        yield Part(tuple(blocks), **stated(slides.core_properties))


def _slide(slide: Any, number: int) -> Iterator[Block]:
    title = slide.shapes.title
    heading = " ".join(title.text_frame.text.split()) if title is not None else ""
    yield Block(heading, "", number)
    for shape in slide.shapes:
        if title is None or shape.shape_id != title.shape_id:
            yield from (Block(heading, text, number, table) for text, table in _texts(shape, 0))
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield Block(heading, slide.notes_slide.notes_text_frame.text, number)


def _texts(shape: Any, depth: int) -> Iterator[tuple[str, bool]]:
    """Each text, and whether it is a row of a table."""
    if depth < _DEEPEST and hasattr(shape, "shapes"):  # a group
        for inner in shape.shapes:
            yield from _texts(inner, depth + 1)
    elif getattr(shape, "has_table", False):
        yield from ((row, True) for row in rendered([cell.text for cell in row.cells] for row in shape.table.rows))
    elif shape.has_text_frame:
        yield "\n".join(p.text.replace("\v", "\n") for p in shape.text_frame.paragraphs), False
