"""Do the documents answer a question? A probability from signs, learned from the project's own questions.

Two things are known of a question: how near the documents come to it (signs of retrieval, learned from questions with their
own documents and the same ones without these), and whether questions like it had answers (its vector, and the nearest earlier
questions), where enough earlier questions are known to have none. A logistic regression joins both, from answerable questions
against unanswerable ones and, counted as often as these, answerable ones without their documents. All of it is learned out
of fold, as are the probabilities from which thresholds follow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from corpus.atomic_files import MANIFEST, read_json, whole_folder, write_json

if TYPE_CHECKING:
    import numpy

MINIMUM = 30
"""With fewer questions of either sort nothing is learned from them."""
ANSWERABILITY = 1
"""Raised where it learns differently."""
_FOLDS = 5
_NEIGHBOURS, _SHARPNESS = 20, 20.0
_VECTORS = "questions.npz"


class _LogisticJson(TypedDict):
    weights: list[float]
    bias: float


class _Manifest(TypedDict):
    """What is saved of an ``Answerability`` beside the arrays."""

    names: list[str]
    made_of: str
    answerable: list[float]
    documents: _LogisticJson
    joined: _LogisticJson


@dataclass(frozen=True)
class Logistic:
    """A logistic regression: weights and bias for numbers as they come."""

    weights: numpy.ndarray
    bias: float

    def logit(self, values: numpy.ndarray) -> numpy.ndarray:
        """``(n,)`` for ``(n, features)``, or one number for one row."""
        import numpy

        return numpy.asarray(values @ self.weights + self.bias)


@dataclass(frozen=True)
class Earlier:
    """Earlier questions as unit vectors ``(n, d)``, which of them have an answer, and what their vectors tell."""

    vectors: numpy.ndarray
    answerable: numpy.ndarray
    topic: Logistic

    def neighbours(self, vector: numpy.ndarray, but: int | None = None) -> float:
        """The share of answerable ones among the nearest, weighted by nearness; ``but``: the place of the question itself."""
        import numpy

        cosines = self.vectors @ vector
        if but is not None:
            cosines[but] = -1.0
        near = numpy.argsort(-cosines, kind="stable")[:_NEIGHBOURS]
        weights = numpy.exp(_SHARPNESS * (cosines[near] - cosines[near[0]]))
        return float(weights @ self.answerable[near] / weights.sum())


@dataclass(frozen=True)
class Answerability:
    """What was learned. ``joined`` reads the logit of ``documents`` and, with ``earlier``, of the topic and the neighbours."""

    names: tuple[str, ...]
    documents: Logistic
    earlier: Earlier | None
    joined: Logistic
    answerable: numpy.ndarray
    """The probabilities of the answerable questions, out of fold, ascending: what thresholds follow from."""

    def probability(self, signs: Mapping[str, float], vector: numpy.ndarray) -> float:
        """That the documents answer the question with these signs and this unit vector, 0 to 1."""
        import numpy

        read = [float(self.documents.logit(numpy.array([signs[n] for n in self.names])))]
        if self.earlier:
            read += [float(self.earlier.topic.logit(vector)), self.earlier.neighbours(vector)]
        return probability_of(float(self.joined.logit(numpy.array(read))))

    def save(self, folder: Path, made_of: str = "") -> None:
        """Write it as a folder, whole or not at all."""
        import numpy

        with whole_folder(folder) as beside:
            if self.earlier:
                numpy.savez(
                    beside / _VECTORS,
                    vectors=self.earlier.vectors.astype(numpy.float16),
                    answerable=self.earlier.answerable,
                    weights=self.earlier.topic.weights,
                    bias=self.earlier.topic.bias,
                )
            manifest: _Manifest = {
                "names": list(self.names),
                "made_of": made_of,
                "answerable": [round(float(p), 6) for p in self.answerable],
                "documents": _plain(self.documents),
                "joined": _plain(self.joined),
            }
            write_json(beside / MANIFEST, manifest)


def load_answerability(folder: Path, made_of: str | None = None) -> Answerability | None:
    """What was saved (with ``made_of``: only if made of the same); None where there is nothing."""
    if not (folder / MANIFEST).is_file():
        return None
    import numpy

    manifest: _Manifest = read_json(folder / MANIFEST)
    if made_of is not None and manifest["made_of"] != made_of:
        return None
    earlier = None
    if (folder / _VECTORS).is_file():
        with numpy.load(folder / _VECTORS) as kept:
            topic = Logistic(kept["weights"], float(kept["bias"]))
            earlier = Earlier(kept["vectors"].astype(numpy.float32), kept["answerable"], topic)
    documents, joined = (
        Logistic(numpy.array(one["weights"]), one["bias"]) for one in (manifest["documents"], manifest["joined"])
    )
    return Answerability(tuple(manifest["names"]), documents, earlier, joined, numpy.array(manifest["answerable"]))


def learn_answerability(
    vectors: numpy.ndarray,
    answerable: Sequence[bool],
    signs: Sequence[Mapping[str, float]],
    without: Sequence[Mapping[str, float] | None],
    seed: int = 0,
) -> Answerability | None:
    """Learn from questions with unit vectors ``(n, d)`` and their signs; None where too few have known documents.

    ``without``: the signs of the same question where its own documents are taken for absent; None where it has none.
    """
    import numpy

    truth = numpy.array(answerable, dtype=bool)
    removed = numpy.array([n for n, w in enumerate(without) if w is not None and truth[n]], dtype=int)
    if len(removed) < MINIMUM:
        return None
    names = tuple(signs[0])
    here = numpy.array([[s[n] for n in names] for s in signs])
    gone = numpy.array([[(w or s)[n] for n in names] for w, s in zip(without, signs, strict=True)])
    parts = folds(truth, seed)
    documents, seen, missed = _documents(here, gone, removed, parts)
    if min(truth.sum(), (~truth).sum()) < MINIMUM:
        earlier, asked, weight = None, removed, 1.0
        read, lost = seen[:, None], missed[:, None]
    else:
        earlier, asked, weight = (
            _earlier(vectors, truth),
            numpy.arange(len(truth)),
            float((~truth).sum()) / len(removed),
        )
        topics = _out_of_fold_topics(vectors, truth, parts)
        near = numpy.array([earlier.neighbours(v, n) for n, v in enumerate(vectors)])
        read, lost = (numpy.stack([of, topics, near], axis=1) for of in (seen, missed))
    labels = numpy.concatenate([truth[asked], numpy.zeros(len(removed), dtype=bool)])
    counts = numpy.concatenate([numpy.ones(len(asked)), numpy.full(len(removed), weight)])
    joined = fit(numpy.concatenate([read[asked], lost[removed]]), labels, counts)
    known = [probability_of(float(x)) for x in numpy.sort(joined.logit(read[asked][truth[asked]]))]
    return Answerability(names, documents, earlier, joined, numpy.array(known))


def _documents(
    here: numpy.ndarray, gone: numpy.ndarray, removed: numpy.ndarray, parts: Sequence[numpy.ndarray]
) -> tuple[Logistic, numpy.ndarray, numpy.ndarray]:
    """What tells questions with their documents from the same ones without, and both logits of each question out of fold."""
    import numpy

    def of(rows: numpy.ndarray) -> Logistic:
        return fit(numpy.concatenate([here[rows], gone[rows]]), numpy.repeat([True, False], len(rows)))

    seen, missed = numpy.zeros(len(here)), numpy.zeros(len(here))
    for held in parts:
        of_fold = of(numpy.setdiff1d(removed, held))
        seen[held], missed[held] = of_fold.logit(here[held]), of_fold.logit(gone[held])
    return of(removed), seen, missed


def _earlier(vectors: numpy.ndarray, truth: numpy.ndarray) -> Earlier:
    return Earlier(vectors, truth, fit(vectors, truth, scaled=False))


def _out_of_fold_topics(vectors: numpy.ndarray, truth: numpy.ndarray, parts: Sequence[numpy.ndarray]) -> numpy.ndarray:
    import numpy

    topics = numpy.zeros(len(truth))
    for held in parts:
        rest = numpy.setdiff1d(numpy.arange(len(truth)), held)
        topics[held] = fit(vectors[rest], truth[rest], scaled=False).logit(vectors[held])
    return topics


def fit(
    values: numpy.ndarray,
    labels: numpy.ndarray,
    counts: numpy.ndarray | None = None,
    scaled: bool = True,
    strength: float = 1.0,
) -> Logistic:
    """A logistic regression of ``labels``, ``(n,)``, on ``values``, ``(n, features)``, as they come.

    ``counts``: how much each row counts. Not ``scaled``: unit vectors, of one scale already, both labels alike in weight.
    ``strength``: the inverse of the penalty; towards 0 only the share of ``labels`` is left.
    """
    import numpy
    from sklearn.linear_model import LogisticRegression

    mean, spread = (values.mean(axis=0), values.std(axis=0)) if scaled else (numpy.zeros(1), numpy.ones(1))
    spread = spread + (spread == 0)
    regression = LogisticRegression(C=strength, max_iter=2000, class_weight=None if scaled else "balanced")
    regression.fit((values - mean) / spread, labels, sample_weight=counts)
    weights = regression.coef_[0] / spread
    return Logistic(weights, float(regression.intercept_[0] - (weights * mean).sum()))


def folds(truth: numpy.ndarray, seed: int) -> list[numpy.ndarray]:
    """Places in five folds, each with its share of both sorts."""
    import numpy

    order = numpy.random.default_rng(seed).permutation(len(truth))
    order = order[numpy.argsort(truth[order], kind="stable")]
    return [numpy.sort(order[at::_FOLDS]) for at in range(_FOLDS)]


def probability_of(logit: float) -> float:
    """The logistic function."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit))))


def _plain(learned: Logistic) -> _LogisticJson:
    return {"weights": [float(w) for w in learned.weights], "bias": learned.bias}
