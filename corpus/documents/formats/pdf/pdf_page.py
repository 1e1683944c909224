"""A page of a PDF: its words with their places, what was filled into its form, and what cannot be read of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.documents.formats.pdf.pdf_form import Field, Overlay, overlay_of, with_fields, with_texts
from corpus.documents.formats.pdf.pdf_glyphs import Glyphs, glyphs_of
from corpus.documents.formats.pdf.pdf_library import PdfDocument, PdfPage, PdfTextPage
from corpus.documents.formats.pdf.pdf_pieces import Frame, frames_of, in_single_letters
from corpus.documents.formats.pdf.pdf_rows import Piece
from corpus.documents.formats.pdf.pdf_struck import without_struck

_RECOGNISE = "scanned pages need text recognition first"
_HARDLY_ANY = 100
"""Characters beside a picture of a whole page: a stamp or a page's number."""
_WHOLE = 0.5
"""Share of a page that pictures cover where the page is one."""
_SMALL = 100
"""Width in pixels of the image that shows whether a page is blank."""
_LINE = 14.0
"""Height of a line where the page does not state one."""


class Page(NamedTuple):
    """What was read of a page; ``frames[0]`` is the one that is upright when the page is seen."""

    frames: tuple[Frame, ...]
    overlay: Overlay
    left_out: tuple[tuple[str, str], ...]
    """What could not be read, each with its mend."""

    @property
    def fields(self) -> tuple[Field, ...]:
        return self.overlay.fields

    def pieces(self, *, unticked: bool) -> list[Piece]:
        """All words. ``unticked``: are empty tick boxes included? In an empty form they say nothing."""
        upright = self.frames[0]
        fields = [f._replace(box=upright.place(f.box)) for f in self.fields if unticked or f.value != "no"]
        texts = [(upright.place(box), text) for box, text in self.overlay.texts]
        boxes = [upright.place(box) for box in self.overlay.boxes]
        first = upright._replace(pieces=with_fields(with_texts(upright.pieces, texts), fields, boxes))
        frames = (first, *self.frames[1:])
        return [p._replace(frame=n) if n else p for n, frame in enumerate(frames) for p in frame.pieces]


def page_of(pdf: PdfDocument, number: int, form: object) -> Page:
    """A page (counted from 0) of a document of pypdfium2. Raises ``ValueError`` where it is damaged."""
    try:
        page = pdf[number]
        text = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        raise ValueError(f"page {number + 1} is damaged") from error
    overlay = overlay_of(page, form)
    overlay = overlay._replace(fields=tuple(f for f in overlay.fields if f.tick or not _is_drawn(text, f)))
    glyphs = without_struck(page, glyphs_of(text, overlay.struck_out))
    frames = frames_of(glyphs, page.get_rotation(), overlay.boxes)
    left_out = list(_left_out(page, glyphs, overlay))
    if glyphs.unknown > glyphs.read / 2:
        frames = [frames[0]._replace(pieces=[])]
        left_out.append(("holds text whose fonts do not tell its letters", "print it anew, or use text recognition"))
    elif in_single_letters([p for frame in frames for p in frame.pieces]):
        lines = _lines(text)
        if in_single_letters([line._replace(text=word) for line in lines for word in line.text.split()]):
            left_out.append(("holds words in single letters", "print it anew, or use text recognition"))
        else:
            frames = [frames[0]._replace(pieces=lines)]
    text.close()
    page.close()
    return Page(tuple(frames), overlay, tuple(left_out))


def _left_out(page: PdfPage, glyphs: Glyphs, overlay: Overlay) -> Iterator[tuple[str, str]]:
    for kind, n in overlay.unread:
        yield f"holds {n} {kind}{'s' * (n > 1)} not read", "write into the text what matters"
    if glyphs.struck:
        yield f"holds {len(glyphs.struck)} struck-out characters, left out", ""
    characters = glyphs.read + len(glyphs.struck) + sum(len(f.value) for f in overlay.fields)
    characters += sum(len(text) for _, text in overlay.texts)
    if not characters and _shows_something(page):
        yield "holds no text", _RECOGNISE
    elif 0 < characters < _HARDLY_ANY and _pictured(page) > _WHOLE:
        yield "is a picture with hardly any text", _RECOGNISE


def _is_drawn(text: PdfTextPage, field: Field) -> bool:
    """Is a field's value drawn on the page too, in its place?"""
    drawn = text.get_text_bounded(*field.box)
    return "".join(field.value.split()) in "".join(drawn.split())


def _shows_something(page: PdfPage) -> bool:
    """Is anything to be seen on it? Pictures that are white all over count as something."""
    if pdfium.FPDFPage_CountObjects(page) == 0:
        return False
    if _pictured(page):
        return True
    pixels = bytes(page.render(scale=_SMALL / max(1.0, page.get_width())).buffer)
    return pixels.count(pixels[:1]) < len(pixels)


def _pictured(page: PdfPage) -> float:
    """Share of the page that pictures cover."""
    width, height = page.get_size()
    area = 0.0
    try:
        for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3):
            left, bottom, right, top = picture.get_bounds()
            area += abs(right - left) * abs(top - bottom)
    except pypdfium2.PdfiumError:
        return area
    return area / max(1.0, width * height)


def _lines(text: PdfTextPage) -> list[Piece]:
    """The page in the library's own lines, one below the other."""
    lines = enumerate(" ".join(line.split()) for line in text.get_text_range().splitlines())
    return [Piece(0.0, -(n + 1) * _LINE, len(line) * _LINE / 2, -n * _LINE, line) for n, line in lines if line]
