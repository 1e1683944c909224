"""HTML: the main text under its headings, without navigation. Knows nothing of other formats.

Tags are read as they come and no tree is built, so that depth costs nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import groupby
from pathlib import Path

from corpus.encodings import decoded
from corpus.formats.dates import iso_date, tags_of
from corpus.formats.part import Block, Part, joined, under
from corpus.formats.rows import rendered

_TABLE = tomllib.loads((Path(__file__).parent / "tables" / "html.toml").read_text(encoding="utf-8"))
_VOID, _INLINE, _NOT_CONTENT, _ROLES, _BOXES, _CALLOUTS, _PANELS = (
    frozenset(_TABLE[name].split())
    for name in ("void", "inline", "not_content", "roles", "boxes", "callouts", "panels")
)
_ANYWHERE = re.compile("|".join(_TABLE["furniture_anywhere"]), re.IGNORECASE)
_FURNITURE = re.compile("|".join([*_TABLE["furniture"], _ANYWHERE.pattern]), re.IGNORECASE)
_HEADINGS = tuple(f"h{n}" for n in range(1, 7))
_CLOSES = {
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "tr": frozenset({"tr", "td", "th"}),
    "td": frozenset({"td", "th"}),
    "th": frozenset({"td", "th"}),
    "option": frozenset({"option"}),
}
_LINKED = 0.8
"""Share of its words in links from which a block may be navigation; it is, where so many such links stand together:"""
_LIST_OF_LINKS = 4


@dataclass
class _Words:
    """A block as it is found, with where it stands."""

    heading: str
    text: str
    main: bool
    article: bool
    form: bool
    links: int
    linked: float
    table: bool = False


def read(file: Path) -> Iterator[Part]:
    """One part."""
    yield parsed(decoded(file.read_bytes()))


def parsed(markup: str) -> Part:
    """The main text of a page. Broken markup is read as far as it goes."""
    reader = _read(markup, furnished=True)
    if reader.furniture > sum(len(b.text) for b in reader.found):  # too much to be furniture
        reader = _read(markup, furnished=False)
    stated = reader.stated
    date = next((d for name in _TABLE["dates"].split() if (d := iso_date(stated.get(name)))), "")
    blocks = tuple(Block(b.heading, b.text, None, b.table) for b in _chosen(reader.found))
    name = reader.title or stated.get("og:title", "")
    title = reader.titles[0] if len(reader.titles) == 1 else name  # of several none is the page's
    return Part(blocks, title, name, date, tags_of(stated.get("keywords")))


def _read(markup: str, *, furnished: bool) -> _Reader:
    reader = _Reader(furnished)
    reader.feed(markup)
    reader.close()
    reader.end()
    return reader


def _chosen(found: Sequence[_Words]) -> Sequence[_Words]:
    """What stands in ``main``, else in articles, else all; forms and lists of links only where there is little else."""
    some = [b for b in found if b.main] or [b for b in found if b.article] or found
    for without in (_without_lists_of_links, _without_forms):
        left = without(some)
        if sum(len(b.text) for b in left) > 0.2 * sum(len(b.text) for b in some):
            some = left
    return some


def _without_forms(blocks: Sequence[_Words]) -> list[_Words]:
    return [b for b in blocks if not b.form]


def _without_lists_of_links(blocks: Sequence[_Words]) -> list[_Words]:
    kept = []
    for linked, run in groupby(blocks, key=lambda b: b.linked > _LINKED and len(b.text) < 100 * max(1, b.links)):
        these = list(run)
        if not linked or sum(b.links for b in these) < _LIST_OF_LINKS:
            kept += these
    return kept


def _headed(rows: Sequence[Sequence[str]], th: Sequence[Sequence[bool]]) -> bool | None:
    """Has a table a row of headers, by its cells' elements? None: its words must tell."""
    first = next(n for n, row in enumerate(rows) if len(row) > 1)
    if any(th[first]):
        return all(th[first][1:])
    alike = len(rows) == 2 and not any(c.isdigit() for cell in rows[1] for c in cell)
    return False if alike else None


def _is_hidden(given: dict[str, str]) -> bool:
    unseen = re.search(r"display\s*:\s*none", given.get("style", "")[:1000])
    return "hidden" in given or given.get("aria-hidden") == "true" or unseen is not None


class _Reader(HTMLParser):
    def __init__(self, furnished: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.furnished = furnished
        """Is what its class or id calls navigation, a banner, an advertisement left out?"""
        self.furniture = 0
        """Characters left out so."""
        self.found: list[_Words] = []
        self.stated: dict[str, str] = {}
        self.title = ""
        self.titles: list[str] = []
        """Headings of the first level."""
        self._open: list[str] = []
        self._within: Counter[str] = Counter()
        self._hidden = 0
        """Depth of the outermost element that is no content; 0: none."""
        self._main = 0
        """Depth of the outermost main element; 0: none."""
        self._by_class = False
        self._headed = False
        """Was a heading the last that was read? What is hidden right behind it is shown when it is pressed."""
        self._path: list[str] = []
        self._words: list[str] = []
        self._links = self._linked = self._length = 0
        self._rows: list[list[str]] = []
        self._th: list[list[bool]] = []
        """Of each cell: is it one of headers?"""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = (given.get("property") or given.get("name") or given.get("itemprop") or "").lower()
            self.stated.setdefault(name, given.get("content", "")[:10_000])
        if tag not in _INLINE:
            self._break(tag)
        if tag in _CLOSES:
            self._close_open(_CLOSES[tag])
        if tag in _VOID:
            return
        if tag == "a" and self._within["a"]:
            self.handle_endtag("a")
        self._open.append(tag)
        self._within[tag] += 1
        if not self._hidden and self._no_content(tag, given):
            self._hidden = len(self._open)
        if self._hidden:
            return
        if not self._main and (tag == "main" or given.get("role") == "main"):
            self._main = len(self._open)
        if tag == "a":
            self._links += 1
        if tag == "table":
            self._table()  # one around it is there for the layout: what it holds stands by itself
        if tag == "tr" or (tag in ("td", "th") and not self._rows):
            self._rows.append([])
            self._th.append([])
        if tag in ("td", "th"):
            self._rows[-1].append("")
            self._th[-1].append(tag == "th" or self._within["thead"] > 0)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in ("svg", "math"):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self._break(tag)
        if not self._within[tag]:
            return
        while True:
            closed = self._pop()
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._within["title"] and not self._within["body"] and not self._hidden:
            self.title = f"{self.title} {' '.join(data[:1000].split())}".strip()[:500]
        elif self._hidden:
            self.furniture += len(data.strip()) if self._by_class else 0
        elif data and not self._within["title"]:
            if not self._within["pre"]:
                data = re.sub(r"\s+", " ", data)
            self._words.append(data)
            self._length += len(data)
            if self._within["a"]:
                self._linked += len(data)

    def end(self) -> None:
        """Close what was left open."""
        self._break("")
        while self._open:
            self._pop()

    def _pop(self) -> str:
        tag = self._open.pop()
        self._within[tag] -= 1
        if self._hidden > len(self._open):
            self._hidden, self._by_class = 0, False
        if self._main > len(self._open):
            self._main = 0
        if tag == "table" and not self._hidden:
            self._table()
        return tag

    def _close_open(self, tags: frozenset[str]) -> None:
        """An item ends where the next one begins."""
        while self._open and self._open[-1] in tags | {"p"}:
            self._pop()

    def _no_content(self, tag: str, given: dict[str, str]) -> bool:
        if tag in ("html", "body", "main", "article"):
            return False
        within = self._main > 0 or self._within["article"] > 0
        names = f"{given.get('class', '')} {given.get('id', '')}"[:1000].lower().split()
        if self._is_kept(tag, names, within):
            return False
        if tag in _NOT_CONTENT or (tag == "header" and not within):
            return True
        if given.get("role", "").lower() in _ROLES or given.get("aria-modal") == "true":
            return True
        if _is_hidden(given) and not (self._headed and tag in _PANELS):
            return True
        furniture = _ANYWHERE if within else _FURNITURE
        self._by_class = (
            self.furnished and tag in _BOXES and given.get("role") != "main" and any(map(furniture.fullmatch, names))
        )
        return self._by_class

    def _is_kept(self, tag: str, names: Sequence[str], within: bool) -> bool:
        """A button that is the words of a heading, or a note beside the text that belongs to it."""
        if tag == "button":
            return any(self._within[h] for h in _HEADINGS)
        return tag == "aside" and within and any(_CALLOUTS.intersection(re.split("[_-]+", name)) for name in names)

    def _break(self, tag: str) -> None:
        """End the words that are being gathered: a paragraph, a heading or, in a table, a part of a cell."""
        text = "".join(self._words)
        links, linked, length = self._links, self._linked, self._length
        self._words, self._links, self._linked, self._length = [], 0, 0, 0
        if tag == "br" and text:
            self._words, self._links, self._linked, self._length = [text, "\n"], links, linked, length
            return
        text = "\n".join(line.strip() for line in text.split("\n")).strip()
        if not text:
            return
        level = next((n for n, h in enumerate(_HEADINGS, 1) if self._within[h]), 0)
        self._headed = level > 0
        if level:
            self._path = under(self._path, level, text)
            self.titles += self._path[:1] if level == 1 else []
        elif self._within["table"] and self._rows and self._rows[-1]:
            self._rows[-1][-1] = f"{self._rows[-1][-1]} {text}".strip()
        else:
            self._keep(text, links, linked / max(1, length))

    def _table(self) -> None:
        table = [(row, th) for row, th in zip(self._rows, self._th, strict=True) if any(row)]
        self._rows, self._th = [], []
        if table:
            rows = [row for row, _ in table]
            several = max(map(len, rows)) > 1
            headed = _headed(rows, [th for _, th in table]) if several else False
            for row in rendered(rows, headed=headed) if several else (" ".join(row) for row in rows):
                self._keep(row, 0, 0.0, table=several)

    def _keep(self, text: str, links: int, linked: float, *, table: bool = False) -> None:
        article, form = self._within["article"] > 0, self._within["form"] > 0
        self.found.append(_Words(joined(self._path), text, self._main > 0, article, form, links, linked, table))
