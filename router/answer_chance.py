"""How likely an arm's answer is right: learned from what it answered to questions that nothing was learned from.

Right means that the answer holds the key facts, or shares half of its words with the reference (F1 of .5).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict

from corpus.text.match import normalise
from lm.answerer import Answer, Answerer, Batching
from router.answerability import Logistic, fit, probability_of

if TYPE_CHECKING:
    import numpy

MINIMUM, EITHER = 24, 4
"""With fewer questions, or fewer of them answered rightly or wrongly, nothing is learned."""
_STRENGTHS = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Inverse penalties; at 0 the share of right answers alone is told."""
_ROUNDS, _FOLDS = 4, 5
_FEATURES = ("confidence", "answerable", "nearest_example", "support")


class ChanceJson(TypedDict):
    """A ``Chance`` as JSON."""

    weights: list[float]
    bias: float
    questions: int
    right: float


@dataclass(frozen=True)
class Chance:
    """What was learned of one arm, from how many answers, and which share of these was right."""

    logistic: Logistic
    questions: int
    right: float

    def of(self, features: Mapping[str, float]) -> float:
        """That an answer with these ``features_of`` is right, 0 to 1."""
        import numpy

        return probability_of(float(self.logistic.logit(numpy.array([features[n] for n in _FEATURES]))))

    def to_json(self) -> ChanceJson:
        """In the form that ``from_json`` reads."""
        weights = [round(float(w), 5) for w in self.logistic.weights]
        return {"weights": weights, "bias": self.logistic.bias, "questions": self.questions, "right": self.right}

    @classmethod
    def from_json(cls, record: ChanceJson) -> Chance:
        """From what ``to_json`` wrote."""
        import numpy

        return cls(Logistic(numpy.array(record["weights"]), record["bias"]), record["questions"], record["right"])


def features_of(answer: Answer, nearest_example: float) -> dict[str, float]:
    """What speaks for an answer: the model's confidence and the documents' (logits), the cosine of the nearest example, and
    the share of its words that its quotations hold. What is not known is 0."""
    words = set(normalise(answer.text).split())
    quoted = {w for c in answer.citations for w in normalise(c.quote).split()}
    return {
        "confidence": _logit(answer.confidence),
        "answerable": _logit(answer.answerable),
        "nearest_example": nearest_example,
        "support": len(words & quoted) / max(1, len(words)),
    }


def learn_chance(features: Sequence[Mapping[str, float]], right: Sequence[bool]) -> Chance | None:
    """Learn from answers with their ``features_of``, and which of them were right; None where too few tell.

    The features count as far as they help out of fold: among penalties the strongest within a standard error of the best.
    Where they do not help, every answer is told the share of right ones.
    """
    import numpy

    truth = numpy.array(right, dtype=bool)
    if len(truth) < MINIMUM or min(truth.sum(), (~truth).sum()) < EITHER:
        return None
    values = numpy.array([[f[n] for n in _FEATURES] for f in features])
    return Chance(_fitted(values, truth, _strength(values, truth)), len(truth), round(float(truth.mean()), 4))


def _fitted(values: numpy.ndarray, truth: numpy.ndarray, strength: float) -> Logistic:
    import numpy

    if strength:
        return fit(values, truth, strength=strength)
    return Logistic(numpy.zeros(values.shape[1]), _logit(float(truth.mean())))


def _strength(values: numpy.ndarray, truth: numpy.ndarray) -> float:
    import numpy
    from sklearn.model_selection import RepeatedStratifiedKFold

    losses = numpy.zeros((len(_STRENGTHS), len(truth)))
    for learned, asked in RepeatedStratifiedKFold(n_splits=_FOLDS, n_repeats=_ROUNDS, random_state=0).split(
        values, truth
    ):
        for row, strength in zip(losses, _STRENGTHS, strict=True):
            logits = _fitted(values[learned], truth[learned], strength).logit(values[asked])
            row[asked] += numpy.logaddexp(0, numpy.where(truth[asked], -logits, logits)) / _ROUNDS
    best = losses[losses.mean(axis=1).argmin()]
    above = losses - best
    error = above.std(axis=1) / math.sqrt(len(truth))
    return _STRENGTHS[int((above.mean(axis=1) <= error).argmax())]


@dataclass(frozen=True)
class Weighing:
    """Puts to an answer how likely it is right, where its arm's chance was learned."""

    chances: Mapping[str, Chance]
    """By arm."""
    nearest_example: Callable[[str], float]
    """The cosine of the example nearest to a question."""
    alone: Callable[[str], bool] = lambda question: False
    """Is a question answered without documents? Too few of these were asked to learn a chance from."""

    def weighed(self, answer: Answer) -> Answer:
        """The answer with ``right``; as it is where its arm tells that already, it is a refusal, or documents have no part."""
        chance = self.chances.get(answer.arm)
        if chance is None or answer.abstained or answer.right is not None or self.alone(answer.question):
            return answer
        return replace(answer, right=chance.of(features_of(answer, self.nearest_example(answer.question))))


class WeighedAnswerer:
    """An arm whose answers tell how likely they are right."""

    def __init__(self, answerer: Answerer, weighing: Weighing) -> None:
        self.name = answerer.name
        self.answerer = answerer
        self.weighing = weighing

    def answer(self, question: str) -> Answer:
        """See ``Answerer``."""
        return self.weighing.weighed(self.answerer.answer(question))

    def stream(self, question: str) -> Iterator[str | Answer]:
        """See ``Answerer``."""
        for piece in self.answerer.stream(question):
            yield self.weighing.weighed(piece) if isinstance(piece, Answer) else piece


class WeighedBatching(WeighedAnswerer):
    """The same of an arm that answers several questions faster together."""

    def __init__(self, answerer: Answerer, batching: Batching, weighing: Weighing) -> None:
        super().__init__(answerer, weighing)
        self.batching = batching

    def answer_each(self, questions: Sequence[str]) -> list[Answer]:
        """See ``Batching``."""
        return [self.weighing.weighed(a) for a in self.batching.answer_each(questions)]


def weighed(answerer: Answerer, weighing: Weighing) -> Answerer:
    """The arm with its answers weighed."""
    if isinstance(answerer, Batching):
        return WeighedBatching(answerer, answerer, weighing)
    return WeighedAnswerer(answerer, weighing)


def _logit(probability: float | None) -> float:
    if probability is None:
        return 0.0
    kept = min(0.999, max(0.001, probability))
    return math.log(kept / (1 - kept))
