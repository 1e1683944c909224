"""What Word, PowerPoint and Excel files have in common: parts, the relationships between them, and what they state."""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Collection, Iterator
from typing import TypedDict
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from corpus.documents.formats.dates import iso_date, tags_of

_OPEN = "http://schemas.openxmlformats.org"
W = f"{{{_OPEN}/wordprocessingml/2006/main}}"
P = f"{{{_OPEN}/presentationml/2006/main}}"
S = f"{{{_OPEN}/spreadsheetml/2006/main}}"
A = f"{{{_OPEN}/drawingml/2006/main}}"
CHART = f"{{{_OPEN}/drawingml/2006/chart}}"
CHART_EX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}chart"
DIAGRAM = f"{{{_OPEN}/drawingml/2006/diagram}}"
MATH = f"{{{_OPEN}/officeDocument/2006/math}}"
REL = f"{{{_OPEN}/officeDocument/2006/relationships}}"
MC = f"{{{_OPEN}/markup-compatibility/2006}}"
_DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"
NOTHING = Element("nothing")
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/\2"
_ENTITIES = "it defines entities, which office programs never do"
_HEAD = 4096
"""Bytes of a part within which it names its namespaces."""
_TEMPLATE_TITLES = ("Word Document", "PowerPoint Presentation")
"""What python-docx, python-pptx and PowerPoint call a file that nobody gave a title."""
_TEMPLATE_DATES = ("2013-12-23T23:15:00Z", "2013-01-27T09:15:58Z", "2013-01-27T09:14:16Z")
"""When the templates of python-docx and python-pptx were made, which their files state where nobody set a date."""


class Stated(TypedDict):
    """What an office file states of itself."""

    name: str
    date: str
    tags: tuple[str, ...]


def related(archive: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """The parts that one part of an office file names, by the name it has for each: the kind, and where it lies.

    What lies outside of the file, or is missing in it, is not among them.
    """
    folder, _, name = part.rpartition("/")
    try:
        relationships = parsed(archive, posixpath.join(folder, "_rels", f"{name}.rels"))
    except KeyError:
        return {}
    targets, names = {}, set(archive.namelist())
    for each in relationships:
        target = each.get("Target", "")
        lies = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        if each.get("TargetMode") != "External" and lies in names:
            targets[each.get("Id", "")] = each.get("Type", "").rpartition("/")[2], lies
    return targets


def parsed(archive: ZipFile, part: str) -> Element:
    """The root of one part of an archive, of either conformance class of the standard. Entities are refused."""
    try:
        root: Element = fromstring(_STRICT.sub(_TRANSITIONAL, archive.read(part)))
    except DefusedXmlException as error:
        raise ValueError(_ENTITIES) from error
    return root


def streamed(archive: ZipFile, part: str, tags: Collection[str]) -> Iterator[Element]:
    """The elements of these tags as they end; each is cleared when the next one is asked for. Entities are refused."""
    from lxml.etree import iterparse

    with archive.open(part) as xml:
        strict = _STRICT.search(xml.read(_HEAD))
    safe = {"resolve_entities": False, "no_network": True, "remove_comments": True, "remove_pis": True}
    with io.BytesIO(_STRICT.sub(_TRANSITIONAL, archive.read(part))) if strict else archive.open(part) as xml:
        for _, element in iterparse(xml, tag=list(tags), **safe):
            if element.getroottree().docinfo.doctype:
                raise ValueError(_ENTITIES)
            yield element
            element.clear()


def first_part(archive: ZipFile, default: str) -> str:
    """Where the document, workbook or presentation itself lies. Raises ``ValueError`` where it is not."""
    places = (lies for kind, lies in related(archive, "").values() if kind == "officeDocument")
    at = next(places, default)
    if at not in archive.namelist():
        raise ValueError(f"it holds no {default.rpartition('/')[2].removesuffix('.xml')}")
    return at


def seen_version(element: Element) -> Element:
    """The first of several versions of the same, for programs of different age; other elements are themselves."""
    if element.tag != f"{MC}AlternateContent":
        return element
    versions = (v for v in element if v.tag in (f"{MC}Choice", f"{MC}Fallback") and len(v))
    return next(versions, NOTHING)


def value_of(holder: Element | None, path: str, default: str = "") -> str:
    """What an element of a Word document within another says (``w:val``); ``default`` where it is not there."""
    element = holder.find("/".join(f"{W}{step}" for step in path.split("/"))) if holder is not None else None
    return default if element is None else element.get(f"{W}val", "")


def is_decorative(drawing: Element) -> bool:
    """Is a picture marked as decorative?"""
    return any(e.get("val") in ("1", "true") for e in drawing.iter(_DECORATIVE))


def stated(archive: ZipFile) -> Stated:
    """Title, date and keywords as the file itself states them in its core properties; empty where it states none.

    Values of a library's template do not count.
    """
    properties: dict[str, str] = {}
    for kind, lies in related(archive, "").values():
        if kind == "core-properties":
            properties = {e.tag.rpartition("}")[2]: " ".join((e.text or "").split()) for e in parsed(archive, lies)}
    title = properties.get("title", "")
    dates = (properties.get(name, "") for name in ("modified", "created"))
    return Stated(
        name="" if title in _TEMPLATE_TITLES else title,
        date=next((day for d in dates if d not in _TEMPLATE_DATES and (day := iso_date(d))), ""),
        tags=tags_of(properties.get("keywords", "")),
    )
