"""The words of one paragraph of a Word document, and what is anchored in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from corpus.documents.formats.office.docx_style import Styles, is_on
from corpus.documents.formats.office.drawing import graphic_texts, picture_words
from corpus.documents.formats.office.equation import linear
from corpus.documents.formats.office.ooxml import MATH, MC, NOTHING, W, seen_version, value_of
from corpus.documents.formats.tally import DELETED, EMBEDDED, HIDDEN, STRUCK, Tally

_VML = "{urn:schemas-microsoft-com:vml}"
_OFFICE = "{urn:schemas-microsoft-com:office:office}"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_SYMBOLS = {"F0FC": "✓", "F0FB": "✗", "F0FD": "☒", "F0FE": "☑", "F0A8": "☐", "F06F": "☐", "F0B7": "•", "F0E0": "→"}
"""Letters of Word's symbol fonts that have a meaning."""
_GALLERIES = ("Table of Contents", "Page Numbers")
"""What Word generates from the rest of the document."""


@dataclass
class Words:
    """A paragraph's words, and what stands beside them."""

    text: str = ""
    boxes: list[Element] = field(default_factory=list)
    """What holds the paragraphs of text boxes."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    """The notes that are referred to: ``footnote`` or ``endnote``, and the id."""
    drawn: list[tuple[str, bool]] = field(default_factory=list)
    """Words of charts, diagrams and pictures; each with whether it is a row of a table."""


class Reader:
    """Reads paragraphs; what is left out is counted in ``tally``, under ``place``."""

    def __init__(self, styles: Styles, tally: Tally, parts: Callable[[str], Element | None]) -> None:
        """``parts``: the root of the part that the document names by a relationship's id."""
        self.place = ""
        self._styles = styles
        self._tally = tally
        self._parts = parts
        self._paragraph: Element | None = None
        self._words = Words()

    def words(self, paragraph: Element) -> Words:
        """All that a paragraph holds."""
        self._paragraph, self._words = paragraph, Words()
        self._words.text = "".join(self._pieces(paragraph))
        return self._words

    def is_gone(self, paragraph: Element) -> bool:
        """Is the end of the paragraph deleted, so that an empty one does not exist?"""
        return paragraph.find(f"{W}pPr/{W}rPr/{W}del") is not None

    def deleted(self, element: Element, kind: str = DELETED) -> None:
        """Count the words within an element that are left out."""
        if characters := sum(len(t.text or "") for t in element.iter() if t.tag in (f"{W}t", f"{W}delText")):
            self._tally.add(self.place, kind, characters)

    def _pieces(self, holder: Element) -> Iterator[str]:
        for child in holder:
            tag = child.tag
            if tag == f"{W}r":
                yield from self._run(child)
            elif tag in (f"{W}del", f"{W}moveFrom"):
                self.deleted(child)
            elif tag == f"{MATH}oMath":
                yield linear(child)
            elif tag in _DRAWINGS:
                self._drawing(child)
            elif tag not in _ASIDE:
                yield from self._pieces(visible_content(child))

    def _run(self, run: Element) -> Iterator[str]:
        if self._styles.is_run(run, self._paragraph, "vanish", "webHidden"):
            self.deleted(run, HIDDEN)
        elif self._styles.is_run(run, self._paragraph, "strike", "dstrike"):
            self.deleted(run, STRUCK)
        else:
            yield from self._of_run(run)

    def _of_run(self, run: Element) -> Iterator[str]:
        for child in run:
            tag = child.tag
            if tag == f"{W}t":
                yield child.text or ""
            elif tag in _SIGNS:
                yield _SIGNS[tag]
            elif tag == f"{W}sym":
                yield _symbol(child)
            elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                kind = tag.removeprefix(W).removesuffix("Reference")
                self._words.notes.append((kind, child.get(f"{W}id", "")))
            elif tag == f"{W}fldChar":
                yield _form_field(child)
            elif tag == f"{W}ruby":
                yield "".join(self._pieces_of(child, "rubyBase"))
                yield f" ({''.join(self._pieces_of(child, 'rt'))})"
            elif tag == f"{MC}AlternateContent":
                yield from self._of_run(visible_content(child))
            elif tag in _DRAWINGS:
                self._drawing(child)

    def _pieces_of(self, ruby: Element, name: str) -> Iterator[str]:
        base = ruby.find(f"{W}{name}")
        return iter(()) if base is None else self._pieces(base)

    def _drawing(self, drawing: Element) -> None:
        boxes = list(_outermost(drawing, f"{W}txbxContent"))
        self._words.boxes += boxes
        for each in _outside(drawing):
            if each.tag == f"{_VML}textpath" and each.get("string"):
                self._words.drawn.append((each.get("string", ""), False))
            elif each.tag == f"{_OFFICE}OLEObject":
                self._tally.add(self.place, EMBEDDED)
            else:
                self._words.drawn += graphic_texts(each, self._parts, self.place, self._tally)
        if drawing.tag == f"{W}drawing" and any(e.tag == f"{_PICTURE}pic" for e in _outside(drawing)):
            properties = next(drawing.iter(f"{_DRAWN}docPr"), None)
            if description := picture_words(drawing, properties, self.place, self._tally):
                self._words.drawn.append((description, False))


def visible_content(element: Element) -> Element:
    """The visible part of an element: a control's content, one of several versions of the same, else itself."""
    if element.tag == f"{W}sdt":
        properties, content = element.find(f"{W}sdtPr"), element.find(f"{W}sdtContent")
        generated = properties is not None and _is_generated(properties)
        return content if content is not None and not generated else NOTHING
    return seen_version(element)


def _is_generated(properties: Element) -> bool:
    """Does a control hold a prompt, or what Word generates?"""
    if properties.find(f"{W}showingPlcHdr") is not None:
        return True
    return value_of(properties, "docPartObj/docPartGallery").startswith(_GALLERIES)


def _outermost(holder: Element, tag: str) -> Iterator[Element]:
    for child in visible_content(holder):
        if child.tag == tag:
            yield child
        else:
            yield from _outermost(child, tag)


def _outside(holder: Element) -> Iterator[Element]:
    """All elements within one, but for those in its text boxes."""
    for child in visible_content(holder):
        if child.tag != f"{W}txbxContent":
            yield child
            yield from _outside(child)


def _symbol(sym: Element) -> str:
    code = sym.get(f"{W}char", "").upper()
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    number -= 0xF000 if 0xF000 <= number <= 0xF0FF else 0
    return chr(number) if 0x20 <= number < 0xD800 else ""


def _form_field(char: Element) -> str:
    """What a box to tick or a list to choose from shows; text that was filled in is a run of its own."""
    box, chosen = char.find(f"{W}ffData/{W}checkBox"), char.find(f"{W}ffData/{W}ddList")
    if box is not None:
        state = box.find(f"{W}checked")
        return "☒" if is_on(state if state is not None else box.find(f"{W}default")) else "☐"
    if chosen is not None:
        entries = [e.get(f"{W}val", "") for e in chosen.findall(f"{W}listEntry")]
        at = int(value_of(chosen, "result") or 0)
        return entries[at] if 0 <= at < len(entries) else ""
    return ""


_DRAWINGS = frozenset({f"{W}drawing", f"{W}pict", f"{W}object"})
_SIGNS = {
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
    f"{W}pgNum": "",
}
_ASIDE = frozenset(f"{W}{tag}" for tag in ("pPr", "rPr", "sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr", "t"))
"""What holds no words, or words that belong to a run."""
