"""Earlier questions with their answers, shown to the tuned model beside the passages.

Only those whose evidence stands in the documents: an answer that a newer document overtook is not repeated; what that
document says instead stands in its place (``corpus.examples.restated``). An answer that rests on an earlier one cites that
evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.atomic_files import MANIFEST, read_json, whole_folder, write_json
from corpus.records import EarlierAnswer, Example, Passage
from corpus.text.match import says_the_same
from lm.engine_contract import Embedder

if TYPE_CHECKING:
    import numpy

_VECTORS = "vectors.npy"
_RECALL = 2.0
"""How much more a missed right answer costs than a wrong one shown (F-measure's beta): the model can ignore those."""


@dataclass(frozen=True)
class Earlier:
    """An earlier question: how the model is shown it, and the passages its answer rests on."""

    id: str
    shown: EarlierAnswer
    evidence: tuple[Passage, ...]


class Memory:
    """The examples whose right passages are known, by the vectors of their questions with answers, ``(n, d)``."""

    def __init__(
        self,
        examples: Sequence[Example],
        right: Mapping[str, Sequence[Passage]],
        vectors: numpy.ndarray,
        threshold: float = -1.0,
    ) -> None:
        self.threshold = threshold
        kept = [(n, e) for n, e in enumerate(examples) if e.answer and right.get(e.id)]
        self.entries = tuple(
            Earlier(e.id, EarlierAnswer(e.id, e.answer or "", e.question), tuple(right[e.id])) for _, e in kept
        )
        self.vectors = vectors[[n for n, _ in kept]]

    @classmethod
    def of(cls, examples: Sequence[Example], right: Mapping[str, Sequence[Passage]], embedder: Embedder) -> Memory:
        """Embed the examples and remember them, with the threshold at which an earlier answer is worth showing."""
        vectors = embedder.embed([f"{e.question} {e.answer or ''}".strip() for e in examples])
        memory = cls(examples, right, vectors)
        kept = {e.id for e in memory.entries}
        memory.threshold = memory._worthwhile(embedder.embed([e.question for e in examples if e.id in kept]))
        return memory

    def _worthwhile(self, questions: numpy.ndarray) -> float:
        """The cosine that best tells right nearest answers from wrong ones, each question left out in its turn."""
        import numpy

        if len(self.entries) < 2:
            return -1.0
        cosines = questions @ self.vectors.T
        numpy.fill_diagonal(cosines, -1.0)
        nearest = cosines.argmax(axis=1)
        alike = [
            says_the_same(self.entries[n].shown.text, [e.shown.text])
            for e, n in zip(self.entries, nearest, strict=True)
        ]
        order = numpy.argsort(-cosines.max(axis=1), kind="stable")
        right = numpy.cumsum(numpy.array(alike, dtype=float)[order])
        shown = numpy.arange(1, len(order) + 1)
        score = (1 + _RECALL**2) * right / (shown + _RECALL**2 * max(1.0, right[-1]))
        return float(cosines.max(axis=1)[order[int(score.argmax())]]) if right[-1] else 1.0

    def save(self, folder: Path) -> None:
        """Write the vectors and what they belong to as a folder, whole or not at all, in the place of what was there."""
        import numpy

        with whole_folder(folder) as beside:
            numpy.save(beside / _VECTORS, self.vectors)
            rows = [[e.id, e.shown.question, e.shown.text, [p.id for p in e.evidence]] for e in self.entries]
            write_json(beside / MANIFEST, {"threshold": self.threshold, "entries": rows})

    def without(self, ids: Collection[str]) -> Memory:
        """The same without these earlier questions."""
        kept = [n for n, e in enumerate(self.entries) if e.id not in ids]
        memory = copy(self)
        memory.entries = tuple(self.entries[n] for n in kept)
        memory.vectors = self.vectors[kept]
        return memory

    def near(self, vector: numpy.ndarray, k: int, but: Collection[str] = ()) -> list[tuple[Earlier, float]]:
        """The ``k`` nearest entries with their cosines, however far they are."""
        import numpy

        if not self.entries or not k:
            return []
        cosines = self.vectors @ vector
        order = numpy.argsort(-cosines, kind="stable")[: k + len(but)]
        return [(self.entries[i], float(cosines[i])) for i in order if self.entries[i].id not in but][:k]


def load_memory(folder: Path, passages: Sequence[Passage]) -> Memory | None:
    """What was saved, less the entries whose evidence no longer stands among ``passages``; None where nothing was."""
    if not (folder / MANIFEST).is_file():
        return None
    import numpy

    by_id = {p.id: p for p in passages}
    manifest = read_json(folder / MANIFEST)
    rows = manifest["entries"]
    examples = [Example(i, question, answer) for i, question, answer, _ in rows]
    right = {i: [by_id[p] for p in ids] for i, _, _, ids in rows if all(p in by_id for p in ids)}
    return Memory(examples, right, numpy.load(folder / _VECTORS), manifest["threshold"])
