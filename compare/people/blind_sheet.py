"""What graders are shown: each different answer once, in an order of their own, without the arm that gave it."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from compare.people.grade_record import Key
from compare.score import Score
from corpus.records import Example

PEOPLE = "human"
"""The arm of experts' own answers."""
NOT_KNOWN = "(not known: the right reply says so)"
"""The reference of a question that has no answer."""


@dataclass(frozen=True)
class ArmsAnswer:
    """A text and the arms that answered with it. Screens and sheets never get this record, only ``BlindItem``."""

    fingerprint: str
    text: str
    scores: tuple[Score, ...]
    """Of each arm that gave it."""
    writer: str = ""
    """The person who wrote it, where a person did."""

    @property
    def arms(self) -> tuple[str, ...]:
        return tuple(s.arm for s in self.scores)


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question and its different answers."""

    example: Example
    answers: tuple[ArmsAnswer, ...]

    def by_arm(self) -> dict[str, ArmsAnswer]:
        return {arm: answer for answer in self.answers for arm in answer.arms}


@dataclass(frozen=True)
class BlindItem:
    """One thing to be graded: an answer, or two side by side."""

    question: str
    """The question's id."""
    text: str
    reference: str
    """The reference answer, or ``NOT_KNOWN``."""
    answers: tuple[str, ...]
    """Texts in the order shown."""
    fingerprints: tuple[str, ...]
    number: int
    """Its place among the items of its question, from 1, of ``count``."""
    count: int
    question_number: int
    """The place of its question among those to be graded, from 1."""

    @property
    def key(self) -> Key:
        return tuple(sorted(self.fingerprints))

    @property
    def id(self) -> str:
        """What a sheet calls it: spreadsheets take it for no number and no date."""
        return "-".join(self.fingerprints)


def fingerprint_of(example: Example, text: str) -> str:
    """Tells one answer to a question from any other: another text, or another question, has another one.

    Space counts for nothing. The reference is left out: a corrected one loses no grades.
    """
    whole = json.dumps([example.id, example.question, " ".join(text.split())])
    return f"a{hashlib.sha256(whole.encode()).hexdigest()[:15]}"


def answered_questions(
    examples: Sequence[Example],
    scores: Sequence[Score],
    arms: Collection[str] | None = None,
    writers: Mapping[str, str] | None = None,
) -> tuple[AnsweredQuestion, ...]:
    """The questions that were answered, with the answers of ``arms`` (all by default), alike ones as one.

    ``writers``: by question id who wrote the answer of the arm that stands for people.
    """
    by_question: dict[str, list[Score]] = {}
    for s in scores:
        if arms is None or s.arm in arms:
            by_question.setdefault(s.id, []).append(s)
    return tuple(
        AnsweredQuestion(e, _different(e, by_question[e.id], writers or {})) for e in examples if e.id in by_question
    )


def _different(example: Example, scores: Sequence[Score], writers: Mapping[str, str]) -> tuple[ArmsAnswer, ...]:
    alike: dict[str, list[Score]] = {}
    for s in scores:
        alike.setdefault(fingerprint_of(example, s.text), []).append(s)
    answers = []
    for fingerprint, same in alike.items():
        writer = writers.get(example.id, "") if any(s.arm == PEOPLE for s in same) else ""
        answers.append(ArmsAnswer(fingerprint, same[0].text, tuple(same), writer))
    return tuple(answers)


def blind_items(
    answered: Sequence[AnsweredQuestion], grader: str, seed: int, *, pairs: bool = False, sample: int | None = None
) -> tuple[BlindItem, ...]:
    """What ``grader`` grades, in order; ``sample``: of so many questions.

    Questions come in one order for all graders, so that those who grade a part grade the same part; the answers to each in an
    order of each grader's own. Nobody is shown what they wrote themselves. Both orders follow from ``seed`` alone.
    """
    asked = sorted(answered, key=lambda a: a.example.id)
    random.Random(f"{seed}").shuffle(asked)
    items: list[BlindItem] = []
    for number, of in enumerate(asked[:sample], 1):
        drawn = random.Random(f"{seed}/{grader}/{of.example.id}")
        shown = list(_shown(of, grader, drawn, pairs))
        for place, answers in enumerate(shown, 1):
            items.append(
                BlindItem(
                    question=of.example.id,
                    text=of.example.question,
                    reference=of.example.answer or NOT_KNOWN,
                    answers=tuple(a.text for a in answers),
                    fingerprints=tuple(a.fingerprint for a in answers),
                    number=place,
                    count=len(shown),
                    question_number=number,
                )
            )
    return tuple(items)


def _shown(of: AnsweredQuestion, grader: str, drawn: random.Random, pairs: bool) -> Iterator[tuple[ArmsAnswer, ...]]:
    answers = sorted((a for a in of.answers if a.writer != grader or not grader), key=lambda a: a.fingerprint)
    groups = [(a,) for a in answers] if not pairs else [tuple(drawn.sample(two, 2)) for two in combinations(answers, 2)]
    drawn.shuffle(groups)
    yield from groups
