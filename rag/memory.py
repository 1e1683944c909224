"""Earlier questions with their answers, shown to the tuned model beside the passages.

Only those whose evidence still stands in the documents: an answer that a newer document overtook is not repeated. An
answer that rests on an earlier one cites that evidence. Knows nothing of models beyond the embedder.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.records import Example, Passage
from corpus.store import MANIFEST, read_json, whole_folder, write_json
from lm.engine import Embedder

if TYPE_CHECKING:
    import numpy

ASKED_BEFORE = "Asked before"
_VECTORS = "vectors.npy"


@dataclass(frozen=True)
class Earlier:
    """An earlier question: how the model is shown it, and the passages its answer rests on."""

    id: str
    shown: Passage
    evidence: tuple[Passage, ...]


class Memory:
    """The examples whose right passages are known, by the vectors of their questions with answers, ``(n, d)``."""

    def __init__(
        self, examples: Sequence[Example], right: Mapping[str, Sequence[Passage]], vectors: numpy.ndarray
    ) -> None:
        kept = [(n, e) for n, e in enumerate(examples) if e.answer and right.get(e.id)]
        self.entries = tuple(
            Earlier(e.id, Passage(e.id, e.answer or "", "", ASKED_BEFORE, e.question), tuple(right[e.id]))
            for _, e in kept
        )
        self.vectors = vectors[[n for n, _ in kept]]

    @classmethod
    def of(cls, examples: Sequence[Example], right: Mapping[str, Sequence[Passage]], embedder: Embedder) -> Memory:
        """Embed the examples and remember them."""
        return cls(examples, right, embedder.embed([f"{e.question} {e.answer or ''}".strip() for e in examples]))

    def save(self, folder: Path) -> None:
        """Write the vectors and what they belong to as a folder, whole or not at all, in the place of what was there."""
        import numpy

        shutil.rmtree(folder, ignore_errors=True)
        with whole_folder(folder) as beside:
            numpy.save(beside / _VECTORS, self.vectors)
            rows = [[e.id, e.shown.heading, e.shown.text, [p.id for p in e.evidence]] for e in self.entries]
            write_json(beside / MANIFEST, {"entries": rows})

    def nearest(self, vector: numpy.ndarray, k: int, but: Collection[str] = ()) -> tuple[Earlier, ...]:
        """The ``k`` entries nearest to a question's unit vector, nearest first, without those named in ``but``."""
        import numpy

        if not self.entries or not k:
            return ()
        order = numpy.argsort(-(self.vectors @ vector), kind="stable")
        near = (self.entries[i] for i in order[: k + len(but)])
        return tuple(e for e in near if e.id not in but)[:k]


def load_memory(folder: Path, passages: Sequence[Passage]) -> Memory | None:
    """What was saved, less the entries whose evidence no longer stands among ``passages``; None where nothing was."""
    if not (folder / MANIFEST).is_file():
        return None
    import numpy

    by_id = {p.id: p for p in passages}
    rows = read_json(folder / MANIFEST)["entries"]
    examples = [Example(i, question, answer) for i, question, answer, _ in rows]
    right = {i: [by_id[p] for p in ids] for i, _, _, ids in rows if all(p in by_id for p in ids)}
    return Memory(examples, right, numpy.load(folder / _VECTORS))
