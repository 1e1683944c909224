"""Follow-up questions: what is carried over and what is left alone, by rules, by a model, in a conversation."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from benchmarks.quality.followups import HALVES, KINDS, conversations
from corpus.documents.read_documents import read_documents
from corpus.errors import InputError
from corpus.text.match import normalise
from groundtune.assistant import Assistant
from groundtune.jobs.build_index import build_index
from groundtune.project.project import Project, open_project
from lm.engine_contract import Message
from lm.engines.text_stream import pieces_then_result
from lm.questions.conversation import Conversation
from lm.questions.followup import Turn, rewrite_by_model, rewrite_by_rules
from tests.conftest import SAMPLE
from tests.fakes import FakeEmbedder, FakeGenerator

HUT = Turn("How many litres does the Heron Hut hold?", "It holds 38 litres.")


@pytest.mark.parametrize(
    ("question", "understood"),
    [
        ("And the Haul?", "And the Haul? (litres Heron hold)"),
        ("What does it weigh?", "What does it weigh? (litres Heron Hut hold)"),
        ("How big is the lid?", "How big is the lid? (litres Heron Hut hold)"),
        ("Why?", "Why? (litres Heron Hut hold)"),
        ("When does the Graz store open on Saturdays?", None),
        ("I lost my house keys, do you have them?", None),
        ("What does it cost to have boots resoled?", None),
    ],
)
def test_a_follow_up_takes_its_subject_along_and_a_question_of_its_own_does_not(
    question: str, understood: str | None
) -> None:
    assert rewrite_by_rules(question, [HUT]) == (understood or question)
    assert rewrite_by_rules(question, []) == question


@pytest.mark.parametrize(("joined", "alone", "goes_on"), [(0.8, 0.4, True), (0.4, 0.8, False)])
def test_the_documents_decide_about_a_short_question_that_nothing_marks(
    joined: float, alone: float, goes_on: bool
) -> None:
    question = "How big is the deposit?"

    def nearness(asked: str) -> float:
        return alone if asked == question else joined

    assert (rewrite_by_rules(question, [HUT], nearness) != question) is goes_on


def test_the_subject_stays_through_several_follow_ups_and_what_was_asked_about_it_goes() -> None:
    talk = Conversation(_Echo(), rewrite_by_rules)
    asked = [talk.ask(q).text for q in ("Is the Heron Hut waterproof?", "What does it weigh?", "How old is it?")]
    assert "Heron Hut" in asked[1]
    assert "Heron Hut" in asked[2]
    assert talk.ask("Does it float?").text == "Does it float? (Heron Hut waterproof)"


def test_the_thing_that_an_answer_named_is_carried_over() -> None:
    turn = Turn("Which backpack is the largest?", "The largest is the Heron Haul.")
    assert "Heron Haul" in rewrite_by_rules("What does it cost?", [turn])


@given(some.text(max_size=80), some.text(max_size=80), some.text(max_size=80))
def test_rules_only_add_words_that_were_said(question: str, before: str, answer: str) -> None:
    made = rewrite_by_rules(question, [Turn(before, answer)])
    if made != question:
        assert made.startswith(question.strip())
        added = made[len(question.strip()) :].strip().removeprefix("(").removesuffix(")")
        assert added
        assert all(word in before + answer for word in added.split())


def test_a_models_rewrite_is_taken_unless_it_is_no_question_to_ask() -> None:
    seen: list[Sequence[Message]] = []

    def says(reply: str) -> Callable[[Sequence[Message], Path | None], str]:
        return lambda messages, _: seen.append(messages) or reply  # type: ignore[func-returns-value]

    def made(reply: str) -> str:
        return rewrite_by_model("And the Haul?", [HUT], FakeGenerator(says(reply)))

    assert made('"How many litres does the Heron Haul hold?"') == "How many litres does the Heron Haul hold?"
    assert HUT.question in seen[0][-1]["content"]
    assert HUT.answer in seen[0][-1]["content"]
    for useless in ("", "Yes.\nIt holds 65 litres.", "and so on " * 30):
        assert made(useless) == "And the Haul?"


class _Echo:
    """Answers with the question it was asked."""

    name = "echo"

    def answer(self, question: str):  # type: ignore[no-untyped-def]
        from lm.answerer import Answer

        return Answer(question, question, self.name)

    def stream(self, question: str):  # type: ignore[no-untyped-def]
        yield question
        yield self.answer(question)


def test_a_conversation_tells_how_it_understood_and_forgets_when_told() -> None:
    talk = Conversation(_Echo(), rewrite_by_rules)
    first = talk.ask("How many litres does the Heron Hut hold?")
    assert (first.asked, first.to_json()["asked"]) == (None, None)
    second = talk.ask("And the Haul?")
    assert second.question == "And the Haul?"
    assert second.asked == second.text == "And the Haul? (litres Heron hold)"
    talk.begin()
    assert talk.ask("And the Haul?").asked is None
    with pytest.raises(InputError):
        talk.ask(" ")


def test_a_reply_that_is_not_read_to_its_end_leaves_no_turn() -> None:
    talk = Conversation(_Echo(), rewrite_by_rules)
    pieces = talk.stream("How many litres does the Heron Hut hold?")
    next(pieces)
    pieces.close()
    assert talk.turns == []
    assert next(talk.stream("And the Haul?")) == "And the Haul?"


def test_a_stream_that_is_closed_stops_the_work_before_it_returns() -> None:
    ended = threading.Event()

    def endless(tell: Callable[[str], None]) -> None:
        try:
            while True:
                tell("more ")
        finally:
            ended.set()

    pieces = pieces_then_result(endless)
    assert next(pieces) == "more "
    pieces.close()  # type: ignore[attr-defined]
    assert ended.is_set()


@pytest.mark.parametrize(("how", "carries"), [("rules", True), ("model", True), ("none", False)])
def test_the_setting_chooses_what_rewrites(project: Project, how: str, carries: bool) -> None:
    file = project.folder / "groundtune.yaml"
    file.write_text(file.read_text() + f"\nrewrite: {how}\n")
    generator = FakeGenerator(lambda *_: "How long can worn items be returned?")
    assistant = Assistant(open_project(project.folder), generator=generator, embedder=FakeEmbedder())
    build_index(assistant)
    talk = assistant.conversation("extract")
    talk.ask("How long can I return unworn items?")
    assert (talk.ask("And worn ones?").asked is not None) is carries


def test_the_conversations_measured_hold_what_they_say() -> None:
    texts = {d.source: normalise(d.text) for d in read_documents([SAMPLE / "documents"], SAMPLE).documents}
    cases = conversations()
    assert len({c.id for c in cases}) == len(cases)
    for kind, least in zip(KINDS, (120, 40), strict=True):
        halves = [sum((c.kind, c.half) == (kind, half) for c in cases) for half in HALVES]
        assert sum(halves) >= least
        assert abs(halves[0] - halves[1]) <= 1
    for case in cases:
        assert normalise(case.key) in texts[case.source], case.id
        assert case.earlier
        assert re.search(r"\w", case.question)
        assert case.kind == "followup" or case.standalone == case.question
