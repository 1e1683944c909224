"""Every arm keeps one contract; retrieval finds, cites and keeps in step with the documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.atomic_files import write_json, write_text
from corpus.documents.read_documents import read_documents
from corpus.errors import InputError, ProjectError
from corpus.records import Example, Passage, ScoredPassage
from corpus.text.refusal import REFUSAL
from corpus.text.sentences import sentences
from groundtune.arms import ProjectArm, all_arms
from groundtune.assistant import Assistant
from groundtune.jobs.build_index import build_index
from groundtune.jobs.prove import prove
from lm.answerer import Answer, checked_question
from lm.arm_facts import Arm, enter, withdraw
from lm.prompts import messages_for
from rag.answer.cite import cite
from rag.index.chunk import WHOLE, chunk
from rag.index.index import Index
from rag.retrieve.retrieve import Retriever
from router.relevance_threshold import calibrate
from router.route import ABSTAIN, Router
from router.rules import default_rules
from tests.conformance import check_answerer
from tests.conftest import SAMPLE
from tests.fakes import FakeEmbedder, FakeGenerator


def _with_adapter(assistant: Assistant) -> Assistant:
    adapter = assistant.project.adapters / "0001"
    write_json(adapter / "manifest.json", {"report": {}})
    write_text(assistant.project.adapters / "current", "0001\n")
    return assistant


@pytest.mark.parametrize("arm", all_arms())
def test_every_arm_keeps_the_contract(assistant: Assistant, arm: str) -> None:
    build_index(assistant)
    project = assistant.project
    documents = {d.source: d.text for d in read_documents(project.document_paths(), project.folder).documents}
    check_answerer(_with_adapter(assistant).answerer(arm), documents)


class _Reciting:
    """An arm that answers with its last document."""

    name = "recite"

    def answer(self, question: str) -> Answer:
        return Answer(checked_question(question), "Refunds arrive after 5 days.", self.name)

    def stream(self, question: str) -> Iterator[str | Answer]:
        answer = self.answer(question)
        yield answer.text
        yield answer


@pytest.fixture
def recite() -> Iterator[Arm]:
    """One more arm, entered in one place and taken out again."""
    arm = ProjectArm(
        "recite",
        generates_with="base",
        reads_documents=True,
        preference=-1,
        approach="rag",
        is_built=lambda assistant: assistant.index.exists,
        make=lambda assistant, where: _Reciting(),
    )
    yield enter(arm)
    withdraw(arm.name)


def test_an_arm_that_is_entered_in_one_place_is_asked_routed_to_and_compared(assistant: Assistant, recite: Arm) -> None:
    with pytest.raises(ProjectError, match="--approach rag"):
        assistant.answerer(recite.name)
    build_index(assistant)
    check_answerer(assistant.answerer(recite.name), {})
    assert recite.name in all_arms()
    assert assistant.answerer("auto").answer("When do refunds arrive?").arm == recite.name
    result, _ = prove(assistant)
    assert recite.name in result["arms"]
    assert result["arms"]["oracle"]["f1"]["mean"] >= result["arms"][recite.name]["f1"]["mean"]


def test_an_arm_that_is_taken_out_is_not_known(assistant: Assistant) -> None:
    assert "recite" not in all_arms()
    with pytest.raises(InputError, match='no arm "recite"'):
        assistant.answerer("recite")


class _Prepared(FakeGenerator):
    def __init__(self) -> None:
        super().__init__()
        self.loading: list[Path | None] = []

    def prepare(self, *, adapter: Path | None = None) -> None:
        self.loading.append(adapter)


def test_the_weights_of_an_arm_begin_to_load_before_its_first_question(assistant: Assistant) -> None:
    build_index(assistant)
    engine = _Prepared()
    built = _with_adapter(Assistant(assistant.project, generator=engine, embedder=FakeEmbedder()))
    for arm in ("hybrid", "auto", "rag", "extract"):
        built.prepare(arm)
    assert engine.loading == [built.adapter, built.adapter, built.starter], "extract loads nothing"


def test_what_is_not_built_does_not_begin_to_load(assistant: Assistant) -> None:
    engine = _Prepared()
    with pytest.raises(ProjectError, match="groundtune provision --approach hybrid"):
        Assistant(assistant.project, generator=engine, embedder=FakeEmbedder()).prepare("hybrid")
    assert engine.loading == []


def test_an_arm_that_is_not_built_says_how_to_build_it(assistant: Assistant) -> None:
    with pytest.raises(ProjectError, match="groundtune provision --approach rag"):
        assistant.answerer("rag")


def test_a_grounded_answer_cites_the_sentence_it_rests_on(assistant: Assistant) -> None:
    build_index(assistant)
    answer = assistant.answerer("rag").answer("When are refunds paid?")
    assert answer.text == "Refunds arrive after 5 days."
    assert [c.quote for c in answer.citations] == ["Refunds arrive after 5 days."]
    assert answer.citations[0].source == "documents/returns.md"


def test_a_refusal_abstains_without_citations(assistant: Assistant) -> None:
    build_index(assistant)
    refusing = Assistant(assistant.project, generator=FakeGenerator(lambda m, a: REFUSAL), embedder=FakeEmbedder())
    answer = refusing.answerer("rag").answer("Who owns the moon?")
    assert (answer.abstained, answer.citations, answer.text) == (True, (), REFUSAL)


def test_questions_about_the_same_passages_share_the_prompt_up_to_the_question() -> None:
    passages = [Passage("1", "Some text.", "a", "Title")]
    first, second = (messages_for(q, passages)[1]["content"] for q in ("One?", "Two?"))
    assert first.removesuffix("One?") == second.removesuffix("Two?")


def test_passages_stand_at_their_offsets_and_below_the_limit() -> None:
    embedder = FakeEmbedder()
    for document in read_documents([SAMPLE / "documents"], SAMPLE).documents:
        passages = chunk(document, embedder.count_tokens, max_tokens=60)
        assert len({p.id for p in passages}) == len(passages)
        for passage in passages:
            assert document.text[passage.start : passage.end] == passage.text
            size = embedder.count_tokens([passage.text])[0]
            assert size <= 60 or (size <= WHOLE and len(list(sentences(passage.text))) == 1)
        words = "".join("".join(p.text.split()) for p in passages)
        assert words == "".join(document.text.split()), "every word is in one passage, once, in order"


def test_an_index_follows_its_documents(shop: Path, tmp_path: Path) -> None:
    index = Index(tmp_path / "index", FakeEmbedder())
    first = index.build(read_documents([shop / "documents"], shop).documents)
    again = index.build(read_documents([shop / "documents"], shop).documents)
    assert (first.added, again.added, again.removed) == (first.passages, 0, 0)
    (shop / "documents" / "hours.md").unlink()
    returns = shop / "documents" / "returns.md"
    returns.write_text(returns.read_text().replace("60 days", "90 days"))
    changed = index.build(read_documents([shop / "documents"], shop).documents)
    assert (changed.added, changed.removed) == (1, 2)
    texts = " ".join(p.text for p in Index(tmp_path / "index", FakeEmbedder()).passages())
    assert "90 days" in texts
    assert "60 days" not in texts
    found = Retriever(index, index.embedder).retrieve("When does Linz open?", 5)
    assert {f.passage.source for f in found} == {"documents/returns.md"}


def test_an_interrupted_build_is_taken_up_and_ends_the_same(shop: Path, tmp_path: Path) -> None:
    documents = read_documents([shop / "documents"], shop).documents

    class Failing(FakeEmbedder):
        calls = 0

        def embed(self, texts):  # type: ignore[no-untyped-def]
            raise KeyboardInterrupt

    broken = Index(tmp_path / "a", Failing())
    with pytest.raises(KeyboardInterrupt):
        broken.build(documents)
    assert not broken.exists
    with pytest.raises(ProjectError, match="groundtune provision"):
        broken.passages()
    resumed, fresh = Index(tmp_path / "a", FakeEmbedder()), Index(tmp_path / "b", FakeEmbedder())
    resumed.build(documents)
    fresh.build(documents)
    assert tuple(resumed.passages()) == tuple(fresh.passages())


def test_another_embedder_is_refused_with_the_mend(shop: Path, tmp_path: Path) -> None:
    documents = read_documents([shop / "documents"], shop).documents
    Index(tmp_path / "i", FakeEmbedder(64)).build(documents)
    with pytest.raises(ProjectError, match="index rebuild"):
        Index(tmp_path / "i", FakeEmbedder(32)).passages()


def test_citations_are_quoted_once_and_only_where_supported() -> None:
    passage = Passage("1", "Tents weigh 2 kg. Poles are grey.", "d", start=100, end=133)
    (only,) = cite("Tents weigh 2 kg. Tents weigh 2 kg!", [passage])
    assert (only.quote, only.start, only.end) == ("Tents weigh 2 kg.", 100, 117)
    assert cite("Completely other words here", [passage]) == ()


def _router(similarity: float, cosine: float, available: tuple[str, ...]) -> Router:
    passage = ScoredPassage(Passage("1", "x", "d"), 1.0, similarity)
    return Router(available, default_rules(), lambda q: [passage], lambda q: (Example("e1", "q", "a"), cosine))


@pytest.mark.parametrize(
    ("question", "similarity", "cosine", "available", "arm"),
    [
        ("What is the price today?", 0.9, 0.99, ("base", "rag", "tuned", "hybrid"), "hybrid"),
        ("What is the price today?", 0.9, 0.99, ("base", "rag"), "rag"),
        ("What is the fee?", 0.9, 0.99, ("base", "rag", "tuned", "hybrid", "extract", "lookup"), "hybrid"),
        ("What is the fee?", 0.9, 0.99, ("base", "rag", "extract", "lookup"), "rag"),
        ("What is the fee?", 0.9, 0.99, ("base", "tuned", "lookup"), "lookup"),
        ("What is the fee?", 0.9, 0.5, ("base", "tuned", "lookup"), "tuned"),
        ("What is the fee?", 0.9, 0.99, ("extract", "lookup"), "lookup"),
        ("What is the fee?", 0.9, 0.5, ("base", "rag", "tuned", "hybrid"), "hybrid"),
        ("What is the fee?", 0.05, 0.05, ("base", "rag", "tuned", "hybrid"), ABSTAIN),
        ("What is the fee?", 0.9, 0.5, ("base",), "base"),
    ],
)
def test_routes(question: str, similarity: float, cosine: float, available: tuple[str, ...], arm: str) -> None:
    route = _router(similarity, cosine, available).route(question)
    assert route.arm == arm
    assert route.reason
    assert route.scores == {"similarity": similarity, "nearest_example": cosine}


def test_calibration_turns_away_few_training_questions() -> None:
    examples = [Example(str(n), str(n), "a") for n in range(100)]
    rules = calibrate(examples, lambda q: int(q) / 100, default_rules())
    assert sum(int(e.question) / 100 < rules.nothing_relevant for e in examples) <= 2
    unknown = [replace(e, answer=None) for e in examples]
    assert calibrate(unknown, lambda q: 0.5, default_rules()) == default_rules()
