"""What an index asks of the store that holds its vectors, whichever store it is. Imports none of them.

To add a store: a ``VectorStore`` and a ``StoreLocation``, an entry in ``rag.index.choose_location``, and a run of
``tests/vector_store_conformance.py``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from corpus.errors import ProjectError

if TYPE_CHECKING:
    import numpy

    from corpus.records import Passage

COLLECTION = "passages"
ROUNDING = 1e-3
"""How far a stored vector's numbers, or its cosine to itself, may be from what was written."""


class StoreUnreachable(ProjectError):
    """The server does not answer."""


class CollectionMissing(ProjectError):
    """The folder, or the server, has no such collection."""


class VectorStore(Protocol):
    """A collection of passages by id, with their texts and unit vectors, opened at the first call.

    Each call may raise ``StoreUnreachable``, the first one ``CollectionMissing`` too, or ``FileNotFoundError`` where its
    folder is gone. Whatever else is raised while a state is read counts as damage (``rag.index.index_damage``).
    """

    def count(self) -> int:
        """How many passages it holds."""

    def ids(self) -> set[str]:
        """The ids of all that it holds."""

    def everything(self) -> Iterator[tuple[list[str], list[str | None], numpy.ndarray]]:
        """The ids, texts and vectors ``(n, dimension)`` of all that it holds, page by page."""

    def put(self, passages: Iterable[tuple[Passage, numpy.ndarray]]) -> None:
        """Keep passages with their vectors, in the place of what has the same ids."""

    def remove(self, ids: Iterable[str]) -> None:
        """Forget passages; ids that it does not hold are none of its concern."""

    def nearest(self, vector: numpy.ndarray, k: int) -> list[tuple[str, float]]:
        """The ``k`` ids nearest to a unit vector with their cosines, nearest first; a few may be missed."""

    def finds(self, vector: numpy.ndarray) -> bool:
        """Does a search for a vector that it holds come upon it, or its equal?"""
        neighbours = self.nearest(vector, 1)
        return bool(neighbours) and neighbours[0][1] >= 1.0 - ROUNDING

    def close(self) -> None:
        """Let go of its files; a later call opens it anew."""


@dataclass(frozen=True)
class StoreLocation(ABC):
    """Where an index's vectors are held: at a server for all its states, or in the folder of each.

    In messages: ``its vectors are …``.
    """

    url: str = ""
    """The server's; empty: in the folder of each state."""
    collection: str = COLLECTION
    """Its name at the server."""

    product: ClassVar[str]
    """What messages call the store."""
    folder: ClassVar[str]
    """The store's folder in that of a state."""

    @abstractmethod
    def store(self, state: Path, *, make: bool = False) -> VectorStore:
        """The collection of the state in this folder; ``make``: made where it is not there."""

    @abstractmethod
    def rewrites(self, file: Path) -> bool:
        """May this file of its folder change when it is only read?"""

    def __str__(self) -> str:
        return f"on {self.url} in the collection {self.collection}" if self.url else "in the project"
