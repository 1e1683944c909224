"""The Chroma collection of an index, in a folder or on a server. Knows nothing of documents or of how it is searched.

Both keep passages by id with text, vector and metadata; every call is the same for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from errno import ENOENT
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from corpus.errors import ProjectError
from corpus.records import Passage

if TYPE_CHECKING:
    import numpy

    from rag.index.chroma_client import ChromaClient, ChromaCollection, ChromaRecords

COLLECTION = "passages"
ROUNDING = 1e-3
"""How far a stored vector's numbers, or its cosine to itself, may be from what was written."""
_BATCH = 1000
_HNSW = {"space": "cosine", "ef_construction": 400, "ef_search": 512}
"""Chroma's default widths (100 and 100) miss neighbours in large collections; more links a vector gain nothing."""


class Store:
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
            raise ProjectError(
                f"{self.at}: it has no collection {self.collection}", mend=f"run groundtune index {verb}"
            ) from error

    def count(self) -> int:
        return self._opened.count()

    def ids(self) -> set[str]:
        """The ids of all that it holds."""
        return {i for page in self._pages([]) for i in page["ids"]}

    def everything(self) -> Iterator[tuple[list[str], list[str | None], numpy.ndarray]]:
        """The ids, texts and vectors ``(n, dimension)`` of all that it holds, page by page."""
        import numpy

        for page in self._pages(["embeddings", "documents"]):
            yield list(page["ids"]), list(page["documents"]), numpy.asarray(page["embeddings"], numpy.float32)

    def _pages(self, include: list[str]) -> Iterator[ChromaRecords]:
        for at in range(0, self.count(), _BATCH):
            yield self._opened.get(include=include, limit=_BATCH, offset=at)

    def put(self, passages: Iterable[tuple[Passage, numpy.ndarray]]) -> None:
        """Keep passages with their vectors, in the place of what has the same ids."""
        rest = iter(passages)
        while batch := list(islice(rest, _BATCH)):
            self._opened.upsert(
                ids=[p.id for p, _ in batch],
                embeddings=[v for _, v in batch],
                documents=[p.text for p, _ in batch],
                metadatas=[_metadata(p) for p, _ in batch],
            )

    def remove(self, ids: Iterable[str]) -> None:
        """Forget passages."""
        rest = iter(ids)
        while batch := list(islice(rest, _BATCH)):
            self._opened.delete(ids=batch)

    def nearest(self, vector: numpy.ndarray, k: int) -> list[tuple[str, float]]:
        """The ``k`` ids nearest to a unit vector with their cosines, by HNSW."""
        neighbours = self._opened.query(query_embeddings=[vector], n_results=k, include=["distances"])
        return [(i, 1.0 - d) for i, d in zip(neighbours["ids"][0], neighbours["distances"][0], strict=True)]

    def finds(self, vector: numpy.ndarray) -> bool:
        """Does a search for a vector that it holds come upon it, or its equal?"""
        neighbours = self.nearest(vector, 1)
        return bool(neighbours) and neighbours[0][1] >= 1.0 - ROUNDING

    def close(self) -> None:
        """Let go of its files."""
        self.__dict__.pop("_opened", None)
        if self._client is not None:
            self._client.close()
            self._client = None


def client_of(at: Path | str) -> ChromaClient:
    """Chroma's client for a folder or a server's URL. Raises ``ProjectError`` where no server answers."""
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if isinstance(at, Path):
        return chromadb.PersistentClient(str(at), settings=settings)
    parts = urlsplit(at)
    secure = parts.scheme == "https"
    try:
        return chromadb.HttpClient(
            parts.hostname or "", parts.port or (443 if secure else 80), ssl=secure, settings=settings
        )
    except Exception as error:
        raise unreachable(at) from error


def unreachable(url: object) -> ProjectError:
    """No Chroma server answers at ``url``."""
    return ProjectError(
        f"{url}: no Chroma server answers",
        mend="start it (chroma run --path DIR --port N), or correct chroma_url in groundtune.yaml",
    )


def _metadata(passage: Passage) -> dict[str, str | int]:
    fields: dict[str, str | int | None] = {
        "source": passage.source,
        "title": passage.title,
        "heading": passage.heading,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "date": passage.date,
        "tags": ", ".join(passage.tags),
    }
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def place_of(url: str, collection: str) -> str:
    """Where vectors are held, in words."""
    return f"on {url} in the collection {collection}" if url else "in the project"
