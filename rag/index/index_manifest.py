"""The shape of an index's ``manifest.json``. Reads and writes nothing."""

from __future__ import annotations

from typing import TypedDict


class IndexSettings(TypedDict):
    """The settings that an index was built with. With other settings it must be rebuilt."""

    embedder: str
    max_tokens: int
    chunking: int
    counting: int


class IndexManifest(IndexSettings):
    """The settings, what the index holds, and where its current state is."""

    dimension: int
    documents: int
    passages: int
    texts: str
    """A hash of all documents."""
    store: str
    """The Chroma server's URL; empty: the collection is in the index's own folder."""
    collection: str
    generation: str
    """The folder of the current state."""
    worn: int
    """How many passages were removed from the collection since it was created."""
