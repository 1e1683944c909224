"""Experts' own answers to held-out questions, as an arm that is scored like any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from compare.people.blind_sheet import PEOPLE, fingerprint_of
from compare.people.record_log import TimedRecord
from compare.score import Score, score
from corpus.records import Example
from corpus.text.refusal import is_refusal
from lm.answerer import Answer


@dataclass(frozen=True)
class HumanAnswer(TimedRecord):
    """What an expert answered, or that they took their answer back (``answer`` None)."""

    grader: str
    question: str
    """The question's id."""
    asked: str
    """``fingerprint_of`` the question alone: where it was reworded, it is asked again."""
    answer: str | None


def human_answer_of(fields: Mapping[str, object]) -> HumanAnswer:
    """A record's fields as an answer. Raises ``ValueError`` where one is missing or of another kind."""
    names = ("time", "grader", "question", "asked")
    texts = {name: value for name in names if isinstance(value := fields.get(name), str)}
    answer = fields.get("answer", 0)
    if set(fields) != {*names, "answer"} or len(texts) < len(names) or not (answer is None or isinstance(answer, str)):
        raise ValueError("fields are missing")
    return HumanAnswer(answer=answer, **texts)


def asked_of(example: Example) -> str:
    """The question as a record keeps it."""
    return fingerprint_of(example, "")


def standing_answers(records: Iterable[HumanAnswer], examples: Sequence[Example]) -> dict[str, dict[str, str]]:
    """By question id and expert the last answer to the question as it is asked now. ``records`` in order of time."""
    asked = {e.id: asked_of(e) for e in examples}
    answers: dict[str, dict[str, str]] = {e.id: {} for e in examples}
    for record in records:
        if asked.get(record.question) == record.asked:
            of = answers[record.question]
            of.pop(record.grader, None)
            if record.answer is not None:
                of[record.grader] = record.answer
    return answers


def human_scores(answers: Mapping[str, Mapping[str, str]], examples: Sequence[Example]) -> list[tuple[str, Score]]:
    """One score for each question that somebody answered, with who did.

    Of several experts who answered a question counts the one who answered most questions, so that as few voices as possible
    are mixed.
    """
    most = Counter(name for of in answers.values() for name in of)
    scores = []
    for example in examples:
        of = answers.get(example.id, {})
        if of:
            name = min(of, key=lambda n: (-most[n], n))
            answer = Answer(example.question, of[name], PEOPLE, abstained=is_refusal(of[name]))
            scores.append((name, score(answer, example, PEOPLE, timed=False)))
    return scores
