"""The vectors of an index in a Chroma collection, in a folder or on a server.

Both keep passages by id with text, vector and metadata; every call is the same for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOENT
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from corpus.records import Passage
from rag.index.vector_store import COLLECTION, CollectionMissing, StoreLocation, StoreUnreachable, VectorStore

if TYPE_CHECKING:
    import numpy

    from rag.index.chroma_client import ChromaClient, ChromaCollection, ChromaRecords

_BATCH = 1000
_HNSW = {"space": "cosine", "ef_construction": 400, "ef_search": 512}
"""Chroma's default widths (100 and 100) miss neighbours in large collections; more links a vector gain nothing."""
_LOG, _GRAPH = "chroma.sqlite3", "index_metadata.pickle"
"""Chroma writes into its log at each opening; its graph's files are kept from the 1,000th passage on, with this beside."""


@dataclass(frozen=True)
class ChromaLocation(StoreLocation):
    """A Chroma server, or a folder of Chroma's in that of each state."""

    product = "Chroma"
    folder = "chroma"

    def store(self, state: Path, *, make: bool = False) -> ChromaStore:
        if self.url:
            return ChromaStore(self.url, self.collection, make=make)
        return ChromaStore(state / self.folder, make=make)

    def rewrites(self, file: Path) -> bool:
        return file.name == _LOG or not (file.parent / _GRAPH).is_file()


class ChromaStore(VectorStore):
    """A collection ``at`` a folder or a server's URL, opened at the first call. ``make``: made where it is not there."""

    def __init__(self, at: Path | str, collection: str = COLLECTION, *, make: bool = False) -> None:
        self.at = at
        self.collection = collection
        self.make = make
        self._client: ChromaClient | None = None

    @cached_property
    def _opened(self) -> ChromaCollection:
        if isinstance(self.at, Path) and not self.make and not self.at.is_dir():
            raise FileNotFoundError(ENOENT, "no such folder", str(self.at))  # Chroma would make an empty one
        client = self._client = client_of(self.at)
        if not self.make:
            return self._there(client)
        return client.get_or_create_collection(
            self.collection,
            embedding_function=None,
            configuration={"hnsw": _HNSW},
        )

    def _there(self, client: ChromaClient) -> ChromaCollection:
        from chromadb.errors import NotFoundError

        try:
            return client.get_collection(self.collection, embedding_function=None)
        except NotFoundError as error:
            verb = "rebuild" if isinstance(self.at, Path) else "update"
            raise CollectionMissing(
                f"{self.at}: it has no collection {self.collection}", mend=f"run groundtune index {verb}"
            ) from error

    @contextmanager
    def _collection(self) -> Iterator[ChromaCollection]:
        try:
            yield self._opened
        except Exception as error:
            if isinstance(self.at, Path) or type(error).__module__.split(".")[0] not in ("httpx", "httpcore"):
                raise
            raise unreachable(self.at) from error

    def count(self) -> int:
        with self._collection() as collection:
            return collection.count()

    def ids(self) -> set[str]:
        return {i for page in self._pages([]) for i in page["ids"]}

    def everything(self) -> Iterator[tuple[list[str], list[str | None], numpy.ndarray]]:
        import numpy

        for page in self._pages(["embeddings", "documents"]):
            yield list(page["ids"]), list(page["documents"]), numpy.asarray(page["embeddings"], numpy.float32)

    def _pages(self, include: list[str]) -> Iterator[ChromaRecords]:
        with self._collection() as collection:
            for at in range(0, collection.count(), _BATCH):
                yield collection.get(include=include, limit=_BATCH, offset=at)

    def put(self, passages: Iterable[tuple[Passage, numpy.ndarray]]) -> None:
        rest = iter(passages)
        with self._collection() as collection:
            while batch := list(islice(rest, _BATCH)):
                collection.upsert(
                    ids=[p.id for p, _ in batch],
                    embeddings=[v for _, v in batch],
                    documents=[p.text for p, _ in batch],
                    metadatas=[_metadata(p) for p, _ in batch],
                )

    def remove(self, ids: Iterable[str]) -> None:
        rest = iter(ids)
        with self._collection() as collection:
            while batch := list(islice(rest, _BATCH)):
                collection.delete(ids=batch)

    def nearest(self, vector: numpy.ndarray, k: int) -> list[tuple[str, float]]:
        with self._collection() as collection:
            neighbours = collection.query(query_embeddings=[vector], n_results=k, include=["distances"])
        return [(i, 1.0 - d) for i, d in zip(neighbours["ids"][0], neighbours["distances"][0], strict=True)]

    def close(self) -> None:
        self.__dict__.pop("_opened", None)
        if self._client is not None:
            self._client.close()
            self._client = None


def client_of(at: Path | str) -> ChromaClient:
    """Chroma's client for a folder or a server's URL. Raises ``StoreUnreachable`` where no server answers."""
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    client: ChromaClient
    if isinstance(at, Path):
        client = chromadb.PersistentClient(str(at), settings=settings)
        return client
    parts = urlsplit(at)
    secure = parts.scheme == "https"
    try:
        client = chromadb.HttpClient(
            parts.hostname or "", parts.port or (443 if secure else 80), ssl=secure, settings=settings
        )
        return client
    except Exception as error:
        raise unreachable(at) from error


def unreachable(url: str) -> StoreUnreachable:
    """No Chroma server answers at ``url``."""
    return StoreUnreachable(
        f"{url}: no Chroma server answers",
        mend="start it (chroma run --path DIR --port N), or correct chroma_url in groundtune.yaml",
    )


def _metadata(passage: Passage) -> dict[str, str | int]:
    fields = vars(passage) | {"tags": ", ".join(passage.tags)}
    return {name: value for name, value in fields.items() if name not in ("id", "text") and value not in (None, "")}
