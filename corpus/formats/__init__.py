"""One module for each format, each with ``read(file) -> Iterator[Part]``; here is which suffix is whose."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.formats.part import Part

FORMATS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "plain",
    ".csv": "csv",
    ".tsv": "csv",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".pptx": "pptx",
    ".xlsx": "xlsx",
    ".eml": "mail",
    ".epub": "epub",
}
_BY_LINE = ("markdown", "plain", "csv")


def is_known(file: Path) -> bool:
    """Is there a reader for files of this name?"""
    return file.suffix.lower() in FORMATS


def is_read_by_line(file: Path) -> bool:
    """Is it text that is read line by line, with little memory and in a time that grows with its length alone?"""
    return FORMATS[file.suffix.lower()] in _BY_LINE


def parts(file: Path) -> Iterator[Part]:
    """The file as its format's reader sees it. Raises what that raises: anything, for a damaged file."""
    made: Iterator[Part] = import_module(f"corpus.formats.{FORMATS[file.suffix.lower()]}").read(file)
    return made
