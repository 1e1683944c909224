"""What a project's own arms scored on questions that nothing was learned from, and which of them that speaks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

from lm.arm_facts import preferred
from router.answer_chance import Chance, ChanceJson
from router.question_sort import QuestionSort, QuestionSortJson
from router.wording import Wording, WordingJson, with_words

if TYPE_CHECKING:
    import numpy

MINIMUM = 5
"""With fewer questions the rules decide."""
DOCUMENTS, ALONE = "documents", "alone"
"""The two sorts of questions: those that documents answer, or should, and those that are answered without any."""


@dataclass(frozen=True)
class Chosen:
    """An arm, what it scored (mean of F1 and key facts, 0 to 1) on how many questions, and the one it was preferred to."""

    arm: str
    score: float | None
    questions: int
    usual: str
    usual_score: float | None

    @property
    def measured(self) -> bool:
        return self.questions >= MINIMUM and self.score is not None


class MeasuredJson(TypedDict):
    """``Measured`` as JSON."""

    scores: dict[str, dict[str, list[float]]]
    closed_book: QuestionSortJson | None
    chances: dict[str, ChanceJson]
    wording: WordingJson


@dataclass(frozen=True)
class Measured:
    """Scores by sort, then by arm, question by question in one order; and what tells the sorts apart, if anything does."""

    scores: Mapping[str, Mapping[str, tuple[float, ...]]]
    closed_book: QuestionSort | None = None
    wording: Wording = field(default_factory=Wording)
    """The words that ``closed_book`` reads beside a question's vector."""
    chances: Mapping[str, Chance] = field(default_factory=dict)
    """By arm: how likely its answer to a question that documents answer, or should, is right."""

    def best(self, sort: str, available: Sequence[str]) -> Chosen:
        """The usual arm, unless another is ahead of it by more than the standard error of their difference."""
        scores = {arm: s for arm, s in self.scores.get(sort, {}).items() if arm in available}
        usual = preferred(available, alone=sort == ALONE)
        counted = len(scores.get(usual, ()))
        if counted < MINIMUM:
            return Chosen(usual, None, counted, usual, None)
        best = max(scores, key=lambda arm: (mean(scores[arm]), arm == usual))
        if not _ahead(scores[best], scores[usual]):
            best = usual
        return Chosen(best, round(mean(scores[best]), 4), counted, usual, round(mean(scores[usual]), 4))

    def to_json(self) -> MeasuredJson:
        """In the form that ``from_json`` reads."""
        return {
            "scores": {sort: {arm: list(s) for arm, s in of.items()} for sort, of in self.scores.items()},
            "closed_book": self.closed_book.to_json() if self.closed_book else None,
            "chances": {arm: chance.to_json() for arm, chance in self.chances.items()},
            "wording": self.wording.to_json(),
        }

    @classmethod
    def from_json(cls, record: MeasuredJson) -> Measured:
        """From what ``to_json`` wrote."""
        scores = {sort: {arm: tuple(s) for arm, s in of.items()} for sort, of in record["scores"].items()}
        sort = QuestionSort.from_json(record["closed_book"]) if record["closed_book"] else None
        chances = {arm: Chance.from_json(c) for arm, c in record["chances"].items()}
        return cls(scores, sort, Wording.from_json(record["wording"]), chances)

    def answered_alone(self, question: str, vector: numpy.ndarray) -> float | None:
        """The probability, 0 to 1, that a question with this unit vector is answered without documents; None: nothing tells."""
        if self.closed_book is None:
            return None
        return self.closed_book.probability(with_words(vector[None], [question], self.wording)[0])

    def sort(self, chance: float | None) -> str:
        """Which of the two sorts a question with this probability of being ``answered_alone`` is taken for."""
        return ALONE if self.closed_book and chance is not None and chance >= self.closed_book.threshold else DOCUMENTS


def mean(scores: Sequence[float]) -> float:
    """0 for none."""
    return sum(scores) / len(scores) if scores else 0.0


def _ahead(one: Sequence[float], other: Sequence[float]) -> bool:
    """Is the mean difference of two rows of paired scores above its standard error?"""
    differences = [a - b for a, b in zip(one, other, strict=True)]
    middle = mean(differences)
    spread = sum((d - middle) ** 2 for d in differences) / max(1, len(differences) - 1)
    return bool(middle > (spread / len(differences)) ** 0.5)
