"""Markdown's text as a reader sees it: without what is struck out, without comments, with its lists' numbers.

Time grows with the length alone, whatever is left open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from corpus.documents.formats.omissions import Omissions
from corpus.documents.formats.struck import STRUCK
from corpus.documents.formats.text.fences import Fences

_COMMENT = "a comment that no reader sees is left out"
_PARAGRAPH = "paragraph"
_SIGN = re.compile(
    r"\\[\\`~<]|(?P<ticks>`+)|(?P<tildes>~+)|(?P<begin><!--)|(?P<end>-->)|(?P<paragraph>\n[ \t]*(?=\n))"
    r"|<(?P<close>/?)(?P<tag>s|del|strike)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_SHOWN_TAGS = re.compile(r"</?(?:details|summary|ins)(?:\s[^<>]*)?>", re.IGNORECASE)
_ITEM = re.compile(r"( *)(\d{1,9})([.)])(?=[ \t]+\S)")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_MARK = re.compile(r" *(?:[-*+]|\d{1,9}[.)])[ \t]")


class _Cut(NamedTuple):
    start: int
    end: int
    kind: str


def visible_lines(lines: Sequence[str], omissions: Omissions, place: str) -> Iterator[str]:
    """The lines, each with its end. What is struck out and comments are told to ``left``; code stays as it is."""
    fences = Fences()
    for fenced, run in groupby(lines, key=fences.holds):
        if fenced:
            yield from run
            continue
        text = _without_unseen("".join(run), omissions, place)
        yield from numbered(_LINE.findall(text))


def visible_heading(words: str, omissions: Omissions) -> str:
    """A heading's words likewise."""
    return " ".join(_without_unseen(words, omissions, "").split())


def _without_unseen(text: str, omissions: Omissions, place: str) -> str:
    if "~" not in text and "<" not in text:
        return text
    pieces, at = [], 0
    for start, end, kind in _cuts(text):
        words = text[start:end].strip("~<>!- /")
        if kind == STRUCK or len(words.split()) > 3:
            omissions.add(kind, len(words), place)
        pieces.append(text[at:start])
        at = end
    return _SHOWN_TAGS.sub("", "".join([*pieces, text[at:]]))


def _cuts(text: str) -> list[_Cut]:
    """What no reader sees as valid, in order; none within another."""
    signs = list(_SIGN.finditer(text))
    partners = _partners(signs)
    opened: dict[str, int] = {}
    cuts: list[_Cut] = []
    n = 0
    while n < len(signs):
        sign, partner = signs[n], partners[n]
        kind = sign.lastgroup
        if partner:
            if kind == "begin":
                cuts.append(_Cut(sign.start(), signs[partner].end(), _COMMENT))
            n = partner
        elif kind == _PARAGRAPH:
            opened = {name: start for name, start in opened.items() if not name.startswith("~")}
        elif kind in ("tildes", "tag"):
            _strike(sign, text, opened, cuts)
        n += 1
    return cuts


def _partners(signs: Sequence[re.Match[str]]) -> list[int]:
    """For each sign that begins code or a comment the number of the one that ends it; 0: none does."""
    following: dict[str, int] = {}
    partners = [0] * len(signs)
    for n in range(len(signs) - 1, -1, -1):
        kind, words = signs[n].lastgroup, signs[n][0]
        if kind == "ticks":
            partners[n] = following.get(words, 0)
            following[words] = n
        elif kind == "begin":
            partners[n] = following.get("-->", 0)
        elif kind == "end":
            following["-->"] = n
        elif kind == _PARAGRAPH:
            following = {"-->": following["-->"]} if "-->" in following else {}
    return partners


def _strike(sign: re.Match[str], text: str, opened: dict[str, int], cuts: list[_Cut]) -> None:
    """Begin or end what is struck out (GitHub Flavored Markdown 6.5: one tilde or two, at the edge of a word)."""
    name = sign["tildes"] or sign["tag"].lower()
    if sign["tildes"]:
        if len(name) > 2:
            return
        before, behind = text[max(0, sign.start() - 1) : sign.start()], text[sign.end() : sign.end() + 1]
        closes = bool(before.strip()) and (len(name) == 2 or not behind.isalnum())
        opens = bool(behind.strip()) and (len(name) == 2 or not before.isalnum())
    else:
        closes = bool(sign["close"])
        opens = not closes
    if closes and name in opened:
        start = opened.pop(name)
        while cuts and cuts[-1].start > start:
            cuts.pop()
        for inner in [other for other, at in opened.items() if at > start]:
            del opened[inner]
        cuts.append(_Cut(start, sign.end(), STRUCK))
    elif opens:
        opened.setdefault(name, sign.start())


def numbered(lines: Sequence[str]) -> Iterator[str]:
    """Items that all bear the same number (``1.``, ``1.``, ``1.``) count on, as they are shown."""
    counts: dict[int, tuple[str, int]] = {}
    blank = False
    for line in lines:
        item = _ITEM.match(line)
        if not item:
            if blank and line.strip() and not _MARK.match(line):
                indent = len(line) - len(line.lstrip(" "))
                counts = {n: count for n, count in counts.items() if n < indent}
        else:
            indent, typed = len(item[1]), item[2] + item[3]
            was = counts.get(indent)
            counts = {n: count for n, count in counts.items() if n < indent}
            count = was[1] + 1 if was and was[0] == typed else int(item[2])
            counts[indent] = typed, count
            line = f"{item[1]}{count}{line[item.end(2) :]}"
        blank = not line.strip()
        yield line
