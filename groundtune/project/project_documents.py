"""The documents a project retrieves from: read one at a time, protected, and told what of them cannot be read. Indexes nothing.

A file that is as it was at the last update is not read. What was found in it then, and the fingerprint of its words by which
copies are told, stand in ``documents.json``, with what of it could not be read.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from corpus.atomic_files import read_json, write_json
from corpus.cancellation import stop_if_cancelled
from corpus.documents.document_files import Listing, listed
from corpus.documents.read_apart import Apart
from corpus.documents.read_documents import documents_of
from corpus.errors import Fault, GroundtuneError, InputError, Omission
from corpus.privacy.protect import Protected
from corpus.records import Document
from groundtune.project.not_read import NotRead, by_suffix

if TYPE_CHECKING:
    from groundtune.project.project import Project
    from rag.index.index_sources import Source

_READING = 6
"""Raised where the same file is read into another document than before: every file is then read again."""
_SETTLED = 2.0
"""Seconds after which a file's time of change can be trusted to change with the next one."""


class Documents:
    """A project's documents; ``not_read`` tells what of them cannot be read, once they are. A context, for its readers."""

    def __init__(self, project: Project, *, anew: bool = False) -> None:
        """``anew``: what is known from the last update is not relied on."""
        self.project = project
        self._protector = project.protector()
        self._apart = Apart()
        self._kept = {} if anew else _kept(project.documents_file)
        self._id: str = self._kept.get("id") or _new_id()
        self._known: dict[str, Any] = self._kept.get("files", {})
        self._now: dict[str, Any] = {}

    def __enter__(self) -> Documents:
        self._apart.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._apart.__exit__(kind, error, trace)

    @cached_property
    def listing(self) -> Listing:
        """What lies there, but files with questions and the settings. Raises ``InputError`` for paths that lead nowhere."""
        project = self.project
        return listed(project.document_paths(), project.folder, [*project.question_paths(), project.settings_file])

    @property
    def not_read(self) -> NotRead:
        """What cannot be read, as far as files were read now or stand as they were read before."""
        return _not_read(self._record())

    def sources(self) -> list[Source]:
        """Each file, not read yet. Raises ``InputError`` for paths that are not there."""
        from rag.index.adopt_collection import adopted

        files = [
            self._source(name, _stamp(file), partial(documents_of, [(file, name)], apart=self._apart))
            for file, name in self.listing.files
        ]
        taken = [
            replace(self._source(s.name, s.stamp, s.read), vectors=s.vectors) for s in adopted(self.project.adopted)
        ]
        return [*files, *taken]

    def each(self) -> Iterator[Document]:
        """Every document that can be read, one after another."""
        return (document for source in self.sources() for document in source.read())

    def require(self, *, strict: bool, any_is_left: bool) -> None:
        """Raise ``InputError`` where, with ``strict``, anything could not be read, or where no document is left."""
        not_read = self.not_read
        if strict and not_read:
            raise InputError("not everything in the documents can be read", not_read.faults())
        if not any_is_left:
            named = ", ".join(self.project.settings.documents) or "no path given"
            raise InputError(f"no readable document in {named}", not_read.faults(), mend="groundtune index add PATH")

    def keep_report(self) -> None:
        """Write down what was found: to be called when all is read, before the index changes."""
        record = self._record()
        if record == self._kept and self.project.protection_file.is_file():
            return
        write_json(self.project.documents_file, record)
        names = self._protector.report.names_looked_for
        protected = Protected.of_all((at["report"] for at in self._now.values()), names_looked_for=names)
        protected.duplicates.update(self.listing.again)
        write_json(self.project.protection_file, protected.to_json())

    def _record(self) -> dict[str, Any]:
        """What is kept for the next update and for ``status``."""
        listing = self.listing
        return {
            "id": self._id,
            "files": self._now,
            "faults": [vars(f) for f in listing.faults],
            "unread": list(listing.unread),
            "again": dict(listing.again),
        }

    def _source(self, name: str, as_is: str, read: Callable[[], Iterable[Document | Fault]]) -> Source:
        from rag.index.index_sources import Source

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
        faults: list[dict[str, object]] = []
        left_out: list[dict[str, object]] = []
        for document in read():
            stop_if_cancelled()
            if isinstance(document, Fault):
                (left_out if isinstance(document, Omission) else faults).append(vars(document))
            elif masked := self._protector.document(document):
                yield masked
        report = vars(self._protector.taken_report())
        self._now[name] = {"stamp": stamp, "report": report, "faults": faults, "left_out": left_out}


def not_read_before(project: Project) -> NotRead:
    """What could not be read when the documents were last indexed."""
    return _not_read(_kept(project.documents_file))


def _not_read(record: dict[str, Any]) -> NotRead:
    files = [at for _, at in sorted(record.get("files", {}).items())]
    faults = [f for at in files for f in at.get("faults", ())]
    return NotRead(
        tuple(Fault(**f) for f in (*record.get("faults", ()), *faults)),
        tuple(Omission(**o) for at in files for o in at.get("left_out", ())),
        by_suffix(record.get("unread", ())),
    )


def _kept(file: Path) -> dict[str, Any]:
    """What was kept of each file; empty where it was lost, so that every file is read again."""
    try:
        kept: dict[str, Any] = read_json(file)
        return kept if isinstance(kept["id"], str) and isinstance(kept["files"], dict) else {}
    except (OSError, ValueError, KeyError, TypeError, GroundtuneError):
        return {}


def _new_id() -> str:
    return secrets.token_hex(4)


def _stamp(file: Path) -> str:
    """Size and time of change of a file that was not changed just now."""
    known = file.stat()
    return f"{known.st_size} {known.st_mtime_ns}" if time.time() - known.st_mtime > _SETTLED else ""
