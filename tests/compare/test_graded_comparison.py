"""Grades summed up: means and wins by arm, undo, changed answers, agreement, people beside."""

from __future__ import annotations

import pytest

from compare.people.blind_sheet import AnsweredQuestion, answered_questions, blind_items
from compare.people.grade_record import SKIP, UNDO, Grade, checked_grader, grade_of, standing
from compare.people.graded_comparison import graded_comparison
from compare.people.grades_json import GradesJson
from compare.score import Score, score
from corpus.records import Example
from lm.answerer import Answer

EXAMPLES = [Example(f"q{n}", f"Question {n}?", f"Answer {n}.") for n in range(12)]


def _scores(**texts: str) -> list[Score]:
    """By arm what it answers; ``same``: the reference."""
    return [
        score(Answer(e.question, str(e.answer) if text == "same" else f"{text} {e.id}", arm), e, arm)
        for arm, text in texts.items()
        for e in EXAMPLES
    ]


def _answered(**texts: str) -> tuple[AnsweredQuestion, ...]:
    return answered_questions(EXAMPLES, _scores(**texts))


class Log:
    """Grades in the order they are said."""

    def __init__(self) -> None:
        self.records: list[Grade] = []

    def say(self, grader: str, question: str, answers: tuple[str, ...], grade: str) -> None:
        self.records.append(Grade(f"{len(self.records):09d}", grader, question, answers, grade, 0, "c"))


def _pointed(
    answered: tuple[AnsweredQuestion, ...], points: dict[str, str], graders: tuple[str, ...] = ("anna",)
) -> Log:
    log = Log()
    for question in answered:
        for arm, answer in question.by_arm().items():
            for grader in graders if arm in points else ():
                log.say(grader, question.example.id, (answer.fingerprint,), points[arm])
    return log


def _results(answered: tuple[AnsweredQuestion, ...], log: Log) -> GradesJson:
    return graded_comparison("c", answered, log.records)


def test_a_grade_counts_for_every_arm_that_gave_the_answer() -> None:
    answered = _answered(one="same", two="same", three="No")
    results = _results(answered, _pointed(answered, {"one": "5", "three": "2"}))
    points = {arm: of["points"]["mean"] for arm, of in results["arms"].items()}
    assert points == {"one": 5, "two": 5, "three": 2}
    assert results["arms"]["one"]["right"]["mean"] == 1
    assert results["arms"]["three"]["right"]["mean"] == 0
    (pair,) = [p for p in results["differences"] if (p["a"], p["b"]) == ("one", "three")]
    assert (pair["difference"], pair["questions"], pair["significant"]) == (3, 12, True)


def test_below_ten_questions_nothing_is_said_for_sure() -> None:
    answered = _answered(one="same", two="No")[:9]
    results = _results(answered, _pointed(answered, {"one": "5", "two": "1"}))
    assert results["arms"]["one"]["points"] == {"mean": 5, "low": None, "high": None}
    assert [(p["p"], p["low"], p["significant"]) for p in results["differences"]] == [(None, None, False)]


def test_a_question_counts_once_however_many_graded_it() -> None:
    answered = _answered(one="same", two="No")
    log = _pointed(answered, {"one": "5", "two": "1"}, ("anna", "bert"))
    assert _results(answered, log)["arms"]["one"]["questions"] == 12
    assert _results(answered, log)["arms"]["one"]["grades"] == 24
    alone = _pointed(answered, {"one": "5", "two": "1"})
    assert _results(answered, log)["differences"] == _results(answered, alone)["differences"]


def test_preferences_count_by_answer_not_by_side() -> None:
    answered = _answered(good="same", bad="No")
    log = Log()
    for grader in ("anna", "bert", "carla"):
        for item in blind_items(answered, grader, 0, pairs=True):
            better = "A" if "No" not in item.answers[0] else "B"
            log.say(grader, item.question, item.fingerprints, better)
    results = _results(answered, log)
    (pair,) = results["wins"]
    assert (pair["wins"], pair["losses"], pair["ties"]) == (12, 0, 0)
    assert pair["win_rate"] == 1
    assert pair["p"] == pytest.approx(2 / 2**12, abs=1e-5)
    assert pair["significant"]
    assert results["position"] is not None
    assert results["position"]["first"] + results["position"]["second"] == 36
    assert "all grades are the same" in results["agreement"]["preferences"]["alpha"]["meaning"] or (
        results["agreement"]["preferences"]["alpha"]["value"] == pytest.approx(1)
    )


def test_ties_both_bad_and_same_answers_are_told_apart() -> None:
    answered = _answered(one="Yes", two="No")
    mixed = [s for s in _scores(one="Yes", two="Yes") if s.id == "q0"]
    answered = (*answered_questions(EXAMPLES[:1], mixed), *answered[1:])
    log = Log()
    for n, item in enumerate(blind_items(answered, "anna", 0, pairs=True)):
        log.say("anna", item.question, item.fingerprints, ("tie", "bad", "bad")[n % 3])
    (pair,) = _results(answered, log)["wins"]
    assert (pair["questions"], pair["ties"], pair["both_bad"], pair["same"], pair["p"]) == (11, 11, 7, 1, 1.0)


def test_the_last_grade_stands_and_undo_takes_it_back() -> None:
    log = Log()
    log.say("anna", "q", ("a1",), "2")
    log.say("bert", "q", ("a1",), "3")
    log.say("anna", "q", ("a1",), "5")
    assert standing(log.records)["anna", ("a1",)].grade == "5"
    log.say("anna", "q", ("a1",), UNDO)
    assert standing(log.records)["anna", ("a1",)].grade == "2"
    log.say("anna", "q", ("a1",), UNDO)
    log.say("anna", "q", ("a1",), UNDO)
    assert {who for who, _ in standing(log.records)} == {"bert"}
    log.say("anna", "q", ("b", "a"), "A")
    log.say("anna", "q", ("a", "b"), UNDO)
    assert {who for who, _ in standing(log.records)} == {"bert"}


def test_a_grade_of_an_answer_that_changed_counts_no_more_and_is_counted() -> None:
    before, now = _answered(one="Yes", two="No"), _answered(one="Yes", two="Otherwise")
    results = _results(now, _pointed(before, {"one": "4", "two": "3"}))
    assert set(results["arms"]) == {"one"}
    assert results["stale"] == 12


def test_skips_are_no_grades_and_what_is_left_is_told() -> None:
    answered = _answered(one="Yes", two="No")
    log = Log()
    first = answered[0].answers
    log.say("anna", "q0", (first[0].fingerprint,), "4")
    log.say("anna", "q0", (first[1].fingerprint,), SKIP)
    results = _results(answered, log)
    assert results["graders"] == {"anna": {"points": 1, "preferences": 0, "skipped": 1, "left": 1}}
    assert results["agreement"]["points"]["alpha"]["items"] == 0


def test_scores_and_graders_are_held_against_each_other() -> None:
    answered = _answered(one="same", two="No")
    agreeing = _results(answered, _pointed(answered, {"one": "5", "two": "1"}))["automatic"]
    assert agreeing["right"]["value"] == pytest.approx(1)
    assert agreeing["right"]["items"] == 24
    assert agreeing["f1"]["value"] == pytest.approx(1, abs=0.2)
    opposed = _results(answered, _pointed(answered, {"one": "1", "two": "5"}))["automatic"]
    assert opposed["right"]["value"] == pytest.approx(-1)


def test_people_stand_beside_every_arm_on_their_own_questions() -> None:
    scores = [*_scores(one="No", two="same"), *(s for s in _scores(human="same") if s.id in ("q1", "q2"))]
    results = graded_comparison("c", answered_questions(EXAMPLES, scores), [])
    assert results["people_questions"] == 2
    assert {arm: of["right"] for arm, of in results["people"].items()} == {"one": 0, "two": 1, "human": 1}
    assert results["people"]["human"]["f1"]["low"] is None


@pytest.mark.parametrize(
    "wrong", [{"grade": "6"}, {"grade": "A"}, {"answers": []}, {"seed": "0"}, {"grader": None}, {"more": 1}]
)
def test_fields_that_are_no_grade_are_not_taken_for_one(wrong: dict[str, object]) -> None:
    fields = {
        "time": "t",
        "grader": "anna",
        "question": "q",
        "answers": ["a1"],
        "grade": "5",
        "seed": 0,
        "comparison": "c",
    }
    assert grade_of(fields).grade == "5"
    with pytest.raises(ValueError):
        grade_of(fields | wrong)


@pytest.mark.parametrize("name", ["", "  ", "../x", "-a", "a/b", "a\nb\x00", "x" * 61])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        checked_grader(name)
    assert checked_grader("  Jörg  O'Neil-2 ") == "jörg o'neil-2"
