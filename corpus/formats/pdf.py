"""PDF: pages in reading order, with the title, date and keywords it states. Knows nothing of other formats."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.clean import LIGATURES
from corpus.formats.dates import iso_date, tags_of
from corpus.formats.layout import Piece, page_paragraphs
from corpus.formats.part import Block, Part, joined, under

_NO_TITLE = re.compile(
    r"(?i)untitled.*|\W?(unspecified|anonymous)\W?|microsoft \w+ - .*|\S+\.(docx?|indd|pdf|tex|odt|pptx?|xlsx?|rtf|qxd)"
)
_LINE_END_HYPHENS = (0x02, 0xFFFE)
"""What PDFium gives for a hyphen that it takes for a line's end."""


def read(file: Path) -> Iterator[Part]:
    """One part. Raises ``ValueError`` where the file is encrypted, or no PDF."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        raise ValueError("it is encrypted" if "password" in str(error).lower() else "it is not a sound PDF") from error
    stated = pdf.get_metadata_dict()
    title = stated.get("Title", "").strip()
    pages = page_paragraphs([_pieces(pdf, n) for n in range(len(pdf))])
    yield Part(
        tuple(_blocks(pages)),
        name="" if _NO_TITLE.fullmatch(title) else title,
        date=iso_date(stated.get("ModDate")) or iso_date(stated.get("CreationDate")),
        tags=tags_of(stated.get("Keywords")),
    )


def _blocks(pages: list[list[tuple[int, str]]]) -> Iterator[Block]:
    """What stands under each heading, page by page; headings go on to the next page."""
    path: list[str] = []
    for number, paragraphs in enumerate(pages, 1):
        words: list[str] = []
        for n, (level, text) in enumerate(paragraphs):
            if not level:
                words.append(text)
                continue
            if n:
                yield Block(joined(path), "\n\n".join(words), number)
            path, words = under(path, level, text), []
        if paragraphs:
            yield Block(joined(path), "\n\n".join(words), number)


def _pieces(pdf: Any, number: int) -> list[Piece]:
    """The words of a page with their places, in the order in which they are drawn."""
    import pypdfium2

    try:
        page = pdf[number]
        text = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        raise ValueError(f"page {number + 1} is damaged") from error
    made: list[Piece] = []
    words, place, last = "", (0.0, 0.0, 0.0, 0.0), None
    for character, here, size in _characters(text):
        if not here:
            words += " "
            continue
        if words and (here == last or _goes_on(place, here, size)):  # a ligature's letters share their place
            words += character
            place = place[0], min(place[1], here[1]), max(place[2], here[2]), max(place[3], here[3])
        else:
            made.append(Piece(*place, " ".join(words.split())))
            words, place = character, here
        last = here
    made.append(Piece(*place, " ".join(words.split())))
    text.close()
    page.close()
    return [p for p in made if p.text]


def _goes_on(place: tuple[float, ...], here: tuple[float, ...], size: float) -> bool:
    """Does a character stand close behind these words, on their line?"""
    height = min(place[3] - place[1], here[3] - here[1])
    same_line = abs((place[1] + place[3]) - (here[1] + here[3])) < height
    return same_line and -0.5 * size < here[0] - place[2] < 0.9 * size


def _characters(text: Any) -> Iterator[tuple[str, tuple[float, float, float, float] | None, float]]:
    """Each character with left, bottom, right and top (None for a space) and its size."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    for n in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text, n)
        character = "-" if code in _LINE_END_HYPHENS else chr(code) if code < 0x110000 else " "
        if not character.strip() or not pdfium.FPDFText_GetLooseCharBox(text, n, ctypes.byref(box)):
            yield " ", None, 0.0
            continue
        size = max(1.0, box.top - box.bottom)
        yield LIGATURES.get(character, character), (box.left, box.bottom, box.right, box.top), size
