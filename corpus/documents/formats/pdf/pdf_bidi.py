"""Letters as they are seen on a line, put into the order in which they are read.

The reverse of what the Unicode bidirectional algorithm (UAX 9) does for display, for lines without embeddings: in a line
from right to left, Latin words and numbers run from left to right, and the other way round.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""A letter of a script that is written from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko and others."""
_SHAPED = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc]+")
_KINDS = {"R": "R", "AL": "R", "L": "L", "EN": "N", "AN": "N", "CS": "C", "ES": "E", "ET": "T"}
_NUMBER = re.compile("T*N(?:N|[CE]N)*T*")
_ARABIC_NUMBER = re.compile("N(?:N|CN)*")
"""Beside Arabic letters, a percent or minus sign is no part of the number (rules W2, W4 and W5)."""
_LATIN = re.compile("[NL](?:[^R]*[NL])?")
_RIGHT = re.compile("R(?:[^L]*R)?")
_MIRRORED = str.maketrans("()[]{}«»‹›", ")(][}{»«›‹")
_OPENS_WORD = re.compile(r"(?:(?<=\s)|^)[)\]}»›](?=\w)")
_CLOSES_WORD = re.compile(r"(?<=\w)[(\[{«‹](?=[\s.,;:!?]|$)")


def letters(shapes: str) -> str:
    """Letters for the forms that they take in a word (U+FB1D to U+FEFC).

    >>> letters("\ufee3\ufeae\ufea3\ufe92\ufe8e") == "مرحبا"
    True
    """
    return _SHAPED.sub(lambda m: unicodedata.normalize("NFKC", m[0]).strip(), shapes)


def from_right(texts: Iterable[str]) -> bool:
    """Is more of it written from right to left than from left to right?"""
    kinds = [_kind(c) for text in texts for c in text]
    return kinds.count("R") > kinds.count("L")


def logical(glyphs: Sequence[str], rtl: bool) -> str:
    """A line as it is read, of its letters from left to right as they are seen.

    ``rtl``: is the text around it written from right to left? A line of which two thirds run the other way counts as
    that direction itself. Brackets open before words and close behind them, whichever of their two shapes stands there.
    """
    kinds = "".join(_kind(c[0]) for c in glyphs)
    strong = kinds.count("R"), kinds.count("L")
    if max(strong) >= 2 * min(strong) and any(strong):
        rtl = strong[0] > strong[1]
    if rtl:
        return _bracketed(_in_reading_order(glyphs[::-1]))
    pieces, at = list[str](), 0
    for run in _RIGHT.finditer(kinds):
        pieces += [*glyphs[at : run.start()], _in_reading_order(glyphs[run.start() : run.end()][::-1])]
        at = run.end()
    return _bracketed("".join([*pieces, *glyphs[at:]]))


def _bracketed(text: str) -> str:
    for wrong in (_OPENS_WORD, _CLOSES_WORD):
        text = wrong.sub(lambda m: m[0].translate(_MIRRORED), text)
    return text


def _in_reading_order(glyphs: Sequence[str]) -> str:
    """``glyphs``: letters from right to left. Words and numbers that run the other way are turned."""
    kinds = "".join(_kind(c[0]) for c in glyphs)
    arabic = any(unicodedata.bidirectional(c[0]) == "AL" for c in glyphs)
    pieces, at = list[str](), 0
    for start, end in _ltr_runs(glyphs, kinds, _ARABIC_NUMBER if arabic else _NUMBER):
        pieces += [*glyphs[at:start], *glyphs[start:end][::-1]]
        at = end
    return "".join([*pieces, *glyphs[at:]])


def _ltr_runs(glyphs: Sequence[str], kinds: str, number: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """The spans of words from left to right, with the numbers among them, and of numbers by themselves."""
    at = 0
    for run in _LATIN.finditer(kinds):
        if "L" in run[0]:
            yield from (m.span() for m in number.finditer(kinds, at, run.start()))
            start, at = _with_bracket(glyphs, *run.span())
            yield start, at
    yield from (m.span() for m in number.finditer(kinds, at))


def _with_bracket(glyphs: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """A run's end with the bracket that closes one within it."""
    within = "".join(glyphs[start:end])
    opened = sum(within.count(c) for c in "([{") - sum(within.count(c) for c in ")]}")
    return (start - 1, end) if opened and start and glyphs[start - 1] in "()[]{}" else (start, end)


def _kind(character: str) -> str:
    return _KINDS.get(unicodedata.bidirectional(character), "O")
