"""The documents a project retrieves from, one at a time, and what of them cannot be read. Indexes nothing.

``ready`` is the one place where a document is made ready for the index after it was read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import Fault, InputError
from corpus.read import files_in, read_document
from corpus.records import Document

if TYPE_CHECKING:
    from app.project import Project
    from rag.sources import Source

_READING = 1
"""Raised where the same file is read into another document than before: every file is then read again."""
_SETTLED = 2.0
"""Seconds after which a file's time of change can be trusted to change with the next one."""


class Documents:
    """A project's documents; ``faults`` gathers those that cannot be read, as they are met."""

    def __init__(
        self, project: Project, ready: Callable[[Document], Document] = lambda document: document, made_by: str = ""
    ) -> None:
        """``made_by``: what ``ready`` depends on; with another one every file is read again."""
        self.project = project
        self.ready = ready
        self.made_by = made_by
        self.faults: list[Fault] = []

    def sources(self) -> list[Source]:
        """Each document, not read yet. Raises ``InputError`` for paths that are not there."""
        from rag.adopt import adopted
        from rag.sources import Source

        files = files_in(self.project.document_paths(), self.project.folder)
        found = [
            Source(name, partial(self._read, partial(read_document, file, name), name), self._stamp(file))
            for file, name in files
        ]
        taken = [replace(s, read=partial(self._read, s.read, s.name)) for s in adopted(self.project.adopted)]
        return [*found, *taken]

    def each(self) -> Iterator[Document]:
        """Every document that can be read, one after another."""
        return (document for source in self.sources() if (document := source.read()) is not None)

    def require(self, *, strict: bool, any_is_left: bool) -> None:
        """Raise ``InputError`` where, with ``strict``, a document could not be read, or where none is left."""
        if strict and self.faults:
            raise InputError(f"{len(self.faults)} of the documents cannot be read", self.faults)
        if not any_is_left:
            named = ", ".join(self.project.settings.documents) or "no path given"
            raise InputError(f"no readable document in {named}", self.faults, mend="groundtune index add PATH")

    def _read(self, read: Callable[[], Document | None], name: str) -> Document | None:
        try:
            document = read()
            document = document and self.ready(document)
        except Exception as error:  # noqa: BLE001 - a damaged file raises anything; it is named and passed over
            said = (str(error).splitlines() or [type(error).__name__])[0][:120]
            self.faults.append(Fault(name, f"cannot be read ({said})", mend="repair or remove the file"))
            return None
        if document is None or not document.text.strip():
            self.faults.append(Fault(name, "holds no text", mend="scanned pages need text recognition first"))
            return None
        return document

    def _stamp(self, file: Path) -> str:
        """Size and time of change of a file that was not changed just now."""
        known = file.stat()
        settled = time.time() - known.st_mtime > _SETTLED
        return f"{known.st_size} {known.st_mtime_ns} {_READING} {self.made_by}".rstrip() if settled else ""
