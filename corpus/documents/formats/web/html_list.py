"""Numbers and terms of HTML's lists, as a reader sees them before their items."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from corpus.documents.formats.numerals import alphabetic, roman

_STYLES = {"a": "a", "A": "A", "i": "i", "I": "I", "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A",
           "upper-latin": "A", "lower-roman": "i", "upper-roman": "I"}  # fmt: skip
_TAG = re.compile(r"<(/?)(ol|ul|li)\b([^>]*)>", re.IGNORECASE)


def lengths_of_reversed(markup: str) -> Iterator[int]:
    """Items of each list that counts down, in the order in which the lists begin."""
    if not re.search(r"<ol\b[^>]*\breversed", markup, re.IGNORECASE):
        return
    lengths: dict[int, int] = {}
    open_lists: list[int] = []
    for n, tag in enumerate(_TAG.finditer(markup)):
        name = tag[2].lower()
        if name == "li":
            if not tag[1] and open_lists and open_lists[-1] in lengths:
                lengths[open_lists[-1]] += 1
        elif tag[1]:
            del open_lists[-1:]
        else:
            open_lists.append(n)
            if name == "ol" and re.search(r"\breversed\b", tag[3], re.IGNORECASE):
                lengths[n] = 0
    yield from lengths.values()


@dataclass
class _List:
    tag: str
    next: int = 1
    step: int = 1
    style: str = "1"
    terms: list[str] = field(default_factory=list)
    defined: bool = False


class Lists:
    """The open lists, and the number or term before the next words."""

    def __init__(self, markup: str) -> None:
        self._reversed = lengths_of_reversed(markup)
        self._open: list[_List] = []
        self._mark = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A list, an item, a term or a definition begins."""
        if tag in ("ol", "ul", "menu", "dl"):
            self._open.append(self._list(tag, attributes))
        elif tag == "li":
            self._mark = self._number(attributes)
        elif tag in ("dt", "dd") and self._open and self._open[-1].tag == "dl":
            self._define(tag, self._open[-1])

    def end(self, tag: str) -> str:
        """Something ends; terms that nothing defined, as words."""
        if tag in ("li", "dd"):
            self._mark = ""
        if tag in ("ol", "ul", "menu", "dl") and self._open:
            ended = self._open.pop()
            return "" if ended.defined else ", ".join(ended.terms)
        return ""

    def marked(self, words: str) -> str:
        """The words with the number or the terms before them; only the first words of an item have any."""
        mark, self._mark = self._mark, ""
        return mark + words

    def takes_term(self, words: str) -> bool:
        """Keeps the words of a term until they are defined, where a list of terms is open."""
        if not self._open or self._open[-1].tag != "dl":
            return False
        self._open[-1].terms.append(" ".join(words.split()))
        return True

    def _list(self, tag: str, attributes: dict[str, str]) -> _List:
        style = re.search(r"list-style(?:-type)?\s*:\s*([\w-]+)", attributes.get("style", "")[:1000])
        style_name = style[1] if style else attributes.get("type", "")
        new = _List(tag, style="" if style_name == "none" else _STYLES.get(style_name, "1"))
        if tag == "ol" and "reversed" in attributes:
            new.step, new.next = -1, next(self._reversed, 1)
        new.next = _whole(attributes.get("start", ""), new.next)
        return new

    def _number(self, attributes: dict[str, str]) -> str:
        if not self._open or self._open[-1].tag != "ol":
            return ""
        of = self._open[-1]
        number = _whole(attributes.get("value", ""), of.next)
        of.next = number + of.step
        return f"{_numeral(number, of.style)}. " if of.style else ""

    def _define(self, tag: str, of: _List) -> None:
        if tag == "dt" and of.defined:
            of.terms, of.defined = [], False
        elif tag == "dd" and of.terms:
            words = ", ".join(of.terms)
            self._mark = f"{words.rstrip(' :')}: " if words[-1:] not in "?!." else f"{words} "
            of.defined = True


def _whole(value: str, usual: int) -> int:
    return int(value) if re.fullmatch(r"-?\d{1,9}", value.strip()) else usual


def _numeral(number: int, style: str) -> str:
    if style in "aA" and number > 0:
        text = alphabetic(number)
    elif style in "iI" and 0 < number < 4000:
        text = roman(number)
    else:
        return str(number)
    return text.upper() if style.isupper() else text
