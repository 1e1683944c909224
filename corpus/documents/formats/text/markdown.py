"""Markdown: headings and what stands under them; front matter tells title, date and tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from corpus.documents.encodings import lines
from corpus.documents.formats.omissions import Omissions
from corpus.documents.formats.part import Block, Part, in_parts, joined, under
from corpus.documents.formats.text.fences import Fences
from corpus.documents.formats.text.front_matter import front_matter
from corpus.documents.formats.text.markdown_table import tables_apart
from corpus.documents.formats.text.plain import texts
from corpus.documents.formats.text.visible_markdown import visible_heading, visible_lines
from corpus.documents.formats.text.wrapped import unwrapped

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*)|$)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*")
_NO_TITLE = re.compile(r"\s*$|[ \t]{4}|\s*([-*+>|#]|\d+[.)]|```|~~~)")
"""What cannot be a heading of the kind that is underlined: nothing, code, lists, quotations, tables, headings."""


def read(file: Path) -> Iterator[Part]:
    """One part, or several of a long file."""
    text_lines = lines(file)
    stated, first = front_matter(text_lines)
    omissions = Omissions()
    about = [Block("", stated.abstract)] if stated.abstract else []
    blocks = chain(about, _blocks(chain(first, text_lines), omissions))
    return in_parts(blocks, stated.title, stated.date, stated.tags, omissions.summary)


def _blocks(text_lines: Iterable[str], omissions: Omissions) -> Iterator[Block]:
    """Each heading's words. What was read ahead is one line: a title may be underlined in the next."""
    path: list[str] = []
    words: list[str] = []
    size, fences = 0, Fences()
    for line in text_lines:
        level, title = (0, "") if fences.holds(line) else _heading(line, words)
        if level:
            if title is None:  # underlined: the line before was it
                title = words.pop().strip()
            yield from _under(path, words, omissions)
            path, words, size = under(path, level, visible_heading(title, omissions)), [], 0
            continue
        words.append(line)
        size += len(line)
        if size > 2**20:
            yield from _under(path, words, omissions)
            words, size = [], 0
    yield from _under(path, words, omissions)


def _under(path: list[str], words: list[str], omissions: Omissions) -> Iterator[Block]:
    place = joined(path)
    for run, table in tables_apart(list(visible_lines(words, omissions, place)), omissions, place):
        for text in ["\n".join(run)] if table else texts(unwrapped(run)):
            yield Block(place, text, None, table)


def _heading(line: str, before: list[str]) -> tuple[int, str | None]:
    """Level and words of a heading; None for words that stand in the line before; level 0: none."""
    heading = _HEADING.match(line)
    if heading:
        title = (heading[2] or "").strip()
        bare = title.rstrip("#")
        return len(heading[1]), bare.rstrip() if bare != bare.rstrip() or not bare else title
    if (
        before
        and _UNDERLINE.fullmatch(line)
        and not _NO_TITLE.match(before[-1])
        and (len(before) < 2 or not before[-2].strip())
        and len(before[-1]) < 200
    ):
        return (1 if "=" in line else 2), None
    return 0, ""
