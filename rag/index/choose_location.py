"""Which store holds an index's vectors, and where."""

from __future__ import annotations

from rag.index.chroma_store import ChromaLocation
from rag.index.vector_store import StoreLocation


def choose_location(url: str, collection: str) -> StoreLocation:
    """Chroma in the folder of each state; with a ``url``, the ``collection`` on that Chroma server."""
    return ChromaLocation(url, collection)
