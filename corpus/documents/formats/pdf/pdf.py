"""PDF: pages in reading order, with the title, date and keywords it states."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.documents.formats.dates import iso_date, tags_of
from corpus.documents.formats.part import Block, LeftOut, Part, joined, under
from corpus.documents.formats.pdf.pdf_layout import page_paragraphs
from corpus.documents.formats.pdf.pdf_library import PdfDocument
from corpus.documents.formats.pdf.pdf_page import Page, page_of

_NO_TITLE = re.compile(
    r"(?i)untitled.*|\W?(unspecified|anonymous)\W?|microsoft \w+ - .*|\S+\.(docx?|indd|pdf|tex|odt|pptx?|xlsx?|rtf|qxd)"
)
_NAMED = 5
"""Attached files that are listed by name."""


def read(file: Path) -> Iterator[Part]:
    """One part. Raises ``ValueError`` where the file is encrypted, or no PDF."""
    try:
        pdf: PdfDocument = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        raise ValueError("it is encrypted" if "password" in str(error).lower() else "it is not a sound PDF") from error
    stated = pdf.get_metadata_dict()
    title = stated.get("Title", "").strip()
    form = _form(pdf)
    pages = [page_of(pdf, n, form) for n in range(len(pdf))]
    filled = any(field.value != "no" for page in pages for field in page.fields)
    yield Part(
        tuple(_blocks(page_paragraphs([page.pieces(unticked=filled) for page in pages]))),
        name="" if _NO_TITLE.fullmatch(title) else title,
        date=iso_date(stated.get("ModDate")) or iso_date(stated.get("CreationDate")),
        tags=tags_of(stated.get("Keywords")),
        left_out=(*_left_out_of(pdf), *_by_page(pages)),
    )


def _form(pdf: PdfDocument) -> object:
    """The environment in which PDFium reads a form's fields; None without a form."""
    try:
        pdf.init_forms()
    except pypdfium2.PdfiumError:
        return None
    return pdf.formenv


def _left_out_of(pdf: PdfDocument) -> Iterator[LeftOut]:
    """What the file holds beside its pages."""
    if pdf.get_formtype() == pdfium.FORMTYPE_XFA_FULL:
        yield LeftOut("", "is a form that is drawn only when it is opened (XFA)", "print it into a PDF, and take that")
    try:
        names = [pdf.get_attachment(n).get_name() for n in range(pdf.count_attachments())]
    except pypdfium2.PdfiumError:
        names = ["of unknown name"]
    if names:
        some = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        yield LeftOut("", f"holds attached files that are not read ({some})", "save them beside it")


def _by_page(pages: Sequence[Page]) -> Iterator[LeftOut]:
    """What is left out of pages; consecutive pages with the same omission are one entry."""
    runs: list[tuple[tuple[str, str], int, int]] = []
    for number, page in enumerate(pages, 1):
        for omission in page.left_out:
            before = next((n for n, run in enumerate(runs) if run[0] == omission and run[2] == number - 1), None)
            if before is None:
                runs.append((omission, number, number))
            else:
                runs[before] = omission, runs[before][1], number
    for (problem, mend), first, last in runs:
        yield LeftOut(f"page {first}" if first == last else f"pages {first}-{last}", problem, mend)


def _blocks(pages: list[list[tuple[int, str]]]) -> Iterator[Block]:
    """The text under each heading, page by page; headings go on to the next page."""
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
