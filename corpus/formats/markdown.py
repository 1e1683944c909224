"""Markdown: headings and what stands under them; front matter tells title, date and tags. Knows no other format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from corpus.encodings import lines
from corpus.formats.dates import iso_date, tags_of
from corpus.formats.fences import Fences
from corpus.formats.markdown_table import tables_apart
from corpus.formats.part import Block, Part, in_parts, joined, under
from corpus.formats.plain import texts
from corpus.formats.wrapped import unwrapped

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*)|$)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*")
_NO_TITLE = re.compile(r"\s*$|[ \t]{4}|\s*([-*+>|#]|\d+[.)]|```|~~~)")
"""What cannot be a heading of the kind that is underlined: nothing, code, lists, quotations, tables, headings."""
_FRONT_LINES, _FRONT_CHARACTERS = 200, 16_384


def read(file: Path) -> Iterator[Part]:
    """One part, or several of a long file."""
    given = lines(file)
    first = list(islice(given, 1))
    stated: dict[str, Any] = {}
    if first and first[0].rstrip() == "---":
        first += islice(given, _FRONT_LINES)
        stated, first = _front_matter(first)
    title = stated.get("title")
    return in_parts(
        _blocks(chain(first, given)),
        " ".join(str(title).split())[:500] if isinstance(title, str | int | float) else "",
        iso_date(next((stated[k] for k in ("date", "updated", "lastmod", "published") if stated.get(k)), "")),
        tags_of(next((stated[k] for k in ("tags", "keywords") if stated.get(k)), "")),
    )


def _front_matter(head: list[str]) -> tuple[dict[str, Any], list[str]]:
    """What the front matter states, and the lines behind it; all lines where there is none."""
    end = next((n for n, line in enumerate(head[1:], 1) if line.rstrip() in ("---", "...")), 0)
    text = "".join(head[1:end])
    if not end or len(text) > _FRONT_CHARACTERS:
        return {}, head
    import yaml

    try:
        stated = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, head
    if not isinstance(stated, dict):
        return {}, head
    return {str(k).lower(): v for k, v in stated.items() if isinstance(k, str)}, head[end + 1 :]


def _blocks(given: Iterable[str]) -> Iterator[Block]:
    """Each heading's words. What was read ahead is one line: a title may be underlined in the next."""
    path: list[str] = []
    words: list[str] = []
    size, fences = 0, Fences()
    for line in given:
        level, title = (0, "") if fences.holds(line) else _heading(line, words)
        if level:
            if title is None:  # underlined: the line before was it
                title = words.pop().strip()
            yield from _under(path, words)
            path, words, size = under(path, level, title), [], 0
            continue
        words.append(line)
        size += len(line)
        if size > 2**20:
            yield from _under(path, words)
            words, size = [], 0
    yield from _under(path, words)


def _under(path: list[str], words: list[str]) -> Iterator[Block]:
    for those, table in tables_apart(words):
        for text in ["\n".join(those)] if table else texts(unwrapped(those)):
            yield Block(joined(path), text, None, table)


def _heading(line: str, before: list[str]) -> tuple[int, str | None]:
    """Level and words of a heading; None for words that stand in the line before; level 0: none."""
    found = _HEADING.match(line)
    if found:
        title = (found[2] or "").strip()
        bare = title.rstrip("#")
        return len(found[1]), bare.rstrip() if bare != bare.rstrip() or not bare else title
    if (
        before
        and _UNDERLINE.fullmatch(line)
        and not _NO_TITLE.match(before[-1])
        and (len(before) < 2 or not before[-2].strip())
        and len(before[-1]) < 200
    ):
        return (1 if "=" in line else 2), None
    return 0, ""
