"""What graders are shown: every different answer once, in an order of their own, without a word of the arms."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compare.people.blind_sheet import AnsweredQuestion, answered_questions, blind_items, fingerprint_of
from compare.score import Score, score
from corpus.records import Example
from lm.answerer import Answer

EXAMPLES = [Example(f"q{n}", f"Question {n}?", f"Answer {n}.") for n in range(12)]


def _scores(**texts: str) -> list[Score]:
    return [score(Answer(e.question, f"{text} {e.id}", arm), e, arm) for arm, text in texts.items() for e in EXAMPLES]


def _answered(**texts: str) -> tuple[AnsweredQuestion, ...]:
    return answered_questions(EXAMPLES, _scores(**texts))


def test_answers_that_are_alike_are_shown_once_and_stand_for_all_their_arms() -> None:
    answered = _answered(one="Yes", two="Yes ", three="No")
    items = blind_items(answered, "anna", 0)
    assert len(items) == 24
    assert {arm for a in answered[0].answers for arm in a.arms} == {"one", "two", "three"}
    assert answered[0].by_arm()["one"] is answered[0].by_arm()["two"]


@given(st.integers(0, 10**6), st.sampled_from(["anna", "bert", "carla"]), st.booleans())
def test_a_sheet_follows_from_its_seed_and_holds_everything_once(seed: int, grader: str, pairs: bool) -> None:
    answered = _answered(one="Yes", two="No", three="Perhaps")
    items = blind_items(answered, grader, seed, pairs=pairs)
    assert items == blind_items(answered[::-1], grader, seed, pairs=pairs)
    assert len({i.key for i in items}) == len(items) == 36
    assert [i.question_number for i in items] == sorted(i.question_number for i in items)


def test_two_graders_see_the_same_questions_in_one_order_and_the_answers_in_two() -> None:
    answered = _answered(one="Yes", two="No", three="Perhaps")
    anna, bert = (blind_items(answered, who, 0, sample=6) for who in ("anna", "bert"))
    assert [i.question for i in anna] == [i.question for i in bert]
    assert {i.key for i in anna} == {i.key for i in bert}
    assert [i.key for i in anna] != [i.key for i in bert]
    pairs = [blind_items(answered, who, 0, pairs=True) for who in ("anna", "bert")]
    sides = [{i.key: i.fingerprints for i in items} for items in pairs]
    assert sides[0].keys() == sides[1].keys()
    assert 0 < sum(sides[0][key] != sides[1][key] for key in sides[0]) < len(sides[0])


def test_no_arm_keeps_a_place() -> None:
    answered = _answered(one="Yes", two="No", three="Perhaps")
    first = [i.answers[0].split()[0] for i in blind_items(answered, "anna", 0) if i.number == 1]
    assert len(set(first)) > 1
    sides = {i.answers[0].split()[0] for i in blind_items(answered, "anna", 0, pairs=True)}
    assert sides == {"Yes", "No", "Perhaps"}


def test_a_larger_sample_holds_the_smaller_one() -> None:
    answered = _answered(one="Yes", two="No")
    small, large = ({i.key for i in blind_items(answered, "anna", 3, sample=n)} for n in (4, 9))
    assert len(small) == 8
    assert small < large


def test_an_item_names_no_arm() -> None:
    items = blind_items(_answered(hybrid="Yes", lookup="No"), "anna", 0)
    told = str([asdict(i) for i in items])
    assert "hybrid" not in told
    assert "lookup" not in told


def test_nobody_grades_what_they_wrote() -> None:
    scores = _scores(one="Yes", human="No")
    answered = answered_questions(EXAMPLES, scores, writers={e.id: "anna" for e in EXAMPLES})
    assert {i.answers[0].split()[0] for i in blind_items(answered, "anna", 0)} == {"Yes"}
    assert {i.answers[0].split()[0] for i in blind_items(answered, "bert", 0)} == {"Yes", "No"}
    assert blind_items(answered, "anna", 0, pairs=True) == ()


@pytest.mark.parametrize(
    ("other", "text", "same"),
    [
        (Example("q", "Asked?", "Another reference."), "A  text\n", True),
        (Example("q", "Asked?", "Reference."), "A text!", False),
        (Example("q", "Asked otherwise?", "Reference."), "A text", False),
        (Example("p", "Asked?", "Reference."), "A text", False),
    ],
)
def test_a_fingerprint_tells_question_and_text_not_space_or_reference(other: Example, text: str, same: bool) -> None:
    first = fingerprint_of(Example("q", "Asked?", "Reference."), "A text")
    assert (fingerprint_of(other, text) == first) is same
    assert not first[0].isdigit()  # a spreadsheet takes it for no number
