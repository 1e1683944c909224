"""The text of a mail parted into its writer's own words, quoted ones and a signature; broken lines put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from corpus.documents.formats.text.wrapped import unwrapped

QUOTED = "Quoted"
"""Heading of what others wrote before."""
_MARKS = re.compile(r"(?:>[ ]?)*>")
_FORWARDED = re.compile(
    r"\s*-{3,}\s*(?:original message|forwarded message|ursprüngliche nachricht|weitergeleitete nachricht|"
    r"message d'origine|message transféré|mensaje original|messaggio originale)\s*-{3,}\s*",
    re.IGNORECASE,
)
_SIGNATURE = "-- "


class _Line(NamedTuple):
    depth: int
    """How often it is quoted."""
    words: str
    signature: bool


def own_and_quoted(text: str, *, flowed: bool = False, delsp: bool = False) -> Iterator[tuple[str, str]]:
    """Heading (``Quoted``, ``Quoted > Quoted``; empty: the writer's own words) and text, in order.

    ``flowed``, ``delsp``: lines end as RFC 3676 says: a space at the end goes on in the next line, and is no space
    itself where ``delsp`` is set.
    """
    lines = list(_parted(text, flowed))
    soft = flowed and any(_goes_on(line) for line in lines)
    for (depth, _), run in groupby(lines, key=lambda line: (line.depth, line.signature)):
        alike = list(run)
        words = _unflowed(alike, delsp) if soft else unwrapped(f"{line.words}\n" for line in alike)
        block = "".join(words).strip("\n")
        if block.strip():
            yield " > ".join([QUOTED] * depth), block


def _parted(text: str, flowed: bool) -> Iterator[_Line]:
    """Each line without its marks. What stands behind a line that says so was forwarded, and is quoted."""
    forwarded, signature = 0, False
    for line in re.split(r"\r\n|\r|\n", text):
        marks = _MARKS.match(line)
        depth = marks[0].count(">") if marks else 0
        words = line[marks.end() :] if marks else line
        if (flowed or marks) and words.startswith(" "):  # stuffed, or a space behind the marks
            words = words[1:]
        signature = (signature or words == _SIGNATURE) and not depth
        if not depth and _FORWARDED.fullmatch(words):
            forwarded, signature = 1, False
        yield _Line(min(depth, 9) + forwarded, words, signature)


def _goes_on(line: _Line) -> bool:
    return line.words.endswith(" ") and line.words != _SIGNATURE


def _unflowed(lines: Iterable[_Line], delsp: bool) -> Iterator[str]:
    """Paragraphs of lines at one depth."""
    for line in lines:
        if _goes_on(line):
            yield line.words[:-1] if delsp else line.words
        else:
            yield f"{line.words}\n"
