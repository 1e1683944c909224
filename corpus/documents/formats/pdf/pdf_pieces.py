"""Words out of the characters of a page: level, from right to left, from top to bottom, or spaced out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from corpus.documents.formats.pdf.pdf_bidi import RTL, from_right, letters, logical
from corpus.documents.formats.pdf.pdf_glyphs import SPACE, Box, Glyph, Glyphs, turned
from corpus.documents.formats.pdf.pdf_rows import Piece, rows_of

_CELL = 0.9
"""Gap, in heights of a letter, from which words on a line are apart from each other."""
_WORD = 0.12
"""Gap between two words, where only the gap separates them."""
_SPACED_OUT = 5
"""So many single letters in a row are one word in wide spacing."""
_WIDEST_SPACING = 1.5
"""Largest gap between such letters, in their heights; letters above columns are wider apart."""
_LETTERS_ALONE = re.compile(rf"(?:[^\W\d_] +){{{_SPACED_OUT - 1},}}[^\W\d_]")
_ALL_ALONE = re.compile(r"(?:[^\W\d_] +)+[^\W\d_]")
_LAM_ALEF = re.compile("\u0644[\u0622\u0623\u0625\u0627\u0671]")
_FEW = 8
"""With fewer letters or gaps, their median means nothing."""


_Place = tuple[float, float, float, float]


class Frame(NamedTuple):
    """The words of a page that are written in one direction."""

    turn: int
    """Degrees counter-clockwise from left to right."""
    mirrored: bool
    """From right to left: the horizontal axis is reversed, so that what is read first is at the left."""
    pieces: list[Piece]

    def place(self, box: Box) -> Box:
        """Where a box of the page lies in this frame."""
        left, bottom, right, top = turned(box, self.turn)
        return Box(-right, bottom, -left, top) if self.mirrored else Box(left, bottom, right, top)


def frames_of(glyphs: Glyphs, upright: int, fields: Sequence[Box]) -> list[Frame]:
    """The words by direction: those first that stand upright when the page is seen (turned by ``upright`` degrees).

    Between words with a field of a form between them is a gap, however narrow.
    """
    drawn = sorted(glyphs.frames.items(), key=lambda f: f[0] != upright)
    frames = [_frame(turn, run, [turned(box, turn) for box in fields]) for turn, run in drawn]
    return [*frames] if frames and frames[0].turn == upright else [Frame(upright, False, []), *frames]


def in_single_letters(pieces: Sequence[Piece]) -> bool:
    """Are most pieces single letters? Not the characters of Chinese or Japanese, which are words, nor a few for crosses."""
    single = [p.text for p in pieces if len(p.text) == 1 and p.text.isalpha() and not _is_wide(p.text)]
    return len(single) > len(pieces) / 2 and len(set(single)) >= _FEW


def _frame(turn: int, glyphs: Sequence[Glyph], fields: Sequence[Box]) -> Frame:
    text = "".join(g.text for g in glyphs)
    if RTL.search(text):
        rtl = from_right(g.text for g in glyphs)
        pieces = _both_ways(glyphs, rtl, fields)
        return Frame(turn, rtl, [_mirrored(p) for p in pieces] if rtl else pieces)
    pieces = _level(glyphs, fields)
    alone = [p for p in pieces if len(p.text) == 1 and _is_wide(p.text)]
    if len(pieces) > 3 and len(alone) > len(pieces) / 2:
        downward = _level([g if g is SPACE else _downward(g) for g in glyphs], ())
        if len(downward) <= len(pieces) / 2:
            return Frame((turn + 270) % 360, False, downward)
    return Frame(turn, False, pieces)


def _downward(glyph: Glyph) -> Glyph:
    """A character of a line from top to bottom, as wide as high: PDFium gives some of them room for two."""
    left, _, right, top = turned(Box(*glyph[:4]), 270)
    return Glyph(left, top - (right - left), right, top, glyph.text)


def _level(glyphs: Iterable[Glyph], fields: Sequence[Box]) -> list[Piece]:
    """Characters that follow each other from left to right, as they are drawn; letters set wide are whole words."""
    pieces = (piece._replace(text=" ".join(piece.text.split())) for piece in _with_wide_words(_runs(glyphs, fields)))
    return [piece for piece in pieces if piece.text]


def _runs(glyphs: Iterable[Glyph], fields: Sequence[Box]) -> Iterator[tuple[Piece, list[Glyph]]]:
    """Words close together on one line, and their characters (without spaces)."""
    words, run, left, bottom, right, top = "", list[Glyph](), 0.0, 0.0, 0.0, 0.0
    last = SPACE
    for glyph in glyphs:
        if glyph is SPACE:
            words += " "
            continue
        start, low, end, high, text = glyph
        height = high - low
        size = height if height > 1 else 1.0
        near = -0.5 * size < start - right < _CELL * size
        near = near and abs(bottom + top - low - high) < (height if height < top - bottom else top - bottom)
        near = near and not (fields and _parted(right, glyph, fields))
        if run and (near or glyph[:4] == last[:4]):  # a ligature's letters share their place
            words += text
            run.append(glyph)
            bottom, right, top = (
                low if low < bottom else bottom,
                end if end > right else right,
                high if high > top else top,
            )
        else:
            if run:
                yield Piece(left, bottom, right, top, words), run
            words, run, left, bottom, right, top = text, [glyph], start, low, end, high
        last = glyph
    if run:
        yield Piece(left, bottom, right, top, words), run


def _parted(right: float, glyph: Glyph | Piece, fields: Sequence[Box]) -> bool:
    """Is there a field between what ends at ``right`` and the character?"""
    middle = (glyph.bottom + glyph.top) / 2
    return any(f.bottom < middle < f.top and right < (f.left + f.right) / 2 < glyph.left for f in fields)


def _with_wide_words(runs: Iterable[tuple[Piece, list[Glyph]]]) -> Iterator[Piece]:
    """The words, with ``S T O R A G E`` as one."""
    letters_alone: list[Glyph] = []
    wide: Glyph | None = None
    for piece, run in runs:
        alone = len(run) == 1 and run[0].text.isalpha()
        if letters_alone and not (alone and _stands_near(letters_alone[-1], run[0])):
            yield from _spelled(letters_alone)
            letters_alone = []
        if alone:
            letters_alone.append(run[0])
            continue
        beside = wide and _on_line(wide, run[0]) and _ALL_ALONE.fullmatch(piece.text.strip())
        if beside or _LETTERS_ALONE.search(piece.text):
            wide, piece = run[-1], piece._replace(text=_words_by_gaps(run))
        yield piece
    yield from _spelled(letters_alone)


def _spelled(letters: Sequence[Glyph]) -> Iterator[Piece]:
    """Letters next to each other: one piece, if they are many enough to be taken for a word."""
    if len(letters) < _SPACED_OUT:
        yield from (Piece(*letter) for letter in letters)
        return
    bottom, top = min(g.bottom for g in letters), max(g.top for g in letters)
    yield Piece(letters[0].left, bottom, letters[-1].right, top, _words_by_gaps(letters))


def _stands_near(before: Glyph, glyph: Glyph) -> bool:
    return _on_line(before, glyph) and 0 < glyph.left - before.right < _WIDEST_SPACING * (glyph.top - glyph.bottom)


def _on_line(before: Glyph, glyph: Glyph) -> bool:
    return abs(before.bottom + before.top - glyph.bottom - glyph.top) < glyph.top - glyph.bottom


def _words_by_gaps(run: Sequence[Glyph]) -> str:
    """Words apart where the gap is wider than those between letters usually are."""
    gaps = [b.left - a.right for a, b in pairwise(run)]
    usual = max(median(gaps), 0.0)
    texts = [run[0].text]
    for gap, glyph in zip(gaps, run[1:], strict=True):
        texts += [" ", glyph.text] if gap > 1.5 * usual + _WORD * (glyph.top - glyph.bottom) else [glyph.text]
    return "".join(texts)


def _both_ways(glyphs: Sequence[Glyph], rtl: bool, fields: Sequence[Box]) -> list[Piece]:
    """Lines with letters from right to left in the order of their places, all others in the order of drawing."""
    whole = _with_marks(glyphs)
    rows = [row for row in rows_of([Piece(*g) for g in whole]) if _runs_both_ways(row, rtl)]
    places = {place for row in rows for p in row for place in whole[Glyph(*p[:5])]}
    pieces = _level((g for g in glyphs if g[:4] not in places), fields)
    cells = [cell for row in rows for cell in _cells(row, fields)]
    for cell in cells:
        text = logical(_spaced_letters(cell), rtl)
        bottom, top = min(p.bottom for p in cell), max(p.top for p in cell)
        pieces.append(Piece(cell[0].left, bottom, cell[-1].right, top, " ".join(text.split())))
    return pieces


def _runs_both_ways(row: Sequence[Piece], rtl: bool) -> bool:
    text = "".join(p.text for p in row)
    return bool(RTL.search(text)) or (rtl and not any(unicodedata.bidirectional(c) == "L" for c in text))


def _with_marks(glyphs: Iterable[Glyph]) -> dict[Glyph, list[_Place]]:
    """Letters with the marks that stand on them, and a ligature's letters, which share their place, as one.

    Each with the places of all that is in it.
    """
    bases: list[tuple[Glyph, list[_Place]]] = []
    marks: list[tuple[int, Glyph]] = []
    for g in glyphs:
        if g is SPACE:
            continue
        if bases and g[:4] == bases[-1][0][:4]:
            bases[-1] = _joined(bases[-1], g)
        elif _is_mark(g.text):
            marks.append((len(bases), g))
        else:
            bases.append((g, [g[:4]]))
    bases = _ligatures_in_order(bases)
    for at, mark in marks:
        near = [n for n in (at - 1, at) if 0 <= n < len(bases)]
        if near:
            n = min(near, key=lambda n: _distance(bases[n][0], mark))
            bases[n] = _joined(bases[n], mark)
    return {g._replace(text=letters(g.text)): places for g, places in bases}


def _ligatures_in_order(bases: Sequence[tuple[Glyph, list[_Place]]]) -> list[tuple[Glyph, list[_Place]]]:
    """The letters of ligatures from right to left as they are read.

    PDFium turns them round where the font names each letter, and not where it names the ligature itself. The commonest,
    of lam and alef in this order, tells which of both it is; most fonts name the letters.
    """
    in_order = any(_LAM_ALEF.match(g.text) for g, _ in bases)
    ordered = []
    for g, places in bases:
        turned_round = len(g.text) > 1 and RTL.match(g.text) and not _LAM_ALEF.match(g.text)
        if turned_round and (not in_order or _LAM_ALEF.match(g.text[::-1])):
            g = g._replace(text=g.text[::-1])
        ordered.append((g, places))
    return ordered


def _joined(base: tuple[Glyph, list[_Place]], more: Glyph) -> tuple[Glyph, list[_Place]]:
    glyph, places = base
    return glyph._replace(text=glyph.text + more.text), [*places, more[:4]]


def _distance(base: Glyph, mark: Glyph) -> float:
    return abs(base.left + base.right - mark.left - mark.right) + abs(base.bottom + base.top - mark.bottom - mark.top)


def _cells(row: Sequence[Piece], fields: Sequence[Box]) -> Iterator[list[Piece]]:
    cell = [row[0]]
    for a, b in pairwise(row):
        if b.left - a.right > _CELL * b.height or _parted(a.right, b, fields):
            yield cell
            cell = []
        cell.append(b)
    yield cell


def _spaced_letters(cell: Sequence[Piece]) -> list[str]:
    """The letters from left to right, and a space for each gap between words."""
    gaps = [b.left - a.right for a, b in pairwise(cell)]
    usual = max(0.0, median(gaps)) if len(gaps) >= _FEW else 0.0
    texts = [cell[0].text]
    for gap, piece in zip(gaps, cell[1:], strict=True):
        texts += [" ", piece.text] if gap > usual + _WORD * piece.height else [piece.text]
    return texts


def _mirrored(piece: Piece) -> Piece:
    return piece._replace(left=-piece.right, right=-piece.left)


def _is_mark(text: str) -> bool:
    return unicodedata.category(text[0]) == "Mn"


def _is_wide(text: str) -> bool:
    return unicodedata.east_asian_width(text) in "WF"
