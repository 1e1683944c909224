"""How likely an answer is right: learned from answers to questions kept out of training, and held against the truth."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compare.chance_calibration import MINIMUM as FEWEST
from compare.chance_calibration import calibration
from compare.run_comparison import compare
from corpus.records import Example
from lm.answerer import Answer, Citation
from router.answer_chance import MINIMUM, Chance, WeighedBatching, Weighing, features_of, learn_chance, weighed


def _answer(confidence: float, abstained: bool = False, question: str = "Where?") -> Answer:
    cited = (Citation(1, "d.md", "", None, "It stands in rack five.", 0, 22),)
    return Answer(question, "It stands in rack seven.", "hybrid", abstained, confidence, cited, answerable=0.8)


def _learned() -> Chance:
    rng = random.Random(0)
    confidences = [rng.uniform(0.05, 0.95) for _ in range(80)]
    right = [rng.random() < c for c in confidences]
    chance = learn_chance([features_of(_answer(c), 0.5) for c in confidences], right)
    assert chance is not None
    return chance


def test_what_is_known_of_an_answer_counts_and_what_is_not_is_nothing() -> None:
    known = features_of(_answer(0.5), 0.7)
    assert known["confidence"] == pytest.approx(0.0)
    assert known["support"] == pytest.approx(0.8)
    assert features_of(Answer("Where?", "", "extract"), 0.0) == dict.fromkeys(known, 0.0)


def test_a_confident_answer_is_likelier_right_and_writing_it_down_changes_nothing() -> None:
    chance = _learned()
    low, high = (chance.of(features_of(_answer(c), 0.5)) for c in (0.1, 0.9))
    assert low < 0.4 < 0.6 < high
    read = Chance.from_json(json.loads(json.dumps(chance.to_json())))
    assert read.of(features_of(_answer(0.9), 0.5)) == pytest.approx(high, abs=1e-3)


def test_where_nothing_tells_right_from_wrong_the_share_of_right_answers_is_told() -> None:
    spans = []
    for seed in range(8):
        rng = random.Random(seed)
        features = [features_of(_answer(rng.uniform(0.05, 0.95)), rng.random()) for _ in range(48)]
        chance = learn_chance(features, [rng.random() < 0.6 for _ in features])
        assert chance is not None
        told = [chance.of(f) for f in features]
        assert sum(told) / len(told) == pytest.approx(chance.right, abs=0.02)
        spans.append(max(told) - min(told))
    assert sorted(spans)[len(spans) // 2] == 0


def test_answers_that_are_told_the_same_stand_in_no_order() -> None:
    truth = [n < 15 for n in range(40)]
    found, turned = calibration([0.6] * 40, truth), calibration([0.6] * 40, truth[::-1])
    assert found is not None
    assert turned is not None
    assert replace(turned, brier=found.brier) == found
    assert turned.brier == pytest.approx(found.brier)
    assert found.error == pytest.approx(0.6 - 15 / 40)
    assert {risk for _, risk in found.risk} == {1 - 15 / 40}
    assert found.brier == pytest.approx(15 / 40 * 0.16 + 25 / 40 * 0.36)


def test_nothing_is_learned_from_too_few_or_from_one_sort_alone() -> None:
    features = [features_of(_answer(0.5), 0.5)] * 60
    assert learn_chance(features[: MINIMUM - 1], [n % 2 == 0 for n in range(MINIMUM - 1)]) is None
    assert learn_chance(features, [True] * 60) is None


class _Arm:
    name = "hybrid"

    def answer(self, question: str) -> Answer:
        return _answer(0.9, question.startswith("No"), question)

    def stream(self, question: str) -> Iterator[str | Answer]:
        answer = self.answer(question)
        yield answer.text
        yield answer

    def answer_each(self, questions: Sequence[str]) -> list[Answer]:
        return [self.answer(q) for q in questions]


def test_every_way_to_ask_tells_the_same_chance_and_a_refusal_has_none() -> None:
    arm = weighed(_Arm(), Weighing({"hybrid": _learned()}, lambda question: 0.5))
    assert isinstance(arm, WeighedBatching)
    told = arm.answer("Where?").right
    assert told is not None
    assert told > 0.5
    *_, streamed = arm.stream("Where?")
    assert isinstance(streamed, Answer)
    assert [streamed.right, *(a.right for a in arm.answer_each(["Where?", "No?"]))] == [told, told, None]
    assert weighed(_Arm(), Weighing({}, lambda question: 0.5)).answer("Where?").right is None
    alone = Weighing({"hybrid": _learned()}, lambda question: 0.5, lambda question: question == "Why?")
    assert [a.right for a in weighed(_Arm(), alone).answer_each(["Where?", "Why?"])] == [told, None]  # type: ignore[attr-defined]


def test_a_comparison_tells_whether_the_chances_were_true() -> None:
    arm = weighed(_Arm(), Weighing({"hybrid": _learned()}, lambda question: 0.5))
    questions = [Example(str(n), f"Where is {n}?", "It stands in rack seven." if n % 2 else "Far.") for n in range(40)]
    (told,) = compare({"hybrid": arm}, questions).to_json()["calibration"].values()
    assert told["answers"] == 40
    assert told["right"] == 0.5
    assert told["error"] == pytest.approx(abs(told["told"] - 0.5), abs=1e-3)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=FEWEST, max_size=80))
def test_errors_lie_between_none_and_all_and_the_whole_risk_is_the_share_of_wrong_answers(
    told: list[tuple[float, bool]],
) -> None:
    found = calibration([p for p, _ in told], [r for _, r in told])
    assert found is not None
    assert 0 <= found.error <= 1
    assert 0 <= found.brier <= 1
    assert found.risk[-1] == (1.0, pytest.approx(1 - found.right))
    assert sum(n for *_, n in found.bins) == len(told)


def test_true_probabilities_err_little_and_sure_mistakes_wholly() -> None:
    rng = random.Random(1)
    told = [rng.random() for _ in range(5000)]
    found = calibration(told, [rng.random() < p for p in told])
    assert found is not None
    assert found.error < 0.03
    assert found.error_by_chance < 0.03
    assert found.p > 0.05, "true probabilities err as chance does"
    assert found.risk[0][1] < found.risk[-1][1]
    wrong = calibration([1.0] * 50, [False] * 50)
    assert wrong is not None
    assert wrong.error == 1.0
    assert wrong.error_by_chance == 0.0
    assert wrong.p < 0.01
    assert calibration([0.5] * (FEWEST - 1), [True] * (FEWEST - 1)) is None
