"""The words of one paragraph of HTML as they come: raised figures, readings, formulas, fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from corpus.documents.formats.web.mathml import Formula

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_IS_RAISED = re.compile(r"[0-9+\-−=()ni]+")
_IS_ABBREVIATED = re.compile(r"(?i)st|nd|rd|th|ers?|res?|es?|[eè]mes?|os?|as?|mes?|lles?|r|ter?|tm|sm|®|™|\*+|†")
"""Endings that are raised for their looks alone: 1st, 1er, 2ème."""
_TYPED = re.compile("|text|email|number|tel|url|date|time|datetime-local|month|week|range")


class Line(NamedTuple):
    """Words between two breaks, with the links in them."""

    text: str
    links: int
    linked: float
    """Share of the characters in links."""


class Inline:
    """Gathers words until ``take``."""

    def __init__(self) -> None:
        self.formula: Formula | None = None
        self.filled = False
        """Was anything filled in or chosen in the form that is read now?"""
        self.unchosen: list[str] = []
        """Options that are not shown because another one is chosen."""
        self._words: list[str] = []
        self._links = self._linked = self._length = 0
        self._raised: list[int] = []
        self._readings: list[str] = []
        self._reading = -1
        self._to_note = False
        self._options: list[tuple[list[str], bool]] | None = None

    def add(self, data: str, *, linked: bool = False, as_it_is: bool = False) -> None:
        """Add words; white space becomes one space unless ``as_it_is``."""
        if self.formula:
            self.formula.words(data)
        elif self._options is not None:
            if self._options:
                self._options[-1][0].append(data)
        else:
            data = data if as_it_is else re.sub(r"\s+", " ", data)
            self._words.append(data)
            self._length += len(data)
            self._linked += len(data) if linked else 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if tag == "a":
            self._links += 1
            self._to_note = attributes.get("href", "").startswith("#")
        elif tag == "sup":
            self._raised.append(len(self._words))
        elif tag == "rt":
            self._reading = len(self._words)
        elif tag == "math":
            self.formula = Formula(attributes.get("alttext", ""))
        elif tag == "q":
            self.add("“")
        elif tag == "textarea":
            self.add(" ")
        elif tag == "select":
            self._options = []
        elif tag == "option" and self._options is not None:
            self._options.append(([], "selected" in attributes))

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "sup" and self._raised:
            self._raise(self._raised.pop())
        elif tag == "rt" and 0 <= self._reading <= len(self._words):
            self._readings.append("".join(self._words[self._reading :]).strip())
            del self._words[self._reading :]
            self._reading = -1
        elif tag == "ruby" and self._readings:
            self._words.append(f"({''.join(self._readings)})")
            self._readings = []
        elif tag == "math" and self.formula:
            text, self.formula = self.formula.text(), None
            self.add(text)
        elif tag == "q":
            self.add("”")
        elif tag == "select" and self._options is not None:
            self._end_options(self._options)
        elif tag == "textarea":
            self.filled |= bool(self._words and self._words[-1].strip())

    def void(self, tag: str, attributes: Mapping[str, str], *, linked: bool = False) -> None:
        """What a picture or a field shows: a picture's words, what was typed or ticked."""
        kind, value = attributes.get("type", "").lower(), attributes.get("value", "").strip()
        if tag == "img" and attributes.get("alt", "").strip():
            self.add(f" {attributes['alt']} ", linked=linked)
        elif tag == "input" and kind in ("checkbox", "radio"):
            self.filled |= "checked" in attributes
            self.add("[x] " if "checked" in attributes else "[ ] ")
        elif tag == "input" and _TYPED.fullmatch(kind) and value:
            self.filled = True
            self.add(f" {value} ")

    def take(self, *, go_on: bool = False) -> Line:
        """Return and clear the words so far; ``go_on``: they stay, and a line ends in them."""
        text = "".join([*self._words, *(f"({reading})" for reading in self._readings)])
        line = Line(text, self._links, self._linked / max(1, self._length))
        if go_on and text:
            self._words, self._raised, self._reading = [text, "\n"], [], -1
        else:
            self._words, self._raised, self._reading = [], [], -1
            self._links = self._linked = self._length = 0
        self._readings = []
        return line

    def _raise(self, at: int) -> None:
        raised = "".join(self._words[at:]).strip()
        del self._words[at:]
        if raised and self._to_note:
            raised = f"[{raised.strip('[]')}]"
        elif _IS_RAISED.fullmatch(raised):
            raised = raised.translate(_RAISED)
        elif raised and not raised.startswith("[") and not _IS_ABBREVIATED.fullmatch(raised):
            raised = f"^{raised}" if len(raised) == 1 else f"^({raised})"
        self._words.append(raised)

    def _end_options(self, options: list[tuple[list[str], bool]]) -> None:
        """Of options the chosen ones, else all."""
        self._options = None
        words = [(" ".join("".join(texts).split()), chosen) for texts, chosen in options]
        chosen_texts = [text for text, chosen in words if chosen]
        if chosen_texts:
            self.filled = True
            self.unchosen += [text for text, chosen in words if not chosen]
        self.add(f" {', '.join(chosen_texts or [text for text, _ in words if text])} ")
