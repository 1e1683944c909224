"""The index on disk: passages in a Chroma collection and in a file, kept in step with the documents. Answers nothing.

``index/chroma/`` holds the vectors, ``index/passages.jsonl`` the passages in the order BM25 counts them, and
``index/manifest.json``, written last, what they were made from.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import ProjectError
from corpus.records import Document, Passage
from corpus.store import MANIFEST, full_disk, read_json, sole_writer, write_json, write_text
from lm.engine import Embedder
from rag.chunk import MAX_TOKENS, chunk

if TYPE_CHECKING:
    import numpy

_COLLECTION = "passages"
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

    def passages(self) -> tuple[Passage, ...]:
        """Every passage, in the order of the documents. Raises ``ProjectError`` where there is no complete index."""
        if self._passages is None:
            self._require_complete()
            lines = (self.folder / _PASSAGES).read_text(encoding="utf-8").splitlines()
            self._passages = tuple(Passage(**json.loads(line)) for line in lines)
        return self._passages

    def nearest(self, vector: Any, k: int) -> dict[str, float]:
        """Passage id to cosine, for the ``k`` passages nearest to a unit vector of shape ``(dimension,)``."""
        self._require_complete()
        found = self._open().query(query_embeddings=[vector.tolist()], n_results=k, include=["distances"])
        return {i: 1.0 - d for i, d in zip(found["ids"][0], found["distances"][0], strict=True)}

    def vectors(self) -> numpy.ndarray:
        """The passages' unit vectors, ``(len(passages()), dimension)``, in the order of ``passages()``."""
        import numpy

        ids = [p.id for p in self.passages()]
        found = self._open().get(include=["embeddings"])
        place = {i: n for n, i in enumerate(found["ids"])}
        return numpy.asarray(found["embeddings"], dtype=numpy.float32)[[place[i] for i in ids]]

    def _chunks(self, document: Document) -> tuple[Passage, ...]:
        return chunk(document, self.embedder.count_tokens, max_tokens=self.max_tokens)

    def _reconcile(self, wanted: dict[str, Passage], tell: Callable[[int, int], None] | None) -> tuple[int, int]:
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

            folder = self.folder / "chroma"
            client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
            self._collection = client.get_or_create_collection(
                _COLLECTION,
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine", "ef_search": _SEARCH_WIDTH}},
            )
        return self._collection

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


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for at in range(0, len(items), _BATCH):
        yield items[at : at + _BATCH]
