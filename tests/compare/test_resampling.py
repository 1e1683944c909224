"""Questions of one document are drawn together, McNemar's test stands for yes and no, failures are counted apart."""

from __future__ import annotations

from dataclasses import astuple

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compare.run_comparison import compare
from compare.significance import interval, intervals, mcnemar_p, paired_difference, paired_differences
from corpus.errors import ModelError
from corpus.records import Example
from lm.answerer import Answer
from lm.model_arm import ModelAnswerer
from tests.fakes import FakeGenerator

SCORES = st.lists(st.floats(0, 1), min_size=4, max_size=40)
QUESTIONS = [Example(f"q{n}", f"number {n}", f"answer {n}", kind="fact") for n in range(20)]


@settings(deadline=None, max_examples=25)
@given(SCORES, st.integers(0, 5))
def test_a_document_a_question_is_drawing_by_question(values: list[float], seed: int) -> None:
    alone = [f"d{n}" for n in range(len(values))]
    assert interval(values, seed, alone) == interval(values, seed)
    assert paired_difference(values, values[::-1], seed, alone) == paired_difference(values, values[::-1], seed)


@settings(deadline=None, max_examples=25)
@given(SCORES)
def test_the_same_answers_to_every_question_of_a_document_tell_no_more_than_one(values: list[float]) -> None:
    documents = [f"d{n}" for n in range(len(values)) for _ in range(5)]
    repeated = [v for v in values for _ in range(5)]
    gap, wide = [0.0] * len(values), [0.0] * len(repeated)
    once, five = paired_difference(values, gap), paired_difference(repeated, wide, documents=documents)
    assert five.smallest_detectable == pytest.approx(once.smallest_detectable, abs=1e-9)
    assert (five.low, five.high) == pytest.approx((once.low, once.high), abs=1e-9)


def test_several_columns_at_once_are_each_one_alone() -> None:
    rng = numpy.random.default_rng(1)
    columns = [rng.random(30).tolist() for _ in range(3)]
    for several, alone in zip(intervals(columns, 4), (interval(c, 4) for c in columns), strict=True):
        assert astuple(several) == pytest.approx(astuple(alone), abs=1e-12)
    pairs = [(columns[0], columns[1]), (columns[1], columns[2])]
    for several, alone in zip(
        paired_differences(pairs, 4), (paired_difference(a, b, 4) for a, b in pairs), strict=True
    ):
        assert astuple(several) == pytest.approx(astuple(alone), abs=1e-12)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (1, 0, 0.5), (10, 2, 0.02246), (0, 6, 0.015625)],
)
def test_mcnemar_counts_the_questions_that_one_arm_alone_answers(only_a: int, only_b: int, p: float) -> None:
    a = [1.0] * only_a + [0.0] * only_b + [1.0] * 7
    b = [0.0] * only_a + [1.0] * only_b + [1.0] * 7
    assert mcnemar_p(a, b) == pytest.approx(p, abs=1e-5)
    assert mcnemar_p(b, a) == mcnemar_p(a, b)


def test_an_effect_is_the_mean_difference_over_its_spread() -> None:
    assert paired_difference([1.0, 0.0, 1.0, 0.5], [0.5, 0.0, 0.0, 0.0]).effect == pytest.approx(1.2247, abs=1e-4)
    assert paired_difference([0.4, 0.4], [0.4, 0.4]).effect == 0


def test_questions_are_drawn_by_document_where_there_are_enough_of_them() -> None:
    arms = {"base": ModelAnswerer("base", FakeGenerator()), "tuned": ModelAnswerer("tuned", FakeGenerator())}
    many = {q.id: f"d{n % 10}" for n, q in enumerate(QUESTIONS)}
    few = {q.id: f"d{n % 3}" for n, q in enumerate(QUESTIONS)}
    assert compare(arms, QUESTIONS, documents=many).to_json()["units"] == {
        "questions": 20,
        "documents": 10,
        "units": 10,
    }
    assert compare(arms, QUESTIONS, documents=few).to_json()["units"] == {"questions": 20, "documents": 3, "units": 20}


class Failing(ModelAnswerer):
    """Answers no question of which the number is in ``bad``."""

    bad: frozenset[str] = frozenset()

    def answer(self, question: str) -> Answer:
        if question.split()[-1] in self.bad:
            raise ModelError("the server answered 500")
        return super().answer(question)

    def answer_each(self, questions: list[str]) -> list[Answer]:  # type: ignore[override]
        return [self.answer(q) for q in questions]


def test_a_question_that_an_arm_cannot_be_asked_counts_for_none_and_is_named() -> None:
    failing = Failing("rag", FakeGenerator())
    failing.bad = frozenset({"3", "17"})
    result = compare({"base": ModelAnswerer("base", FakeGenerator()), "rag": failing}, QUESTIONS).to_json()
    assert result["questions"] == 18
    assert result["failed"] == {"arms": {"rag": 2}, "questions": ["q17", "q3"]}


def test_an_arm_that_fails_on_most_questions_ends_the_comparison() -> None:
    failing = Failing("rag", FakeGenerator())
    failing.bad = frozenset(str(n) for n in range(1, 20))
    with pytest.raises(ModelError, match="500"):
        compare({"rag": failing}, QUESTIONS)


def test_with_a_reference_each_other_arm_is_tested_against_it_alone() -> None:
    arms = {name: ModelAnswerer(name, FakeGenerator()) for name in ("base", "rag", "tuned", "hybrid")}
    result = compare(arms, QUESTIONS, reference="rag").to_json()
    assert {(p["a"], p["b"]) for p in result["pairs"]} == {("rag", "base"), ("rag", "tuned"), ("rag", "hybrid")}
    assert result["family"].startswith("rag against each other arm: 3 tests")
