"""PPTX: slides as pages under their titles, with tables, charts and notes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from corpus.documents.formats.grid import Cell
from corpus.documents.formats.office.drawing import graphic_texts, picture_words, words
from corpus.documents.formats.office.ooxml import REL, A, P, first_part, parsed, related, seen_version, stated
from corpus.documents.formats.part import Block, LeftOut, Part
from corpus.documents.formats.table_rows import rendered_grid
from corpus.documents.formats.tally import COMMENT, EMBEDDED, HIDDEN, Tally, number
from corpus.documents.formats.zipped import opened

_DEEPEST = 50
_WIDEST = 1000
_TITLES = ("title", "ctrTitle")


def read(file: Path) -> Iterator[Part]:
    """One part; ``page`` is the slide's number. Hidden slides are left out, as hidden sheets are."""
    tally = Tally()
    left_out: list[LeftOut] = []
    blocks: list[Block] = []
    with opened(file) as archive:
        for page, lies in enumerate(_slides(archive), 1):
            slide = parsed(archive, lies)
            if slide.get("show", "1") in ("0", "false"):
                reason = f"is hidden ({number(_characters(slide), 'character')})"
                left_out.append(LeftOut(f"slide {page}", reason, "show the slide, if it is to be found"))
            else:
                blocks += _Slide(archive, lies, page, tally).blocks(slide)
        yield Part(tuple(blocks), **stated(archive), left_out=(*left_out, *tally.left_out()))


def _slides(archive: ZipFile) -> list[str]:
    """Where the slides lie, in the order in which they are shown."""
    at = first_part(archive, "ppt/presentation.xml")
    parts = related(archive, at)
    places = (parts.get(s.get(f"{REL}id", ""), ("", ""))[1] for s in parsed(archive, at).iter(f"{P}sldId"))
    return [lies for lies in places if lies in archive.namelist()]


def _characters(holder: Element) -> int:
    return sum(len(t.text or "") for t in holder.iter(f"{A}t"))


class _Slide:
    """Reads one slide."""

    def __init__(self, archive: ZipFile, part: str, page: int, tally: Tally) -> None:
        self._archive = archive
        self._related = related(archive, part)
        self._page = page
        self._place = f"slide {page}"
        self._tally = tally

    def blocks(self, slide: Element) -> Iterator[Block]:
        """The title first, then the shapes in their order, then the notes."""
        tree = slide.find(f"{P}cSld/{P}spTree")
        shapes = list(_shapes(tree, 0)) if tree is not None else []
        title = next((s for s in shapes if _holds(s) in _TITLES), None)
        heading = " ".join(self._words(title).split()) if title is not None else ""
        yield Block(heading, "", self._page)
        for shape in shapes:
            if shape is not title:
                yield from (Block(heading, text, self._page, table) for text, table in self._texts(shape))
        for kind, lies in self._related.values():
            if kind == "notesSlide":
                yield Block(heading, self._notes(parsed(self._archive, lies)), self._page)
            elif kind == "comments":
                self._comments(parsed(self._archive, lies))

    def _notes(self, notes: Element) -> str:
        return "\n".join(self._words(shape) for shape in notes.iter(f"{P}sp") if _holds(shape) == "body")

    def _comments(self, root: Element) -> None:
        for comment in root:
            text = "".join(e.text or "" for e in comment.iter() if e.tag in (f"{P}text", f"{A}t"))
            self._tally.add(self._place, COMMENT, len(text))

    def _words(self, holder: Element) -> str:
        return words(holder, self._place, self._tally)

    def _texts(self, shape: Element) -> Iterator[tuple[str, bool]]:
        """Each text, and whether it is a row of a table."""
        properties = next(shape.iter(f"{P}cNvPr"), None)
        if properties is not None and properties.get("hidden") in ("1", "true"):
            self._tally.add(self._place, HIDDEN, _characters(shape))
        elif shape.tag == f"{P}graphicFrame":
            yield from self._framed(shape)
        elif shape.tag == f"{P}pic":
            if description := picture_words(shape, properties, self._place, self._tally):
                yield description, False
        elif _holds(shape) != "sldNum":
            yield self._words(shape), False

    def _framed(self, frame: Element) -> Iterator[tuple[str, bool]]:
        for each in frame.iter():
            if each.tag == f"{A}tbl":
                yield from ((row, True) for row in rendered_grid(self._rows(each)))
            elif each.tag == f"{P}oleObj":
                self._tally.add(self._place, EMBEDDED)
                return
            else:
                yield from graphic_texts(each, self._part, self._place, self._tally)

    def _rows(self, table: Element) -> Iterator[list[Cell]]:
        """Cells that span several columns or rows stand in each of them."""
        above: list[Cell] = []
        for row in table.findall(f"{A}tr"):
            cells: list[Cell] = []
            for at, cell in enumerate(row.findall(f"{A}tc")[:_WIDEST]):
                placed = Cell(self._words(cell))
                if cell.get("hMerge") in ("1", "true") and cells and not placed.words:
                    placed = cells[-1]
                elif cell.get("vMerge") in ("1", "true") and at < len(above) and not placed.words:
                    placed = above[at]
                cells.append(placed)
            yield cells
            above = cells

    def _part(self, name: str) -> Element | None:
        lies = self._related.get(name, ("", ""))[1]
        return parsed(self._archive, lies) if lies else None


def _holds(shape: Element) -> str:
    """What a placeholder is for: ``title``, ``body``, ``sldNum``; empty for other shapes."""
    place = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    return "" if place is None else place.get("type", "obj")


def _shapes(holder: Element, depth: int) -> Iterator[Element]:
    """The shapes, those of groups each by itself."""
    for child in holder:
        version = seen_version(child)
        if version is not child or (child.tag == f"{P}grpSp" and depth < _DEEPEST):
            yield from _shapes(version, depth + 1)
        elif child.tag in _SHAPES:
            yield child


_SHAPES = frozenset(f"{P}{tag}" for tag in ("sp", "graphicFrame", "pic", "cxnSp"))
