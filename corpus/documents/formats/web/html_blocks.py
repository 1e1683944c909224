"""HTML's tags as they come, made into blocks of words under their headings. No tree is built, so that depth costs nothing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser

from corpus.documents.formats.omissions import Omissions
from corpus.documents.formats.part import joined, under
from corpus.documents.formats.struck import STRUCK, is_struck, struck_by_style
from corpus.documents.formats.web.html_elements import CLOSES, FORMULA, HEADINGS, INLINE, VOID, Kind, Where, kind_of
from corpus.documents.formats.web.html_inline import Inline
from corpus.documents.formats.web.html_labels import Labels
from corpus.documents.formats.web.html_list import Lists
from corpus.documents.formats.web.html_table import Table

_XML = re.compile(r"\s*<\?xml\b|<html\b[^>]*\bxmlns\s*=|<dtbook\b", re.IGNORECASE)

_DEEPEST_TABLE = 10
"""Tables within cells of one another whose words stay in those cells."""


@dataclass
class Words:
    """A block as it is found, with where it stands."""

    heading: str
    text: str
    main: bool
    article: bool
    form: int
    """Which form it stands in; 0: none."""
    links: int
    linked: float
    table: bool = False


class Markup(HTMLParser):
    """Reads a page fed to it: ``blocks`` is its text, ``stated`` its metadata, ``omissions`` what is left out of it."""

    def __init__(self, markup: str, *, site: bool, furnished: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.site = site
        """Has it words around its text that stand on other pages, too?"""
        self.furnished = furnished
        """Is what its class or id calls navigation, a banner, an advertisement left out?"""
        self.furniture = 0
        """Characters left out so."""
        self.beside: list[str] = []
        """Words that are not seen or stand in no part of the page's text."""
        self.blocks: list[Words] = []
        self.stated: dict[str, str] = {}
        self.title = ""
        self.titles: list[str] = []
        """Headings of the first level."""
        self.omissions = Omissions()
        self._is_xml = _XML.search(markup[:2000]) is not None
        """May any element end where it begins? In HTML few do."""
        self._struck_by_style: set[str] = set()
        self._open: list[str] = []
        self._within: Counter[str] = Counter()
        self._hidden = 0
        """Depth of the outermost element that is no content; 0: none. ``_kind`` says why, ``_unread`` holds its words."""
        self._kind = Kind.CONTENT
        self._unread: list[str] = []
        self._main = 0
        """Depth of the outermost main element; 0: none."""
        self._headed = False
        """Was a heading the last that was read? What is hidden right behind it is shown when it is pressed."""
        self._level = 0
        """Of the heading that is being read; 0: none."""
        self._lone = 0
        """Level of the last heading, while nothing stands below it."""
        self._path: list[str] = []
        self._labels = Labels()
        self._lists = Lists(markup)
        self._tables: list[Table] = []
        self._inline = Inline()
        self._forms = 0
        self.filled: set[int] = set()
        """Forms in which something was filled in."""

    # --- tags -----------------------------------------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if self._inline.formula and tag in FORMULA:
            self._inline.formula.start(tag)
            self._enter(tag)
            return
        if self._inline.formula:  # no formula holds such an element: it is one that nothing closed
            self.handle_endtag("math")
        if tag == "meta":
            name = (attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or "").lower()
            self.stated.setdefault(name, attributes.get("content", "")[:10_000])
        switch = not self._hidden and not self._level and self._labels.is_switch(tag, attributes)
        if tag not in INLINE or switch:
            self._break(tag)
        if tag in CLOSES:
            self._close_open(CLOSES[tag])
        if tag in VOID:
            if not self._hidden:
                self._inline.void(tag, attributes, linked=self._within["a"] > 0)
            return
        if tag == "a" and self._within["a"]:
            self.handle_endtag("a")
        self._enter(tag)
        if not self._hidden:
            self._hide(tag, attributes, switch)
        if not self._hidden:
            self._start(tag, attributes, switch)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        within = self._inline.formula is not None
        self.handle_starttag(tag, attrs)
        if tag in ("svg", "math") or (self._is_xml and tag not in VOID) or (within and self._inline.formula):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inline.formula and tag in FORMULA:
            self._inline.formula.end(tag)
        elif tag not in INLINE or (self._labels.switch == len(self._open) > 0 and self._open[-1] == tag):
            self._break(tag)
        if not self._within[tag]:
            return
        while self._pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._within["title"] and not self._within["body"] and not self._hidden:
            self.title = f"{self.title} {' '.join(data[:1000].split())}".strip()[:500]
        elif self._within["style"]:
            self._struck_by_style.update(struck_by_style(data))
        elif self._hidden:
            if self._kind is Kind.STRUCK or not self._within["a"]:
                self._unread.append(data)
        elif data and not self._within["title"]:
            self._inline.add(data, linked=self._within["a"] > 0, as_it_is=self._within["pre"] > 0)

    def unknown_decl(self, data: str) -> None:
        """Words that are marked as such in XML."""
        if self._is_xml and data.startswith("CDATA["):
            self.handle_data(data.removeprefix("CDATA["))

    def end(self) -> None:
        """Close what was left open."""
        self._break("")
        while self._open:
            self._pop()
        self._break("")
        self._end_heading(0)

    # --- elements -------------------------------------------------------------------------------------------------

    def _enter(self, tag: str) -> None:
        self._open.append(tag)
        self._within[tag] += 1
        if tag in HEADINGS:
            self._level = self._open_level()

    def _hide(self, tag: str, attributes: dict[str, str], switch: bool) -> None:
        """Is the element no content, or struck out?"""
        if is_struck(tag, attributes, self._struck_by_style):
            kind = Kind.STRUCK
        elif switch:
            kind = Kind.CONTENT
        else:
            shown = self._headed or self._labels.names(attributes)
            kind = kind_of(tag, attributes, Where(self._within, self._main > 0, self.site, self.furnished, shown))
        if kind is not Kind.CONTENT:
            self._hidden, self._kind = len(self._open), kind

    def _start(self, tag: str, attributes: dict[str, str], switch: bool) -> None:
        if not self._main and (tag == "main" or attributes.get("role") == "main"):
            self._main = len(self._open)
        if switch:
            self._labels.start(len(self._open), tag, attributes)
        else:
            self._labels.enter(len(self._open), attributes)
        self._inline.start(tag, attributes)
        self._lists.start(tag, attributes)
        if tag == "form":
            self._forms += 1
        elif tag == "table":
            if self._tables and (not self._tables[-1].has_headers or len(self._tables) > _DEEPEST_TABLE):
                self._tell(self._tables[-1])  # a layout table: its content becomes blocks of their own
                self._tables[-1] = Table()
            self._tables.append(Table())
        elif self._tables and tag in ("thead", "tbody", "tfoot", "tr", "td", "th"):
            self._tables[-1].start(tag, attributes)

    def _pop(self) -> str:
        tag = self._open.pop()
        self._within[tag] -= 1
        if tag in HEADINGS:
            self._level = self._open_level()
        if self._hidden:
            if self._hidden > len(self._open):
                self._end_hidden()
            return tag
        self._inline.end(tag)
        if self._inline.filled:
            self.filled.add(self._forms)
            self._inline.filled = False
        if self._inline.unchosen:
            self.beside.append(", ".join(self._inline.unchosen))
            self._inline.unchosen = []
        self._put(self._lists.end(tag))
        self._put(self._labels.leave(len(self._open)))
        if tag == "table":
            self._end_table()
        if self._main > len(self._open):
            self._main = 0
        return tag

    def _end_hidden(self) -> None:
        words, kind = " ".join("".join(self._unread).split()), self._kind
        self._hidden, self._kind, self._unread = 0, Kind.CONTENT, []
        if not words:
            return
        if kind is Kind.STRUCK:
            self.omissions.add(STRUCK, len(words), joined(self._path))
            self._inline.add(" ")
        elif kind is not Kind.NO_TEXT:
            self.beside.append(words)
        if kind is Kind.FURNITURE:
            self.furniture += len(words)

    def _close_open(self, tags: frozenset[str]) -> None:
        """An item ends where the next one begins."""
        while self._open and self._open[-1] in tags | {"p"}:
            self._pop()

    def _open_level(self) -> int:
        return next((n for n, h in enumerate(HEADINGS, 1) if self._within[h]), 0)

    # --- words ----------------------------------------------------------------------------------------------------

    def _break(self, tag: str) -> None:
        """End the words that are being gathered: a paragraph, a heading or, in a table, a part of a cell."""
        line = self._inline.take(go_on=tag == "br")
        text = "\n".join(part.strip() for part in line.text.split("\n")).strip()
        if not text or (tag == "br"):
            return
        level = self._level
        if level:
            self._end_heading(level)
            text = self._lists.marked(text)
            self._path = under(self._path, level, text)
            self._labels.heading()
            self._lone = level
            self.titles += self._path[:1] if level == 1 else []
        labelled = not level and self._labels.takes(text)
        self._headed = level > 0 or labelled
        if not level and not labelled and not (self._within["dt"] and self._lists.takes_term(text)):
            self._put(self._lists.marked(text), line.links, line.linked)

    def _end_heading(self, level: int) -> None:
        """A heading below which nothing stands is told by itself where none stands below it either."""
        if self._lone and level <= self._lone:
            self._keep("", 0, 0.0)
        self._lone = 0

    def _put(self, text: str, links: int = 0, linked: float = 0.0) -> None:
        """Words go to the cell that is being read, else they are a block."""
        if text and not (self._tables and self._tables[-1].takes(text)):
            self._keep(text, links, linked)

    def _end_table(self) -> None:
        table = self._tables.pop() if self._tables else Table()
        outer = self._tables[-1] if self._tables else None
        if not outer or not outer.takes(" / ".join(row for row, _ in table.rows())):
            self._tell(table)

    def _tell(self, table: Table) -> None:
        for row, several in table.rows():
            self._keep(row, 0, 0.0, table=several)
        if table.cut:
            self.omissions.add(f"a table with {table.cut} spans too large to follow", place=joined(self._path))

    def _keep(self, text: str, links: int, linked: float, *, table: bool = False) -> None:
        article, form = self._within["article"] > 0, self._forms if self._within["form"] else 0
        heading = joined([*self._path, *self._labels.path()]) if text else joined(self._path)
        self._lone = 0
        self.blocks.append(Words(heading, text, self._main > 0, article, form, links, linked, table))
