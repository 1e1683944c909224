"""Is a question one that is answered without documents? Learned from which of the project's examples were.

General knowledge, small talk and the like have an answer that stands in no document: read behind passages that do not help,
a tuned model answers them worse than alone. A logistic regression on the question's vector tells them apart; the probability
from which it is believed follows from questions it was not learned from. Knows nothing of arms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from router.answerability import Logistic, fit, folds, probability_of

if TYPE_CHECKING:
    import numpy

MINIMUM = 15
"""With fewer questions of either sort nothing is learned."""
_LOST = 2.0
"""How much more a question costs that is kept from its documents than one gains that is spared them."""


@dataclass(frozen=True)
class ClosedBook:
    """What was learned, and out of fold the shares of both sorts that it tells to be answered without documents."""

    topic: Logistic
    threshold: float
    right: float
    """Share of the questions without documents that it knew for such."""
    wrong: float
    """Share of the questions with documents that it took for such."""

    def probability(self, vector: numpy.ndarray) -> float:
        """That the question with this unit vector is answered without documents, 0 to 1."""
        return probability_of(float(self.topic.logit(vector)))

    def to_json(self) -> dict[str, Any]:
        """As ``from_json`` reads it."""
        told = {"threshold": self.threshold, "right": self.right, "wrong": self.wrong}
        return told | {"weights": [round(float(w), 5) for w in self.topic.weights], "bias": self.topic.bias}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> ClosedBook:
        """What ``to_json`` wrote."""
        import numpy

        topic = Logistic(numpy.array(told["weights"]), told["bias"])
        return cls(topic, told["threshold"], told["right"], told["wrong"])


def learn_closed_book(vectors: numpy.ndarray, closed: Sequence[bool], seed: int = 0) -> ClosedBook | None:
    """Learn from questions with unit vectors ``(n, d)``; None where too few of either sort are known or it tells nothing."""
    import numpy

    truth = numpy.array(closed, dtype=bool)
    if min(truth.sum(), (~truth).sum()) < MINIMUM:
        return None
    told = numpy.zeros(len(truth))
    for held in folds(truth, seed):
        rest = numpy.setdiff1d(numpy.arange(len(truth)), held)
        told[held] = fit(vectors[rest], truth[rest], scaled=False).logit(vectors[held])
    chances = numpy.array([probability_of(float(x)) for x in told])
    tried = numpy.unique(chances[truth])
    gains = [(chances[truth] >= t).sum() - _LOST * (chances[~truth] >= t).sum() for t in tried]
    best = int(numpy.argmax(gains))
    if gains[best] <= 0:
        return None
    threshold = float(tried[best])
    shares = [round(float((chances[rows] >= threshold).mean()), 4) for rows in (truth, ~truth)]
    return ClosedBook(fit(vectors, truth, scaled=False), round(threshold, 5), *shares)
