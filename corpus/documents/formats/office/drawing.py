"""Words of drawings in office files: shapes, charts, SmartArt (DrawingML)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from xml.etree.ElementTree import Element

from corpus.documents.formats.office.equation import linear
from corpus.documents.formats.office.number_format import formatted, general
from corpus.documents.formats.office.numbering import letter, roman
from corpus.documents.formats.office.ooxml import CHART, CHART_EX, DIAGRAM, MATH, REL, A, is_decorative
from corpus.documents.formats.table_rows import row_text
from corpus.documents.formats.tally import NO_CHART, NO_DIAGRAM, PICTURE, STRUCK, Tally

_MOST_POINTS = 100_000
_NUMBERED = re.compile(r"(arabic|alphaLc|alphaUc|romanLc|romanUc)(Period|ParenR|ParenBoth|Plain)")
_AROUND = {"Period": ("", "."), "ParenR": ("", ")"), "ParenBoth": ("(", ")"), "Plain": ("", "")}
_WRITTEN: dict[str, Callable[[int], str]] = {
    "arabic": str,
    "alphaLc": letter,
    "alphaUc": lambda n: letter(n).upper(),
    "romanLc": roman,
    "romanUc": lambda n: roman(n).upper(),
}


def words(holder: Element, place: str, tally: Tally) -> str:
    """The paragraphs within an element, a line each; what is struck out of them is counted at ``place``."""
    numbers = _Numbers()
    lines = []
    for paragraph in holder.iter(f"{A}p"):
        line = "".join(_pieces(paragraph, place, tally))
        if line.strip():
            lines.append(f"{numbers.mark(paragraph)}{line}")
    return "\n".join(lines)


def _pieces(paragraph: Element, place: str, tally: Tally) -> Iterator[str]:
    for child in paragraph:
        if child.tag in (f"{A}r", f"{A}fld"):
            text = child.findtext(f"{A}t") or ""
            properties = child.find(f"{A}rPr")
            if properties is not None and properties.get("strike", "noStrike") != "noStrike":
                tally.add(place, STRUCK, len(text))
            else:
                yield text.replace("\v", "\n")
        elif child.tag == f"{A}br":
            yield "\n"
        else:
            yield from map(linear, child.iter(f"{MATH}oMath"))


class _Numbers:
    """The numbers that paragraphs of a shape are given, level by level."""

    def __init__(self) -> None:
        self._counts: dict[int, tuple[str, int]] = {}

    def mark(self, paragraph: Element) -> str:
        properties = paragraph.find(f"{A}pPr")
        level = int(properties.get("lvl", "0")) if properties is not None else 0
        auto_number = properties.find(f"{A}buAutoNum") if properties is not None else None
        self._counts = {at: count for at, count in self._counts.items() if at <= level}
        match = _NUMBERED.fullmatch(auto_number.get("type", "")) if auto_number is not None else None
        if auto_number is None or match is None:
            self._counts.pop(level, None)
            return ""
        kind, last = self._counts.get(level, ("", 0))
        number = last + 1 if kind == match[0] else int(auto_number.get("startAt", "1"))
        self._counts[level] = match[0], number
        before, behind = _AROUND[match[2]]
        return f"{before}{_WRITTEN[match[1]](number)}{behind} "


def picture_words(picture: Element, properties: Element | None, place: str, tally: Tally) -> str:
    """A picture's description; one without a description is counted, unless it is decorative."""
    description = "" if properties is None else properties.get("descr", "").strip()
    if not description and not is_decorative(picture):
        tally.add(place, PICTURE)
    return description


def graphic_texts(
    graphic: Element, part: Callable[[str], Element | None], place: str, tally: Tally
) -> Iterator[tuple[str, bool]]:
    """The texts of what is a chart or a diagram, each with whether it is a row of a table. ``part``: by its name."""
    if graphic.tag in (f"{CHART}chart", CHART_EX):
        yield from chart_texts(part(graphic.get(f"{REL}id", "")), place, tally)
    elif graphic.tag == f"{DIAGRAM}relIds":
        yield diagram_words(part(graphic.get(f"{REL}dm", "")), place, tally), False


def diagram_words(data: Element | None, place: str, tally: Tally) -> str:
    """The words of a SmartArt diagram from its data part."""
    points = data.iter(f"{DIAGRAM}pt") if data is not None else ()
    texts = [words(p, place, tally) for p in points if p.get("type", "node") in ("node", "asst", "doc")]
    if not any(texts):
        tally.add(place, NO_DIAGRAM)
    return "\n".join(text for text in texts if text)


def chart_texts(chart: Element | None, place: str, tally: Tally) -> Iterator[tuple[str, bool]]:
    """A chart's titles, then its stored values; each text with whether it is a row of a table."""
    some = False
    for title in chart.iter(f"{CHART}title") if chart is not None else ():
        if text := words(title, place, tally) or " ".join(v.text or "" for v in title.iter(f"{CHART}v")):
            yield text, False
    for area in chart.iter(f"{CHART}plotArea") if chart is not None else ():
        for series in (plot.findall(f"{CHART}ser") for plot in area):
            for row in _rows(series) if series else ():
                some = True
                yield row, True
    if not some:
        tally.add(place, NO_CHART)


def _rows(series: Sequence[Element]) -> Iterator[str]:
    """A row for each category, in words: the series name its values."""
    first = _points(series[0], "cat") or _points(series[0], "xVal")
    names = [_points(s, "tx").get(0) or f"Series {n}" for n, s in enumerate(series, 1)]
    values = [_points(s, "val") or _points(s, "yVal") for s in series]
    for at in sorted({at for column in values for at in column}):
        yield row_text([first.get(at, str(at + 1)), *(column.get(at, "") for column in values)], ["", *names])


def _points(series: Element, kind: str) -> dict[int, str]:
    """The stored points of one side of a series; categories of several levels are joined, the outermost first."""
    side = series.find(f"{CHART}{kind}")
    if side is None:
        return {}
    levels = [_level(level) for level in (list(side.iter(f"{CHART}lvl")) or [side])]
    last = min(max(levels[0], default=0), _MOST_POINTS)
    levels = [levels[0], *(_lasting(level, last) for level in levels[1:])]
    joined = {at: " ".join(level[at] for level in reversed(levels) if at in level) for at in levels[0]}
    if not joined:
        literal = side.findtext(f"{CHART}v")
        return {0: literal} if literal else {}
    numeric = any(e.tag in (f"{CHART}numCache", f"{CHART}numLit") for e in side.iter())
    code = next((c.text for c in side.iter(f"{CHART}formatCode") if c.text), "General")
    return {at: _value_text(text, code) if numeric else text for at, text in joined.items()}


def _level(level: Element) -> dict[int, str]:
    return {int(p.get("idx", 0)): p.findtext(f"{CHART}v") or "" for p in level.iter(f"{CHART}pt")}


def _lasting(level: dict[int, str], last: int) -> dict[int, str]:
    """An outer category holds until the next one begins."""
    filled, text = {}, ""
    for at in range(last + 1):
        text = level.get(at, text)
        filled[at] = text
    return filled


def _value_text(text: str, code: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    return general(value) if code == "General" else formatted(value, code)
