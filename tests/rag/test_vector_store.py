"""Every vector store keeps the protocol, and an index works over any of them: over Chroma and over another one."""

from __future__ import annotations

import ast
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import numpy
import pytest

from corpus.errors import ProjectError
from corpus.records import Document, Passage, Section
from rag.index.choose_location import choose_location
from rag.index.chroma_store import ChromaLocation, ChromaStore, client_of
from rag.index.index import EXACT, Index
from rag.index.vector_store import StoreLocation, StoreUnreachable
from rag.index.verify_index import verify
from tests.conftest import ROOT
from tests.exact_store import ExactLocation, ExactServer, ExactStore
from tests.fakes import FakeEmbedder
from tests.vector_store_conformance import (
    check_many,
    check_missing_collection,
    check_missing_folder,
    check_store,
    check_unreachable,
)

DOCUMENTS = [
    Document(f"d{n}.md", "", text, (Section(text),))
    for n, text in enumerate(f"The {w} is kept in rack {n}." for w, n in (("tent", 0), ("boot", 1), ("stove", 2)))
]


@pytest.fixture(params=["Chroma in a folder", "Chroma on a server", "exact in a folder", "exact on a server"])
def location(request: pytest.FixtureRequest) -> StoreLocation:
    """A place for vectors that holds none yet."""
    product, on_server = str(request.param).split(" ", 1)
    name = f"store-{time.time_ns()}"
    if product == "exact":
        return ExactLocation("memory://here" if on_server == "on a server" else "", name)
    return choose_location(request.getfixturevalue("chroma_server") if on_server == "on a server" else "", name)


def test_a_store_keeps_the_protocol(location: StoreLocation, tmp_path: Path) -> None:
    check_store(location, tmp_path)


@pytest.mark.long
def test_a_store_takes_many(location: StoreLocation, tmp_path: Path) -> None:
    check_many(location, tmp_path)


def test_a_collection_that_is_not_there_is_told(location: StoreLocation, tmp_path: Path) -> None:
    if not location.url:
        check_missing_folder(location, tmp_path)
        (tmp_path / location.folder).mkdir()
        if isinstance(location, ChromaLocation):
            client_of(tmp_path / location.folder).close()
    check_missing_collection(location, tmp_path)


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    check_unreachable(choose_location("http://127.0.0.1:9", "nobody"), tmp_path)
    check_unreachable(ExactLocation("memory://here", server=ExactServer(answers=False)), tmp_path)


def test_a_chroma_server_that_ends_is_told_too(chroma_server: str) -> None:
    store = ChromaStore(chroma_server, f"ends-{time.time_ns()}", make=True)
    assert store.count() == 0

    def ended(**_: object) -> None:
        raise httpx.ConnectError("refused")

    store._opened.query = ended  # type: ignore[method-assign]
    with pytest.raises(StoreUnreachable, match=f"{chroma_server}: no Chroma server answers"):
        store.nearest(FakeEmbedder().embed(["tent"])[0], 1)


@pytest.mark.long
@pytest.mark.parametrize("exact", [EXACT, 0])
def test_an_index_works_over_any_store(location: StoreLocation, tmp_path: Path, exact: int) -> None:
    def opened() -> Index:
        return Index(tmp_path / "index", FakeEmbedder(), location=location, exact=exact)

    def nearest(index: Index, text: str) -> str:
        places, cosines = index.nearest(FakeEmbedder().embed([text])[0], 2)
        assert cosines[0] > 0.999
        return index.passages()[int(places[0])].source

    index = opened()
    assert index.build(DOCUMENTS).added == 3
    reader = opened()
    assert nearest(reader, DOCUMENTS[1].text) == "d1.md"
    assert verify(index, DOCUMENTS).clean
    newer = [*DOCUMENTS[1:], Document("e.md", "", "Ropes are red.", (Section("Ropes are red."),))]
    report = opened().build(newer)
    assert (report.added, report.removed) == (1, 1)
    assert nearest(opened(), "Ropes are red.") == "e.md"
    assert nearest(reader, DOCUMENTS[1].text) == "d1.md", "it goes on with the state that it has opened"
    assert verify(opened(), newer).clean
    assert opened().store().ids() == {p.id for p in opened().passages()}
    assert opened().rebuild(DOCUMENTS).added == 3
    assert verify(opened(), DOCUMENTS).clean


def test_what_another_store_lost_or_altered_is_named_and_mended(tmp_path: Path) -> None:
    location = ExactLocation("memory://here")
    index = Index(tmp_path / "index", FakeEmbedder(), location=location)
    index.build(DOCUMENTS)
    tent, boot, _ = index.passages()
    store = index.store()
    store.remove([tent.id])
    store.put([(Passage("stray", "?", "?"), index.vectors()[0]), (replace(boot, text="Sold."), index.vectors()[1])])
    health = verify(index, DOCUMENTS)
    assert (health.missing, health.stale, health.altered) == ((tent.id,), ("stray",), (boot.id,))
    index.rebuild(DOCUMENTS)
    assert verify(index, DOCUMENTS).clean


class _Blind(ExactStore):
    """Comes upon no passage by search."""

    def finds(self, vector: numpy.ndarray) -> bool:
        return False


@dataclass(frozen=True)
class _BlindLocation(ExactLocation):
    """The first so many stores that it opens are blind."""

    blind: int = 0
    openings: list[Path] = field(default_factory=list)

    def store(self, state: Path, *, make: bool = False) -> ExactStore:
        self.openings.append(state)
        return (_Blind if len(self.openings) <= self.blind else ExactStore)(self, state, make=make)


@pytest.mark.parametrize(("blind", "sound"), [(0, True), (1, True), (99, False)])
def test_a_passage_is_lost_only_where_a_store_opened_anew_does_not_find_it_either(
    tmp_path: Path, blind: int, sound: bool
) -> None:
    server = ExactServer()
    Index(tmp_path / "index", FakeEmbedder(), location=ExactLocation("memory://here", server=server)).build(DOCUMENTS)
    location = _BlindLocation("memory://here", server=server, blind=blind)
    index = Index(tmp_path / "index", FakeEmbedder(), location=location)
    health = verify(index, DOCUMENTS)
    assert health.sound is sound
    assert len(health.lost) == (0 if sound else len(index.passages()))


def test_a_server_that_holds_too_little_is_named_and_given_the_rest(tmp_path: Path) -> None:
    location = ExactLocation("memory://here")
    index = Index(tmp_path / "index", FakeEmbedder(), location=location)
    index.build(DOCUMENTS)
    asked = FakeEmbedder().embed([DOCUMENTS[1].text])[0]
    for harm in (lambda: index.store().remove([index.passages()[0].id]), location.server.collections.clear):
        harm()
        index.forget()
        with pytest.raises(ProjectError, match="groundtune index update"):
            index.nearest(asked, 1)
        index.build(DOCUMENTS)
        assert index.nearest(asked, 1)[0].tolist() == [1]
    location.server.answers = False
    for call in (lambda: index.nearest(asked, 1), lambda: index.build(DOCUMENTS)):
        with pytest.raises(StoreUnreachable, match="memory://here"):
            call()
    assert "memory://here" in verify(index, DOCUMENTS).damage


@pytest.mark.long
def test_vectors_move_between_stores_without_being_embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Index(tmp_path / "index", FakeEmbedder()).build(DOCUMENTS)
    moved = Index(tmp_path / "index", FakeEmbedder(), location=ExactLocation("memory://here", "boats"))
    with pytest.raises(
        ProjectError, match="are in the project, the project says on memory://here in the collection boats"
    ):
        moved.passages()
    monkeypatch.setattr(FakeEmbedder, "embed", lambda *_: pytest.fail("it was embedded again"))
    for index in (moved, Index(tmp_path / "index", FakeEmbedder())):
        index.build(DOCUMENTS)
        assert verify(index, DOCUMENTS).clean


def test_the_manifest_says_where_vectors_are_held_as_it_always_did(tmp_path: Path) -> None:
    for url, name in (("", "passages"), ("memory://here", "boats")):
        index = Index(tmp_path / name, FakeEmbedder(), location=ExactLocation(url, name))
        index.build(DOCUMENTS)
        text = (index.folder / "manifest.json").read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), indent=2) + "\n"
        assert list(json.loads(text).items())[-4:] == [
            ("store", url),
            ("collection", name),
            ("generation", "0001"),
            ("worn", 0),
        ]


@pytest.mark.parametrize(
    ("harm", "told"),
    [(lambda f: f.write_bytes(b"x" * f.stat().st_size), "overwritten"), (lambda f: f.unlink(), "it is gone")],
)
def test_a_damaged_store_in_a_folder_is_named(tmp_path: Path, harm: Callable[[Path], object], told: str) -> None:
    index = Index(tmp_path / "index", FakeEmbedder(), location=ExactLocation(), exact=0)
    index.build(DOCUMENTS)
    harm(index.folder / "0001" / "exact" / "passages")
    with pytest.raises(ProjectError, match=f"exact/passages: {told}(.|\n)*groundtune index rebuild"):
        index.passages()
    assert told in verify(index, DOCUMENTS).damage


def test_chroma_is_known_where_it_is_chosen_and_adopted_alone() -> None:
    known: set[str] = set()
    for file in (ROOT / "rag").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and "chroma" in f"{node.module} {[a.name for a in node.names]}".lower():
                known.add(file.name)
    assert known == {"choose_location.py", "adopt_collection.py", "chroma_store.py"}
