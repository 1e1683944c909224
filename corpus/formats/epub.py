"""EPUB: chapters in the order of the book. Knows nothing of other formats but HTML."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

from corpus.encodings import decoded
from corpus.formats.dates import iso_date, tags_of
from corpus.formats.html import parsed
from corpus.formats.part import Block, Part
from corpus.formats.zipped import opened

_CONTAINER = "META-INF/container.xml"
_CHAPTERS = ("application/xhtml+xml", "text/html")


def read(file: Path) -> Iterator[Part]:
    """One part. Raises ``ValueError`` where the archive is no book, or is locked."""
    with opened(file) as held, ZipFile(held) as book:
        if "META-INF/rights.xml" in book.namelist():
            raise ValueError("it is encrypted")
        root = next((e.get("full-path") for e in _xml(book, _CONTAINER).iter() if _local(e) == "rootfile"), None)
        if not root:
            raise ValueError("it names no book")
        package = _xml(book, root)
        stated: dict[str, list[str]] = {}
        for element in package.iter():
            stated.setdefault(_local(element), []).append((element.text or "").strip())
        blocks = [b for name in _spine(package, posixpath.dirname(root)) for b in _chapter(book, name)]
        yield Part(
            tuple(blocks),
            title=next(filter(None, stated.get("title", [])), ""),
            date=next(filter(None, map(iso_date, stated.get("date", []))), ""),
            tags=tags_of(stated.get("subject", [])),
        )


def _spine(package: Any, folder: str) -> Iterator[str]:
    """The files of the chapters, in reading order, each once."""
    items = {e.get("id"): e for e in package.iter() if _local(e) == "item"}
    order = dict.fromkeys(e.get("idref") for e in package.iter() if _local(e) == "itemref")
    for name in order:
        item = items.get(name)
        if item is not None and item.get("media-type") in _CHAPTERS and "nav" not in item.get("properties", "").split():
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))


def _chapter(book: ZipFile, name: str) -> tuple[Block, ...]:
    if name not in book.NameToInfo:
        return ()
    part = parsed(decoded(book.read(name)))
    if part.name and not any(b.heading for b in part.blocks):
        return tuple(b._replace(heading=part.name) for b in part.blocks)
    return part.blocks


def _xml(book: ZipFile, name: str) -> Any:
    from defusedxml.ElementTree import fromstring

    if name not in book.NameToInfo:
        raise ValueError(f"it holds no {name}")
    return fromstring(book.read(name))


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
