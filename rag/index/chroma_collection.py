"""Bringing a Chroma collection in step with a state: a folder of its own for each, or one on a server for all.

Knows nothing of documents or of how states follow each other.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from rag.index.chroma_store import Store
from rag.index.snapshot import STORE, Snapshot

_WORN = 0.5
"""From this share of removed passages on, a collection is made anew."""
_ASKED = 1_000
"""How many of what changed, and of all, are looked for after a change."""


def fill(
    folder: Path, now: Snapshot, former: Snapshot | None, changed: Sequence[int], gone: Sequence[str], worn: int
) -> int:
    """The Chroma collection of the next state: the former one with what changed, or made anew. How worn it is then.

    What is removed stays in HNSW's graph as a hole; after many changes a passage was seen that no search found any more.
    """
    before = former.folder / STORE if former else None
    worn += len(gone)
    if before and before.is_dir() and worn <= _WORN * len(now.passages):
        shutil.copytree(before, folder)
        store = Store(folder, make=True)
        store.remove(gone)
        _put(store, now, changed)
        store.close()
        if _found(folder, now, changed):
            return worn
        shutil.rmtree(folder)
    store = Store(folder, make=True)
    _put(store, now, range(len(now.passages)))
    found = store.count()
    store.close()
    if found != len(now.passages):
        raise ValueError(f"{STORE}: {found} passages, {len(now.passages)} were written")
    return 0


def _found(folder: Path, now: Snapshot, changed: Sequence[int]) -> bool:
    """Does the collection hold as many as it should, and find what changed, and others, by their own vectors?"""
    store = Store(folder)
    every = max(1, len(now.passages) // _ASKED)
    asked = {*changed[:_ASKED], *range(0, len(now.passages), every)}
    sound = store.count() == len(now.passages) and all(store.finds(now.vectors[n]) for n in sorted(asked))
    store.close()
    return sound


def give(store: Store, now: Snapshot, former: Snapshot | None, changed: Sequence[int]) -> None:
    """Give a server what changed, and all else that it lacks where it does not hold just the former state."""
    if not former or store.count() != len(former.passages):
        there, again = store.ids(), set(changed)
        changed = [n for n, p in enumerate(now.passages) if n in again or p.id not in there]
    _put(store, now, changed)


def mend(store: Store, state: Snapshot) -> None:
    """Give a server what it lost of a state, and take from it what a killed run left."""
    if store.count() != len(state.passages):
        give(store, state, None, [])
        forget_stale(store, state)


def forget_stale(store: Store, now: Snapshot) -> None:
    """Take from a server what is not of this state."""
    if store.count() > len(now.passages):
        store.remove([i for i in store.ids() if now.place(i) is None])


def _put(store: Store, now: Snapshot, places: Sequence[int]) -> None:
    store.put((now.passages[n], now.vectors[n]) for n in places)
