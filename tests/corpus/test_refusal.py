"""A refusal is a reply that says nothing else: in any wording, while it streams, and where an answer begins like one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.examples import read_examples
from corpus.privacy.audit_texts import faults_of
from corpus.records import Example
from corpus.text.refusal import REFUSAL, is_refusal, may_become_refusal
from lm.answerer import answer_of
from lm.engine_contract import Generation
from lm.model_arm import ModelAnswerer
from lm.reply_stream import unless_refusal
from tests.fakes import FakeGenerator

SAMPLE = Path(__file__).parents[2] / "data" / "outdoor-shop"

REFUSALS = (
    REFUSAL,
    "I don’t know.",
    "i dont know",
    "I do not know who founded the library.",
    "I don't know, sorry.",
    "I'm sorry, but I don't know the answer to that.",
    "**I don't know.**",
    "Answer: I don't know.",
    "I'm not sure about that.",
    "I have no idea.",
    "I cannot answer that question from the passages.",
    "I am unable to answer that.",
    "I couldn't find any information about that in the documents.",
    "I don't have enough information to answer that.",
    "No information is available in the passages.",
    "No information about dogs is given in the passages.",
    "There is no mention of a branch in Linz.",
    "There is not enough information to answer the question.",
    "The documents don't say.",
    "The documents don’t mention it.",
    "The passages do not hold the answer.",
    "The passages do not mention the price of the sander.",
    "The provided context does not contain information about the owner.",
    "The price is not mentioned in the passages.",
    "The question cannot be answered from the context.",
    "Not mentioned in the rules.",
    "None of the passages mentions it.",
    "Unfortunately, the passages do not say. Please provide more context.",
    "Based on the provided passages, I cannot determine the answer.",
    "I don't know, as the passages do not mention it.",
    "Unknown.",
    "Don't know.",
    "Cannot be determined from the passages.",
    "Not in the documents.",
    "There isn't any information about dogs in the provided text.",
    "It is not possible to answer this question from the passages.",
    "The answer to this question is not provided in the passages.",
    "That information isn't available.",
    "The documents make no mention of it.",
    "The text does not say so.",
    "Leider weiß ich das nicht.",
    "Darüber steht nichts in den Dokumenten.",
    "Das weiß ich leider nicht.",
    "Dazu liegen mir keine Informationen vor.",
    "Je ne sais pas.",
    "No lo sé.",
    "Non lo so.",
    "Nie wiem.",
    "Не знаю.",
    "لا أعرف",
    "我不知道。",
    "文中没有提到。",
    "わかりません。",
    "모르겠습니다.",
)
ANSWERS = (
    "The passages do not close: they stay open all winter.",
    "The passages do not close in winter.",
    "I cannot answer medical questions; please call the health line 1450.",
    "I'm not sure about the law, so please ask a lawyer.",
    "I don't know. Ask at the counter.",
    "I don't know exactly, maybe 5 euros.",
    "I don't know the price, it is around 5 euros.",
    "I cannot answer questions about other customers.",
    "The passages do not say when, but the sign says 9:00.",
    "The rules do not say that dogs must be leashed.",
    "The documents do not include an invoice.",
    "The policy does not cover water damage.",
    "There is no information desk on Sundays.",
    "There is no answer on weekends.",
    "No information about you is passed on.",
    "It is not available in blue.",
    "Not included in the price.",
    "The price is not known until Friday.",
    "It is not known when the next train leaves, but the last one left at 9.",
    "It is not possible to return worn boots.",
    "We do not have a branch in Linz.",
    "We cannot confirm a booking by phone.",
    "I cannot give you a discount.",
    "I don't know how to swim, so I need a vest.",
    "No information is required from members.",
    "The documents do not leave the building.",
    "There is nothing to pay.",
    "Unknown Pleasures",
    "Sorry, we are closed.",
    "You don't need to know the size.",
    "No.",
)


@pytest.mark.parametrize("reply", ["", " \n", *REFUSALS])
def test_a_refusal_is_recognised_and_nothing_of_it_is_streamed(reply: str) -> None:
    assert is_refusal(reply)
    assert all(may_become_refusal(reply[:n]) for n in range(len(reply) + 1))
    told: list[str] = []
    tell = unless_refusal(told.append)
    for letter in reply:
        tell(letter)
    assert not told


@pytest.mark.parametrize("reply", ANSWERS)
def test_what_says_more_is_an_answer_whole_and_in_its_own_words(reply: str) -> None:
    assert not is_refusal(reply)
    answer = answer_of("q", "tuned", Generation(reply, 1, 1, 0.0))
    assert (answer.text, answer.abstained) == (reply, False)


@settings(deadline=None)
@given(st.lists(st.sampled_from(REFUSALS), min_size=1, max_size=3).map(" ".join), st.data())
def test_every_beginning_of_a_refusal_may_become_one(reply: str, data: st.DataObject) -> None:
    if is_refusal(reply):
        assert may_become_refusal(reply[: data.draw(st.integers(0, len(reply)))])


@pytest.mark.parametrize("reply", [*REFUSALS, *ANSWERS, "It costs 5 euros.", ""])
def test_what_is_streamed_is_what_is_answered(reply: str) -> None:
    arm = ModelAnswerer("base", FakeGenerator(lambda messages, adapter: reply))
    *pieces, last = arm.stream("What does it cost?")
    answer = arm.answer("What does it cost?")
    assert "".join(map(str, pieces)).strip() == answer.text == last.text  # type: ignore[union-attr]
    assert answer.text == (reply or REFUSAL)
    assert answer.abstained == is_refusal(reply)


def test_no_answer_of_the_sample_is_a_refusal_and_few_letters_of_one_are_held_back() -> None:
    examples = (*read_examples(SAMPLE / "examples.jsonl"), *read_examples(SAMPLE / "questions.jsonl"))
    answers = [e.answer for e in examples if e.answer]
    held = [next(n for n in range(1, len(a) + 1) if not may_become_refusal(a[:n])) for a in answers]
    assert not any(map(is_refusal, answers))
    assert sum(held) / sum(map(len, answers)) < 0.3


def test_refusals_written_out_as_answers_are_named() -> None:
    written = [
        Example("a", "Who founded it?", "I don't know."),
        Example("b", "When?", None),
        Example("c", "Why?", "No."),
    ]
    held_out = [Example("d", "Wer?", "Das weiß ich leider nicht.")]
    assert [f for f in faults_of(written, held_out) if f["fault"] == "refusal"] == [
        {"fault": "refusal", "examples": ["a"]},
        {"fault": "refusal", "held_out": ["d"]},
    ]
