"""Prose whose lines were broken at a width, put together again.

A sentence that goes on in the next line is one sentence: cut at the line it is found less well, and half of it is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from corpus.documents.formats.text.fences import Fences

_NARROWEST, _WIDEST = 50, 120
"""Longest lines of prose that an editor breaks: shorter ones are verse, addresses and lists, longer ones are not broken."""
_LONGEST = 200
"""Lines held at a time."""
_MARKER = re.compile(r"[•‣▪◦●○■–—*+-][ \t]+|\(?(?:\d{1,3}|[A-Za-z])[.)][ \t]+")
_FIELD = re.compile(r"[*_]{0,2}[^\W\d_][\w /-]{0,28}[*_]{0,2}:[*_]{0,2}\s|[\[(]?\d{2,4}[-/.:]\d{2}\b")
"""A name with its value, or a moment, as lines of forms and logs begin."""
_NO_PROSE = re.compile(r"\s*$| {4}|[ \t]*\t|.*(?:\S[ \t]{3,}\S|\||  $|\\$)|\s*(?:#|>|```|~~~|[=~_-]{3,}\s*$)")
"""Empty, code, columns, a line that ends on purpose, headings, quotations, rules."""


def begins_anew(line: str) -> bool:
    """Is it the first line of an item in a list, of a form or of a log?"""
    start = line.lstrip()
    return bool(_MARKER.match(start)) or (not start[:1].islower() and bool(_FIELD.match(start)))


def unwrapped(lines: Iterable[str]) -> Iterator[str]:
    """The lines, with those of broken prose as one; a line end stays where there was one."""
    fences, paragraph = Fences(), list[str]()
    for line in lines:
        fenced = fences.holds(line)
        prose = not fenced and len(line) <= _WIDEST and not _NO_PROSE.match(line.rstrip("\r\n"))
        if paragraph and (not prose or not _goes_on(paragraph, line)):
            yield from _whole(paragraph)
            paragraph = []
        if prose:
            paragraph.append(line)
        else:
            yield line
    yield from _whole(paragraph)


def _goes_on(paragraph: Sequence[str], line: str) -> bool:
    """May it be the next line of the same paragraph, by where and how it begins?"""
    if len(paragraph) == _LONGEST or begins_anew(line):
        return False
    if len(paragraph) > 1:
        return _indent(line) == _indent(paragraph[1])
    marker = _MARKER.match(paragraph[0].lstrip())
    return _indent(paragraph[0]) <= _indent(line) <= _indent(paragraph[0]) + (marker.end() if marker else 0)


def _whole(paragraph: Sequence[str]) -> Iterator[str]:
    """A line without room for the first word of the next goes on in it."""
    width = max((len(line.rstrip()) for line in paragraph), default=0)
    if width < _NARROWEST:
        yield from paragraph
        return
    run = [paragraph[0]]
    for line in paragraph[1:]:
        if len(run[-1].rstrip()) + 1 + len(line.split()[0]) > width:
            run.append(line)
        else:
            yield from _joined(run)
            run = [line]
    yield from _joined(run)


def _joined(run: Sequence[str]) -> Iterator[str]:
    """One line of several; of two, which may look so by chance, only where the second begins in small letters."""
    if len(run) == 1 or (len(run) == 2 and not run[1].lstrip()[0].islower()):
        yield from run
        return
    words = run[0].rstrip()
    for line in run[1:]:
        parted = words[-1] == "-" and words[-2:-1].isalpha() and line.lstrip()[0].isalpha()
        words += ("" if parted else " ") + line.strip()
    yield words + run[-1][len(run[-1].rstrip()) :]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
