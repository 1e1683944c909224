"""What every vector store must keep, whichever it is: ``rag.index.vector_store`` in the form of checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from corpus.records import Passage
from rag.index.vector_store import ROUNDING, CollectionMissing, StoreLocation, StoreUnreachable, VectorStore
from tests.fakes import FakeEmbedder

MANY = 1_100
"""More passages than a store is likely to take or give at once."""
CALLS: tuple[Callable[[VectorStore], object], ...] = (
    lambda store: store.count(),
    lambda store: store.ids(),
    lambda store: list(store.everything()),
    lambda store: store.remove(["a"]),
    lambda store: store.put(_embedded([Passage("a", "One tent.", "a.md")])),
    lambda store: store.nearest(_vector("tent"), 1),
    lambda store: store.finds(_vector("tent")),
)


def check_store(location: StoreLocation, state: Path) -> None:
    """What is put is held, found, replaced and removed, and is there for who opens it next. ``state``: an empty folder."""
    store = location.store(state, make=True)
    assert (store.count(), store.ids(), list(store.everything())) == (0, set(), [])
    store.put([])
    store.remove([])
    assert store.nearest(_vector("tent"), 3) == []
    assert not store.finds(_vector("tent"))
    passages = [Passage(f"d{n}", f"The {w} is in rack {n}.", "d.md") for n, w in enumerate(["tent", "boot", "stove"])]
    store.put(_embedded(passages))
    _check_held(store, passages)
    _check_search(store, passages)
    sold = replace(passages[0], text="The tent was sold.")
    store.put(_embedded([sold]))
    _check_held(store, [sold, *passages[1:]])
    store.remove(["d1", "never there"])
    _check_held(store, [sold, passages[2]])
    assert not store.finds(_vector(passages[1].text))
    store.close()
    _check_held(store, [sold, passages[2]])
    store.close()
    later = location.store(state)
    _check_held(later, [sold, passages[2]])
    later.close()
    later.close()


def check_many(location: StoreLocation, state: Path) -> None:
    """More than one page is taken, given, found and removed, from any iterable. ``state``: an empty folder."""
    store = location.store(state, make=True)
    passages = [Passage(f"m{n}", f"Thing {n} weighs {n * n} g.", "m.md", page=n, tags=("a", "b")) for n in range(MANY)]
    store.put(_embedded(p for p in passages))
    _check_held(store, passages)
    assert all(store.finds(_vector(p.text)) for p in passages[:: MANY // 20])
    assert len({i for i, _ in store.nearest(_vector(passages[7].text), 50)}) == 50
    store.remove(p.id for p in passages[1:])
    _check_held(store, passages[:1])
    store.close()


def _check_held(store: VectorStore, passages: list[Passage]) -> None:
    wanted = {p.id: p for p in passages}
    assert store.count() == len(wanted)
    assert store.ids() == wanted.keys()
    ids: list[str] = []
    for names, texts, vectors in store.everything():
        ids += names
        assert texts == [wanted[name].text for name in names]
        assert numpy.abs(vectors - FakeEmbedder().embed([t or "" for t in texts])).max() <= ROUNDING
    assert sorted(ids) == sorted(wanted)


def _check_search(store: VectorStore, passages: list[Passage]) -> None:
    asked = _vector("In which rack is the boot?")
    exact = {p.id: float(_vector(p.text) @ asked) for p in passages}
    neighbours = store.nearest(asked, len(passages) + 5)
    assert [i for i, _ in neighbours] == sorted(exact, key=lambda i: -exact[i])
    assert all(abs(cosine - exact[i]) <= ROUNDING for i, cosine in neighbours)
    assert store.nearest(asked, 1) == neighbours[:1]
    assert all(store.finds(_vector(p.text)) for p in passages)
    assert not store.finds(_vector("kayak"))


def check_missing_collection(location: StoreLocation, state: Path) -> None:
    """A collection that is not there is told as such at any first call, with what mends it, and is not made."""
    for call in CALLS * 2:
        store = location.store(state)
        with pytest.raises(CollectionMissing, match=r"it has no collection(.|\n)*groundtune index"):
            call(store)
        store.close()


def check_missing_folder(location: StoreLocation, state: Path) -> None:
    """A folder that is not there is not made by who only reads."""
    for call in CALLS:
        with pytest.raises(FileNotFoundError):
            call(location.store(state))
    assert not list(state.iterdir())


def check_unreachable(location: StoreLocation, state: Path) -> None:
    """A server that does not answer is named."""
    for make in (False, True):
        for call in CALLS:
            with pytest.raises(StoreUnreachable, match=location.url):
                call(location.store(state, make=make))


def _embedded(passages: Iterable[Passage]) -> Iterable[tuple[Passage, numpy.ndarray]]:
    return ((p, _vector(p.text)) for p in passages)


def _vector(text: str) -> numpy.ndarray:
    return FakeEmbedder().embed([text])[0]
