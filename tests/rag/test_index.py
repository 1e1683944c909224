"""The life of an index: checked, restored, searched, and what ``groundtune index`` prints."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpus.atomic_files import write_text
from corpus.errors import ProjectError
from corpus.records import Document, Passage, Section
from groundtune.assistant import Assistant
from groundtune.cli.main import app
from groundtune.jobs.build_index import build_index
from groundtune.project.project import Project
from rag.index.index import EXACT, Index
from rag.index.index_stats import stats_of
from rag.index.verify_index import Health, verify
from tests.fakes import FakeEmbedder

TEXTS = [f"The {thing} is kept in rack number {n}." for n, thing in enumerate(["tent", "boot", "stove", "rope"])]


def _documents(texts: list[str]) -> list[Document]:
    return [Document(f"d{n}.md", "", text, (Section(text),)) for n, text in enumerate(texts)]


@pytest.fixture(params=["in a folder", "on a server"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Index:
    """An index of four documents of one passage each, its vectors in a folder or on a Chroma server."""
    server = request.getfixturevalue("chroma_server") if request.param == "on a server" else ""
    made = Index(tmp_path / "index", FakeEmbedder(), chroma_url=server, collection=f"groundtune-{time.time_ns()}")
    made.build(_documents(TEXTS))
    return made


@pytest.fixture
def local(tmp_path: Path) -> Index:
    """The same, in a folder."""
    made = Index(tmp_path / "index", FakeEmbedder())
    made.build(_documents(TEXTS))
    return made


def _again(index: Index, exact: int = EXACT) -> Index:
    """The same folder, opened as a new process would."""
    return Index(index.folder, FakeEmbedder(), location=index.location, exact=exact)


@pytest.mark.long
def test_what_was_built_is_clean_until_documents_change(index: Index) -> None:
    assert verify(index, _documents(TEXTS)) == Health()
    newer = [*_documents(["The tent is sold.", *TEXTS[1:3]]), Document("new.md", "", "New.", (Section("New."),))]
    health = verify(index, newer)
    assert (health.new, health.changed, health.gone) == (("new.md",), ("d0.md",), ("d3.md",))
    assert health.sound
    assert not health.clean
    index.build(newer)
    assert verify(index, newer).clean


@pytest.mark.long
def test_what_the_store_lost_or_altered_is_named(index: Index) -> None:
    ids = [p.id for p in index.passages()]
    store = index.store()
    store.remove([ids[0]])
    stray, other = Passage("stray", "?", "?"), replace(index.passages()[1], text="Something else.")
    store.put([(stray, index.vectors()[0]), (other, index.vectors()[2])])
    health = verify(index, _documents(TEXTS))
    assert (health.missing, health.stale, health.altered) == ((ids[0],), ("stray",), (ids[1],))
    assert not health.sound
    index.rebuild(_documents(TEXTS))
    assert verify(index, _documents(TEXTS)).clean


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _delete(file: Path) -> None:
    file.unlink()


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["passages.jsonl", "vectors", "sources.jsonl", "words/scores", "chroma/chroma.sqlite3"]
)
@pytest.mark.parametrize("harm", [_cut, _delete, lambda file: file.write_bytes(b"")])
def test_a_damaged_index_is_noticed_and_restored(local: Index, name: str, harm: Callable[[Path], object]) -> None:
    index = local
    wanted = tuple(index.passages())
    harm(index.folder / "0001" / name)
    damaged = _again(index)
    health = verify(damaged, _documents(TEXTS))
    assert "damaged" in health.damage
    for read in (damaged.vectors, lambda: _again(index).build(_documents(TEXTS))):
        if not (name.startswith("chroma") and read == damaged.vectors):  # so few are searched without Chroma
            with pytest.raises(ProjectError, match="groundtune index rebuild"):
                read()
    restored = _again(index)
    assert restored.rebuild(_documents(TEXTS)).added == len(TEXTS)
    assert tuple(restored.passages()) == wanted
    assert verify(restored, _documents(TEXTS)).clean


def test_a_store_that_ends_its_reader_is_named(tmp_path: Path) -> None:
    many = [
        Document(f"{n}", "", text, (Section(text),)) for n in range(1100) for text in [f"Thing {n} weighs {n * 7} g."]
    ]
    index = Index(tmp_path / "index", FakeEmbedder())
    index.build(many)
    (file,) = index.folder.rglob("data_level0.bin")
    whole = file.read_bytes()
    third = len(whole) // 3
    file.write_bytes(whole[:third] + b"\xa5" * third + whole[2 * third :])
    health = verify(_again(index), many)
    assert not health.sound
    with pytest.raises(ProjectError, match="groundtune index rebuild"):
        _again(index, exact=0).nearest(index.vectors()[0], 3)
    assert _again(index).rebuild(many).added == len(many)


def test_numbers_of_an_index(index: Index) -> None:
    index.build([*_documents(TEXTS), Document("empty.md", "", "", ())])
    told = stats_of(index)
    assert (told["documents"], told["passages"], told["without_text"]) == (5, 4, ["empty.md"])
    assert told["tokens"]["all"] == sum(FakeEmbedder().count_tokens(TEXTS))


@pytest.fixture
def run(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """``groundtune index …`` on the small shop, with a fake embedder: exit status and standard output."""
    monkeypatch.setattr("lm.engines.choose_engine.load_embedder", lambda *_: FakeEmbedder())

    def run(*args: str) -> tuple[int, str]:
        ended = CliRunner().invoke(app, ["index", *args, "--project", str(assistant.project.folder)])
        if isinstance(ended.exception, ProjectError):
            raise ended.exception
        return ended.exit_code, ended.stdout

    return run


@pytest.mark.long
def test_the_verbs_of_the_index(run: Callable[..., tuple[int, str]], project: Project) -> None:
    with pytest.raises(ProjectError, match="no complete index"):
        run("verify")
    assert json.loads(run("update", "--json")[1])["index"]["added"] == 3
    assert run("verify")[0] == 0
    write_text(project.folder / "documents" / "hours.md", "# Hours\n\nWe open at 11:00.\n")
    status, told = run("verify", "--json")
    assert status == 1
    assert json.loads(told)["changed"] == ["documents/hours.md"]
    assert "groundtune index update" in run("verify")[1]
    assert "1 added, 1 removed" in run("update")[1]
    (first, *_) = json.loads(run("search", "When do you open?", "-k", "2", "--json")[1])
    assert first["passage"]["text"].endswith("We open at 11:00.")
    assert "documents/hours.md" in run("search", "When do you open?")[1]
    assert "3 added, 0 removed" in run("rebuild")[1]
    assert json.loads(run("stats", "--json")[1])["documents"] == 2
    assert "3 (median" in run("stats")[1]


def test_a_search_reaches_what_was_added(assistant: Assistant) -> None:
    build_index(assistant)
    write_text(assistant.project.folder / "documents" / "lost.md", "# Lost\n\nLost keys hang in the office.\n")
    report, _ = build_index(assistant)
    assert (report.added, report.removed) == (1, 0)
    assert assistant.retriever.retrieve("Where do lost keys hang?", 1)[0].passage.source == "documents/lost.md"
