"""The baseline ``lookup``: the stored answer of the nearest training example.

Where the answers repeat, which of them a question gets may be learned instead (see ``rag.answer.answer_classes``).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from corpus.atomic_files import MANIFEST, read_json, whole_folder, write_json
from corpus.errors import InputError
from corpus.fingerprint import fingerprint
from corpus.records import Example
from corpus.text.refusal import REFUSAL, is_refusal
from lm.answerer import Answer, checked_question
from lm.engine_contract import Embedder
from rag.answer.answer_classes import CLASSES, Classifier, Neighbours, Regression, learn_classes, repeating_answers

if TYPE_CHECKING:
    import numpy

_ARRAYS = "arrays.npz"


class _Arrays(TypedDict, total=False):
    """The arrays that are kept. The weights and biases are those of a regression."""

    vectors: numpy.ndarray
    weights: numpy.ndarray
    biases: numpy.ndarray


@dataclass(frozen=True)
class Learned:
    """Which answer a question gets: ``answers`` by class (None: it is not known)."""

    answers: tuple[str | None, ...]
    classifier: Classifier


class LookupAnswerer:
    """Answers with the training answer whose question is nearest by cosine, or with the one that was learned.

    The examples are embedded, and learned from, at first use, unless ``folder`` holds what ``keep`` wrote of the same ones.
    """

    name = "lookup"

    def __init__(
        self, embedder: Embedder, examples: Sequence[Example], folder: Path | None = None, seed: int = 0
    ) -> None:
        self.embedder = embedder
        self.examples = tuple(examples)
        self.folder = folder
        self.seed = seed

    @cached_property
    def learned(self) -> Learned | None:
        """What was learned where the answers repeat; None: the nearest example's answer is given."""
        classes = repeating_answers(self.examples)
        if classes is None:
            return None
        if self._kept:
            return self._kept[1]
        named = self.embedder.embed([answer or REFUSAL for answer in classes.answers])
        classifier = learn_classes(self._vectors, classes.labels, named, self.seed)
        return Learned(classes.answers, classifier) if classifier else None

    def nearest(self, question: str) -> tuple[Example, float]:
        """The training example whose question is nearest, and the cosine. Raises ``InputError`` without examples."""
        return self._nearest(self._embedded([question])[0])

    def answer(self, question: str) -> Answer:
        """See ``Answerer``; ``confidence`` is the cosine, never below 0; of what was learned it is ``right``."""
        return self.answer_each([question])[0]

    def answer_each(self, questions: Sequence[str]) -> list[Answer]:
        """See ``Batching``."""
        start = time.perf_counter()
        checked = [checked_question(q) for q in questions]
        vectors = self._embedded(checked)
        answers = self._chosen(vectors) if self.learned else [self._stored(v) for v in vectors]
        seconds = (time.perf_counter() - start) / max(1, len(checked))
        return [
            Answer(
                question=question,
                text=text or REFUSAL,
                arm=self.name,
                abstained=text is None or is_refusal(text),
                confidence=confidence,
                right=confidence if self.learned else None,
                retrieve_s=seconds,
            )
            for question, (text, confidence) in zip(checked, answers, strict=True)
        ]

    def stream(self, question: str) -> Iterator[str | Answer]:
        """See ``Answerer``: the whole text at once."""
        answer = self.answer(question)
        yield answer.text
        yield answer

    def without(self, ids: Collection[str]) -> LookupAnswerer:
        """The same as if these examples had never been seen."""
        rows = [n for n, e in enumerate(self.examples) if e.id not in ids]
        arm = LookupAnswerer(self.embedder, [self.examples[n] for n in rows], seed=self.seed)
        arm.__dict__["_vectors"] = self._vectors[rows]
        return arm

    def keep(self) -> None:
        """Write what was learned into ``folder``, whole or not at all; remove what is there where nothing was."""
        if self.folder is None or self._kept:
            return
        if not (learned := self.learned):
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        import numpy

        way = learned.classifier.way
        arrays: _Arrays = {"vectors": self._vectors}
        if isinstance(way, Regression):
            arrays |= {"weights": way.weights, "biases": way.biases}
        classifier = {n: getattr(learned.classifier, n) for n in ("slope", "bias", "accuracy", "nearest_accuracy")}
        with whole_folder(self.folder) as beside:
            numpy.savez(beside / _ARRAYS, **arrays)
            count = way.count if isinstance(way, Neighbours) else 0
            manifest = {"made_of": self._made_of, "answers": learned.answers, "neighbours": count}
            write_json(beside / MANIFEST, manifest | {"classifier": classifier})

    @cached_property
    def _vectors(self) -> numpy.ndarray:
        return self._kept[0] if self._kept else self.embedder.embed([e.question for e in self.examples])

    @cached_property
    def _kept(self) -> tuple[numpy.ndarray, Learned] | None:
        """The examples' vectors and what was learned, as kept of the same examples."""
        if self.folder is None or not (self.folder / MANIFEST).is_file():
            return None
        manifest = read_json(self.folder / MANIFEST)
        classes = repeating_answers(self.examples)
        if manifest["made_of"] != self._made_of or classes is None:
            return None
        import numpy

        with numpy.load(self.folder / _ARRAYS) as kept:
            vectors, count = kept["vectors"], manifest["neighbours"]
            way: Neighbours | Regression = (
                Neighbours(vectors, classes.labels, len(classes.answers), count)
                if count
                else Regression(kept["weights"], kept["biases"])
            )
        return vectors, Learned(tuple(manifest["answers"]), Classifier(way, **manifest["classifier"]))

    @property
    def _made_of(self) -> str:
        return fingerprint(self.examples, (), self.embedder.name, self.seed, CLASSES)

    def _embedded(self, questions: Sequence[str]) -> numpy.ndarray:
        if not self.examples:
            raise InputError("there are no training examples to look up", mend="name an examples file in the project")
        return self.embedder.embed(questions)

    def _nearest(self, vector: numpy.ndarray) -> tuple[Example, float]:
        scores = self._vectors @ vector
        best = int(scores.argmax())
        return self.examples[best], float(scores[best])

    def _stored(self, vector: numpy.ndarray) -> tuple[str | None, float]:
        example, cosine = self._nearest(vector)
        return example.answer, max(0.0, min(1.0, cosine))

    def _chosen(self, vectors: numpy.ndarray) -> list[tuple[str | None, float]]:
        if not self.learned:
            return []
        places, sure = self.learned.classifier.choose(vectors)
        return [(self.learned.answers[int(n)], round(float(p), 4)) for n, p in zip(places, sure, strict=True)]
