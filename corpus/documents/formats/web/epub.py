"""EPUB: chapters in the order of the book. Knows nothing of other formats but HTML."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from urllib.parse import unquote
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml.ElementTree import fromstring

from corpus.documents.encodings import decoded
from corpus.documents.formats.dates import iso_date, tags_of
from corpus.documents.formats.omissions import Omissions
from corpus.documents.formats.part import Block, Part
from corpus.documents.formats.web.html import parsed
from corpus.documents.formats.zipped import opened

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_PAGES = (".xhtml", ".html", ".htm")
_TEXTS = (*_PAGES, ".xml", ".txt")
_NO_TEXTS = ("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "application/x-dtbncx")


def read(file: Path) -> Iterator[Part]:
    """One part. Raises ``ValueError`` where the archive is no book, or is locked.

    Chapters that are listed but stand nowhere in the order of the book are read behind the others. A chapter that is
    missing, encrypted, not listed, or of a type without a reader is named.
    """
    with opened(file) as book:
        omissions, locked = Omissions(), _locked(book)
        root = next((e.get("full-path") for e in _xml(book, _CONTAINER).iter() if _local(e) == "rootfile"), None)
        if not root:
            raise ValueError("it names no book")
        package = _xml(book, root)
        stated: dict[str, list[str]] = {}
        for element in package.iter():
            stated.setdefault(_local(element), []).append((element.text or "").strip())
        folder = posixpath.dirname(root)
        chapters = _chapters(package, folder, omissions)
        if chapters and locked.issuperset(chapters):
            raise ValueError("it is encrypted")
        blocks = list(_blocks(book, chapters, locked, omissions))
        paths = {_path(folder, e) for e in package.iter() if _local(e) == "item"}
        for name in book.namelist():
            if name.lower().endswith(_PAGES) and name not in paths:
                omissions.add("a page is left out: the book does not list it", place=name)
        yield Part(
            tuple(blocks),
            title=next(filter(None, stated.get("title", [])), ""),
            date=next(filter(None, map(iso_date, stated.get("date", []))), ""),
            tags=tags_of(stated.get("subject", [])),
            left_out=omissions.summary(),
        )


def _chapters(package: Element, folder: str, omissions: Omissions) -> dict[str, str]:
    """The files that may be chapters, in reading order, each once, with their types; behind them those in no order."""
    items = {e.get("id"): e for e in package.iter() if _local(e) == "item"}
    contents = {_path(folder, e) for e in package.iter() if _local(e) == "reference" and e.get("type") == "toc"}
    order = dict.fromkeys(e.get("idref") for e in package.iter() if _local(e) == "itemref")
    chapters: dict[str, str] = {}
    for name in (*order, *(name for name in items if name not in order)):
        item = items.get(name)
        if item is None:
            omissions.add("a chapter is left out: the book does not say where it stands", place=str(name or ""))
            continue
        path, kind = _path(folder, item), item.get("media-type", "").strip().lower()
        is_contents = "nav" in item.get("properties", "").split() or (name not in order and path in contents)
        if not is_contents and (name in order or _is_text(path, kind)):
            chapters.setdefault(path, kind)
    return chapters


def _path(folder: str, element: Element) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(element.get("href", "").partition("#")[0])))


def _is_text(path: str, kind: str) -> bool:
    """May a file hold a chapter, by its type, or by its name where its type says little?"""
    if kind.startswith(_NO_TEXTS):
        return False
    has_suffix = path.lower().endswith(_TEXTS)
    if "html" in kind or "dtbook" in kind or kind.startswith("text/"):
        return True
    return has_suffix and kind != "application/smil+xml"


def _blocks(book: ZipFile, chapters: Mapping[str, str], locked: Set[str], omissions: Omissions) -> Iterator[Block]:
    for path, kind in chapters.items():
        if path not in book.NameToInfo:
            omissions.add("a chapter is left out: it is not in the file", place=path)
        elif path in locked:
            omissions.add("an encrypted chapter is left out", place=path, mend="save the book without copy protection")
        elif not _is_text(path, kind):
            omissions.add(f"a chapter is left out: no reader for its type {kind or 'that is not stated'}", place=path)
        else:
            yield from _chapter(decoded(book.read(path)), path, kind, omissions)


def _chapter(text: str, path: str, kind: str, omissions: Omissions) -> Iterator[Block]:
    if kind == "text/plain" or path.lower().endswith(".txt"):
        yield Block("", text)
        return
    part = parsed(text, site=False)
    for each in part.left_out:
        omissions.add(each.what, place=path, mend=each.mend)
    untitled = part.name and not any(block.heading for block in part.blocks)
    yield from (block._replace(heading=part.name) if untitled else block for block in part.blocks)


def _locked(book: ZipFile) -> frozenset[str]:
    """The encrypted files. Raises ``ValueError`` where there is a licence, and nothing says which files it locks."""
    if _ENCRYPTION not in book.NameToInfo:
        if "META-INF/rights.xml" in book.NameToInfo:
            raise ValueError("it is encrypted")
        return frozenset()
    names = (e.get("URI", "") for e in _xml(book, _ENCRYPTION).iter() if _local(e) == "CipherReference")
    return frozenset(posixpath.normpath(unquote(name)) for name in names)


def _xml(book: ZipFile, name: str) -> Element:
    if name not in book.NameToInfo:
        raise ValueError(f"it holds no {name}")
    root: Element = fromstring(book.read(name))
    return root


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
