"""What the styles of a Word document say of paragraphs and runs."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from corpus.documents.formats.office.ooxml import W, value_of

_LEVEL = re.compile(r"heading ([1-9])", re.IGNORECASE)
_BODY = 9
"""The outline level of what is no heading."""
_DEEPEST = 20
"""Longest chain of styles based on one another."""


def is_on(element: Element | None) -> bool:
    """Is a property that is there switched on?"""
    return element is not None and element.get(f"{W}val", "1") not in ("0", "false", "off", "none")


class Styles:
    """The styles by id, each with those that it is based on."""

    def __init__(self, root: Element | None) -> None:
        self._chains: dict[str, list[Element]] = {}
        self._styles = {s.get(f"{W}styleId", ""): s for s in (root.findall(f"{W}style") if root is not None else ())}
        defaults = (i for i, s in self._styles.items() if s.get(f"{W}default") in ("1", "true", "on"))
        self._default = next((i for i in defaults if self._styles[i].get(f"{W}type") == "paragraph"), "")

    def lists(self) -> dict[str, str]:
        """The list of each numbering style."""
        numbers = ((i, s.find(f"{W}pPr/{W}numPr/{W}numId")) for i, s in self._styles.items())
        return {i: number.get(f"{W}val", "") for i, number in numbers if number is not None}

    def heading(self, paragraph: Element) -> int | None:
        """The level of a heading, the outermost being 1; None for other paragraphs."""
        style = self.of(paragraph)
        for ancestor in self._chain(style):
            name = value_of(ancestor, "name")
            if level := _LEVEL.fullmatch(name):
                return int(level[1])
            if name.lower() == "title":
                return 1
        holders = (paragraph, *self._chain(style))
        outline = next((h for h in holders if h.find(f"{W}pPr/{W}outlineLvl") is not None), None)
        level_text = value_of(outline, "pPr/outlineLvl")
        return int(level_text) + 1 if level_text.isdecimal() and int(level_text) < _BODY else None

    def list_of(self, paragraph: Element) -> tuple[str, int | None, str] | None:
        """The list that numbers a paragraph, its level if stated, and the style that states it."""
        direct = paragraph.find(f"{W}pPr/{W}numPr")
        level = _number(direct, "ilvl")
        if (number := _number(direct, "numId")) is not None:
            return None if number == "0" else (number, int(level or 0), "")
        for style in self._chain(self.of(paragraph)):
            numbering = style.find(f"{W}pPr/{W}numPr")
            if (number := _number(numbering, "numId")) is not None:
                own = level or _number(numbering, "ilvl")
                style_level = int(own) if own is not None else None
                return None if number == "0" else (number, style_level, self.of(paragraph))
        return None

    def is_run(self, run: Element, paragraph: Element | None, *names: str) -> bool:
        """Has a run one of these properties: itself, by its style, or by that of its paragraph?"""
        properties = run.find(f"{W}rPr")
        chains = [self._chain(value_of(properties, "rStyle"))]
        chains += [self._chain(self.of(paragraph))] if paragraph is not None else []
        for name in names:
            element = properties.find(f"{W}{name}") if properties is not None else None
            if element is None:
                inherited = (s.find(f"{W}rPr/{W}{name}") for chain in chains for s in chain)
                element = next((h for h in inherited if h is not None), None)
            if is_on(element):
                return True
        return False

    def of(self, paragraph: Element) -> str:
        """The id of a paragraph's style."""
        return value_of(paragraph, "pPr/pStyle", self._default)

    def _chain(self, style: str) -> list[Element]:
        if style in self._chains:
            return self._chains[style]
        chain = self._chains[style] = []
        while style in self._styles and len(chain) < _DEEPEST:
            chain.append(self._styles[style])
            style = value_of(chain[-1], "basedOn")
        return chain


def _number(numbering: Element | None, name: str) -> str | None:
    value = value_of(numbering, name)
    return value if value.isdecimal() else None
