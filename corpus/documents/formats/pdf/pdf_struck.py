"""Text of a PDF's page that a line is drawn through."""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Iterator, Sequence

import pypdfium2.raw as pdfium

from corpus.documents.formats.pdf.pdf_glyphs import SPACE, Box, Glyph, Glyphs, turned
from corpus.documents.formats.pdf.pdf_library import PdfPage

_THIN = 2.5
"""Points that a line is high at most."""
_THROUGH = 0.3, 0.62
"""Where a line goes through a letter, as shares of its height from below its descent; an underline stands lower."""
_ENDS = 0.4
"""How far, in heights of a letter, the line ends from what it strikes: rules of tables and forms go on further."""
_BAND = 10.0
"""Points in which letters are looked up together."""


def without_struck(page: PdfPage, glyphs: Glyphs) -> Glyphs:
    """The characters of a page without those that a line strikes out, which just they are as long as."""
    lines = list(_lines(page))
    if not lines:
        return glyphs
    frames = dict(glyphs.frames)
    struck = glyphs.struck
    for turn, drawn in glyphs.frames.items():
        out = _struck(drawn, [turned(line, turn) for line in lines]) if turn % 90 == 0 else set()
        if out:
            struck += "".join(g.text for g in drawn if g in out)
            frames[turn] = [g for g in drawn if g not in out]
    read = glyphs.read - (len(struck) - len(glyphs.struck))
    visible = {turn: drawn for turn, drawn in frames.items() if any(g is not SPACE for g in drawn)}
    return glyphs._replace(frames=visible, struck=struck, read=read)


def _struck(drawn: Sequence[Glyph], lines: Sequence[Box]) -> set[Glyph]:
    bands: defaultdict[int, list[Glyph]] = defaultdict(list)
    for g in drawn:
        if g is not SPACE:
            bands[int((g.bottom + g.top) / 2 // _BAND)].append(g)
    out: set[Glyph] = set()
    for line in lines:
        if line.top - line.bottom > _THIN:
            continue
        band = int((line.bottom + line.top) / 2 // _BAND)
        near = [g for n in (band - 1, band, band + 1) for g in bands.get(n, ()) if _goes_through(line, g)]
        if near and _is_as_long(line, near):
            out.update(near)
    return out


def _goes_through(line: Box, glyph: Glyph) -> bool:
    height = glyph.top - glyph.bottom
    at = (line.bottom + line.top) / 2 - glyph.bottom
    return line.left < (glyph.left + glyph.right) / 2 < line.right and _THROUGH[0] * height < at < _THROUGH[1] * height


def _is_as_long(line: Box, glyphs: Sequence[Glyph]) -> bool:
    near = _ENDS * max(g.top - g.bottom for g in glyphs)
    left, right = min(g.left for g in glyphs), max(g.right for g in glyphs)
    return abs(line.left - left) < near and abs(line.right - right) < near


def _lines(page: PdfPage) -> Iterator[Box]:
    """Long and thin shapes on the page, level or upright."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for n in range(pdfium.FPDFPage_CountObjects(page)):
        shape = pdfium.FPDFPage_GetObject(page, n)
        if pdfium.FPDFPageObj_GetType(shape) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        if pdfium.FPDFPageObj_GetBounds(shape, left, bottom, right, top):
            wide, high = right.value - left.value, top.value - bottom.value
            if min(wide, high) <= _THIN < max(wide, high):
                yield Box(left.value, bottom.value, right.value, top.value)
