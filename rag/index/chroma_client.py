"""The part of Chroma's client that groundtune calls, as types. Imports no Chroma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypedDict

if TYPE_CHECKING:
    import numpy


class ChromaRecords(TypedDict):
    """The records that ``get`` returns. Read only what ``include`` names: Chroma leaves the rest None."""

    ids: list[str]
    documents: Sequence[str | None]
    metadatas: Sequence[Mapping[str, object] | None] | None
    embeddings: numpy.ndarray | Sequence[Sequence[float]]


class ChromaNeighbours(TypedDict):
    """The records that ``query`` returns: one list for each query."""

    ids: list[list[str]]
    distances: list[list[float]]


class ChromaCollection(Protocol):
    """A collection."""

    @property
    def name(self) -> str: ...

    def count(self) -> int: ...

    def get(self, *, include: list[str], limit: int, offset: int) -> ChromaRecords: ...

    def query(
        self, query_embeddings: list[numpy.ndarray], *, n_results: int, include: list[str]
    ) -> ChromaNeighbours: ...

    def upsert(
        self,
        ids: list[str],
        *,
        embeddings: list[numpy.ndarray],
        documents: list[str],
        metadatas: Sequence[Mapping[str, object]],
    ) -> None: ...

    def delete(self, ids: list[str]) -> object: ...


class ChromaClient(Protocol):
    """A client for a folder or a server."""

    def list_collections(self) -> Sequence[ChromaCollection]: ...

    def get_collection(self, name: str, *, embedding_function: None) -> ChromaCollection: ...

    def get_or_create_collection(
        self, name: str, *, embedding_function: None, configuration: Mapping[str, object]
    ) -> ChromaCollection: ...

    def close(self) -> None: ...
