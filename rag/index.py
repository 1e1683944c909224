"""The index on disk: passages in a Chroma collection and in a file, kept in step with the documents. Answers nothing.

``index/chroma/`` holds the vectors, ``index/passages.jsonl`` the passages in the order BM25 counts them, and
``index/manifest.json``, written last, what they were made from.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import GroundtuneError, ProjectError
from corpus.records import Document, Passage
from corpus.store import MANIFEST, full_disk, read_json, sole_writer, write_json, write_text
from lm.engine import Embedder
from rag.chunk import MAX_TOKENS, chunk

if TYPE_CHECKING:
    import numpy

_STORE, _COLLECTION = "chroma", "passages"
_PASSAGES = "passages.jsonl"
_BATCH = 64
_SEARCH_WIDTH = 256
"""HNSW's search width: Chroma's default of 100 misses neighbours in large collections."""


@dataclass(frozen=True)
class IndexReport:
    """What building did; ``added`` and ``removed`` count passages."""

    documents: int
    passages: int
    seconds: float
    added: int = 0
    removed: int = 0


class Index:
    """A folder with an index made by one embedder. Opening it reads nothing; ``passages`` and ``nearest`` do."""

    def __init__(self, folder: Path, embedder: Embedder, *, max_tokens: int = MAX_TOKENS) -> None:
        self.folder = folder
        self.embedder = embedder
        self.max_tokens = max_tokens
        self._passages: tuple[Passage, ...] | None = None
        self._collection: Any = None

    @property
    def exists(self) -> bool:
        """Is there a complete index?"""
        return (self.folder / MANIFEST).is_file()

    def build(
        self, documents: Sequence[Document], on_progress: Callable[[int, int], None] | None = None
    ) -> IndexReport:
        """Make the index hold exactly ``documents``: what is unchanged costs nothing, what a killed run left is used.

        ``on_progress`` gets passages embedded and passages to embed. Raises ``BusyError`` while another process
        writes, ``ProjectError`` where the index was made with another embedder.
        """
        started = time.monotonic()
        with sole_writer(self.folder):
            if self.exists:
                self._require_same_settings()
            wanted = {p.id: p for d in documents for p in self._chunks(d)}
            try:
                added, removed = self._reconcile(wanted, on_progress)
                lines = [json.dumps(asdict(p), ensure_ascii=False) for p in wanted.values()]
                write_text(self.folder / _PASSAGES, "\n".join(lines) + "\n")
            except OSError as error:
                raise full_disk(error, self.folder) from error
            hashes = {d.source: d.content_hash for d in documents}
            write_json(self.folder / MANIFEST, self._settings() | {"documents": hashes, "passages": len(wanted)})
            self._passages = tuple(wanted.values())
        return IndexReport(len(documents), len(wanted), round(time.monotonic() - started, 2), added, removed)

    def rebuild(
        self, documents: Sequence[Document], on_progress: Callable[[int, int], None] | None = None
    ) -> IndexReport:
        """Throw away what is there, sound or damaged, and build anew. Raises as ``build`` does."""
        with sole_writer(self.folder):
            (self.folder / MANIFEST).unlink(missing_ok=True)  # from here to the end the index is not complete
            (self.folder / _PASSAGES).unlink(missing_ok=True)
            shutil.rmtree(self.folder / _STORE, ignore_errors=True)
            self._passages = self._collection = None
            _forget_open_stores()
        return self.build(documents, on_progress)

    def manifest(self) -> dict[str, Any]:
        """Settings, content hash of each document, number of passages. Raises ``ProjectError`` without complete index."""
        self._require_complete()
        made: dict[str, Any] = read_json(self.folder / MANIFEST)
        return made

    def passages(self) -> tuple[Passage, ...]:
        """Every passage, in the order of the documents. Raises ``ProjectError`` where there is no complete index."""
        if self._passages is None:
            self._require_complete()
            with self._undamaged():
                lines = (self.folder / _PASSAGES).read_text(encoding="utf-8").splitlines()
                found = tuple(Passage(**json.loads(line)) for line in lines)
                self._require_number(len(found), _PASSAGES)
            self._passages = found
        return self._passages

    def nearest(self, vector: Any, k: int) -> dict[str, float]:
        """Passage id to cosine, for the ``k`` passages nearest to a unit vector of shape ``(dimension,)``."""
        self._require_complete()
        with self._undamaged():
            found = self._open().query(query_embeddings=[vector.tolist()], n_results=k, include=["distances"])
        return {i: 1.0 - d for i, d in zip(found["ids"][0], found["distances"][0], strict=True)}

    def vectors(self) -> numpy.ndarray:
        """The passages' unit vectors, ``(len(passages()), dimension)``, in the order of ``passages()``."""
        ids, _, vectors = self.stored()
        place = {i: n for n, i in enumerate(ids)}
        with self._undamaged():
            return vectors[[place[p.id] for p in self.passages()]]

    def stored(self) -> tuple[list[str], list[str], numpy.ndarray]:
        """Ids, texts and vectors ``(n, dimension)`` as Chroma holds them, in its order."""
        import numpy

        self._require_complete()
        with self._undamaged():
            found = self._open().get(include=["embeddings", "documents"])
            return list(found["ids"]), list(found["documents"]), numpy.asarray(found["embeddings"], numpy.float32)

    def _chunks(self, document: Document) -> tuple[Passage, ...]:
        return chunk(document, self.embedder.count_tokens, max_tokens=self.max_tokens)

    @contextmanager
    def _undamaged(self) -> Iterator[None]:
        """Say plainly that what was written once can no longer be read, whatever the store raises then."""
        try:
            yield
        except (KeyboardInterrupt, SystemExit, GroundtuneError):
            raise
        except BaseException as error:  # a panic of Chroma's Rust core is no Exception
            raise ProjectError(
                f"{self.folder}: the index is damaged ({type(error).__name__}: {error})",
                mend="run groundtune index rebuild: it is made anew from the documents",
            ) from error

    def _reconcile(self, wanted: dict[str, Passage], tell: Callable[[int, int], None] | None) -> tuple[int, int]:
        with self._undamaged():
            collection = self._open()
            there = set(collection.get(include=[])["ids"])
        stale, missing = sorted(there - wanted.keys()), [p for p in wanted.values() if p.id not in there]
        if (stale or missing) and self.exists:
            (self.folder / MANIFEST).unlink()  # from here to the end the index is not complete
        for batch in _batches(stale):
            collection.delete(ids=list(batch))
        done = 0
        for batch in _batches(missing):
            vectors = self.embedder.embed([embedded_text(p) for p in batch])
            collection.add(
                ids=[p.id for p in batch],
                embeddings=vectors.tolist(),
                documents=[p.text for p in batch],
                metadatas=[{"source": p.source, "heading": p.heading} for p in batch],
            )
            done += len(batch)
            if tell:
                tell(done, len(missing))
        return len(missing), len(stale)

    def _open(self) -> Any:
        if self._collection is None:
            import chromadb
            from chromadb.config import Settings

            folder = self.folder / _STORE
            client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
            self._collection = client.get_or_create_collection(
                _COLLECTION,
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine", "ef_search": _SEARCH_WIDTH}},
            )
            if self.exists:
                self._require_number(self._collection.count(), _STORE)
        return self._collection

    def _require_number(self, found: int, where: str) -> None:
        wanted = read_json(self.folder / MANIFEST)["passages"]
        if found != wanted:
            self._collection = None
            raise ValueError(f"{where}: {found} passages, {wanted} were written")

    def _settings(self) -> dict[str, Any]:
        return {"embedder": self.embedder.name, "max_tokens": self.max_tokens}

    def _require_same_settings(self) -> None:
        made = read_json(self.folder / MANIFEST)
        for name, value in self._settings().items():
            if made.get(name) != value:
                raise ProjectError(
                    f"{self.folder}: made with {name} {made.get(name)}, the project says {value}",
                    mend=f"change it back, or delete {self.folder} and run groundtune provision",
                )

    def _require_complete(self) -> None:
        if not self.exists:
            raise ProjectError(f"{self.folder}: no complete index", mend="run groundtune provision")
        self._require_same_settings()


def embedded_text(passage: Passage) -> str:
    """What the embedder and BM25 read of a passage: its headings and its text."""
    return f"{passage.label}\n{passage.text}" if passage.label else passage.text


def _forget_open_stores() -> None:
    """Chroma keeps each opened folder for the life of the process, also one that was deleted since."""
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient.clear_system_cache()


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for at in range(0, len(items), _BATCH):
        yield items[at : at + _BATCH]
