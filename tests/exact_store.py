"""A second vector store: every vector is compared. Its collections are in memory, as a server's, or in a file of a folder."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from errno import ENOENT
from pathlib import Path

import numpy

from corpus.records import Passage
from rag.index.vector_store import CollectionMissing, StoreLocation, StoreUnreachable, VectorStore

Records = dict[str, tuple[str, numpy.ndarray]]
"""Text and vector by id."""


@dataclass
class ExactServer:
    """Collections by name."""

    collections: dict[str, Records] = field(default_factory=dict)
    answers: bool = True


@dataclass(frozen=True)
class ExactLocation(StoreLocation):
    """At a server in this process, or in a folder of each state."""

    server: ExactServer = field(default_factory=ExactServer)
    product = "the exact store"
    folder = "exact"

    def store(self, state: Path, *, make: bool = False) -> ExactStore:
        return ExactStore(self, state / self.folder, make=make)

    def rewrites(self, file: Path) -> bool:
        return False


class ExactStore(VectorStore):
    """Reads the whole collection at each call, and writes it back."""

    def __init__(self, location: ExactLocation, folder: Path, *, make: bool) -> None:
        self.location = location
        self.folder = folder
        self.make = make

    @contextmanager
    def _records(self) -> Iterator[Records]:
        if self.location.url:
            yield self._of_server()
            return
        if self.make:
            self.folder.mkdir(exist_ok=True)
        elif not self.folder.is_dir():
            raise FileNotFoundError(ENOENT, "no such folder", str(self.folder))
        file = self.folder / self.location.collection
        if not file.is_file() and not self.make:
            raise self._missing()
        before = file.read_bytes() if file.is_file() else pickle.dumps({})
        records: Records = pickle.loads(before)
        yield records
        if (after := pickle.dumps(records)) != before or not file.is_file():
            file.write_bytes(after)

    def _of_server(self) -> Records:
        server, name = self.location.server, self.location.collection
        if not server.answers:
            raise StoreUnreachable(f"{self.location.url}: no exact store answers")
        if name not in server.collections and not self.make:
            raise self._missing()
        return server.collections.setdefault(name, {})

    def _missing(self) -> CollectionMissing:
        at = self.location.url or self.folder
        return CollectionMissing(
            f"{at}: it has no collection {self.location.collection}", mend="groundtune index update"
        )

    def count(self) -> int:
        with self._records() as records:
            return len(records)

    def ids(self) -> set[str]:
        with self._records() as records:
            return set(records)

    def everything(self) -> Iterator[tuple[list[str], list[str | None], numpy.ndarray]]:
        with self._records() as records:
            if records:
                texts, vectors = zip(*records.values(), strict=True)
                yield list(records), list(texts), numpy.stack(vectors)

    def put(self, passages: Iterable[tuple[Passage, numpy.ndarray]]) -> None:
        with self._records() as records:
            records.update({p.id: (p.text, numpy.array(v)) for p, v in passages})

    def remove(self, ids: Iterable[str]) -> None:
        with self._records() as records:
            for one in ids:
                records.pop(one, None)

    def nearest(self, vector: numpy.ndarray, k: int) -> list[tuple[str, float]]:
        with self._records() as records:
            cosines = [(i, float(v @ vector)) for i, (_, v) in records.items()]
        return sorted(cosines, key=lambda c: -c[1])[:k]

    def close(self) -> None:
        pass
