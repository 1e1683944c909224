"""DOCX: paragraphs under their headings, tables row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from corpus.documents.formats.grid import Cell
from corpus.documents.formats.office.docx_style import Styles, is_on
from corpus.documents.formats.office.docx_words import Reader, Words, visible_content
from corpus.documents.formats.office.numbering import Numbering
from corpus.documents.formats.office.ooxml import MC, REL, W, first_part, parsed, related, stated, value_of
from corpus.documents.formats.part import Block, LeftOut, Part, joined, under
from corpus.documents.formats.table_rows import rendered_grid
from corpus.documents.formats.tally import COMMENT, HIDDEN, Tally
from corpus.documents.formats.zipped import opened

_WRAPS = {f"{W}{tag}" for tag in ("sdt", "ins", "moveTo", "smartTag", "customXml")} | {f"{MC}AlternateContent"}
_PAGE = re.compile(r"\W*(?:\w+ )?\d+(?:(?: \w+ | ?/ ?)\d+)?\W*")
"""``Page 2 of 3``, as headers and footers have it."""
_NOTHING = Cell("")
_WIDEST = 1000
"""Columns that a cell may span; Word has 63."""
_NOTES = {"footnote": "footnotes", "endnote": "endnotes"}
_UNREAD_NOTE = "note that nothing refers to"


def read(file: Path) -> Iterator[Part]:
    """One part. Words that are struck out, deleted or hidden are no text: they are counted in ``left_out``."""
    with opened(file) as archive:
        document = _Document(archive)
        blocks = [block for block in document.blocks() if block.heading or block.text.strip()]
        yield Part(tuple(blocks), **stated(archive), left_out=tuple(document.left_out()))


class _Document:
    """A document's parts, and the paths through them."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._main = first_part(archive, "word/document.xml")
        self._related = related(archive, self._main)
        self._styles = Styles(self._first("styles"))
        self._numbering = Numbering(self._first("numbering"), self._styles.lists())
        self._tally = Tally()
        self._left_out: list[LeftOut] = []
        self._within = self._related
        self._reader = Reader(self._styles, self._tally, self._part)
        self._path: list[str] = []
        self._in_cell = False
        self._notes: dict[tuple[str, str], Element] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        for kind, part in _NOTES.items():
            root = self._first(part)
            for note in root if root is not None else ():
                if note.get(f"{W}type", "normal") == "normal":
                    self._notes[kind, note.get(f"{W}id", "")] = note

    def blocks(self) -> Iterator[Block]:
        """The body, then what is printed on each page."""
        body = parsed(self._archive, self._main).find(f"{W}body")
        if body is None:
            raise ValueError("its document has no body")
        yield from self._blocks(body)
        self._path, self._reader.place = [], ""
        yield from self._printed()
        for key, note in self._notes.items():
            if key not in self._numbers:
                self._reader.deleted(note, _UNREAD_NOTE)
        comments = self._first("comments")
        for comment in comments if comments is not None else ():
            self._tally.add("", COMMENT, sum(len(t.text or "") for t in comment.iter(f"{W}t")))

    def left_out(self) -> Iterator[LeftOut]:
        yield from self._left_out
        yield from self._tally.left_out()

    def _first(self, kind: str) -> Element | None:
        lies = next((lies for k, lies in self._related.values() if k == kind), "")
        return parsed(self._archive, lies) if lies else None

    def _part(self, name: str) -> Element | None:
        """The part that this name stands for in the part being read."""
        lies = self._within.get(name, ("", ""))[1]
        return parsed(self._archive, lies) if lies else None

    def _printed(self) -> Iterator[Block]:
        """Headers and footers, the same words once; page numbers are no words."""
        printed: set[str] = set()
        for kind, lies in self._related.values():
            if kind in ("header", "footer"):
                self._within = related(self._archive, lies)
                for block in self._blocks(parsed(self._archive, lies)):
                    text = " ".join(block.text.split())
                    if any(map(str.isalpha, text)) and not _PAGE.fullmatch(text) and text not in printed:
                        printed.add(text)
                        yield Block("", block.text, None, block.table)

    def _blocks(self, holder: Element) -> Iterator[Block]:
        for child in holder:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                yield from self._table(child)
            elif child.tag in _WRAPS:
                yield from self._blocks(visible_content(child))
            elif child.tag in (f"{W}del", f"{W}moveFrom"):
                self._reader.deleted(child)
            elif child.tag == f"{W}altChunk":
                self._chunk(child)
            elif child.tag.endswith("}oMathPara"):
                yield Block(joined(self._path), self._reader.words(child).text)

    def _chunk(self, chunk: Element) -> None:
        lies = self._within.get(chunk.get(f"{REL}id", ""), ("", ""))[1]
        problem = f"holds another document ({lies.rpartition('/')[2]}) that is not read"
        self._left_out.append(LeftOut(self._reader.place, problem, "open the file in Word and save it"))

    def _paragraph(self, paragraph: Element) -> Iterator[Block]:
        words = self._reader.words(paragraph)
        text = self._numbered(paragraph, words.text.strip())
        level = self._styles.heading(paragraph)
        if level and text:
            self._path, text = under(self._path, level, text), ""
            self._reader.place = f'under "{self._path[-1]}"'
        yield Block(joined(self._path), text)
        yield from self._beside(words)

    def _numbered(self, paragraph: Element, text: str) -> str:
        """The words with the number that Word puts before them. Deleted paragraphs are not counted."""
        numbering = self._styles.list_of(paragraph)
        if numbering is None or (not text and self._reader.is_gone(paragraph)):
            return text
        number, level, style = numbering
        mark = self._numbering.mark(number, self._numbering.level_of(number, style) if level is None else level)
        return f"{mark} {text}".strip() if mark and (text or self._in_cell) else text

    def _beside(self, words: Words) -> Iterator[Block]:
        """Text boxes, drawings and notes, behind the paragraph they belong to."""
        for box in words.boxes:
            yield from self._blocks(box)
        yield from (Block(joined(self._path), text, None, table) for text, table in words.drawn)
        for key in words.notes:
            if key in self._notes and key not in self._numbers:
                self._numbers[key] = 1 + sum(kind == key[0] for kind, _ in self._numbers)
                self._within, before = related(self._archive, self._note_part(key[0])), self._within
                text = self._plain(self._notes[key])
                self._within = before
                yield Block(joined(self._path), f"{key[0].capitalize()} {self._numbers[key]}: {text}")

    def _note_part(self, kind: str) -> str:
        return next((lies for k, lies in self._related.values() if k == _NOTES[kind]), "")

    def _plain(self, holder: Element, *, cell: bool = False) -> str:
        """All blocks within an element, a line each: those of notes and of cells. Headings in them are words."""
        path, self._path, place = self._path, [], self._reader.place
        within, self._in_cell = self._in_cell, cell
        lines: list[str] = []
        table = False
        for block in self._blocks(holder):
            lines += [" > ".join(self._path)] if self._path else []
            self._path = []
            if table and block.table:
                lines[-1] += f" / {block.text}"
            else:
                lines.append(block.text)
            table = block.table
        self._path, self._in_cell, self._reader.place = path, within, place
        return "\n".join(line for line in lines if line.strip())

    def _table(self, table: Element) -> Iterator[Block]:
        yield from (Block(joined(self._path), row, None, True) for row in rendered_grid(self._rows(table)))

    def _rows(self, table: Element) -> Iterator[list[Cell]]:
        """Cells that span several columns or rows stand in each of them."""
        above: dict[int, Cell] = {}
        for row in _within(table, f"{W}tr"):
            properties = row.find(f"{W}trPr")
            if properties is not None and properties.find(f"{W}del") is not None:
                self._reader.deleted(row)
            elif properties is not None and is_on(properties.find(f"{W}hidden")):
                self._reader.deleted(row, HIDDEN)
            else:
                above = self._row(row, above)
                yield [above.get(at, _NOTHING) for at in range(max(above, default=-1) + 1)]

    def _row(self, row: Element, above: dict[int, Cell]) -> dict[int, Cell]:
        """The cell at each column of the table's grid."""
        at = _count(row, "trPr/gridBefore", 0)
        names = is_on(row.find(f"{W}trPr/{W}tblHeader"))
        placed: dict[int, Cell] = {}
        for cell in _within(row, f"{W}tc"):
            merged = cell.find(f"{W}tcPr/{W}vMerge")
            goes_on = merged is not None and merged.get(f"{W}val", "continue") == "continue"
            placed_cell = Cell(self._plain(cell, cell=True), header=names)
            if goes_on and not placed_cell.words:
                placed_cell = above.get(at, placed_cell)
            for _ in range(_count(cell, "tcPr/gridSpan", 1)):
                placed[at] = placed_cell
                at += 1
        return placed


def _within(holder: Element, tag: str) -> Iterator[Element]:
    """Rows of a table, or cells of a row, whatever they are wrapped in."""
    for child in holder:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPS:
            yield from _within(visible_content(child), tag)


def _count(holder: Element, path: str, default: int) -> int:
    value = value_of(holder, path)
    return min(int(value), _WIDEST) if value.isdecimal() and value.isascii() else default
