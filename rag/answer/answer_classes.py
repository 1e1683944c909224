"""Which of a project's few answers a question gets, learned from examples whose answers repeat: intents, labels, yes and no.

The simple way is the answer of the nearest example. The nearest ones with weights, and a multinomial logistic regression on
the questions' vectors, take its place only where cross-validation on the examples puts one of them clearly ahead. The
probability of a choice is that of being right, learned out of fold (Platt 1999).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from corpus.examples.labels import labels, meaning
from corpus.records import Example

if TYPE_CHECKING:
    import numpy

CLASSES = 1
"""Raised where it learns differently."""
CLEARLY = 1.64
"""Standard errors of the paired difference by which a learned way must be ahead: 5 %, one-sided."""
_FOLDS = 5
_TESTED = 2000
"""Examples that are asked out of fold, at most: of many, fewer folds tell as much."""
_NEIGHBOURS, _SHARPNESS = 10, 20.0
_PENALTIES = (0.3, 3.0, 30.0)
"""Inverse strengths of the regression's penalty, tried out of fold: unit vectors of many classes need a weak one."""

_FLOOR = 1e-4
"""Of a probability: neighbours give most classes none."""
_BOLDNESS = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
"""Inverse temperatures at which ways are held against one another."""


@dataclass(frozen=True)
class Classes:
    """The distinct answers of examples, and which of them each example has."""

    answers: tuple[str | None, ...]
    """As most of the examples spell each; None: it is not known."""
    labels: numpy.ndarray
    """``(n,)``: for each example the place of its answer."""


class Way(Protocol):
    """A way from questions to answers."""

    def probabilities(self, vectors: numpy.ndarray) -> numpy.ndarray:
        """``(n, classes)``, each row of sum 1, for unit vectors ``(n, d)``."""
        ...


@dataclass(frozen=True)
class Neighbours:
    """The classes of the ``count`` nearest examples, weighted by nearness. ``vectors``: ``(n, d)``; ``labels``: ``(n,)``."""

    vectors: numpy.ndarray
    labels: numpy.ndarray
    classes: int
    count: int

    def probabilities(self, vectors: numpy.ndarray) -> numpy.ndarray:
        """See ``Way``."""
        import numpy

        cosines = vectors @ self.vectors.T
        near = numpy.argsort(-cosines, axis=1, kind="stable")[:, : self.count]
        close = numpy.take_along_axis(cosines, near, axis=1)
        weights = numpy.exp(_SHARPNESS * (close - close[:, :1]))
        shares = numpy.zeros((len(vectors), self.classes))
        numpy.add.at(shares, (numpy.arange(len(vectors))[:, None], self.labels[near]), weights)
        return numpy.asarray(shares / shares.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Regression:
    """A multinomial logistic regression: ``weights`` ``(classes, d)`` and ``biases`` ``(classes,)``."""

    weights: numpy.ndarray
    biases: numpy.ndarray

    def probabilities(self, vectors: numpy.ndarray) -> numpy.ndarray:
        """See ``Way``."""
        import numpy

        logits = vectors @ self.weights.T + self.biases
        shares = numpy.exp(logits - logits.max(axis=1, keepdims=True))
        return numpy.asarray(shares / shares.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Classifier:
    """A way that was learned, how sure it is, and the shares of right answers out of fold: its own and the nearest one's."""

    way: Neighbours | Regression
    slope: float
    bias: float
    """Of the logit of being right on that of the likeliest class."""
    accuracy: float
    nearest_accuracy: float

    def choose(self, vectors: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        """The likeliest classes for unit vectors ``(n, d)``, ``(n,)``, and the probabilities that they are right, ``(n,)``."""
        import numpy

        probabilities = self.way.probabilities(vectors)
        sure = self.slope * _logit(probabilities.max(axis=1)) + self.bias
        return probabilities.argmax(axis=1), 1 / (1 + numpy.exp(-sure))


def repeating_answers(examples: Sequence[Example]) -> Classes | None:
    """The classes that the examples' answers make; None where the answers do not repeat or too few examples are there."""
    if not labels(examples):
        return None
    import numpy

    meant = {a: meaning(a) for a in {e.answer for e in examples}}
    said = [meant[e.answer] for e in examples]
    counts = Counter(said)
    spelt: dict[str | None, Counter[str]] = {answer: Counter() for answer in counts}
    for answer, e in zip(said, examples, strict=True):
        spelt[answer][e.answer or ""] += 1
    place = {answer: n for n, answer in enumerate(spelt)}
    answers = tuple(None if answer is None else of.most_common(1)[0][0] for answer, of in spelt.items())
    return Classes(answers, numpy.array([place[answer] for answer in said]))


def learn_classes(
    vectors: numpy.ndarray, labels: numpy.ndarray, named: numpy.ndarray, seed: int = 0
) -> Classifier | None:
    """Learn from unit vectors ``(n, d)`` and their classes ``(n,)``; None where nothing is clearly ahead of the nearest one.

    ``named``: the vectors of the answers themselves, ``(classes, d)``. An answer often says what is asked: the regression
    has each as one more example.
    """
    import numpy

    def neighbours(rows: numpy.ndarray, count: int) -> Neighbours:
        return Neighbours(vectors[rows], labels[rows], len(named), count)

    def regression(rows: numpy.ndarray, penalty: float) -> Regression:
        known = numpy.concatenate([labels[rows], numpy.arange(len(named))])
        return _regression(numpy.concatenate([vectors[rows], named]), known, penalty)

    def predicted(make: Callable[[numpy.ndarray], Way]) -> numpy.ndarray:
        kept = []
        for held in parts:
            rest = numpy.setdiff1d(numpy.arange(len(labels)), held)
            kept.append(make(rest).probabilities(vectors[held]))
        return numpy.concatenate(kept)

    def right(of: numpy.ndarray) -> numpy.ndarray:
        return numpy.asarray(of.argmax(axis=1) == asked, dtype=float)

    parts = _parts(labels, seed)
    asked = labels[numpy.concatenate(parts)]
    ways: list[Callable[[numpy.ndarray], Neighbours | Regression]] = [lambda rows: neighbours(rows, _NEIGHBOURS)]
    ways += [lambda rows, p=penalty: regression(rows, p) for penalty in _PENALTIES]  # type: ignore[misc]
    out_of_fold = [predicted(way) for way in ways]
    best = max(range(len(ways)), key=lambda n: _likelihood(out_of_fold[n], asked))
    one, simple = right(out_of_fold[best]), right(predicted(lambda rows: neighbours(rows, 1)))
    gaps = one - simple
    if gaps.mean() <= CLEARLY * gaps.std() / len(gaps) ** 0.5:
        return None
    slope, bias = _certainty(out_of_fold[best].max(axis=1), one)
    way = ways[best](numpy.arange(len(labels)))
    return Classifier(way, slope, bias, round(float(one.mean()), 4), round(float(simple.mean()), 4))


def _likelihood(probabilities: numpy.ndarray, truth: numpy.ndarray) -> float:
    """Mean log-likelihood of the true classes at the best temperature: how well, not how boldly, a way tells them."""
    import numpy

    logs = numpy.log(probabilities + _FLOOR)
    scaled = (logs * boldness for boldness in _BOLDNESS)
    return max(float((s[numpy.arange(len(s)), truth] - numpy.log(numpy.exp(s).sum(axis=1))).mean()) for s in scaled)


def _parts(labels: numpy.ndarray, seed: int) -> list[numpy.ndarray]:
    """Places in five folds, each with its share of every class; of many examples only as many folds as are asked."""
    import numpy

    order = numpy.random.default_rng(seed).permutation(len(labels))
    order = order[numpy.argsort(labels[order], kind="stable")]
    wanted = max(1, min(_FOLDS, round(_TESTED * _FOLDS / len(labels))))
    return [order[at::_FOLDS] for at in range(wanted)]


def _regression(vectors: numpy.ndarray, labels: numpy.ndarray, penalty: float) -> Regression:
    """Of classes that are all among ``labels``."""
    import numpy
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(C=penalty, max_iter=1000).fit(vectors.astype(numpy.float32), labels)
    weights, biases = regression.coef_, regression.intercept_
    if len(weights) == 1:  # of two classes the second is told alone
        weights, biases = (numpy.concatenate([numpy.zeros_like(of), of]) for of in (weights, biases))
    return Regression(weights.astype(numpy.float32), biases.astype(numpy.float32))


def _certainty(likeliest: numpy.ndarray, right: numpy.ndarray) -> tuple[float, float]:
    """Slope, never below 0, and bias of being right on the logit of the likeliest class."""
    import math

    from sklearn.linear_model import LogisticRegression

    if 0 < right.mean() < 1:
        calibration = LogisticRegression().fit(_logit(likeliest)[:, None], right)
        if calibration.coef_[0, 0] > 0:
            return float(calibration.coef_[0, 0]), float(calibration.intercept_[0])
    share = (right.sum() + 1) / (len(right) + 2)
    return 0.0, math.log(share / (1 - share))


def _logit(shares: numpy.ndarray) -> numpy.ndarray:
    import numpy

    kept = numpy.clip(shares, 1e-6, 1 - 1e-6)
    return numpy.asarray(numpy.log(kept / (1 - kept)))
