"""What examples teach retrieval: how much words weigh, and a linear map on the question's vector.

The map is a query-side embedding adapter: passages keep their vectors, the index stays as it is. It is trained to bring a
question's vector nearer to the passages that answer it than to all others (softmax over the whole index), in seconds.
Everything is judged out of fold: on questions that the map being judged was not trained on. Knows nothing of answers.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.records import Example, Passage
from corpus.store import MANIFEST, read_json, whole_folder, write_json
from rag.retrieve import Candidates, Retriever, Tuning

if TYPE_CHECKING:
    import numpy

MINIMUM_QUESTIONS = 50
"""With fewer questions of known passages nothing is tuned."""
WORD_WEIGHTS = (0.0, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5)
_FOLDS = 5
_EPOCHS, _STEPS = 30, 300
"""At least so many of both."""
_BATCH = 64
_LEARNING_RATE = 1e-3
_DECAY = 0.03
_SHARPNESS = 20.0
_SHOWN = 10
_LARGE = 20_000_000
_MAP = "query_map.npy"


@dataclass(frozen=True)
class Tuned:
    """What was learned, what it is worth, and what retrieval returns for each question it was not trained on."""

    plain: Tuning
    """Without a map: for arms that are not fine-tuned."""
    mapped: Tuning
    questions: int
    mrr: Mapping[str, float]
    """Mean reciprocal rank of the right passages, out of fold: ``untuned``, ``plain``, ``mapped``."""
    out_of_fold: Mapping[str, tuple[Passage, ...]]
    """By example id, for the examples it was trained on; empty after ``load``."""

    def save(self, folder: Path) -> None:
        """Write it as a folder, whole or not at all, in the place of what was there."""
        import numpy

        with whole_folder(folder) as beside:
            if self.mapped.query_map is not None:
                numpy.save(beside / _MAP, self.mapped.query_map.astype(numpy.float32))
            weights = {"plain": self.plain.word_weight, "mapped": self.mapped.word_weight}
            write_json(beside / MANIFEST, {"word_weight": weights, "questions": self.questions, "mrr": dict(self.mrr)})


def load_tuning(folder: Path) -> tuple[Tuning, Tuning]:
    """The tunings without and with the map that were saved; both untuned where there are none."""
    if not (folder / MANIFEST).is_file():
        return Tuning(), Tuning()
    import numpy

    weights = read_json(folder / MANIFEST)["word_weight"]
    query_map = numpy.load(folder / _MAP) if (folder / _MAP).is_file() else None
    return Tuning(weights["plain"]), Tuning(weights["mapped"], query_map)


def tune(
    retriever: Retriever, examples: Sequence[Example], right: Mapping[str, Sequence[Passage]], seed: int = 0
) -> Tuned | None:
    """Learn from the examples with known right passages (``right``, by example id); None where these are too few."""
    import numpy

    known = [e for e in examples if right.get(e.id)]
    if len(known) < MINIMUM_QUESTIONS:
        return None
    passages = retriever.index.passages()
    place = {p.id: n for n, p in enumerate(passages)}
    wanted = [{place[p.id] for p in right[e.id]} for e in known]
    vectors = numpy.asarray(retriever.embedder.embed([e.question for e in known]))
    targets = retriever.index.vectors()
    plain = [retriever.candidates(e.question, v) for e, v in zip(known, vectors, strict=True)]
    mapped: list[Candidates] = [*plain]
    for held in _folds(len(known), seed):
        rest = [n for n in range(len(known)) if n not in held]
        fold_map = _query_map(vectors[rest], targets, [wanted[n] for n in rest], seed)
        of_fold = retriever.tuned(Tuning(1.0, fold_map))
        for n in held:
            mapped[n] = of_fold.candidates(known[n].question, vectors[n])
    weight, plain_mrr = _best_weight(plain, wanted)
    mapped_weight, mapped_mrr = _best_weight(mapped, wanted)
    helps = mapped_mrr > plain_mrr
    tuning = Tuning(mapped_weight, _query_map(vectors, targets, wanted, seed)) if helps else Tuning(weight)
    seen, of_weight = (mapped, mapped_weight) if helps else (plain, weight)
    shown = {
        e.id: tuple(passages[n] for n in _ranked(found, of_weight)[:_SHOWN])
        for e, found in zip(known, seen, strict=True)
    }
    mrr = {"untuned": _mrr(plain, wanted, 1.0), "plain": plain_mrr, "mapped": mapped_mrr}
    return Tuned(Tuning(weight), tuning, len(known), {k: round(v, 4) for k, v in mrr.items()}, shown)


def _folds(count: int, seed: int) -> list[set[int]]:
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return [set(order[n::_FOLDS]) for n in range(_FOLDS)]


def _ranked(found: Candidates, word_weight: float) -> list[int]:
    import numpy

    return [found.places[n] for n in numpy.argsort(-found.fused(word_weight), kind="stable")]


def _mrr(found: Sequence[Candidates], wanted: Sequence[set[int]], word_weight: float) -> float:
    total = 0.0
    for one, right in zip(found, wanted, strict=True):
        rank = {n: r for r, n in enumerate(_ranked(one, word_weight), 1)}
        total += sum(1 / rank[n] for n in right if n in rank) / len(right)
    return total / len(found)


def _best_weight(found: Sequence[Candidates], wanted: Sequence[set[int]]) -> tuple[float, float]:
    scores = {weight: _mrr(found, wanted, weight) for weight in WORD_WEIGHTS}
    best = max(scores, key=lambda weight: scores[weight])
    return best, scores[best]


def _query_map(
    questions: numpy.ndarray, passages: numpy.ndarray, wanted: Sequence[set[int]], seed: int
) -> numpy.ndarray:
    """The map for unit vectors ``(n, d)`` of questions and ``(m, d)`` of passages."""
    import torch

    torch.manual_seed(seed)
    threads = torch.get_num_threads()
    if len(questions) * len(passages) < _LARGE:
        torch.set_num_threads(1)  # products this small lose more by waiting for each other than they gain
    try:
        return _trained_map(questions, passages, wanted)
    finally:
        torch.set_num_threads(threads)


def _trained_map(questions: numpy.ndarray, passages: numpy.ndarray, wanted: Sequence[set[int]]) -> numpy.ndarray:
    import numpy
    import torch

    asked, targets = torch.tensor(questions), torch.tensor(passages)
    right = torch.zeros(len(asked), len(targets), dtype=torch.bool)
    for row, places in enumerate(wanted):
        right[row, sorted(places)] = True
    learned = torch.zeros(asked.shape[1], asked.shape[1], requires_grad=True)
    optimizer = torch.optim.Adam([learned], lr=_LEARNING_RATE)
    for _ in range(max(_EPOCHS, _STEPS * _BATCH // len(asked))):
        for rows in torch.randperm(len(asked)).split(_BATCH):
            mapped = torch.nn.functional.normalize(asked[rows] + asked[rows] @ learned, dim=-1)
            scores = mapped @ targets.T * _SHARPNESS
            of_right = scores.masked_fill(~right[rows], float("-inf"))
            loss = (scores.logsumexp(1) - of_right.logsumexp(1)).mean() + _DECAY * learned.pow(2).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return numpy.asarray(learned.detach().numpy())
