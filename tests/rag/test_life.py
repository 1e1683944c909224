"""An index at scale and over time: unchanged files, killed runs, readers beside a writer, full disks, moves and adoptions."""

from __future__ import annotations

import errno
import json
import math
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bm25s
import numpy
import pytest
import Stemmer
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from corpus.atomic_files import MANIFEST, read_json, sole_writer, write_text
from corpus.errors import BusyError, GroundtuneError, InputError, ProjectError, ResourceError
from corpus.records import Document, Section
from groundtune.assistant import Assistant
from groundtune.cli.main import app
from groundtune.jobs.build_index import build_index
from groundtune.project.document_list import with_documents
from groundtune.project.project import Project, open_project
from groundtune.project.project_documents import Documents
from rag.index.adopt_collection import _name, adopt, adopted, give_up
from rag.index.bm25_files import WordCounts, Words
from rag.index.chroma_store import ChromaStore, client_of
from rag.index.index import EXACT, Index
from rag.index.index_sources import Source
from rag.index.passage_filter import Filter
from rag.index.terms import terms_of
from rag.index.verify_index import verify
from rag.retrieve.retrieve import Retriever
from rag.retrieve.signs import signs
from tests.fakes import FakeEmbedder

pytestmark = pytest.mark.long
"""Chroma is opened and closed in most of these."""


def _document(name: str, text: str, **more: Any) -> Document:
    return Document(name, "", text, (Section(text),), **more)


DOCUMENTS = [_document(f"d{n}.md", f"The {w} is kept in rack {n}.") for n, w in enumerate(["tent", "boot", "stove"])]


class Counting(FakeEmbedder):
    """Counts the texts it embeds; stops at the ``most``-th call."""

    def __init__(self, most: int = 10**9) -> None:
        super().__init__()
        self.most = most
        self.texts = 0

    def embed(self, texts: Sequence[str]) -> numpy.ndarray:
        if self.most == 0:
            raise KeyboardInterrupt
        self.most -= 1
        self.texts += len(texts)
        return super().embed(texts)


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """An index of three documents."""
    made = Index(tmp_path / "index", Counting())
    made.build(DOCUMENTS)
    return made


def test_documents_with_a_known_stamp_are_not_read(index: Index) -> None:
    read: list[str] = []

    def source(document: Document, stamp: str) -> Source:
        return Source(document.source, lambda: read.append(document.source) or (document,), stamp)

    index.build([source(d, "1") for d in DOCUMENTS])
    assert len(read) == 3
    index.build([source(d, "1") for d in DOCUMENTS])
    assert len(read) == 3
    report = index.build([source(d, "2" if d is DOCUMENTS[1] else "1") for d in DOCUMENTS])
    assert (read[3:], report.added, report.removed) == (["d1.md"], 0, 0)
    assert index.embedder.texts == 3  # type: ignore[attr-defined]


def test_files_changed_long_ago_are_read_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assistant = Assistant(project, embedder=FakeEmbedder())
    for file in (project.folder / "documents").iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    build_index(assistant)
    monkeypatch.setattr(
        "groundtune.project.project_documents.documents_of", lambda *_, **__: pytest.fail("it was read again")
    )
    assert build_index(assistant)[0].passages == 3


def test_a_collection_that_has_lost_much_or_does_not_find_all_is_made_anew(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def update(*removed: int) -> int:
        index.build([d for n, d in enumerate(many) if n not in removed])
        assert index.store().count() == len(many) - len(removed)
        return int(index.manifest()["worn"])

    many = [_document(f"m{n}.md", f"Rack {n} holds thing {n * n}.") for n in range(10)]
    assert [update(), update(0), update()] == [3, 4, 4]
    assert update(0, 1) == 0, "six were removed from what holds eight"
    assert [update(), update(0)] == [0, 1]
    finds = ChromaStore.finds
    asked: list[int] = []

    def finds_later(store: ChromaStore, vector: numpy.ndarray) -> bool:
        asked.append(0)
        return len(asked) > 1 and finds(store, vector)

    monkeypatch.setattr(ChromaStore, "finds", finds_later)
    assert update(0, 1) == 0, "one was not found"
    assert verify(index, many[2:]).clean
    assert index.embedder.texts == 3 + 10 + 1 + 2 + 0  # type: ignore[attr-defined]


def test_what_a_document_says_of_itself_is_part_of_it(index: Index) -> None:
    dated = [_document(d.source, d.text, date="2026-03-01", tags=("x",)) for d in DOCUMENTS]
    report = index.build(dated)
    assert (report.added, report.removed, index.embedder.texts) == (0, 0, 3)  # type: ignore[attr-defined]
    assert {(p.date, p.tags) for p in index.passages()} == {("2026-03-01", ("x",))}
    headed = Document("d0.md", "Racks", DOCUMENTS[0].text, (Section(DOCUMENTS[0].text, "Racks"),))
    index.build([headed, *dated[1:]])
    assert index.passages()[0].label == "Racks"
    assert verify(index, [headed, *dated[1:]]).clean


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(
            st.sampled_from(["Tents", "a", "boots", "stove.", "x", "it's", "über-rope", "C-8", "Zone B"]), max_size=9
        ),
        min_size=1,
    )
)
def test_words_score_as_bm25s_scores_them(tmp_path_factory: pytest.TempPathFactory, racks: list[list[str]]) -> None:
    texts = [" ".join(words) for words in racks]
    counts = WordCounts(tmp_path_factory.mktemp("words") / "w")
    for text in texts:
        counts.add(terms_of(text))
    counts.finish()
    asked = "boots and a tent, a tent"
    theirs = numpy.zeros(len(texts))
    by: Any = {"stopwords": "en", "stemmer": Stemmer.Stemmer("english"), "show_progress": False, "return_ids": False}
    if any(tokens := bm25s.tokenize(texts, **by)):
        reference = bm25s.BM25()
        reference.index(tokens, show_progress=False)
        theirs = reference.get_scores(bm25s.tokenize([asked], **by)[0])
    assert numpy.allclose(Words(counts.folder).scores(asked, len(texts)), theirs, atol=1e-5)


changes = st.lists(
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["one tent", "two boots", ""])), max_size=4
)


@settings(max_examples=10, deadline=None)
@given(changes)
def test_an_index_kept_in_step_equals_one_made_anew(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("life")
    kept = Index(folder / "kept", FakeEmbedder())
    documents: list[Document] = []
    for contents in rounds:
        documents = [_document(name, text) for name, text in sorted(contents.items())]
        kept.build(documents)
    fresh = Index(folder / "fresh", FakeEmbedder())
    fresh.build(documents)
    if rounds:
        rows = {p.id: (p, v.tolist(), s) for p, v, s in _rows(kept)}
        assert rows == {p.id: (p, v.tolist(), s) for p, v, s in _rows(fresh)}
        assert {i for ids, _, _ in kept.store().everything() for i in ids} == rows.keys()


def _rows(index: Index) -> Any:
    return zip(index.passages(), index.vectors(), index.word_scores("two tents").tolist(), strict=True)


def test_what_a_killed_run_embedded_is_not_embedded_again(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.index.write_index._BATCH", 2)
    more = [*DOCUMENTS, *(_document(f"e{n}.md", f"Rope number {n} is red.") for n in range(6))]
    killed = Index(index.folder, Counting(most=2))
    with pytest.raises(KeyboardInterrupt):
        killed.build(more)
    assert len(Index(index.folder, Counting()).passages()) == 3
    after = Counting()
    assert Index(index.folder, after).build(more).added == 6
    assert after.texts == 2
    assert verify(Index(index.folder, FakeEmbedder()), more).clean
    assert sorted(f.name for f in index.folder.iterdir() if f.is_dir()) == ["0002"]


def test_what_was_embedded_is_kept_where_a_run_is_killed_before_the_manifest(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag.index import update_index as update

    plain = update.write_json

    def killed(path: Path, value: Any) -> None:
        if path.name == MANIFEST:
            raise KeyboardInterrupt
        plain(path, value)

    more = [*DOCUMENTS, _document("e.md", "Ropes are red.")]
    monkeypatch.setattr(update, "write_json", killed)
    with pytest.raises(KeyboardInterrupt):
        Index(index.folder, FakeEmbedder()).build(more)
    monkeypatch.undo()
    after = Counting()
    assert Index(index.folder, after).build(more).added == 1
    assert after.texts == 0
    assert verify(Index(index.folder, FakeEmbedder()), more).clean
    assert not list(index.folder.rglob("begun.json"))


def test_two_documents_of_one_name_are_refused(index: Index) -> None:
    with pytest.raises(InputError, match=r"d1\.md: two documents have this name"):
        index.build([*DOCUMENTS, DOCUMENTS[1]])
    assert index.build(DOCUMENTS).passages == 3


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), MemoryError),
        (PermissionError(errno.EACCES, "Permission denied"), PermissionError),
        (OSError(errno.EMFILE, "Too many open files"), OSError),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), ResourceError),
        (RuntimeError("Disk quota exceeded (os error 122)"), ResourceError),
    ],
)
def test_what_the_machine_lacks_is_no_damage(
    index: Index, monkeypatch: pytest.MonkeyPatch, error: Exception, told: type[Exception]
) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(ChromaStore, "put", failing)
    with pytest.raises(told) as raised:
        index.build([*DOCUMENTS, _document("e.md", "Ropes are red.")])
    assert type(raised.value) is told
    assert len(index.passages()) == 3


def test_a_reader_keeps_its_state_while_and_after_another_one_is_written(index: Index) -> None:
    reader, late = Index(index.folder, FakeEmbedder()), Index(index.folder, FakeEmbedder())
    question = FakeEmbedder().embed(["Where is the tent?"])[0]
    before = tuple(reader.passages()), reader.nearest(question, 2)[0].tolist(), reader.word_scores("tent").tolist()
    newer = DOCUMENTS[1:]

    def read_meanwhile() -> tuple[Document]:
        assert len(late.passages()) == 3
        return (_document("new.md", "New things."),)

    Index(index.folder, FakeEmbedder()).build([*map(_source, newer), Source("new.md", read_meanwhile)])
    assert before == (
        tuple(reader.passages()),
        reader.nearest(question, 2)[0].tolist(),
        reader.word_scores("tent").tolist(),
    )
    assert [p.source for p in Index(index.folder, FakeEmbedder()).passages()] == ["d1.md", "d2.md", "new.md"]


@pytest.mark.parametrize("exact", [EXACT, 0])
def test_a_reader_that_has_opened_reads_all_of_its_state_after_an_update(index: Index, exact: int) -> None:
    question = FakeEmbedder().embed(["Where is the tent?"])[0]

    def read(reader: Index) -> Any:
        found = reader.nearest(question, 1)[0].tolist(), reader.word_scores("tent").tolist()
        return found, len(reader.word_places("tent")[0]), reader.entries(), reader.vectors().tolist()

    reader, searching = (Index(index.folder, FakeEmbedder(), exact=exact) for _ in range(2))
    reader.passages()
    before = read(searching)
    Index(index.folder, FakeEmbedder()).build(DOCUMENTS[1:])
    assert read(reader) == read(searching) == before
    assert [f.name for f in index.folder.iterdir() if f.is_dir()] == ["0002"]


def test_a_reader_finds_the_state_that_is_there_however_many_were_finished_meanwhile(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    for n in (1, 2):
        seen.append(index.manifest())
        half_removed = index.folder / seen[-1]["generation"] / "files.json"
        told = half_removed.read_text()
        Index(index.folder, FakeEmbedder()).build(DOCUMENTS[n:])
        write_text(half_removed, told)
    late, real = Index(index.folder, FakeEmbedder()), index.manifest()
    manifests = [seen[0], seen[1], seen[1], real]
    monkeypatch.setattr(late, "manifest", lambda: manifests.pop(0) if manifests else real)
    assert [p.source for p in late.passages()] == ["d2.md"]


def test_a_store_that_is_only_read_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ChromaStore(tmp_path / "nowhere").count()
    assert not (tmp_path / "nowhere").exists()


def _source(document: Document) -> Source:
    return Source(document.source, lambda: (document,))


def _hold(folder: str, held: Any, done: Any) -> None:
    with sole_writer(Path(folder)):
        held.set()
        done.wait(30)


def test_a_second_writer_is_told_who_the_first_is(index: Index) -> None:
    spawn = multiprocessing.get_context("spawn")
    held, done = spawn.Event(), spawn.Event()
    other = spawn.Process(target=_hold, args=(str(index.folder), held, done))
    other.start()
    try:
        assert held.wait(30)
        with pytest.raises(BusyError, match=rf"process {other.pid} \(.+\), since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d"):
            index.build(DOCUMENTS[1:])
        assert len(index.passages()) == 3
    finally:
        done.set()
        other.join()


class _Full:
    """A file of a full disk."""

    def __init__(self, file: Any, after: int) -> None:
        self.file = file
        self.left = after

    def write(self, data: bytes) -> int:
        self.left -= len(data)
        if self.left < 0:
            raise OSError(28, "No space left on device")
        return int(self.file.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


@pytest.mark.parametrize("after", [0, 600])
def test_a_full_disk_is_named_and_the_index_stays(index: Index, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    more = [*DOCUMENTS, _document("e.md", "Ropes are red.")]
    before = tuple(index.passages())
    monkeypatch.setattr("builtins.open", _opening(after))
    with pytest.raises(ResourceError, match="the disk is full; nothing was changed"):
        index.build(more)
    monkeypatch.undo()
    assert tuple(index.passages()) == before
    assert index.build(more).added == 1


def _opening(after: int) -> Callable[..., Any]:
    plain = open

    def opened(file: Any, mode: str = "r", *args: Any, **more: Any) -> Any:
        made = plain(file, mode, *args, **more)
        return _Full(made, after) if str(file).endswith("vectors") and "w" in mode else made

    return opened


def test_chroma_saying_that_the_disk_is_full_is_no_damage(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("error returned from database: (code: 13) database or disk is full")

    monkeypatch.setattr(ChromaStore, "put", full)
    with pytest.raises(ResourceError, match="the disk is full"):
        index.build([*DOCUMENTS[:1], _document("e.md", "Ropes are red.")])
    assert len(index.passages()) == 3


def test_vectors_move_to_a_server_and_back_without_being_embedded(index: Index, chroma_server: str) -> None:
    embedder = Counting()
    moved = Index(index.folder, embedder, chroma_url=chroma_server, collection=f"moved-{os.getpid()}")
    with pytest.raises(ProjectError, match="groundtune index update"):
        moved.passages()
    moved.build(DOCUMENTS)
    assert verify(moved, DOCUMENTS).clean
    found, _ = moved.nearest(FakeEmbedder().embed([DOCUMENTS[1].text])[0], 1)
    assert moved.passages()[int(found[0])].source == "d1.md"
    ChromaStore(chroma_server, moved.location.collection).remove([moved.passages()[0].id])
    assert len(verify(moved, DOCUMENTS).missing) == 1
    moved.build(DOCUMENTS)
    assert verify(moved, DOCUMENTS).clean
    back = Index(index.folder, embedder)
    back.build(DOCUMENTS)
    assert verify(back, DOCUMENTS).clean
    assert embedder.texts == 0


def test_a_copied_project_and_an_emptied_server_are_noticed(index: Index, chroma_server: str) -> None:
    name = f"copied-{time.time_ns()}"
    question = FakeEmbedder().embed([DOCUMENTS[1].text])[0]
    made = Index(index.folder, FakeEmbedder(), chroma_url=chroma_server, collection=name)
    made.build(DOCUMENTS)
    copied = Index(index.folder, Counting(), chroma_url=chroma_server, collection=f"{name}-2")
    with pytest.raises(ProjectError, match="groundtune index update"):
        copied.nearest(question, 1)
    copied.build(DOCUMENTS)
    assert copied.nearest(question, 1)[0].tolist() == [1]
    for harm in (lambda s: s.remove([copied.passages()[0].id]), lambda s: s.remove(s.ids()), _forget_collection):
        harm(ChromaStore(chroma_server, copied.location.collection))
        copied.forget()
        with pytest.raises(ProjectError, match="groundtune index update"):
            copied.nearest(question, 1)
        copied.build(DOCUMENTS)
        assert copied.nearest(question, 1)[0].tolist() == [1]
    assert copied.embedder.texts == 0  # type: ignore[attr-defined]


def _forget_collection(store: ChromaStore) -> None:
    client = client_of(store.at)
    client.delete_collection(store.collection)
    client.close()


def test_passages_changed_while_they_were_elsewhere_are_changed_on_the_server(index: Index, chroma_server: str) -> None:
    served = Index(index.folder, FakeEmbedder(), chroma_url=chroma_server, collection=f"back-{time.time_ns()}")
    served.build(DOCUMENTS)
    newer = [_document("d0.md", "The tent is sold."), *DOCUMENTS[1:]]
    Index(index.folder, FakeEmbedder()).build(newer)
    served.build(newer)
    assert verify(served, newer).clean


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    nobody = Index(tmp_path / "index", FakeEmbedder(), chroma_url="http://127.0.0.1:9", collection="nobody")
    with pytest.raises(ProjectError, match=r"http://127.0.0.1:9: no Chroma server answers"):
        nobody.build(DOCUMENTS)


def _foreign(at: Path | str, name: str, embedder: FakeEmbedder, texts: Sequence[str], **more: Any) -> None:
    client = client_of(at)
    made = client.create_collection(name, embedding_function=None)
    told = [
        {"source": f"{n % 2}.txt", "page": n, "date": "2026-05-01", "tags": "a, b"} | more for n in range(len(texts))
    ]
    made.add(
        ids=[str(n) for n in range(len(texts))], documents=list(texts), embeddings=embedder.embed(texts), metadatas=told
    )
    client.close()


@pytest.mark.parametrize("where", ["in a folder", "on a server"])
def test_a_foreign_collection_is_adopted_with_its_vectors_and_left_as_it_is(
    assistant: Assistant, tmp_path: Path, request: pytest.FixtureRequest, where: str
) -> None:
    server = request.getfixturevalue("chroma_server") if where == "on a server" else ""
    at: Path | str = server or tmp_path / "foreign"
    texts = [f"Kayak number {n} has a length of {n + 3} metres and a spray deck." for n in range(5)]
    _foreign(at, "boats", FakeEmbedder(), texts)
    before = {f: f.read_bytes() for f in tmp_path.glob("foreign/**/*") if f.is_file()}
    build_index(assistant)
    taken = adopt(at, "boats", assistant.project.adopted, FakeEmbedder())
    assert (taken.documents, taken.records, taken.vectors) == (2, 5, "kept")
    assert {f: f.read_bytes() for f in before} == before
    counting = Counting()
    adopting = Assistant(assistant.project, embedder=counting)
    assert build_index(adopting)[0].added == 5
    assert counting.texts == 0
    (first, *_) = adopting.retriever.retrieve("How long is kayak number 3?", 1)
    passage = first.passage
    assert (passage.text, passage.source, passage.page) == (texts[3], "adopted://boats/1.txt", 3)
    assert (passage.date, passage.tags) == ("2026-05-01", ("a", "b"))
    assert verify(adopting.index, Documents(assistant.project).each()).clean


def test_vectors_of_another_embedder_are_made_anew(assistant: Assistant, tmp_path: Path) -> None:
    class Other(FakeEmbedder):
        def embed(self, texts: Sequence[str]) -> numpy.ndarray:
            return super().embed([text[::-1] for text in texts])

    _foreign(tmp_path / "foreign", "boats", Other(), ["Kayaks are long."])
    assert "cosine" in adopt(tmp_path / "foreign", "boats", assistant.project.adopted, FakeEmbedder()).vectors
    assert (
        "32 dimensions" in adopt(_made(tmp_path / "small"), "boats", assistant.project.adopted, FakeEmbedder()).vectors
    )
    build_index(assistant)
    (found,) = assistant.retriever.retrieve("Kayaks are long.", 1)
    assert found.similarity > 0.99
    with pytest.raises(InputError, match="there are: boats"):
        adopt(tmp_path / "foreign", "cars", assistant.project.adopted, FakeEmbedder())
    with pytest.raises(InputError, match="no Chroma store"):
        adopt(tmp_path, "boats", assistant.project.adopted, FakeEmbedder())


def _made(folder: Path) -> Path:
    _foreign(folder, "boats", FakeEmbedder(32), ["Kayaks are long."])
    return folder


@pytest.mark.parametrize(
    ("told", "page", "date", "tags"),
    [
        ({"date": "March 2019", "page": math.nan, "tags": 5}, None, "", ("5",)),
        ({"date": "2019-03-02T10:00:00", "page": 0, "page_label": "iv"}, 1, "2019-03-02", ("a", "b")),
        ({"date": "D:20190302", "page": 2, "start_index": 7}, 3, "2019-03-02", ("a", "b")),
        ({"page": 2.0, "start": 7, "start_index": math.inf}, 2, "2026-05-01", ("a", "b")),
    ],
)
def test_what_records_say_of_themselves_is_taken_where_it_can_be_meant(
    tmp_path: Path, told: dict[str, Any], page: int | None, date: str, tags: tuple[str, ...]
) -> None:
    _foreign(tmp_path / "foreign", "boats", FakeEmbedder(), ["Kayaks are long."], **told)
    adopt(tmp_path / "foreign", "boats", tmp_path / "kept", FakeEmbedder())
    ((document,),) = (source.read() for source in adopted(tmp_path / "kept"))
    assert (document.sections[0].page, document.date, document.tags) == (page, date, tags)


def test_each_collection_is_kept_by_itself_and_no_killed_run_is_read(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    for name in ("a.b", "a-b"):
        _foreign(tmp_path / name, name, FakeEmbedder(), [f"Kayaks of {name}."])
        adopt(tmp_path / name, name, kept, FakeEmbedder())
    (kept / "a-b").rename(kept / ".a-b.killed")
    assert [s.name for s in adopted(kept)] == ["adopted://a.b/0.txt"]
    with sole_writer(kept), pytest.raises(BusyError):
        give_up(kept, "a.b")
    give_up(kept, "a.b")
    assert adopted(kept) == []


@given(st.lists(st.text("ab -_./%é", min_size=1), unique=True))
def test_collections_are_never_kept_in_the_same_folder(given_names: list[str]) -> None:
    folders = {_name(n) for n in given_names}
    assert len(folders) == len(given_names)
    assert not any("/" in f for f in folders)


names = st.sampled_from(["a", "b/c.md", "with space", "d: e", "ü.pdf", "#f", "- g"])


@given(st.lists(names), st.lists(names, unique=True), st.booleans(), st.sampled_from([1, 10_000]))
def test_editing_the_list_of_documents_changes_nothing_else(
    old: list[str], new: list[str], flow: bool, width: int
) -> None:
    listed = yaml.safe_dump({"documents": old}, default_flow_style=flow, allow_unicode=True, width=width)
    listed = listed.strip("{}\n") if flow else listed
    text = f"# A project.\n{listed.rstrip()}\n\n# How it is seeded:\nseed: 3  # always\n"
    made = with_documents(text, new)
    assert set(yaml.safe_load(made)["documents"]) == set(new)
    assert yaml.safe_load(made)["seed"] == 3
    assert made.startswith("# A project.\n")
    assert made.endswith("# How it is seeded:\nseed: 3  # always\n")
    assert set(yaml.safe_load(with_documents("seed: 1\n", new))["documents"]) == set(new)


@pytest.mark.parametrize(
    ("listed", "made"),
    [
        ("- a\n- b  # kept\n- a\n", "- b  # kept\n"),
        ('- "a\n  very long\n  name"\n- b  # kept\n', "- b  # kept\n"),
        ("# lost\n- >-\n  a\n- b\n", "  - b\n"),
        ("- &x a\n- *x\n- b\n", "  - b\n"),
    ],
)
def test_a_path_is_taken_out_of_the_list_whole_and_each_time(listed: str, made: str) -> None:
    text = f"documents:\n{listed}# Seeded:\nseed: 3\n"
    assert with_documents(text, ["b"]) == f"documents:\n{made}# Seeded:\nseed: 3\n"


def test_a_list_that_ends_with_block_text_is_edited() -> None:
    assert with_documents("documents:\n- b\n- |-\n  a\n", ["b", "c"]) == "documents:\n  - b\n  - c\n"


def test_a_list_that_cannot_be_edited_is_left_alone() -> None:
    with pytest.raises(InputError, match="cannot be edited"):
        with_documents("documents:\n- &x a\nexamples: *x\n", ["b"])


@pytest.fixture
def run(project: Project, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """``groundtune …`` on the small shop with a fake embedder: its standard output."""
    monkeypatch.setattr("lm.engines.choose_engine.load_embedder", lambda *_: FakeEmbedder())

    def run(*args: str) -> str:
        ended = CliRunner().invoke(app, [*args, "--project", str(project.folder)])
        if isinstance(ended.exception, GroundtuneError):
            raise ended.exception
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    return run


def test_documents_are_added_and_removed(run: Callable[..., str], project: Project, tmp_path: Path) -> None:
    run("index", "update")
    write_text(tmp_path / "canteen.md", "# Canteen\n\nThe canteen opens at noon.\n")
    assert "1 added, 0 removed" in run("index", "add", str(tmp_path / "canteen.md"))
    assert open_project(project.folder).settings.documents == ["documents", "../canteen.md"]
    assert "0 added, 0 removed" in run("index", "add", str(tmp_path / "canteen.md"))
    assert "canteen.md" in run("index", "search", "canteen", "-k", "1")
    (tmp_path / "canteen.md").unlink()
    assert "0 added, 1 removed" in run("index", "remove", str(tmp_path / "canteen.md"))
    assert "0 passages of 0 documents" in run("index", "remove", str(project.folder / "documents"))
    assert "# Every other setting" in (project.folder / "groundtune.yaml").read_text()


def test_paths_that_cannot_be_added_or_removed_are_named(run: Callable[..., str], project: Project) -> None:
    before = (project.folder / "groundtune.yaml").read_text()
    with pytest.raises(InputError, match=r"nowhere\.md: no such file"):
        run("index", "add", "nowhere.md")
    with pytest.raises(InputError, match="it is no document of the project"):
        run("index", "remove", "nowhere.md")
    with pytest.raises(InputError, match="a part of documents"):
        run("index", "remove", str(project.folder / "documents" / "hours.md"))
    with pytest.raises(InputError, match="no collection"):
        run("index", "remove", "--collection", "boats")
    assert (project.folder / "groundtune.yaml").read_text() == before


def test_a_collection_is_adopted_and_given_up(run: Callable[..., str], tmp_path: Path) -> None:
    _foreign(tmp_path / "foreign", "boats", FakeEmbedder(), ["Kayaks are long."])
    told = json.loads(run("index", "adopt", "--collection", "boats", "--path", str(tmp_path / "foreign"), "--json"))
    assert (told["adopted"]["vectors"], told["index"]["passages"]) == ("kept", 4)
    assert "0 added, 1 removed" in run("index", "remove", "--collection", "boats")
    assert "kept: our embedder made them" in run(
        "index", "adopt", "--collection", "boats", "--path", str(tmp_path / "foreign")
    )


@pytest.mark.parametrize("name", ["CHUNKING", "COUNTING", "MAX_TOKENS"])
def test_an_index_of_other_settings_is_refused_until_it_is_made_anew(
    run: Callable[..., str], project: Project, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    run("index", "update")
    if name != "MAX_TOKENS":
        monkeypatch.setattr(f"rag.index.index.{name}", 0)
    else:
        file = project.folder / "groundtune.yaml"
        file.write_text(file.read_text() + "\npassage_tokens: 77\n")
    for verb in ("update", "stats"):
        with pytest.raises(ProjectError, match="groundtune index rebuild"):
            run("index", verb)
    assert "3 added, 0 removed" in run("index", "rebuild")
    assert "0 added, 0 removed" in run("index", "update")


def test_nothing_is_removed_where_one_of_the_names_is_wrong(run: Callable[..., str], tmp_path: Path) -> None:
    _foreign(tmp_path / "foreign", "boats", FakeEmbedder(), ["Kayaks are long."])
    run("index", "adopt", "--collection", "boats", "--path", str(tmp_path / "foreign"))
    with pytest.raises(InputError, match="nothing was removed"):
        run("index", "remove", "--collection", "boats", "nowhere.md")
    assert "0 removed" in run("index", "update")
    assert "adopted://boats/0.txt" in run("index", "search", "kayaks")


def test_updating_tells_what_was_masked_left_out_and_skipped(run: Callable[..., str], project: Project) -> None:
    folder = project.folder / "documents"
    write_text(folder / "copy.md", (folder / "hours.md").read_text())
    write_text(folder / "pay.md", "Pay to DE89 3704 0044 0532 0130 00.")
    write_text(folder / "empty[b].md", "")
    told = run("index", "update")
    assert "1 masked" in told
    assert "documents/hours.md (repeats documents/copy.md)" in " ".join(told.split())
    made = json.loads(run("index", "rebuild", "--json"))
    assert made["protection"]["documents"]["duplicates"] == {"documents/hours.md": "documents/copy.md"}
    assert [f["where"] for f in made["skipped"]] == ["documents/empty[b].md"]
    assert "documents/empty[b].md: holds no text" in run("index", "verify")
    assert json.loads(run("index", "verify", "--json"))["unreadable"] == made["skipped"]


def test_passages_that_the_embedder_would_cut_off_are_refused(project: Project) -> None:
    def built(tokens: int) -> None:
        settings = project.settings.model_copy(update={"passage_tokens": tokens})
        build_index(Assistant(Project(project.folder, settings), embedder=FakeEmbedder()))

    with pytest.raises(InputError, match=r"passage_tokens: 257.* at most 256.* lower it"):
        built(257)
    assert not project.index.exists()
    built(256)


def test_strict_refuses_before_anything_is_changed(run: Callable[..., str], project: Project) -> None:
    run("index", "update")
    write_text(project.folder / "documents" / "hours.md", "")
    with pytest.raises(InputError, match=r"hours.md: holds no text"):
        run("index", "update", "--strict")
    assert json.loads(run("index", "stats", "--json"))["documents"] == 2
    run("index", "update")
    assert json.loads(run("index", "stats", "--json"))["documents"] == 1


def test_a_copy_of_a_file_that_is_not_read_again_is_still_left_out(project: Project) -> None:
    folder = project.folder / "documents"
    hours = (folder / "hours.md").read_text()
    for file in folder.iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    before = build_index(Assistant(project, embedder=FakeEmbedder()))[0]
    (folder / "later.md").write_text(hours)
    assert build_index(Assistant(project, embedder=FakeEmbedder()))[0].passages == before.passages
    assert read_json(project.protection_file)["duplicates"] == {"documents/later.md": "documents/hours.md"}
    (folder / "hours.md").unlink()
    index = Assistant(project, embedder=FakeEmbedder())
    assert build_index(index)[0].passages == before.passages
    assert "documents/later.md" in {p.source for p in index.index.passages()}


def test_what_was_found_in_files_stays_told_when_others_change(project: Project) -> None:
    folder = project.folder / "documents"
    (folder / "staff.md").write_text("# Staff\n\nWrite to anna.huber@example.org about shifts.")
    for file in folder.iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    build_index(Assistant(project, embedder=FakeEmbedder()))
    told = read_json(project.protection_file)["kinds"]
    assert told["email"]["found"] == 1
    (folder / "new.md").write_text("# New\n\nNothing private.")
    build_index(Assistant(project, embedder=FakeEmbedder()))
    assert read_json(project.protection_file)["kinds"] == told


def test_the_parts_of_a_long_file_are_kept_together(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.documents.formats.part.LONGEST_PART", 2_000)
    monkeypatch.setattr("corpus.documents.formats.text.plain._BLOCK", 500)
    long = project.folder / "documents" / "long.txt"
    long.write_text("".join(f"Line {n} of a long report.\n\n" for n in range(200)))
    for file in (project.folder / "documents").iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    assistant = Assistant(project, embedder=FakeEmbedder())
    first = build_index(assistant)[0]
    parts = {p.source for p in assistant.index.passages() if p.source.startswith("documents/long.txt#part-")}
    assert len(parts) > 2
    again = build_index(assistant)[0]
    assert (again.passages, again.added, again.removed) == (first.passages, 0, 0)
    long.write_text("Only this line is left.")
    build_index(assistant)
    assert [p.text for p in assistant.index.passages() if p.source == "documents/long.txt"] == [
        "Only this line is left."
    ]
    assert not any("#part-" in p.source for p in assistant.index.passages())


def test_questions_that_lie_among_the_documents_are_not_retrieved_from(project: Project) -> None:
    (project.folder / "documents" / "taught.csv").write_text("question,answer\nWhen?,Never.\n")
    settings = project.settings.model_copy(update={"examples": "documents/taught.csv"})
    assistant = Assistant(Project(project.folder, settings), embedder=FakeEmbedder())
    build_index(assistant)
    assert not any("taught" in p.source for p in assistant.index.passages())


def test_a_copy_that_stands_before_the_original_does_not_take_its_place(project: Project) -> None:
    folder = project.folder / "documents"
    (folder / "a-copy.md").write_text((folder / "hours.md").read_text())
    for file in folder.iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    (folder / "a-copy.md").rename(folder.parent / "kept-away")
    assistant = Assistant(project, embedder=FakeEmbedder())
    build_index(assistant)
    (folder.parent / "kept-away").rename(folder / "a-copy.md")
    for _ in range(3):
        assert build_index(assistant)[0].added == 0
        with Documents(project) as documents:
            assert verify(assistant.index, documents.each()).clean
    assert "documents/a-copy.md" not in {p.source for p in assistant.index.passages()}


def test_a_lost_record_of_files_makes_every_file_be_read(project: Project) -> None:
    folder = project.folder / "documents"
    for file in folder.iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    before = build_index(Assistant(project, embedder=FakeEmbedder()))[0]
    for damage in (project.documents_file.unlink, lambda: project.documents_file.write_text("{")):
        damage()
        (folder / "zz.md").write_text((folder / "hours.md").read_text())
        again = build_index(Assistant(project, embedder=FakeEmbedder()))[0]
        assert (again.passages, again.added) == (before.passages, 0)
        (folder / "zz.md").unlink()


def test_signs_and_nearness_see_only_what_passes_the_filter(index: Index) -> None:
    retriever = Retriever(index, index.embedder).within(Filter("d1.md"))
    question = DOCUMENTS[0].text
    _, places = signs(retriever, question, index.embedder.embed([question])[0])
    assert {index.passages()[n].source for n in places} == {"d1.md"}
    assert retriever.nearness(question) < Retriever(index, index.embedder).nearness(question)
    assert Retriever(index, index.embedder).within(Filter("none.md")).nearness(question) == 0


def test_as_many_passages_are_found_as_are_asked_for(tmp_path: Path) -> None:
    made = Index(tmp_path / "index", FakeEmbedder())
    made.build([_document(f"d{n}.md", f"Tent number {n}.") for n in range(130)])
    assert len(Retriever(made, FakeEmbedder()).retrieve("Which tent?", 120)) == 120


def test_names_that_look_like_patterns_or_are_written_otherwise_are_that_file(
    run: Callable[..., str], project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["Rope care [2013].md", "what?.md", "Gro\u0308ßen.md", "UPPER.MD", "a [b] ([c]).md"]
    for name in names:
        write_text(tmp_path / "more [x]" / name, f"# {name}\n\nThe words of {name} alone.\n")
    monkeypatch.chdir(tmp_path)
    run("index", "update")
    for typed in ["Rope care [2013].md", "what?.md", "Gr\u00f6ßen.md", "UPPER.MD", "a [b] ([c]).md"]:
        assert "1 added, 0 removed" in " ".join(run("index", "add", f"more [x]/{typed}").split())
    assert "0 added, 0 removed" in " ".join(run("index", "add", "more [x]/*.md").split())
    shown = {f["passage"]["source"] for f in json.loads(run("index", "search", "words", "-k", "9", "--json"))}
    for name in names:
        (source,) = (s for s in shown if s.endswith(name))
        found = json.loads(run("index", "search", "words", "--source", source, "--json"))
        assert {f["passage"]["source"] for f in found} == {source}
    run("index", "remove", "more [x]/*.md")
    monkeypatch.chdir(project.folder)
    for listed in ["../more [x]/Rope care [2013].md", "../more [x]/Gr\u00f6ßen.md"]:
        assert "0 added, 1 removed" in " ".join(run("index", "remove", listed).split())
    monkeypatch.chdir("/")
    assert "0 added, 1 removed" in " ".join(run("index", "remove", "../more [x]/what?.md").split())
    with pytest.raises(InputError, match="a part of documents"):
        run("index", "remove", "documents/hours.md")


def test_a_command_with_a_name_that_is_no_text_holds_the_folder_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["groundtune", "index", "add", "\udcff.md"])
    with sole_writer(tmp_path):
        assert r"(groundtune index add \udcff.md)" in (tmp_path / ".lock").read_text()
