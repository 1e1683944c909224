"""Retrieval learns from examples, judges itself on questions it was not trained on, and is kept beside the index."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from corpus.examples.evidence_passages import Evidence
from corpus.records import Document, Example, Passage, Section
from groundtune.jobs.taught_examples import right_passages
from lm.reply_stream import without_pointer
from rag.answer.reading_arm import PassageAnswerer
from rag.answer.shown_texts import what_to_show
from rag.index.index import Index
from rag.retrieve.earlier_answers import Memory, load_memory
from rag.retrieve.late_interaction import LateInteraction, learn_late, load_late
from rag.retrieve.retrieve import Retriever, Tuning
from rag.retrieve.tune_retrieval import MINIMUM_QUESTIONS, WORD_WEIGHTS, load_tuned, load_tuning, tune
from tests.fakes import FakeEmbedder, FakeGenerator

DIMENSION = 256
THINGS = ["tent", "boot", "stove", "rope", "lamp", "mat", "axe", "flask", "pack", "pole", "sledge", "helmet"]
CODE = {thing: f"zq{n}x" for n, thing in enumerate(THINGS)}
"""Customers of this shop call each thing by a word that stands in no document."""


@pytest.fixture
def retriever(tmp_path: Path) -> Retriever:
    """An index of one passage for each thing."""
    texts = [f"The {thing} is kept in rack number {n}." for n, thing in enumerate(THINGS)]
    index = Index(tmp_path / "index", FakeEmbedder(DIMENSION))
    index.build([Document(f"d{n}", "", text, (Section(text),)) for n, text in enumerate(texts)])
    return Retriever(index, FakeEmbedder(DIMENSION))


def _examples(asks: list[str]) -> list[Example]:
    return [
        Example(
            f"{n}-{a}", ask.format(CODE[thing]), f"rack number {n}", source=(f"d{n}",), evidence=(f"rack number {n}.",)
        )
        for n, thing in enumerate(THINGS)
        for a, ask in enumerate(asks)
    ]


ASKS = ["where is the {}", "I look for a {}", "show me the {} please", "which shelf has the {}", "{} where"]


def _right(retriever: Retriever, examples: list[Example]) -> dict[str, tuple[Passage, ...]]:
    evidence = Evidence(retriever.index.passages())
    return {e.id: evidence.right(e) for e in examples}


@pytest.mark.long
def test_the_map_finds_what_other_words_ask_for(retriever: Retriever) -> None:
    examples = _examples(ASKS)
    tuned = tune(retriever, examples, _right(retriever, examples), seed=0)
    assert tuned is not None
    assert tuned.questions == len(examples) >= MINIMUM_QUESTIONS
    assert tuned.mrr["mapped"] > tuned.mrr["plain"]
    assert tuned.mrr["plain"] >= tuned.mrr["untuned"]
    assert {tuned.plain.word_weight, tuned.mapped.word_weight} <= set(WORD_WEIGHTS)

    def rank(by: Retriever, asked: Example) -> int:
        return [f.passage.source for f in by.retrieve(asked.question, len(THINGS))].index(asked.source[0])

    new = _examples(["have you got a {} somewhere"])
    better = retriever.tuned(tuned.mapped)
    assert sum(rank(better, e) for e in new) < sum(rank(retriever, e) for e in new)


@pytest.mark.long
def test_reranking_learns_which_token_of_the_question_tells() -> None:
    drawn = numpy.random.default_rng(1)
    names = [v / numpy.linalg.norm(v) for v in drawn.normal(size=(30, 16)).astype(numpy.float32)]
    noise = names[:10]

    def text(n: int) -> numpy.ndarray:
        """A token that names it among noise that says nothing."""
        return numpy.stack([*(noise[i] for i in drawn.choice(10, 6)), names[10 + n]])

    shelf = [text(n) for n in range(20)]

    def asked(n: int) -> tuple[numpy.ndarray, list[int]]:
        return text(n), [n, *map(int, drawn.choice([m for m in range(20) if m != n], 5, replace=False))]

    def learned() -> LateInteraction:
        even = [numpy.zeros(6, dtype=numpy.float32)] * len(taught)
        return learn_late([q for q, _ in taught], shelf, [c for _, c in taught], even, [{c[0]} for _, c in taught], 20)

    def first(late: LateInteraction) -> int:
        return sum(int(late.scores(q, [shelf[m] for m in c]).argmax()) == 0 for q, c in new)

    taught, new = [asked(n % 20) for n in range(200)], [asked(n % 20) for n in range(100)]
    late = learned()
    assert first(late) > first(LateInteraction(numpy.zeros((16, 16)), numpy.zeros(16), 1.0))
    numpy.testing.assert_array_equal(late.question_map, learned().question_map)


def test_reranking_moves_only_the_best_and_is_kept(retriever: Retriever, tmp_path: Path) -> None:
    drawn = numpy.random.default_rng(0)
    late = LateInteraction(
        drawn.normal(size=(DIMENSION, DIMENSION)).astype(numpy.float32), drawn.normal(size=DIMENSION), 50.0
    )
    reranking = retriever.tuned(Tuning(late=late))
    asked = "where is the rope"
    plain = [f.passage.id for f in retriever.retrieve(asked, len(THINGS))]
    again = [f.passage.id for f in reranking.retrieve(asked, len(THINGS))]
    assert sorted(plain) == sorted(again)
    assert plain != again
    late.save(tmp_path)
    kept = load_late(tmp_path)
    assert kept is not None
    numpy.testing.assert_array_equal(kept.question_map, late.question_map)
    assert kept.weight == late.weight


def test_too_few_questions_tune_nothing(retriever: Retriever) -> None:
    examples = _examples(ASKS)[: MINIMUM_QUESTIONS - 1]
    assert tune(retriever, examples, _right(retriever, examples)) is None


@pytest.mark.long
def test_what_was_learned_is_the_same_again_and_after_loading(retriever: Retriever, tmp_path: Path) -> None:
    examples = _examples(ASKS)
    one, other = (tune(retriever, examples, _right(retriever, examples), seed=3) for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.mrr == other.mrr
    assert one.out_of_fold == other.out_of_fold
    one.save(tmp_path / "retrieval")
    one.save(tmp_path / "retrieval", "what it was made of")
    memory, passages = Memory(examples, {}, numpy.zeros((len(examples), DIMENSION))), retriever.index.passages()
    again = load_tuned(tmp_path / "retrieval", passages, memory, "what it was made of")
    assert again is not None
    assert (again.out_of_fold, again.mrr, again.questions) == (one.out_of_fold, one.mrr, one.questions)
    assert load_tuned(tmp_path / "retrieval", passages, memory, "something else") is None
    plain, mapped = load_tuning(tmp_path / "retrieval")
    assert plain == one.plain
    assert mapped.word_weight == one.mapped.word_weight
    assert mapped.query_map is not None
    assert one.mapped.query_map is not None
    numpy.testing.assert_allclose(mapped.query_map, one.mapped.query_map)
    assert load_tuning(tmp_path / "none") == (Tuning(), Tuning())


def test_a_mapped_question_stays_a_unit_vector() -> None:
    drawn = numpy.random.default_rng(0)
    vector = drawn.normal(size=8)
    mapped = Tuning(1.0, drawn.normal(size=(8, 8))).query(vector / numpy.linalg.norm(vector))
    assert numpy.linalg.norm(mapped) == pytest.approx(1.0)


def test_evidence_is_all_or_none() -> None:
    passages = [Passage("a", "Boots cost 9 euros.", "x.md"), Passage("b", "Tents are green.", "y.md")]
    both = Example("1", "?", "Nine and green.", evidence=("Boots cost 9 euros.", "Tents are green."))
    half = Example("2", "?", "Nine and red.", evidence=("Boots cost 9 euros.", "Tents are red."))
    worded = Example("3", "?", "9 euros", source=("x.md",))
    finder = Evidence(passages)
    assert [p.id for p in finder.right(both)] == ["a", "b"]
    assert finder.right(half) == ()
    assert finder.right(worded) == ()
    assert [p.id for p in finder.right(worded, passages)] == ["a"]
    assert finder.right(Example("4", "?", None)) == ()


def test_earlier_answers_are_remembered_while_their_evidence_stands(retriever: Retriever, tmp_path: Path) -> None:
    examples = _examples(["where is the {}"])
    memory = Memory.of(examples, _right(retriever, examples), retriever.embedder)
    memory.threshold = -1.0
    vector = retriever.embedder.embed([examples[3].question])[0]
    near = memory.near(vector, 2)
    nearest = near[0][0]
    assert nearest.id == examples[3].id
    assert nearest.shown.text == examples[3].answer
    assert [p.source for p in nearest.evidence] == ["d3"]
    assert examples[3].id not in {e.id for e, _ in memory.near(vector, 2, but=[examples[3].id])}
    memory.save(tmp_path / "memory")
    loaded = load_memory(tmp_path / "memory", retriever.index.passages())
    assert loaded is not None
    assert [e for e, _ in loaded.near(vector, 2)] == [e for e, _ in near]
    newer = [p for p in retriever.index.passages() if p.source != "d3"]
    left = load_memory(tmp_path / "memory", newer)
    assert left is not None
    assert {e.id for e in memory.entries} - {e.id for e in left.entries} == {examples[3].id}
    assert load_memory(tmp_path / "none", newer) is None


def test_an_overtaken_answer_is_remembered_as_the_documents_have_it_now(retriever: Retriever) -> None:
    stale = Example("old", f"where is the {CODE['rope']}", "The rope is kept in rack number 77.", kind="changed")
    unknown = Example("who", "who may lead a glacier course", "Any guide with a licence.")
    standing, right = right_passages(retriever, [stale, unknown])
    assert {i: [p.source for p in held] for i, held in right.items()} == {"old": ["d3"], "who": []}
    memory = Memory.of(standing, right, retriever.embedder)
    assert [(e.shown.question, e.shown.text) for e in memory.entries] == [
        (stale.question, "The rope is kept in rack number 3.")
    ]


def test_an_answer_from_memory_cites_its_evidence(retriever: Retriever) -> None:
    examples = _examples(["where is the {}"])
    memory = Memory.of(examples, _right(retriever, examples), retriever.embedder)
    memory.threshold = -1.0
    engine = FakeGenerator(lambda messages, adapter: "The stove is kept in rack number 2.")
    answerer = PassageAnswerer("hybrid", retriever, engine, k=1, memory=memory, remembered=3)
    answer = answerer.answer(examples[2].question)
    assert [c.quote for c in answer.citations] == ["The stove is kept in rack number 2."]
    assert answer.citations[0].source == "d2"


def test_passages_and_earlier_answers_stand_in_one_order(retriever: Retriever) -> None:
    examples = _examples(["where is the {}", "where is the {} now"])
    memory = Memory.of(examples, _right(retriever, examples), retriever.embedder)
    asked, own = examples[6].question, examples[6].id

    def ids(by: Retriever, remembered: int, but: str = "") -> list[str]:
        return [s.text.id for s in what_to_show(by, memory, asked, 4, remembered, but=[but])]

    earlier = {e.id for e in memory.entries}
    untuned = ids(retriever, 2)
    assert untuned[0] == own, "the nearest earlier answers come first"
    assert [i in earlier for i in untuned] == [True, True, False, False]
    assert own not in ids(retriever, 2, but=own)
    assert not earlier & set(ids(retriever, 0))
    no_map, alike = numpy.zeros((DIMENSION, DIMENSION)), numpy.zeros(DIMENSION)
    above, below = (retriever.tuned(Tuning(late=LateInteraction(no_map, alike, 1.0, b))) for b in (99.0, -99.0))
    assert [i in earlier for i in ids(above, 1)] == [True, False, False, False]
    assert not earlier & set(ids(below, 2))
    (first, *_) = what_to_show(above, memory, asked, 4, 1)
    assert [p.source for p in first.rests_on] == ["d3"]


def test_only_answers_near_enough_are_remembered(retriever: Retriever) -> None:
    examples = _examples(["where is the {}", "where is the {} now"])
    memory = Memory.of(examples, _right(retriever, examples), retriever.embedder)
    known = {e.id for e in memory.entries}

    def remembered(question: str) -> set[str]:
        shown = what_to_show(retriever, memory, question, 4, 2)
        return {p.source for s in shown for p in s.rests_on if s.text.id in known}

    assert remembered(f"where is the {CODE['rope']} now") == {"d3"}
    assert remembered("who may lead a glacier course") == set()


@pytest.mark.parametrize("pieces", [["[2] The", " stove"], ["[", "2", "]", "[1]", " ", "The stove"], ["The", " stove"]])
def test_the_number_a_tuned_reply_begins_with_is_not_shown(retriever: Retriever, pieces: list[str]) -> None:
    told: list[str] = []
    tell = without_pointer(told.append)
    for piece in pieces:
        tell(piece)
    assert "".join(told) == "The stove"
    engine = FakeGenerator(lambda messages, adapter: "[2] It is kept in a rack.")
    answer = PassageAnswerer("hybrid", retriever, engine, k=3).answer("where is the stove")
    assert answer.text == "It is kept in a rack."
    second = retriever.retrieve("where is the stove", 2)[1].passage
    assert [c.source for c in answer.citations] == [second.source]
