"""Writing the next state of an index into a folder, passage by passage.

Memory does not grow with the passages: what is known already is copied from the former state's files, what is new waits
for the embedder a batch at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy

from corpus.records import Passage, ShownText
from lm.engine_contract import Embedder
from rag.index.bm25_files import WordCounts, opened
from rag.index.chunk import LONG_LABEL
from rag.index.document_names import names_of
from rag.index.snapshot import ENDS, FIRSTS, NAMED, NAMES, PASSAGES, SOURCES, VECTORS, WORDS, line_of, name_of
from rag.index.terms import terms_of

if TYPE_CHECKING:
    from rag.index.snapshot import Entry, Snapshot

_BATCH = 512
"""Passages embedded together: the embedder puts those of like length beside each other."""


class Writing:
    """Fills ``folder``. ``former`` is the state before, if any; ``leftovers`` what killed runs wrote."""

    def __init__(
        self, folder: Path, embedder: Embedder, former: Snapshot | None, leftovers: Sequence[Snapshot]
    ) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.embedder = embedder
        self.former = former
        self.leftovers = leftovers
        self.passages = 0
        self.documents = 0
        self.changed: list[int] = []
        """Places of passages that are not, to the letter, in the former state."""
        self._end = 0
        self._files = opened(folder, PASSAGES, ENDS, VECTORS, NAMES, SOURCES, FIRSTS)
        self._words = WordCounts(folder / WORDS, former.words if former else None)
        self._named = WordCounts(folder / NAMED, former.named.words if former else None)
        self._rows = {entry.source: n for n, entry in enumerate(former.entries)} if former else {}
        self._waiting: list[tuple[int, str]] = []

    def copy(self, entry: Entry) -> None:
        """Take a document over as it stands in the former state."""
        former = self.former
        if former is None:
            raise ValueError("there is no former state")
        first, count = entry.first, entry.count
        these = slice(first, first + count)
        lines = former.passages.lines(first, count)
        before = int(former.passages.ends[first - 1]) if first else 0
        self._files[PASSAGES].write(lines)
        self._files[ENDS].write((former.passages.ends[these] - before + self._end).astype("<i8").tobytes())
        self._files[NAMES].write(former.names[these].tobytes())
        self._write_vectors(self.passages, former.vectors[these])
        self._words.copy(first, count)
        self._named.copy(self._rows[entry.source], 1)
        self._end += len(lines)
        self._entered(entry, count)

    def add(self, entry: Entry, passages: Sequence[Passage], known: Callable[[Passage], numpy.ndarray | None]) -> None:
        """Write a document's passages; those without a ``known`` vector are embedded."""
        for n, passage in enumerate(passages):
            at, line = self.passages + n, line_of(passage)
            self._end += len(line)
            self._files[PASSAGES].write(line)
            self._files[ENDS].write(numpy.int64(self._end).tobytes())
            self._files[NAMES].write(name_of(passage.id).tobytes())
            self._words.add(terms_of(embedded_text(passage)))
            vector = known(passage)
            if vector is None:
                self._waiting.append((at, embedded_text(passage)))
            else:
                self._write_vectors(at, vector)
            if not self._stands(passage, line):
                self.changed.append(at)
        self._named.add(names_of(entry.source, passages))
        self._entered(entry, len(passages))
        if len(self._waiting) >= _BATCH:
            self._embed()

    def known(self, passage: Passage) -> numpy.ndarray | None:
        """The vector the former state, or a killed run, has for a passage."""
        for state in (self.former, *self.leftovers):
            if state:
                try:
                    vector = state.vector_for(passage)
                except (OSError, ValueError, TypeError, KeyError, IndexError):  # torn where the run was killed
                    continue
                if vector is not None:
                    return vector
        return None

    def finish(self) -> None:
        """Embed what waits and close the files."""
        self._embed()
        self._words.finish()
        self._named.finish()
        self.close()

    def close(self) -> None:
        """Close the files as they are."""
        for file in self._files.values():
            file.close()
        self._words.close()
        self._named.close()

    def _entered(self, entry: Entry, count: int) -> None:
        record = asdict(replace(entry, first=self.passages, count=count))
        self._files[SOURCES].write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
        self._files[FIRSTS].write(numpy.int64(self.passages).tobytes())
        self.passages += count
        self.documents += 1

    def _stands(self, passage: Passage, line: bytes) -> bool:
        place = self.former.place(passage.id) if self.former else None
        return self.former is not None and place is not None and self.former.passages.lines(place, 1) == line

    def _embed(self) -> None:
        if self._waiting:
            vectors = self.embedder.embed([text for _, text in self._waiting])
            for (at, _), vector in zip(self._waiting, vectors, strict=True):
                self._write_vectors(at, vector)
            self._waiting.clear()
        for file in self._files.values():  # a killed run's work is not lost
            file.flush()

    def _write_vectors(self, at: int, vectors: numpy.ndarray) -> None:
        rows = numpy.ascontiguousarray(vectors, "<f4")
        self._files[VECTORS].seek(at * 4 * self.embedder.dimension)
        self._files[VECTORS].write(rows.tobytes())


def embedded_text(passage: ShownText) -> str:
    """What the embedder and BM25 read: the headings and the text; first what must be read whole."""
    label, text = passage.label, passage.text
    if not label:
        return text
    return f"{label}\n{text}" if len(label) <= LONG_LABEL else f"{text}\n{label}"
