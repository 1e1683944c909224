"""HTML: the main text under its headings, without navigation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from corpus.documents.encodings import decoded
from corpus.documents.formats.dates import iso_date, tags_of
from corpus.documents.formats.part import Block, Part
from corpus.documents.formats.web.html_blocks import Markup, Words
from corpus.documents.formats.web.html_elements import DATES

_LINKED = 0.8
"""Share of its words in links from which a block may be navigation; it is, where so many such links stand together:"""
_LIST_OF_LINKS = 4
_SHORTEST_SENTENCE, _LONG = 6, 8
"""Words of a sentence, and of a text that says something without its full stop."""
_BESIDE = "words beside the main text are left out"
_MEND = "move it into the page's <main>, if it belongs to the text"


def read(file: Path) -> Iterator[Part]:
    """One part."""
    yield parsed(decoded(file.read_bytes()))


def parsed(markup: str, *, site: bool = True) -> Part:
    """The main text of a page, or with ``site=False`` of a book's chapter. Broken markup is read as far as it goes.

    Left out and named are struck-out text and words beside the main text (in a footer, an aside, a form, hidden). Links
    to other pages, scripts, and what stands on every page of a site, as a cookie banner, are not the page's text.
    """
    page = _markup(markup, site=site, furnished=site)
    if page.furniture > sum(len(b.text) for b in page.blocks):  # too much to be furniture
        page = _markup(markup, site=site, furnished=False)
    stated = page.stated
    date = next((d for name in DATES if (d := iso_date(stated.get(name)))), "")
    chosen = _chosen(page.blocks, page.filled) if site else page.blocks
    _count_dropped(page, chosen)
    name = page.title or stated.get("og:title", "")
    title = page.titles[0] if len(page.titles) == 1 else name  # of several none is the page's
    blocks = tuple(Block(b.heading, b.text, None, b.table) for b in chosen)
    return Part(blocks, title, name, date, tags_of(stated.get("keywords")), page.omissions.summary())


def _markup(markup: str, *, site: bool, furnished: bool) -> Markup:
    page = Markup(markup, site=site, furnished=furnished)
    page.feed(markup)
    page.close()
    page.end()
    return page


def _count_dropped(page: Markup, chosen: Sequence[Words]) -> None:
    chosen_ids = set(map(id, chosen))
    dropped = [b for b in page.blocks if id(b) not in chosen_ids and b.linked <= _LINKED]
    chosen_headings = {heading for b in chosen for heading in b.heading.split(" > ")}
    headings = {heading for b in dropped for heading in b.heading.split(" > ")} - chosen_headings
    for text in filter(_says_something, [*headings, *(b.text for b in dropped), *page.beside]):
        page.omissions.add(_BESIDE, len(text), mend=_MEND)


def _says_something(text: str) -> bool:
    """Is it a sentence, more than a name, a button, or the line with which each page of a site ends?"""
    words = len(text.split())
    sentence = words >= _LONG or (words >= _SHORTEST_SENTENCE and text.rstrip().endswith((".", "!", "?")))
    return sentence and not text.lstrip().lower().startswith(("©", "copyright", "(c)"))


def _chosen(blocks: Sequence[Words], filled: set[int]) -> Sequence[Words]:
    """What stands in ``main``, else in articles, else all; forms and lists of links only where there is little else."""
    some = [b for b in blocks if b.main] or [b for b in blocks if b.article] or blocks
    without_forms = [b for b in some if not b.form or b.form in filled]
    for texts in (_without_lists_of_links(some), _without_lists_of_links(without_forms)):
        if sum(len(b.text) for b in texts) > 0.2 * sum(len(b.text) for b in some):
            some = texts
    return some


def _without_lists_of_links(blocks: Sequence[Words]) -> list[Words]:
    texts = []
    for linked, run in groupby(blocks, key=lambda b: b.linked > _LINKED and len(b.text) < 100 * max(1, b.links)):
        these = list(run)
        if not linked or sum(b.links for b in these) < _LIST_OF_LINKS:
            texts += these
    return texts
