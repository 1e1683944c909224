"""The passages nearest to a vector: every one is compared, or the store's own search answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.errors import ProjectError
from rag.index.vector_math import best_of, products

if TYPE_CHECKING:
    import numpy

    from rag.index.index import Index
    from rag.index.snapshot import Snapshot


def nearest_passages(
    index: Index, vector: numpy.ndarray, k: int, allowed: numpy.ndarray | None
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """``Index.nearest``."""
    import numpy

    snapshot = index.snapshot()
    if allowed is None and (index.location.url or len(snapshot.passages) > index.exact):
        neighbours = _found_by_store(index, snapshot, vector, k)
        if neighbours is not None:
            pairs = [(place, cosine) for i, cosine in neighbours if (place := snapshot.place(i)) is not None]
            return numpy.array([place for place, _ in pairs], int), numpy.array([cosine for _, cosine in pairs])
    cosines = products(snapshot.vectors if allowed is None else snapshot.vectors[allowed], vector)
    best = best_of(cosines, k)
    return (best if allowed is None else allowed[best]), cosines[best]


def _found_by_store(index: Index, snapshot: Snapshot, vector: numpy.ndarray, k: int) -> list[tuple[str, float]] | None:
    """None where an update has removed this state's folder meanwhile, and the store's files with it."""
    on_server = index.location.url
    try:
        if on_server:
            _require_held(index, snapshot)
        neighbours = index.store().nearest(vector, k)
    except Exception:
        if on_server or not snapshot.removed:
            raise
        return None
    return neighbours if on_server or not snapshot.removed else None


def _require_held(index: Index, snapshot: Snapshot) -> None:
    """Once for each opening: does the server hold as many passages as the manifest names?"""
    store = index.store()
    if index.counted is store:
        return
    count = store.count()
    if count < len(snapshot.passages) and index.manifest()["generation"] == snapshot.folder.name:
        raise ProjectError(
            f"{index.location.url}: it holds {count:,} of {len(snapshot.passages):,} passages",
            mend="run groundtune index update: it is given what it lacks, nothing is embedded again",
        )
    index.counted = store
