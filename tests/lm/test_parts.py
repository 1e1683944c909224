"""A question that asks two things is answered as two, and an answer opens as the house's do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy
import pytest

from corpus.atomic_files import write_text
from corpus.records import Example
from corpus.text.refusal import REFUSAL
from groundtune.assistant import Assistant
from groundtune.jobs.build_index import build_index
from groundtune.jobs.learn_openings import house_opening, learn_openings
from lm.answer_openings import openings
from lm.answerer import Answer
from lm.engine_contract import Message
from lm.prompts import NOT_KNOWN
from lm.questions.followup import rewrite_by_rules
from lm.questions.question_parts import question_parts
from router.wording import Wording, learn_wording, with_words
from tests.fakes import FakeEmbedder, FakeGenerator

TWO = "How long can unworn items be returned, and when does the store in Linz close?"


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (TWO, ("How long can unworn items be returned?", "When does the store in Linz close?")),
        ("What's the Drizzle's weight and what does it cost?", ("What's the Drizzle's weight?", "What does it cost?")),
        (
            "I need the litres and whether they go over boots.",
            ("I need the litres?", "Whether they go over boots?"),
        ),
        ("When and where do you open?", None),
        ("Can I wash a jacket and a pair of trousers together?", None),
        ("Wo finde ich die Preise und wann öffnet ihr?", None),
        ("Rain and snow: what do I wear?", None),
    ],
)
def test_a_question_is_cut_where_it_asks_a_second_thing(question: str, parts: tuple[str, ...] | None) -> None:
    assert question_parts(question) == (parts or (question,))


def test_the_second_part_is_understood_as_a_follow_up_of_the_first() -> None:
    parts = question_parts("How heavy is the Juniper Clan and what does it cost?", rewrite_by_rules)
    assert "Juniper Clan" in parts[1]


def test_both_parts_are_answered_and_cited(assistant: Assistant) -> None:
    build_index(assistant)
    answer = assistant.answerer("rag").answer(TWO)
    assert "60 days" in answer.text
    assert "18:30" in answer.text
    assert {c.source.rsplit("/", 1)[-1] for c in answer.citations} == {"returns.md", "hours.md"}


def test_the_pieces_of_a_stream_are_the_answer_with_both_parts(assistant: Assistant) -> None:
    build_index(assistant)
    *pieces, answer = assistant.answerer("rag").stream(TWO)
    assert isinstance(answer, Answer)
    assert "".join(str(p) for p in pieces) == answer.text


def test_a_part_that_is_not_answered_is_named(assistant: Assistant) -> None:
    def reply(messages: Sequence[Message], adapter: Path | None) -> str:
        return REFUSAL if "Question: When" in messages[-1]["content"] else "Within 60 days."

    build_index(assistant)
    assistant._generator = FakeGenerator(reply)
    assistant.__dict__.pop("generator", None)
    answer = assistant.answerer("rag").answer(TWO)
    assert not answer.abstained
    assert answer.text == f'Within 60 days. {NOT_KNOWN} "When does the store in Linz close?"'
    batched = assistant.answerer("rag").answer_each([TWO, "When does Linz close?"])  # type: ignore[attr-defined]
    assert batched[0].text == answer.text
    assert batched[1].abstained


def _complaints() -> list[Example]:
    angry = [
        Example(f"a{n}", f"My thing {n} broke, this is awful!", f"I'm sorry. Thing {n} can be mended.")
        for n in range(20)
    ]
    plain = [Example(f"p{n}", f"What does thing {n} cost?", f"It costs {n} euros.") for n in range(40)]
    return angry + plain


def test_an_opening_is_what_many_answers_begin_with_and_go_on_from_differently() -> None:
    same = [Example(f"s{n}", f"Is it open {n}?", "Yes. We open at nine.") for n in range(30)]
    used = openings([*_complaints(), *same])
    assert set(used) == {"I'm sorry."}
    assert used["I'm sorry."] == {f"a{n}" for n in range(20)}


def test_questions_of_a_tone_get_the_opening_that_the_examples_teach(assistant: Assistant) -> None:
    import json

    rows = [{"id": e.id, "question": e.question, "answer": e.answer} for e in _complaints()]
    file = assistant.project.folder / (assistant.project.settings.examples or "")
    write_text(file, "".join(json.dumps(row) + "\n" for row in rows))
    embedder = FakeEmbedder()
    assert house_opening(assistant.project, embedder) is None
    (told,) = learn_openings(assistant.project, embedder)
    assert told["known"] > 0.8
    assert told["mistaken"] < 0.1
    opening = house_opening(assistant.project, embedder)
    assert opening is not None
    assert opening("My lamp broke, this is awful!") == "I'm sorry."
    assert opening("What does a lamp cost?") == ""


def test_an_answer_opens_once_streamed_or_not_and_a_refusal_never(assistant: Assistant) -> None:
    from lm.model_arm import ModelAnswerer

    def said(text: str) -> list[Answer | str]:
        arm = ModelAnswerer("tuned", FakeGenerator(lambda m, a: text), opening=lambda q: "I'm sorry.")
        return list(arm.stream("It broke!"))

    for text, wanted in [
        ("Open the zip.", "I'm sorry. Open the zip."),
        ("I'm sorry. Open the zip.", "I'm sorry. Open the zip."),
        (REFUSAL, REFUSAL),
    ]:
        *pieces, answer = said(text)
        assert isinstance(answer, Answer)
        assert answer.text == wanted
        assert "".join(map(str, pieces)).strip() == wanted


def test_how_a_question_is_asked_is_told_by_its_words_and_survives_writing() -> None:
    wording = learn_wording(["What a mess!", "What a joy!", "Where is it?", "Where is he?"])
    assert "!" in wording.terms
    assert "what a" in wording.terms
    assert "mess" not in wording.terms
    read = Wording.from_json(wording.to_json())
    assert numpy.allclose(read.vector("What a pity!"), wording.vector("What a pity!"))
    assert numpy.linalg.norm(wording.vector("What a pity!")) == pytest.approx(1.0)
    assert not wording.vector("zzz").any()
    assert with_words(numpy.ones((2, 3)), ["zzz", "What"], wording).shape == (2, 3 + len(wording.terms))
