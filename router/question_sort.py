"""Is a question one of a sort? Learned from which of the project's examples are.

A sort is what questions have in common that their words tell: that they are answered without documents (general knowledge,
small talk), or that their answers open with the same words (complaints). A logistic regression on the question's vector tells
them apart; the probability from which it is believed follows from questions it was not learned from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from router.answerability import Logistic, fit, folds, probability_of

if TYPE_CHECKING:
    import numpy

MINIMUM = 15
"""With fewer questions of either sort nothing is learned."""
_COST = 2.0
"""How much more a question costs that is taken for one of the sort than one gains that is known for such."""


class QuestionSortJson(TypedDict):
    """A ``QuestionSort`` as JSON."""

    threshold: float
    right: float
    wrong: float
    weights: list[float]
    bias: float


@dataclass(frozen=True)
class QuestionSort:
    """What was learned, and out of fold the shares of the sort, and of the other questions, that it takes for such."""

    topic: Logistic
    threshold: float
    right: float
    """Share of the sort that it knew for such."""
    wrong: float
    """Share of the other questions that it took for such."""

    def probability(self, vector: numpy.ndarray) -> float:
        """That the question with this unit vector is one of the sort, 0 to 1."""
        return probability_of(float(self.topic.logit(vector)))

    def holds(self, vector: numpy.ndarray) -> bool:
        """Is the question with this unit vector taken for one of the sort?"""
        return self.probability(vector) >= self.threshold

    def to_json(self) -> QuestionSortJson:
        """In the form that ``from_json`` reads."""
        return {
            "threshold": self.threshold,
            "right": self.right,
            "wrong": self.wrong,
            "weights": [round(float(w), 5) for w in self.topic.weights],
            "bias": self.topic.bias,
        }

    @classmethod
    def from_json(cls, record: QuestionSortJson) -> QuestionSort:
        """From what ``to_json`` wrote."""
        import numpy

        topic = Logistic(numpy.array(record["weights"]), record["bias"])
        return cls(topic, record["threshold"], record["right"], record["wrong"])


def learn_sort(
    vectors: numpy.ndarray, members: Sequence[bool], seed: int = 0, cost: float = _COST
) -> QuestionSort | None:
    """Learn from questions with unit vectors ``(n, d)``; None where too few are known or it tells nothing."""
    import numpy

    truth = numpy.array(members, dtype=bool)
    if min(truth.sum(), (~truth).sum()) < MINIMUM:
        return None
    logits = numpy.zeros(len(truth))
    for held in folds(truth, seed):
        rest = numpy.setdiff1d(numpy.arange(len(truth)), held)
        logits[held] = fit(vectors[rest], truth[rest], scaled=False).logit(vectors[held])
    chances = numpy.array([probability_of(float(x)) for x in logits])
    tried = numpy.unique(chances[truth])
    gains = [(chances[truth] >= t).sum() - cost * (chances[~truth] >= t).sum() for t in tried]
    best = int(numpy.argmax(gains))
    if gains[best] <= 0:
        return None
    threshold = float(tried[best])
    shares = [round(float((chances[rows] >= threshold).mean()), 4) for rows in (truth, ~truth)]
    return QuestionSort(fit(vectors, truth, scaled=False), round(threshold, 5), *shares)
