"""Questions asked of some documents only: by source, day and tag, from the command line, the retriever and LangChain."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from corpus.atomic_files import write_json
from corpus.errors import GroundtuneError, InputError
from corpus.records import Document, Example, Section
from groundtune.assistant import Assistant
from groundtune.cli.main import app
from groundtune.jobs.build_index import build_index
from groundtune.project.project import Project
from rag import as_retriever
from rag.answer.shown_texts import what_to_show
from rag.index.index import Index
from rag.index.passage_filter import Filter
from rag.index.snapshot import Entry
from rag.retrieve.earlier_answers import Memory
from rag.retrieve.retrieve import Retriever
from router.answer_chance import Chance
from router.answerability import Logistic
from router.measured_arms import Measured
from tests.fakes import FakeEmbedder, FakeGenerator

SHELF = [
    ("policies/returns.md", "2026-01-10", ("returns", "Shop")),
    ("policies/old/returns.md", "2024-06-01", ("returns",)),
    ("prices.md", "2026-03-05T08:00:00", ("shop",)),
    ("notes.md", "", ()),
]


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    """Four documents of three passages each."""
    documents = []
    for source, day, tags in SHELF:
        texts = [f"Boots of {source} part {n}." for n in range(3)]
        documents.append(Document(source, "", "".join(texts), tuple(map(Section, texts)), day, tags))
    index = Index(tmp_path_factory.mktemp("filter") / "index", FakeEmbedder())
    index.build(documents)
    return Retriever(index, FakeEmbedder())


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        (Filter(source="policies/*"), {0, 1}),
        (Filter(source="*.md", since="2026-01-10"), {0, 2}),
        (Filter(until="2026-03-05"), {0, 1, 2}),
        (Filter(tags=("RETURNS",)), {0, 1}),
        (Filter(tags=("shop", "returns")), {0}),
        (Filter(source="x*"), set()),
        (Filter(), {0, 1, 2, 3}),
    ],
)
def test_only_what_passes_is_found(retriever: Retriever, where: Filter, wanted: set[int]) -> None:
    found = retriever.within(where).retrieve("Which boots?", 50)
    assert {f.passage.source for f in found} == {SHELF[n][0] for n in wanted}
    assert len(found) == 3 * len(wanted)
    documents = as_retriever(retriever, k=50, where=where).invoke("Which boots?")
    assert [d.id for d in documents] == [f.passage.id for f in found]


chosen = st.lists(st.integers(0, 11), unique=True, min_size=1).map(sorted)


@settings(max_examples=20, deadline=None)
@given(chosen, st.integers(1, 12))
def test_a_filter_does_not_cost_neighbours(retriever: Retriever, allowed: list[int], k: int) -> None:
    asked = FakeEmbedder().embed(["boots of prices part 2"])[0]
    places, cosines = retriever.index.nearest(asked, k, numpy.array(allowed))
    exact = retriever.index.vectors()[allowed] @ asked
    assert set(places) <= set(allowed)
    assert numpy.allclose(cosines, numpy.sort(exact)[::-1][:k], atol=1e-6)


@pytest.mark.parametrize(("since", "until"), [("yesterday", ""), ("", "2026-1-1"), ("2026-02-01", "2026-01-01")])
def test_days_that_are_none_are_refused(since: str, until: str) -> None:
    with pytest.raises(InputError):
        Filter(since=since, until=until)


def test_earlier_answers_are_shown_only_where_their_evidence_passes(retriever: Retriever) -> None:
    passages = retriever.index.passages()
    examples = [Example("old", "Which boots?", "Old ones."), Example("new", "Which boots now?", "New ones.")]
    right = {"old": [passages[3]], "new": [passages[0], passages[1]]}
    memory = Memory.of(examples, right, FakeEmbedder())
    memory.threshold = -1.0
    shown = what_to_show(retriever.within(Filter(since="2026-01-01")), memory, "Which boots?", 6, 2)
    texts = {s.text.text for s in shown}
    assert "New ones." in texts
    assert "Old ones." not in texts
    assert {p.source for s in shown for p in s.rests_on} <= {SHELF[0][0], SHELF[2][0]}


def test_the_parts_of_a_long_file_answer_to_its_name(tmp_path: Path) -> None:
    index = Index(tmp_path / "index", FakeEmbedder())
    index.build(
        [Document(f"docs/{n}", "", "Boots.", (Section("Boots."),)) for n in ("big.txt#part-1", "big.txt#part-2", "x")]
    )
    retriever = Retriever(index, FakeEmbedder())
    for pattern, wanted in [("docs/big.txt", 2), ("docs/*.txt", 2), ("docs/big.txt#part-2", 1), ("docs/*", 3)]:
        assert len(retriever.within(Filter(source=pattern)).retrieve("Boots?", 9)) == wanted


@pytest.fixture
def run(project: Project, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """``groundtune …`` on the small shop with fakes: its standard output."""
    monkeypatch.setattr("lm.engines.choose_engine.load_embedder", lambda *_: FakeEmbedder())
    monkeypatch.setattr("lm.engines.choose_engine.load_generator", lambda *_, **__: FakeGenerator())
    build_index(Assistant(project, embedder=FakeEmbedder()))

    def run(*args: str, given: str = "") -> str:
        ended = CliRunner().invoke(app, [*args, "--project", str(project.folder)], input=given)
        if isinstance(ended.exception, GroundtuneError):
            raise ended.exception
        return ended.stdout

    return run


@pytest.mark.parametrize("arm", ["rag", "extract", "auto"])
def test_an_answer_rests_on_what_passes(run: Callable[..., str], arm: str) -> None:
    told = json.loads(
        run("ask", "When does the store in Linz open?", "--arm", arm, "--source", "*/returns.md", "--json")
    )
    assert {c["source"] for c in told["citations"]} <= {"documents/returns.md"}
    assert "9:00" in run("chat", "--arm", arm, "--source", "*/hours.md", given="When does the store in Linz open?\n\n")


def test_a_search_is_filtered(run: Callable[..., str]) -> None:
    found = json.loads(run("index", "search", "Linz", "--source", "*returns*", "--json"))
    assert {f["passage"]["source"] for f in found} == {"documents/returns.md"}


@pytest.mark.parametrize("verb", [("ask", "Where?"), ("chat",), ("index", "search", "Where?")])
def test_a_filter_that_nothing_passes_is_told(run: Callable[..., str], verb: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"no passage matches the filter \(since 2026-01-01, tag x\)"):
        run(*verb, "--since", "2026-01-01", "--tag", "x")


@pytest.mark.parametrize("source", ["hours.md", "HOURS.*", "documents/hour.md"])
def test_sources_near_a_pattern_that_fits_none_are_named(run: Callable[..., str], source: str) -> None:
    with pytest.raises(InputError) as told:
        run("index", "search", "Linz", "--source", source)
    assert "near it: documents/hours.md" in told.value.mend
    with pytest.raises(InputError) as told:
        run("index", "search", "Linz", "--source", "documents/hours.md", "--tag", "x")
    assert "near it" not in told.value.mend


def test_arms_without_documents_take_no_filter(run: Callable[..., str], project: Project) -> None:
    with pytest.raises(InputError, match="reads no documents"):
        run("ask", "Where?", "--arm", "base", "--source", "*")
    assistant = Assistant(project, embedder=FakeEmbedder())
    assert "base" in assistant.available
    assert "base" not in assistant.available_within(Filter(source="*"))


def test_the_project_is_not_needed_to_name_a_filter(tmp_path: Path) -> None:
    assert str(Filter("a*", "2026-01-01", "2026-02-01", ("x", "y"))) == (
        "source a*, since 2026-01-01, until 2026-02-01, tag x, tag y"
    )


SHOWN = [
    "docs/Rope care [2013].md",
    "docs/what?.md",
    "docs/Gro\u0308ßen.md",
    "docs/*.md",
    "docs/UPPER.MD",
    "docs/\\xff.md",
]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    """A document for each name that could be taken for a pattern, and some that such a pattern would fit."""
    index = Index(tmp_path_factory.mktemp("names") / "index", FakeEmbedder())
    names = [*SHOWN, "docs/Rope care 2.md", "docs/whats.md", "docs/long [1].txt#part-1", "docs/long [1].txt#part-2"]
    index.build([Document(name, "", f"Boots of {n}.", (Section(f"Boots of {n}."),)) for n, name in enumerate(names)])
    return Retriever(index, FakeEmbedder())


def _sources(retriever: Retriever, source: str) -> list[str]:
    return sorted(f.passage.source for f in retriever.within(Filter(source=source)).retrieve("Boots?", 99))


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_source_as_it_is_printed_is_that_source(named: Retriever, name: str, form: Literal["NFC", "NFD"]) -> None:
    assert _sources(named, unicodedata.normalize(form, name)) == [name]


def test_what_is_no_name_is_a_pattern(named: Retriever) -> None:
    assert _sources(named, "docs/what[?s].md") == ["docs/what?.md", "docs/whats.md"]
    assert _sources(named, "docs/Gr\u00f6*") == ["docs/Gro\u0308ßen.md"]
    assert _sources(named, "docs/long [1].txt") == ["docs/long [1].txt#part-1", "docs/long [1].txt#part-2"]
    assert _sources(named, "docs/long [1].txt#part-2") == ["docs/long [1].txt#part-2"]
    assert len(_sources(named, "docs/*")) == 10
    assert _sources(named, "docs/\udcff.md") == ["docs/\\xff.md"]
    assert Filter(source="ROPE care [2013].md").near(named.index.entries())[0] == "docs/Rope care [2013].md"


@settings(deadline=None)
@given(
    st.text(alphabet="ab[]*?!-\\ öo\u0308/.", min_size=1, max_size=8),
    st.lists(st.text("ab[]*?!", max_size=6), max_size=4),
)
def test_any_name_chooses_itself_alone(name: str, others: list[str]) -> None:
    entries = [Entry(n, "", 0, 1, "", ()) for n in {name, *others}]
    meant = Filter(source=name).among(entries)
    alike = unicodedata.normalize("NFC", name)
    assert {e.source for e in entries if meant.passes(e)} == {
        e.source for e in entries if unicodedata.normalize("NFC", e.source) == alike
    }


@pytest.mark.parametrize("arm", ["rag", "extract", "auto", "fast"])
def test_one_assistant_answers_questions_with_filters_of_their_own(assistant: Assistant, arm: str) -> None:
    build_index(assistant)
    filters = [Filter(source=name) for name in ("*/returns.md", "*/hours.md")] * 8

    def sources(where: Filter) -> set[str]:
        return {c.source for c in assistant.ask("When does the store in Linz open?", arm, where).citations}

    with ThreadPoolExecutor(len(filters)) as pool:
        cited = list(pool.map(sources, filters))
    for where, names in zip(filters, cited, strict=True):
        assert all(fnmatch(name, where.source) for name in names)
    assert assistant.ask("When does the store in Linz open?", arm).citations[0].source == "documents/hours.md"


def test_a_filtered_answer_is_told_how_likely_it_is_right(assistant: Assistant) -> None:
    build_index(assistant)
    always = Chance(Logistic(numpy.zeros(4), 0.0), 40, 0.5)
    write_json(
        assistant.project.routes_file,
        {"made_of": "", "measured": Measured({}, chances={"rag": always, "extract": always}).to_json()},
    )
    answer = assistant.ask("When does the store in Linz open?", where=Filter(source="*/hours.md"))
    assert answer.right == pytest.approx(0.5)
