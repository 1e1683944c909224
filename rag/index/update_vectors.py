"""Bringing the store of an index in step with a state: a folder of its own for each, or a collection on a server for all."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from rag.index.snapshot import Snapshot

if TYPE_CHECKING:
    from rag.index.vector_store import StoreLocation, VectorStore

_WORN = 0.5
"""From this share of removed passages on, a collection is made anew."""
_PROBES = 1_000
"""How many of what changed, and of all, are looked for after a change."""


def fill(
    location: StoreLocation, now: Snapshot, former: Snapshot | None, changed: list[int], stale: list[str], worn: int
) -> int:
    """The store of the next state: the former one with what changed, or made anew. How worn it is then.

    ``changed``: places of passages; ``stale``: ids that are no longer there.
    What is removed stays in a graph (HNSW) as a hole; after many changes a passage was seen that no search found any more.
    """
    folder = now.folder / location.folder
    before = former.folder / location.folder if former else None
    worn += len(stale)
    if before and before.is_dir() and worn <= _WORN * len(now.passages):
        shutil.copytree(before, folder)
        with closing(location.store(now.folder, make=True)) as store:
            store.remove(stale)
            _put(store, now, changed)
        if _finds_all(location, now, changed):
            return worn
        shutil.rmtree(folder)
    with closing(location.store(now.folder, make=True)) as store:
        _put(store, now, range(len(now.passages)))
        count = store.count()
    if count != len(now.passages):
        raise ValueError(f"{location.folder}: {count} passages, {len(now.passages)} were written")
    return 0


def _finds_all(location: StoreLocation, now: Snapshot, changed: Sequence[int]) -> bool:
    """Does the store hold as many as it should, and find what changed, and others, by their own vectors?"""
    every = max(1, len(now.passages) // _PROBES)
    probes = {*changed[:_PROBES], *range(0, len(now.passages), every)}
    with closing(location.store(now.folder)) as store:
        return store.count() == len(now.passages) and all(store.finds(now.vectors[n]) for n in sorted(probes))


def give(store: VectorStore, now: Snapshot, former: Snapshot | None, changed: Sequence[int]) -> None:
    """Give a server what changed, and all else that it lacks where it does not hold just the former state."""
    if not former or store.count() != len(former.passages):
        held, wanted = store.ids(), set(changed)
        changed = [n for n, p in enumerate(now.passages) if n in wanted or p.id not in held]
    _put(store, now, changed)


def mend(store: VectorStore, state: Snapshot) -> None:
    """Give a server what it lost of a state, and take from it what a killed run left."""
    if store.count() != len(state.passages):
        give(store, state, None, [])
        forget_stale(store, state)


def forget_stale(store: VectorStore, now: Snapshot) -> None:
    """Take from a server what is not of this state."""
    if store.count() > len(now.passages):
        store.remove([i for i in store.ids() if now.place(i) is None])


def _put(store: VectorStore, now: Snapshot, places: Sequence[int]) -> None:
    store.put((now.passages[n], now.vectors[n]) for n in places)
