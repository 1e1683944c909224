"""What an index is made from, one document at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.records import Document

if TYPE_CHECKING:
    import numpy


@dataclass(frozen=True)
class Source:
    """A file that is read only where it may have changed."""

    name: str
    """``Document.source``, without the part's number where a long file makes several (``corpus.records.file_of``)."""
    read: Callable[[], Iterable[Document]]
    """Its documents: one, several of a long file, none where it holds nothing that can be indexed."""
    stamp: str = ""
    """Changes whenever the document does, and is known without reading it; empty: it must be read to know."""
    vectors: Callable[[], Mapping[str, numpy.ndarray]] | None = None
    """Unit vectors of its sections by their text, made elsewhere by the same embedder; its sections are not cut then."""


def given(document: Document) -> Source:
    """A document that was read already."""
    return Source(document.source, lambda: (document,))


def content_hash(document: Document) -> str:
    """SHA-256 of all that passages are made from: text, headings, pages, date and tags."""
    sections = [[s.heading, s.page, s.start, len(s.text), s.table] for s in document.sections]
    parts = [document.title, document.text, sections, document.date, document.tags]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
