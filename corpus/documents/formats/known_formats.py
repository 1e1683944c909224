"""Which suffix is read by which format's module. To read another format, write its module and enter its suffix here."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.documents.formats.part import Part

FORMATS = {
    ".md": "text.markdown",
    ".markdown": "text.markdown",
    ".txt": "text.plain",
    ".csv": "text.csv",
    ".tsv": "text.csv",
    ".html": "web.html",
    ".htm": "web.html",
    ".xhtml": "web.html",
    ".pdf": "pdf.pdf",
    ".docx": "office.docx",
    ".pptx": "office.pptx",
    ".xlsx": "office.xlsx",
    ".eml": "text.mail",
    ".epub": "web.epub",
}
_BY_LINE = ("text.markdown", "text.plain", "text.csv")


def is_known(file: Path) -> bool:
    """Is there a reader for files of this name?"""
    return file.suffix.lower() in FORMATS


def is_read_by_line(file: Path) -> bool:
    """Is it text that is read line by line, with little memory and in a time that grows with its length alone?"""
    return FORMATS[file.suffix.lower()] in _BY_LINE


def parts(file: Path) -> Iterator[Part]:
    """The file as its format's reader sees it. Raises what the reader raises: anything, for a damaged file."""
    file_parts: Iterator[Part] = import_module(f"corpus.documents.formats.{FORMATS[file.suffix.lower()]}").read(file)
    return file_parts
