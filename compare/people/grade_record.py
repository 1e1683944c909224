"""One grade: who said what of which answer, or of which two; and which grades stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from compare.people.record_log import TimedRecord

POINTS = {
    "5": "right and complete",
    "4": "right, with a small flaw",
    "3": "partly right",
    "2": "mostly wrong",
    "1": "wrong, or no answer",
}
"""The scale for one answer. 4 and 5 count as right. A refusal is right where the answer is not known."""
PREFERENCES = {"A": "A is better", "B": "B is better", "tie": "equally good", "bad": "both bad"}
"""The choices between two answers, in the order shown."""
SKIP, UNDO = "skip", "undo"
RIGHT_FROM = 4
"""The least points of a right answer."""
Key = tuple[str, ...]
"""The fingerprints of what is graded: of one answer, or of two in the order of the alphabet."""


@dataclass(frozen=True)
class Grade(TimedRecord):
    """One line of a grader's log. An ``UNDO`` takes back the last grade or skip of the same answers."""

    grader: str
    question: str
    """The question's id."""
    answers: tuple[str, ...]
    """Fingerprints: one for points, two (in the order shown) for a preference."""
    grade: str
    """A key of ``POINTS`` or of ``PREFERENCES``, ``SKIP`` or ``UNDO``."""
    seed: int
    """Of the order in which answers were shown."""
    comparison: str
    """The comparison whose answers were shown."""

    @property
    def key(self) -> Key:
        return tuple(sorted(self.answers))

    @property
    def is_grade(self) -> bool:
        return self.grade not in (SKIP, UNDO)


def scale_of(answers: int) -> Mapping[str, str]:
    """The scale for so many answers shown together, 1 or 2, with what each step means."""
    return POINTS if answers == 1 else PREFERENCES


def grade_of(fields: Mapping[str, object]) -> Grade:
    """A record's fields as a grade. Raises ``ValueError`` where one is missing or of another kind."""
    answers, seed = fields.get("answers"), fields.get("seed")
    words = {name: fields.get(name) for name in ("time", "grader", "question", "grade", "comparison")}
    texts = {name: value for name, value in words.items() if isinstance(value, str)}
    if set(fields) != {*words, "answers", "seed"} or len(texts) < len(words):
        raise ValueError("fields are missing")
    if not isinstance(answers, list) or not all(isinstance(a, str) for a in answers) or len(answers) not in (1, 2):
        raise ValueError("answers are missing")
    if not isinstance(seed, int) or texts["grade"] not in {*scale_of(len(answers)), SKIP, UNDO}:
        raise ValueError("no grade")
    return Grade(answers=tuple(answers), seed=seed, **texts)


def standing(records: Iterable[Grade]) -> dict[tuple[str, Key], Grade]:
    """By grader and answers what stands: the last grade or skip that was not taken back. ``records`` in order of time."""
    said: dict[tuple[str, Key], list[Grade]] = {}
    for record in records:
        of = said.setdefault((record.grader, record.key), [])
        if record.grade != UNDO:
            of.append(record)
        elif of:
            of.pop()
    return {key: of[-1] for key, of in said.items() if of}


def checked_grader(name: str) -> str:
    """A person's name as it is kept: lower case, single spaces. Raises ``ValueError`` for what is no name.

    >>> checked_grader(" Anna  Berger")
    'anna berger'
    """
    folded = " ".join(name.casefold().split())
    if (
        not folded
        or len(folded) > 60
        or not folded[0].isalnum()
        or not all(c.isalnum() or c in " ._-@+'" for c in folded)
    ):
        raise ValueError(name)
    return folded
