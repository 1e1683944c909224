"""Names choose among documents that are alike, and count nothing where documents differ in what they say."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.data.alike_documents import Asked, Need, questions, reports, write_documents
from benchmarks.quality.alike import holds, scores_of
from corpus.documents.read_documents import read_documents
from corpus.records import Document, Passage, Section
from rag.index.document_names import names_of, path_words
from rag.index.index import Index
from rag.index.passage_filter import Filter
from rag.index.periods import periods
from rag.retrieve.retrieve import Retriever
from rag.retrieve.signs import signs
from tests.fakes import FakeEmbedder

COMPANIES = ("Altavia", "Brackenridge", "Calyx")
QUARTERS = ("2023Q1", "2023Q2", "2023Q3")
SAID = (
    "The Company sells goods to customers in many countries and regions.",
    "Total net revenue of the Company rose on higher sales of established lines.",
    "The Company repurchased shares of its common stock in the open market.",
    "The effective tax rate of the Company differs from the statutory rate.",
)


def _document(source: str, paragraphs: Sequence[str], title: str = "FORM 10-Q") -> Document:
    text = "\n\n".join(paragraphs)
    return Document(source, title, text, (Section(text),))


def _reports() -> list[Document]:
    return [_document(f"documents/{c}_10-Q_{q}.pdf", SAID) for c in COMPANIES for q in QUARTERS]


def _retriever(folder: Path, documents: Sequence[Document], max_tokens: int = 12) -> Retriever:
    embedder = FakeEmbedder(256)
    index = Index(folder / "index", embedder, max_tokens=max_tokens)
    index.build(documents)
    return Retriever(index, embedder)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Q3 2023", ["2023-q3"]),
        ("2023Q3", ["2023-q3"]),
        ("2023 Q3 AAPL.pdf", ["2023-q3"]),
        ("Altavia_10-Q_2023Q3", ["2023-q3"]),
        ("form10q_Estrella_q3_2023", ["2023-q3"]),
        ("3Q23", ["2023-q3"]),
        ("Q3'23", ["2023-q3"]),
        ("Q3 FY23", ["2023-q3"]),
        ("fiscal Q3 2023", ["2023-q3"]),
        ("the third quarter of fiscal 2023", ["2023-q3"]),
        ("third quarter 2023", ["2023-q3"]),
        ("the 2nd quarter of fiscal year 2024", ["2024-q2"]),
        ("FY23", ["2023"]),
        ("fiscal year 2023", ["2023"]),
        ("September 30, 2023", ["2023-09-30"]),
        ("30 September 2023", ["2023-09-30"]),
        ("Sept. 3rd, 2023", ["2023-09-03"]),
        ("clyx-20230930", ["2023-09-30"]),
        ("2023-09-30", ["2023-09-30"]),
        ("from Q1 2023 to the fourth quarter of 2023", ["2023-q1", "2023-q4"]),
        ("9/30/2023 or Q3", []),
        ("FAQ1 2023, Q5 2023, 1,234 20230 2023", []),
        ("version 1.2.3, May I ask 12 of 15?", []),
    ],
)
def test_a_period_has_one_name_however_it_is_written(text: str, names: list[str]) -> None:
    assert [p.name for p in periods(text)] == names


@given(st.text(alphabet="Q1234 FY'20 19quarter-of_third, fiscal May.", max_size=40))
def test_periods_stand_in_the_text_one_after_another(text: str) -> None:
    found = list(periods(text))
    assert all(0 <= p.start < p.end <= len(text) for p in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert [p.name for p in periods(text.upper())] == [p.name for p in found]


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        ("September 30, 2023", "2023-q3"),
        ("July 1, 2023", "2023-q2"),
        ("December 31, 2022", "2022-q4"),
        ("May 9, 2023", ""),
        ("January 3, 2023", "2022-q4"),
        ("March 1, 2023", ""),
    ],
)
def test_a_day_at_the_end_of_a_quarter_closes_it(day: str, quarter: str) -> None:
    assert next(periods(day)).closes == quarter


def test_a_document_is_named_by_its_path_its_title_and_the_names_where_it_begins() -> None:
    head = "Quarterly report of Altavia Systems, Inc. for the period ended June 30, 2023. The customers pay late."
    names = names_of("filings/AlliedFoods_10-Q.pdf", [Passage("1", head, "", "Annual Return", "Part One")])
    assert {"alli", "food", "=10-q", "annual", "altavia", "=2023-06-30", "=2023-q2", "2023", "part"} <= set(names)
    assert not {"custom", "pay", "pdf"} & set(names)
    stated = names_of("Allied_2023Q3.pdf", [Passage("1", head, "")])
    assert "=2023-q3" in stated
    assert "=2023-q2" not in stated  # its fiscal year is not the calendar's
    assert names_of("empty.md", []) == ["empti"]


def test_what_is_no_name_of_a_file_is_left_out() -> None:
    assert path_words("adopted://boats/big.report.txt#part-2") == "boats / big.report"


def test_names_choose_among_documents_that_are_alike_and_the_rest_the_passage(tmp_path: Path) -> None:
    retriever = _retriever(tmp_path, _reports())
    for company in COMPANIES:
        for quarter in QUARTERS:
            asked = f"What net revenue did {company} have in Q{quarter[-1]} 2023?"
            best = retriever.retrieve(asked, 1)[0].passage
            assert (best.source, best.text) == (f"documents/{company}_10-Q_{quarter}.pdf", SAID[1])


def test_what_a_question_names_is_found_once_and_taken_out_of_it(tmp_path: Path) -> None:
    index = _retriever(tmp_path, _reports()).index
    named = index.named("Altavia and Altavia in Q3 2023: revenue?")
    sources = [e.source for e in index.entries()]
    assert sources[int(named.best(1)[0])] == "documents/Altavia_10-Q_2023Q3.pdf"
    assert numpy.allclose(named.scores, index.named("Altavia in 3Q23: revenue?").scores)
    assert "revenue" in named.rest
    assert "Q3" not in named.rest
    assert named.lead > 0
    assert not index.named("").scores.any()
    assert len(index.named("who?").best(5)) == 0


def test_names_count_nothing_where_documents_differ_in_what_they_say(tmp_path: Path) -> None:
    texts = [
        "Tents keep the rain off.",
        "Boots are made of leather.",
        "Stoves burn gas in the wind.",
        "Ropes hold climbers.",
    ]
    documents = [
        _document(f"{n}-Guide.md", [text], "") for n, text in zip(("Camp", "Walk", "Cook", "Climb"), texts, strict=True)
    ]
    retriever = _retriever(tmp_path, documents)
    for asked in ("What do I cook on in the wind?", "Guide to walk in boots"):
        found = retriever.candidates(asked, retriever.embedder.embed([asked])[0])
        assert not found.names.any()
        assert numpy.allclose(found.words, retriever.index.word_scores(asked)[found.places])


def test_names_bring_in_only_what_passes_the_filter(tmp_path: Path) -> None:
    retriever = _retriever(tmp_path, _reports())
    where = Filter("*Calyx*")
    found = retriever.within(where).retrieve("What net revenue did Altavia have in Q3 2023?", 10)
    assert found
    assert {f.passage.source for f in found} <= {f"documents/Calyx_10-Q_{q}.pdf" for q in QUARTERS}
    assert found[0].passage.source.endswith("2023Q3.pdf")


def test_a_source_taken_for_absent_leaves_signs_without_it(tmp_path: Path) -> None:
    retriever = _retriever(tmp_path, _reports())
    asked = "What net revenue did Altavia have in Q3 2023?"
    absent = "documents/Altavia_10-Q_2023Q3.pdf"
    _, places = signs(retriever, asked, retriever.embedder.embed([asked])[0], [absent])
    assert places
    assert absent not in {retriever.index.passages()[place].source for place in places}


def test_an_updated_index_names_its_documents_as_one_built_anew_does(tmp_path: Path) -> None:
    documents = _reports()
    updated = _retriever(tmp_path / "a", documents[:5]).index
    changed = [documents[7], *documents[1:4], _document("documents/Dunmore_10-Q_2023Q1.pdf", SAID), documents[0]]
    updated.build(changed)
    anew = _retriever(tmp_path / "b", changed).index
    assert [e.source for e in updated.entries()] == [e.source for e in anew.entries()]
    for asked in ("Altavia Q1 2023", "Dunmore", "Brackenridge 2023Q2", "Calyx"):
        assert numpy.array_equal(updated.named(asked).scores, anew.named(asked).scores)
    for n, entry in enumerate(updated.entries()):
        assert updated.span_of(n) == (entry.first, entry.first + entry.count)
        assert set(updated.documents_of(numpy.arange(*updated.span_of(n))).tolist()) == {n}


def test_without_documents_or_with_one_nothing_is_named_apart(tmp_path: Path) -> None:
    one = _retriever(tmp_path / "one", [_document("Altavia_2023Q3.pdf", SAID)])
    assert one.index.named("Altavia Q3 2023").lead == 0
    assert one.retrieve("Altavia Q3 2023", 2)
    none = _retriever(tmp_path / "none", [])
    assert none.retrieve("Altavia Q3 2023") == ()


def test_the_set_of_like_documents_is_the_same_each_time_and_its_halves_share_nothing(tmp_path: Path) -> None:
    write_documents(tmp_path / "a")
    write_documents(tmp_path / "b")
    files = {f.relative_to(tmp_path / "a"): f.read_bytes() for f in (tmp_path / "a").rglob("*.*") if f.is_file()}
    assert files == {
        f.relative_to(tmp_path / "b"): f.read_bytes() for f in (tmp_path / "b").rglob("*.*") if f.is_file()
    }
    texts = {d.source: d.text for d in read_documents([tmp_path / "a"], tmp_path / "a").documents}
    assert len(texts) == len(files) == 50
    assert len(reports()) == 20
    asked = questions()
    for each in asked:
        for need in each.needs:
            assert need.sources <= texts.keys()
            assert any(holds(texts[source], need.evidence) for source in need.sources), each
    for kind in {a.kind for a in asked}:
        halves = [
            {s for a in asked if (a.kind, a.half) == (kind, half) for n in a.needs for s in n.sources}
            for half in HALVES
        ]
        assert halves[0]
        assert halves[1]
        assert halves[0].isdisjoint(halves[1])


HALVES = ("development", "test")


def test_scores_count_each_need_once() -> None:
    asked = Asked("?", "k", "test", (Need(frozenset("a"), ("1,234",)), Need(frozenset("bc"), ("56%",))))
    scores = scores_of(asked, [("x", "1,234"), ("a", "no"), ("c", "it was 56% then"), ("a", "1,234")])
    assert [scores[f"document_recall_at_{k}"] for k in (1, 3, 5)] == [0, 1, 1]
    assert [scores[f"passage_recall_at_{k}"] for k in (1, 3, 5)] == [0, 0.5, 1]
    assert (scores["document_reciprocal_rank"], scores["passage_reciprocal_rank"]) == (1 / 2, 1 / 3)
