"""When an arm says "I don't know.": learned out of fold, applied before generating, and shown with where to look instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from benchmarks.machine import RESULTS
from benchmarks.quality.abstention_default import CHOSEN
from corpus.atomic_files import write_json, write_text
from corpus.records import Document, Example, Passage, Section
from corpus.text.refusal import REFUSAL
from groundtune.assistant import Assistant
from groundtune.jobs.build_index import build_index
from groundtune.jobs.calibrate_abstention import calibrate_abstention, calibrated, in_own_words
from groundtune.jobs.prove import what_is_built
from groundtune.jobs.status import status_of
from groundtune.project.new_project import init
from groundtune.reader import reader, starter_judge
from groundtune.screens.answer_screen import show_stream
from lm.answerer import Answer, Citation
from lm.engine_contract import Generation, Message
from lm.reply_stream import unless_refusal
from rag.answer.cite import cite
from rag.answer.judge import Judge
from rag.answer.reading_arm import PassageAnswerer
from rag.index.index import Index
from rag.retrieve.retrieve import Retriever
from rag.retrieve.signs import SIGNS, signs
from router.abstention_thresholds import CERTAIN, WRONGLY_REFUSED, held_below, turned_away
from router.answerability import MINIMUM, learn_answerability, load_answerability
from router.default_judge import DefaultJudge, default_judge
from router.rules import load_rules
from tests.fakes import FakeEmbedder, FakeGenerator

THINGS = ["tent", "boot", "stove", "rope", "lamp", "mat", "axe", "flask", "pack", "pole", "sledge", "helmet"]


@pytest.fixture
def retriever(tmp_path: Path) -> Retriever:
    """An index of one document for each thing."""
    texts = [f"The {thing} is kept in rack number {n}." for n, thing in enumerate(THINGS)]
    index = Index(tmp_path / "index", FakeEmbedder(256))
    index.build([Document(f"d{n}", "", text, (Section(text),)) for n, text in enumerate(texts)])
    return Retriever(index, FakeEmbedder(256))


class _Continuing(FakeGenerator):
    """Refuses, unless its reply is begun for it."""

    def __init__(self, insisted: tuple[str, ...] = (" In rack", " 1.")) -> None:
        super().__init__(lambda messages, adapter: f"[0] {REFUSAL}")
        self.insisted = insisted
        self.begun: list[str] = []

    def continue_reply(
        self,
        messages: Sequence[Message],
        begun: str,
        *,
        adapter: Path | None = None,
        max_new_tokens: int = 96,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        self.begun.append(begun)
        if on_text:
            for piece in (begun, *self.insisted):
                on_text(piece)
        return Generation(begun + "".join(self.insisted), 1, 4, 0.0)

    def next_tokens(
        self, chats: Sequence[Sequence[Message]], begun: str, *, adapter: Path | None = None, most: int = 4
    ) -> list[dict[str, float]]:
        return [{"0": 0.6, "2": 0.3, "1": 0.1} for _ in chats]


def _arm(retriever: Retriever, generator: FakeGenerator, chance: float, adapter: bool = True) -> PassageAnswerer:
    judge = Judge(lambda told, vector: chance, refuse_below=0.2, insist_from=0.6)
    return PassageAnswerer("hybrid", retriever, generator, Path("a") if adapter else None, k=2, judge=judge)


def _both(arm: PassageAnswerer, question: str) -> tuple[Answer, str]:
    """The answer, and the text that was streamed; both ways and the batch must agree."""
    answer = arm.answer(question)
    *pieces, last = arm.stream(question)
    assert isinstance(last, Answer)
    (batched,) = arm.answer_each([question])
    assert (last.text, last.nearest, last.abstained) == (answer.text, answer.nearest, answer.abstained)
    assert (batched.text, batched.citations) == (answer.text, answer.citations)
    return answer, "".join(map(str, pieces)).strip()


def test_signs_tell_a_question_with_its_document_from_the_same_one_without(retriever: Retriever) -> None:
    asked = "where is the stove"
    vector = retriever.embedder.embed([asked])[0]
    here, places = signs(retriever, asked, vector)
    gone, others = signs(retriever, asked, vector, {"d2"})
    assert tuple(here) == SIGNS == tuple(gone)
    assert places[0] == 2
    assert 2 not in others
    for name in ("similarity", "words", "best_coverage"):
        assert here[name] > gone[name]
    unheard = signs(retriever, "xylophone", retriever.embedder.embed(["xylophone"])[0])[0]
    assert (unheard["unknown"], unheard["coverage"]) == (1.0, 0.0)
    everything = {f"d{n}" for n in range(len(THINGS))}
    assert signs(retriever, asked, vector, everything) == (dict.fromkeys(SIGNS, 0.0), ())


def test_an_unlikely_question_is_refused_before_anything_is_generated(retriever: Retriever) -> None:
    def reply(messages: Sequence[Message], adapter: Path | None) -> str:
        raise AssertionError("asked")

    answer, streamed = _both(_arm(retriever, FakeGenerator(reply), 0.1), "where is the stove")
    assert (answer.text, answer.abstained, answer.citations) == (REFUSAL, True, ())
    assert streamed == REFUSAL
    assert answer.nearest[0].quote == "The stove is kept in rack number 2."
    told = answer.to_json()
    assert told["answerable"] == 0.1
    assert told["nearest"][0]["source"] == "d2"


def test_a_refusal_without_cause_is_asked_again_for_its_best_passage(retriever: Retriever) -> None:
    engine = _Continuing()
    answer, streamed = _both(_arm(retriever, engine, 0.9), "where is the stove")
    assert (answer.text, streamed, answer.abstained) == ("In rack 1.", "In rack 1.", False)
    assert set(engine.begun) == {"[2]"}


def test_where_it_refuses_even_then_its_best_passage_is_quoted(retriever: Retriever) -> None:
    engine = _Continuing((" I don't", " know."))
    answer, streamed = _both(_arm(retriever, engine, 0.9), "where is the stove")
    assert engine.begun
    assert not answer.abstained
    assert answer.text == streamed
    assert answer.text.startswith("The ")
    assert answer.text == answer.citations[0].quote


@pytest.mark.parametrize(("chance", "adapter"), [(0.4, True), (0.9, False)])
def test_in_doubt_or_without_an_adapter_the_models_refusal_counts(
    retriever: Retriever, chance: float, adapter: bool
) -> None:
    engine = _Continuing()
    answer, streamed = _both(_arm(retriever, engine, chance, adapter), "where is the stove")
    assert (answer.text, streamed, answer.abstained, engine.begun) == (REFUSAL, REFUSAL, True, [])
    assert answer.nearest


def test_nothing_of_a_refusal_is_streamed_and_all_of_an_answer() -> None:
    for said, heard in ((REFUSAL, ""), ("I donate.", "I donate."), ("In rack 1.", "In rack 1."), ("", "")):
        told: list[str] = []
        tell = unless_refusal(told.append)
        for letter in said:
            tell(letter)
        assert "".join(told) == heard


def _learned(unanswerable: int, seed: int = 0):  # type: ignore[no-untyped-def]
    """Questions whose sign is higher with their documents; unanswerable ones lie apart by their vectors."""
    draws = numpy.random.default_rng(seed)
    count = 120 + unanswerable
    truth = [n < 120 for n in range(count)]
    vectors = draws.normal(size=(count, 16)).astype(numpy.float32)
    vectors[120:, 0] += 3
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    here: list[Mapping[str, float]] = [{"a": float(x)} for x in draws.normal(1, 1, count)]
    gone = [{"a": float(x)} if t else None for x, t in zip(draws.normal(-1, 1, count), truth, strict=True)]
    return learn_answerability(vectors, truth, here, gone), vectors


@pytest.mark.long
def test_it_is_learned_from_removed_documents_where_no_question_is_unanswerable(tmp_path: Path) -> None:
    learned, vectors = _learned(0)
    assert learned.earlier is None
    assert learned.probability({"a": 2.0}, vectors[0]) > 0.8 > 0.2 > learned.probability({"a": -2.0}, vectors[0])
    learned.save(tmp_path / "a", "x")
    again = load_answerability(tmp_path / "a", "x")
    assert again is not None
    assert again.probability({"a": 0.3}, vectors[0]) == pytest.approx(learned.probability({"a": 0.3}, vectors[0]))
    assert load_answerability(tmp_path / "a", "y") is None
    assert load_answerability(tmp_path / "b") is None


@pytest.mark.long
def test_earlier_unanswerable_questions_count_and_so_do_absent_documents(tmp_path: Path) -> None:
    learned, vectors = _learned(MINIMUM + 10)
    like_unanswerable, like_answerable = vectors[-1], vectors[0]
    assert learned.probability({"a": 1.0}, like_unanswerable) < learned.probability({"a": 1.0}, like_answerable)
    assert learned.probability({"a": -3.0}, like_answerable) < learned.probability({"a": 1.0}, like_answerable)
    learned.save(tmp_path / "a")
    again = load_answerability(tmp_path / "a")
    assert again is not None
    told = [x.probability({"a": 0.5}, vectors[3]) for x in (learned, again)]
    assert told[0] == pytest.approx(told[1], abs=1e-3)


def test_thresholds_follow_from_the_share_of_answerable_questions() -> None:
    learned, _ = _learned(0)
    for share in (0.02, 0.04, 0.5):
        assert (learned.answerable < held_below(learned, share)).mean() <= share


def test_too_few_examples_teach_nothing(assistant: Assistant) -> None:
    build_index(assistant)
    assert calibrate_abstention(assistant) is None
    assert assistant.judge is None
    told = calibrated(assistant)
    assert told is not None
    assert told.keys() == {"nothing_relevant", "calibrated"}
    assert told["calibrated"] is False
    assert load_rules(assistant.project.router_file).nothing_relevant == told["nothing_relevant"]


def test_a_question_that_stands_in_the_documents_teaches_nothing_of_how_others_ask(tmp_path: Path) -> None:
    asked = [Example(f"e{n}", f"Where is {thing} number {n}?", f"In rack {n}.") for n, thing in enumerate(THINGS)]
    listed = [
        Passage(f"p{n}", e.answer or "", "faq.md", "Faq", heading=e.question.upper()) for n, e in enumerate(asked)
    ]
    assert in_own_words(asked, listed) == []
    assert in_own_words(asked, listed[:5]) == asked[5:]
    assert in_own_words(asked, []) == asked


def test_provisioning_calibrates_and_the_arms_keep_to_it(tmp_path: Path) -> None:
    documents, rows = tmp_path / "documents", []
    for n, thing in enumerate(THINGS):
        write_text(documents / f"{n}.md", f"# {thing}\n\nThe {thing} is kept in rack number {n}.\n")
        for a, ask in enumerate(("where is the {}", "I look for a {}", "show me the {} please", "{} rack")):
            source = [f"documents/{n}.md"]
            rows.append({"id": f"{n}-{a}", "question": ask.format(thing), "answer": f"Rack {n}.", "source": source})
    write_text(tmp_path / "examples.jsonl", "".join(json.dumps(r) + "\n" for r in rows))
    project = init(tmp_path / "p", [str(documents)], str(tmp_path / "examples.jsonl"), None)
    made = Assistant(project, generator=FakeGenerator(), embedder=FakeEmbedder(256))
    build_index(made)
    told = calibrate_abstention(made)
    assert told is not None
    assert 0 < told["refuse_below"] <= told["insist_from"] < 1
    assert calibrate_abstention(made) == told, "nothing is learned anew"
    assert made.judge.refuse_below == told["refuse_below"]
    assert calibrated(made) == told | {"calibrated": True}, "no threshold that nothing asks for"
    assert not project.router_file.exists()
    known, unknown = (made.answerer("rag").answer(q) for q in ("where is the tent", "who plays the xylophone"))
    assert known.answerable is not None
    assert unknown.answerable is not None
    assert known.answerable > unknown.answerable
    assert unknown.abstained
    assert made.answerer("auto").answer("who plays the xylophone").abstained


def test_numbers_stand_behind_the_sentences_they_support() -> None:
    passage = Passage("1", "Tents weigh 2 kg. Poles are grey.", "d", end=33)
    text = "Poles are grey. Nobody knows why this is so. Tents weigh 2 kg."
    answer = Answer("q", text, "rag", citations=cite(text, [passage]))
    assert [c.sentences for c in answer.citations] == [(1,), (3,)]
    assert answer.marked == "Poles are grey. [1] Nobody knows why this is so. Tents weigh 2 kg. [2]"
    assert answer.text == text
    priced = Passage("2", "A fitting takes 50 minutes and is free of charge. A repair costs €26.", "d", end=70)
    (only,) = cite("A fitting takes 50 minutes.", [priced])
    assert only.quote == "A fitting takes 50 minutes and is free of charge."
    assert cite("A fitting costs €260.", [priced]) == (), "no quote holds the figure"
    assert [c.quote for c in cite("A fitting costs €26.", [priced])] == ["A repair costs €26."]
    both = cite("A fitting takes 50 minutes, a repair costs €26.", [priced])
    assert [c.sentences for c in both] == [(1,), (1,)]
    assert [c.quote for c in cite("Poles are grey. It costs €26.", [passage], [priced])] == [
        "Poles are grey.",
        "A repair costs €26.",
    ]
    twice = "Poles are grey. Poles are grey!"
    assert [c.sentences for c in cite(twice, [passage])] == [(1, 2)]


def test_the_screen_shows_numbers_sources_and_where_to_look() -> None:
    console = Console(record=True, width=100, file=StringIO())
    quote = Citation(1, "d.md", "Poles", None, "Poles are grey.", 0, 15, (1,))
    show_stream(iter(["Poles ", "are grey.", Answer("q", "Poles are grey.", "rag", citations=(quote,))]), console)
    show_stream(iter([REFUSAL, Answer("q", REFUSAL, "rag", abstained=True, nearest=(quote,))]), console)
    shown = console.export_text()
    assert "Poles are grey. [1]" in shown
    assert "[1] d.md · Poles" in shown, "what the answer says word for word is not printed twice"
    assert "Nearest:\n  · “Poles are grey.”\n      d.md · Poles" in shown
    show_stream(iter(["Grey.", Answer("q", "Grey.", "rag", citations=(quote,))]), console)
    assert "[1] “Poles are grey.”\n      d.md · Poles" in console.export_text()


@given(st.floats(0, 1))
def test_what_is_turned_away_with_and_without_the_model_never_exceeds_the_share_allowed(refused: float) -> None:
    certain, doubted = turned_away(refused)
    assert CERTAIN <= certain <= doubted <= 0.5
    assert certain + refused * (doubted - certain) <= WRONGLY_REFUSED + 1e-9
    if refused < 0.05:
        assert certain + refused * (doubted - certain) == pytest.approx(WRONGLY_REFUSED)


class _Named(FakeEmbedder):
    """The fake under the name of the embedder that the default was learned with."""

    def __init__(self) -> None:
        super().__init__(256)
        self.name = "minilm-l6"


def test_without_examples_the_arms_keep_to_a_default_and_say_so(tmp_path: Path) -> None:
    for n, thing in enumerate(THINGS):
        write_text(tmp_path / "documents" / f"{n}.md", f"# {thing}\n\nThe {thing} is kept in rack number {n}.\n")
    project = init(tmp_path / "p", [str(tmp_path / "documents")], None, None)
    made = Assistant(project, generator=FakeGenerator(), embedder=_Named())
    build_index(made)
    told = calibrated(made)
    assert told is not None
    assert (told["calibrated"], told["refuse_below"]) == (False, made.judge.refuse_below)
    assert status_of(project)["abstention"] == {"calibrated": False, "refuse_below": told["refuse_below"]}
    for arm in ("rag", "extract"):
        known, unknown = (made.answerer(arm).answer(q) for q in ("where is the tent kept", "who plays the xylophone"))
        assert not known.abstained
        assert unknown.abstained
        assert unknown.nearest
        assert unknown.to_json()["calibrated"] is False
        assert known.answerable > unknown.answerable
    console = Console(record=True, width=120, file=StringIO())
    show_stream(iter([unknown]), console)
    assert "not calibrated on this project's questions" in console.export_text()


def test_a_comparison_begins_anew_where_the_default_judge_is_another(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(assistant)
    made = what_is_built(assistant)
    assert what_is_built(assistant) == made
    monkeypatch.setattr(
        "groundtune.jobs.prove.default_judge", lambda embedder: DefaultJudge(embedder, {"similarity": 1.0}, 0.0, 0.5)
    )
    assert what_is_built(assistant) != made


def test_untested_a_starters_refusal_does_not_count_and_tested_its_own_share_does(tmp_path: Path) -> None:
    for n, thing in enumerate(THINGS):
        write_text(tmp_path / "documents" / f"{n}.md", f"# {thing}\n\nThe {thing} is kept in rack number {n}.\n")
    made = Assistant(
        init(tmp_path / "p", [str(tmp_path / "documents")], None, None), generator=FakeGenerator(), embedder=_Named()
    )
    build_index(made)
    assert starter_judge(made).insist_from == made.judge.refuse_below < made.judge.insist_from
    made.__dict__["judge"] = Judge(lambda told, vector: 1.0, 0.2, 0.6)
    write_json(made.project.abstention_file, {"refuse_below": 0.2, "insist_from": 0.6, "starter_insist_from": 0.4})
    assert (made.judge.insist_from, starter_judge(made).insist_from) == (0.6, 0.4)
    assert reader(made, "rag").judge == starter_judge(made)


def test_the_default_is_what_the_benchmark_learned_and_only_for_its_embedder() -> None:
    made = default_judge("minilm-l6")
    learned = json.loads((RESULTS / "abstention_default.json").read_text(encoding="utf-8"))["learned"]
    assert made is not None
    assert dict(made.weights) == learned["weights"]
    assert made.bias == learned["bias"]
    assert made.refuse_below == learned["refuse_below"][str(CHOSEN)]
    assert default_judge("hub:another/one") is None
