"""Numbers that Word puts before paragraphs: ``2.1``, ``(a)``, ``IV.``"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from corpus.documents.formats import numerals
from corpus.documents.formats.office.ooxml import W, value_of

_LEVELS = 9
_MOST = 10_000
"""Beyond this a number is written in digits."""


def roman(number: int) -> str:
    """``iv`` of 4; digits where there is no such numeral."""
    return numerals.roman(number) if 0 < number < _MOST else str(number)


def letter(number: int) -> str:
    """``a`` of 1, ``z`` of 26, ``aa`` of 27, ``bb`` of 28."""
    if not 0 < number < _MOST:
        return str(number)
    again, at = divmod(number - 1, 26)
    return chr(97 + at) * (again + 1)


def ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``13th``."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


_FORMATS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda n: f"{n:02}",
    "lowerRoman": roman,
    "upperRoman": lambda n: roman(n).upper(),
    "lowerLetter": letter,
    "upperLetter": lambda n: letter(n).upper(),
    "ordinal": ordinal,
    "none": lambda n: "",
}


@dataclass(frozen=True)
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    restart: int | None = None
    """The level (from 1) after which it begins anew; 0: never, None: after each above it."""
    legal: bool = False
    """Are all numbers in it digits?"""
    style: str = ""


@dataclass
class _List:
    """An abstract numbering with its counters; several lists may share it."""

    levels: dict[int, _Level]
    link: str = ""
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of a document; ``mark`` counts on: call it once for each paragraph, in order."""

    def __init__(self, root: Element | None, linked: dict[str, str] | None = None) -> None:
        """``linked``: the list of each numbering style, by the style's id."""
        self._abstract: dict[str, _List] = {}
        self._numbers: dict[str, str] = {}
        self._own: dict[str, dict[int, _Level]] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._linked = linked or {}
        for each in root if root is not None else ():
            if each.tag == f"{W}abstractNum":
                levels = {_int(lvl.get(f"{W}ilvl")): _level(lvl) for lvl in each.findall(f"{W}lvl")}
                self._abstract[each.get(f"{W}abstractNumId", "")] = _List(levels, value_of(each, "numStyleLink"))
            elif each.tag == f"{W}num":
                self._number(each)

    def _number(self, num: Element) -> None:
        number = num.get(f"{W}numId", "")
        self._numbers[number] = value_of(num, "abstractNumId")
        self._own[number], self._starts[number] = {}, {}
        for override in num.findall(f"{W}lvlOverride"):
            at = _int(override.get(f"{W}ilvl"))
            level = override.find(f"{W}lvl")
            if level is not None:
                self._own[number][at] = _level(level)
            if start := value_of(override, "startOverride"):
                self._starts[number][at] = _int(start)

    def level_of(self, number: str, style: str) -> int:
        """The level that a list has for paragraphs of a style; the outermost where it names none."""
        outline = self._list(number)
        return next((at for at, level in outline.levels.items() if level.style == style), 0) if outline else 0

    def mark(self, number: str, level: int) -> str:
        """What stands before the next paragraph of this list on this level; empty for bullets, which say nothing."""
        outline = self._list(number)
        if outline is None or not 0 <= level < _LEVELS:
            return ""
        self._count(outline, number, level)
        shape = self._shape(outline, number, level)
        text = "" if shape.format == "bullet" else shape.text
        for at in range(level, -1, -1):
            upper = self._shape(outline, number, at)
            numeral = str if shape.legal else _FORMATS.get(upper.format, str)
            text = text.replace(f"%{at + 1}", numeral(outline.counts.get(at, upper.start)))
        return text.strip()

    def _list(self, number: str) -> _List | None:
        outline = self._abstract.get(self._numbers.get(number, ""))
        if outline is not None and outline.link:
            outline = self._abstract.get(self._numbers.get(self._linked.get(outline.link, ""), ""))
        return outline

    def _shape(self, outline: _List, number: str, level: int) -> _Level:
        return self._own.get(number, {}).get(level) or outline.levels.get(level) or _Level()

    def _count(self, outline: _List, number: str, level: int) -> None:
        for at in range(level + 1):
            start = self._starts.get(number, {}).pop(at, None)
            if start is not None:
                outline.counts[at] = start - (at == level)
            outline.counts.setdefault(at, self._shape(outline, number, at).start - (at == level))
        outline.counts[level] += 1
        for at in range(level + 1, _LEVELS):
            restart = self._shape(outline, number, at).restart
            if restart is None or (restart and level < restart):
                outline.counts.pop(at, None)


def _level(lvl: Element) -> _Level:
    restart = value_of(lvl, "lvlRestart")
    legal = lvl.find(f"{W}isLgl")
    return _Level(
        _int(value_of(lvl, "start"), 0),
        value_of(lvl, "numFmt") or "decimal",
        value_of(lvl, "lvlText"),
        _int(restart) if restart else None,
        legal is not None and legal.get(f"{W}val", "1") not in ("0", "false"),
        value_of(lvl, "pStyle"),
    )


def _int(text: str | None, default: int = 0) -> int:
    try:
        return int(text or default)
    except ValueError:
        return default
