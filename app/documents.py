"""The documents a project retrieves from: read one at a time, protected, and told what of them cannot be read. Indexes nothing.

A file that is as it was at the last update is not read. What was found in it then, and the fingerprint of its words by which
copies are told, stand in ``documents.json``.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from corpus.apart import Apart
from corpus.errors import Fault, GroundtuneError, InputError
from corpus.protect import Protected
from corpus.read import documents_of, files_in
from corpus.records import Document
from corpus.store import read_json, write_json

if TYPE_CHECKING:
    from app.project import Project
    from rag.sources import Source

_READING = 5
"""Raised where the same file is read into another document than before: every file is then read again."""
_SETTLED = 2.0
"""Seconds after which a file's time of change can be trusted to change with the next one."""


class Documents:
    """A project's documents; ``faults`` gathers those that cannot be read, as they are met. A context, for its readers."""

    def __init__(self, project: Project, *, anew: bool = False) -> None:
        """``anew``: what is known from the last update is not relied on."""
        self.project = project
        self.faults: list[Fault] = []
        self._protector = project.protector()
        self._apart = Apart()
        self._id, self._known = (_new_id(), {}) if anew else _known(project.documents_file)
        self._now: dict[str, Any] = {}

    def __enter__(self) -> Documents:
        self._apart.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._apart.__exit__(kind, error, trace)

    def files(self) -> list[tuple[Path, str]]:
        """Each file with its source, but those with questions. Raises ``InputError`` for paths that are not there."""
        taught = self.project.question_paths()
        return [(f, n) for f, n in files_in(self.project.document_paths(), self.project.folder) if f not in taught]

    def sources(self) -> list[Source]:
        """Each file, not read yet. Raises ``InputError`` for paths that are not there."""
        from rag.adopt import adopted

        made = [
            self._source(name, _stamp(file), partial(documents_of, [(file, name)], apart=self._apart))
            for file, name in self.files()
        ]
        taken = [
            replace(self._source(s.name, s.stamp, s.read), vectors=s.vectors) for s in adopted(self.project.adopted)
        ]
        return [*made, *taken]

    def each(self) -> Iterator[Document]:
        """Every document that can be read, one after another."""
        return (document for source in self.sources() for document in source.read())

    def require(self, *, strict: bool, any_is_left: bool) -> None:
        """Raise ``InputError`` where, with ``strict``, a document could not be read, or where none is left."""
        if strict and self.faults:
            raise InputError(f"{len(self.faults)} of the documents cannot be read", self.faults)
        if not any_is_left:
            named = ", ".join(self.project.settings.documents) or "no path given"
            raise InputError(f"no readable document in {named}", self.faults, mend="groundtune index add PATH")

    def keep_report(self) -> None:
        """Write down what was found: to be called when all is read, before the index changes."""
        if self._now == self._known and self.project.protection_file.is_file():
            return
        write_json(self.project.documents_file, {"id": self._id, "files": self._now})
        told = [at["report"] for at in self._now.values() if "report" in at]
        names = self._protector.report.names_looked_for
        write_json(self.project.protection_file, Protected.of_all(told, names_looked_for=names).to_json())

    def _source(self, name: str, as_is: str, read: Callable[[], Iterable[Document | Fault]]) -> Source:
        from rag.sources import Source

        policy = self._protector.policy
        trusted = as_is and policy.near_duplicates != "drop"  # near copies are told from words, not fingerprints
        stamp = f"{as_is} {_READING} {self._protector.version} {self._id}" if trusted else ""
        known = self._known.get(name, {})
        if stamp and known.get("stamp") == stamp:
            self._now[name] = known
            left_out = known["report"]["duplicates"]
            self._protector.know({s: text for s, text in known["report"]["texts"].items() if s not in left_out})
        return Source(name, partial(self._read, name, read, stamp), stamp)

    def _read(self, name: str, read: Callable[[], Iterable[Document | Fault]], stamp: str) -> Iterator[Document]:
        self._protector.taken_report()
        for found in read():
            if isinstance(found, Fault):
                self.faults.append(found)
            elif made := self._protector.document(found):
                yield made
        self._now[name] = {"stamp": stamp, "report": vars(self._protector.taken_report())}


def _known(file: Path) -> tuple[str, dict[str, Any]]:
    """What is known of each file, and under which name: where it was lost, a new one, and every file is read again."""
    try:
        told = read_json(file)
        return told["id"], told["files"]
    except (OSError, ValueError, KeyError, TypeError, GroundtuneError):
        return _new_id(), {}


def _new_id() -> str:
    return secrets.token_hex(4)


def _stamp(file: Path) -> str:
    """Size and time of change of a file that was not changed just now."""
    known = file.stat()
    return f"{known.st_size} {known.st_mtime_ns}" if time.time() - known.st_mtime > _SETTLED else ""
