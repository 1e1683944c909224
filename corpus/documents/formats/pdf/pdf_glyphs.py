"""The characters of a PDF's page with their places, by the direction in which they are written."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from math import cos, degrees, pi, radians, sin
from typing import NamedTuple
from unicodedata import combining

import pypdfium2.raw as pdfium

from corpus.documents.formats.pdf.pdf_library import PdfTextPage
from corpus.text.clean import LIGATURES

_LINE_END_HYPHENS = (0x02, 0xFFFE)
"""PDFium's codes for a hyphen at a line's end."""
_PLAIN = 0x20, 0xFB00
"""Character codes from the first to before the second need no translation."""
_FULL = 2 * pi
_LEVEL = radians(5)
"""Text tilted by less counts as level, as on a crooked scan."""
_STEP = 5
"""Degrees within which other text is written in one direction."""
_SAMPLED = 8
"""One in so many characters is checked for a Unicode mapping in its font."""


class Box(NamedTuple):
    """A rectangle; units are points (1/72 inch), and the origin is the page's lower left corner before it is turned."""

    left: float
    bottom: float
    right: float
    top: float

    def holds_middle(self, of: Glyph) -> bool:
        x, y = (of.left + of.right) / 2, (of.bottom + of.top) / 2
        return self.left <= x <= self.right and self.bottom <= y <= self.top


class Glyph(NamedTuple):
    """One character in a frame in which it is upright; a space has no place."""

    left: float
    bottom: float
    right: float
    top: float
    text: str


SPACE = Glyph(0.0, 0.0, 0.0, 0.0, " ")


class Glyphs(NamedTuple):
    """The characters of a page as they are drawn, by the direction in which they are written."""

    frames: dict[int, list[Glyph]]
    """Degrees counter-clockwise from left to right → characters in a frame turned so that they stand upright."""
    struck: str
    """Characters that are struck out."""
    unknown: int
    """Characters of which the font does not say which letters they are (estimated from a sample)."""
    read: int
    """Characters that are read, without spaces."""


def glyphs_of(text: PdfTextPage, struck_out: Sequence[Box]) -> Glyphs:
    """The characters of a text page of pypdfium2, without those whose middle lies in a box that is struck out."""
    frames: dict[int, list[Glyph]] = {0: []}
    frame = frames[0]
    struck: list[str] = []
    unknown = 0
    rect, page = pdfium.FS_RECTF(), text.raw
    place, (first, beyond) = ctypes.byref(rect), _PLAIN
    code_of, box_of = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    angle_of = pdfium.FPDFText_GetCharAngle
    for n in range(text.count_chars()):
        code = code_of(page, n)
        character = chr(code) if first <= code < beyond else _unusual(code)
        if character.isspace() or not box_of(page, n, place):
            frame.append(SPACE)
            continue
        glyph = Glyph(rect.left, rect.bottom, rect.right, rect.top, character)
        if not n % _SAMPLED:
            unknown += _SAMPLED * _is_unknown(code, page, n)
        if 0x591 <= code < 0x6EE and combining(
            character
        ):  # combining marks: their ink box shows which letter they belong to
            glyph = _ink(page, n, glyph)
        if struck_out and any(s.holds_middle(glyph) for s in struck_out):
            struck.append(character)
            continue
        angle = angle_of(page, n)
        if _LEVEL < angle < _FULL - _LEVEL:
            frame = frames.setdefault(_direction(angle), [])
            frame.append(_upright(glyph, angle, page, n))
            continue
        frame = frames[0]
        frame.append(glyph)
    counts = {turn: sum(g is not SPACE for g in drawn) for turn, drawn in frames.items()}
    visible = {turn: drawn for turn, drawn in frames.items() if counts[turn]}
    return Glyphs(visible, "".join(struck), unknown, sum(counts.values()))


def _unusual(code: int) -> str:
    """The letters for a code that may be a ligature, a line's end or none."""
    if code in _LINE_END_HYPHENS:
        return "-"
    character = chr(code) if code < 0x110000 else " "
    return LIGATURES.get(character, character)


def turned(box: Box, turn: int) -> Box:
    """The box in a frame in which text that runs ``turn`` degrees counter-clockwise stands upright (90, 180, 270 exactly)."""
    left, bottom, right, top = box
    if turn == 90:
        return Box(bottom, -right, top, -left)
    if turn == 180:
        return Box(-right, -top, -left, -bottom)
    if turn == 270:
        return Box(-top, left, -bottom, right)
    return box


def _direction(angle: float) -> int:
    """Degrees counter-clockwise, from PDFium's radians clockwise, rounded to a right angle where near one."""
    right = round(angle / (pi / 2)) * (pi / 2)
    exact = degrees(right if abs(angle - right) < _LEVEL else angle)
    return round((360 - exact) / _STEP) * _STEP % 360


def _upright(glyph: Glyph, angle: float, page: object, n: int) -> Glyph:
    """A character in its frame. Aslant, PDFium's box is around the slanting one, whose middle is the same."""
    turn, box = _direction(angle), Box(*glyph[:4])
    if turn % 90 == 0:
        return Glyph(*turned(box, turn), glyph.text)
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(page, n, ctypes.byref(x), ctypes.byref(y))
    c, s = cos(radians(turn)), sin(radians(turn))
    middle = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    across, up = middle[0] * c + middle[1] * s, middle[1] * c - middle[0] * s
    half = max(0.0, across - (x.value * c + y.value * s))
    wide, high = box.right - box.left, box.top - box.bottom
    height = (wide - 2 * half * abs(c)) / abs(s) if abs(s) > abs(c) else (high - 2 * half * abs(s)) / abs(c)
    return Glyph(across - half, up - height / 2, across + half, up + height / 2, glyph.text)


def _ink(page: object, n: int, glyph: Glyph) -> Glyph:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(page, n, *map(ctypes.byref, (left, right, bottom, top)))
    return Glyph(left.value, bottom.value, right.value, top.value, glyph.text)


def _is_unknown(code: int, page: object, n: int) -> bool:
    """Does the character have no meaning: no mapping, a replacement, private use, or a control code?"""
    if code == 0xFFFD or 0xE000 <= code < 0xF900 or code < 0x20:
        return code not in _LINE_END_HYPHENS
    return bool(pdfium.FPDFText_HasUnicodeMapError(page, n) == 1)
