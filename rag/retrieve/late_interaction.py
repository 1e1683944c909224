"""Reranking by late interaction: each token of the question finds the token of a passage that is nearest to it.

The token vectors are the embedder's own; a map on the question's and how much each of its tokens counts are learned
from the examples (MaxSim as in ColBERT, Khattab and Zaharia 2020).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy
    import torch

RERANKED = 16
"""The best passages by vector and words, which are put in a new order."""
EARLIER = 8
"""The nearest earlier answers, which are put among them."""
_FILE = "late.npz"
_EPOCHS, _BATCH = 3, 16
_LEARNING_RATE = 1e-3
_DECAY = 0.1
_WEIGHT, _SHARPNESS = 30.0, 10.0


@dataclass(frozen=True)
class LateInteraction:
    """What was learned, for vectors of ``d`` numbers."""

    question_map: numpy.ndarray
    """``(d, d)``, added to the identity and applied to the question's token vectors."""
    importance: numpy.ndarray
    """``(d,)``: a token counts by the softmax of its product with it."""
    weight: float
    earlier: float = 0.0
    """Added to the score of an earlier answer, which competes with the passages."""

    def scores(self, question: numpy.ndarray, passages: Sequence[numpy.ndarray]) -> numpy.ndarray:
        """``(len(passages),)``, to be added to the fused score; token vectors are unit vectors ``(tokens, d)``."""
        import numpy

        asked = _mapped(question, self.question_map)
        drawn = numpy.exp(question @ self.importance * _SHARPNESS)
        counts = drawn / drawn.sum()
        nearest = [(asked @ p.T).max(axis=1) for p in passages]
        return self.weight * numpy.array([float(n @ counts) for n in nearest])

    def save(self, folder: Path) -> None:
        """Write it into an existing folder."""
        import numpy

        numpy.savez(folder / _FILE, **vars(self))


def load_late(folder: Path) -> LateInteraction | None:
    """What was saved, or None."""
    if not (folder / _FILE).is_file():
        return None
    import numpy

    with numpy.load(folder / _FILE) as kept:
        return LateInteraction(kept["question_map"], kept["importance"], float(kept["weight"]), float(kept["earlier"]))


def learn_late(
    questions: Sequence[numpy.ndarray],
    passages: Sequence[numpy.ndarray],
    candidates: Sequence[Sequence[int]],
    fused: Sequence[numpy.ndarray],
    right: Sequence[Collection[int]],
    documents: int,
    seed: int = 0,
) -> LateInteraction:
    """Learn to bring the right ones of each question's ``candidates`` before the others.

    ``questions`` and ``passages`` are token vectors, ``candidates`` and ``right`` places in ``passages``, ``fused`` the
    candidates' scores so far. From place ``documents`` on, ``passages`` are earlier answers. Questions without a right
    candidate teach nothing.
    """
    import torch

    torch.manual_seed(seed)
    read = _Padded([torch.from_numpy(p) for p in passages])
    net = _Learned(questions[0].shape[1])
    optimizer = torch.optim.Adam(net.all, lr=_LEARNING_RATE)
    useful = [n for n, these in enumerate(candidates) if not set(these).isdisjoint(right[n])]
    for _ in range(_EPOCHS):
        for rows in torch.randperm(len(useful)).split(_BATCH):
            batch = [useful[row] for row in rows.tolist()]
            shown = _stack([torch.tensor(candidates[n]) for n in batch], 0)
            so_far = _stack([torch.tensor(fused[n]).float() for n in batch], float("-inf"))
            wanted = _stack([torch.tensor([p in right[n] for p in candidates[n]]) for n in batch], False)
            asked = _Padded([torch.from_numpy(questions[n]) for n in batch])
            scores = so_far + net.scores(asked, read, shown) + net.bias(shown, documents)
            loss = (scores.logsumexp(1) - scores.masked_fill(~wanted, float("-inf")).logsumexp(1)).mean()
            optimizer.zero_grad()
            (loss + net.penalty()).backward()
            optimizer.step()
    return net.learned()


class _Padded:
    """Texts' token vectors as one tensor ``(texts, most tokens, d)`` with the places that hold none."""

    def __init__(self, texts: list[torch.Tensor]) -> None:
        import torch

        self.vectors = _stack(texts, 0.0)
        self.empty = torch.arange(self.vectors.shape[1])[None] >= torch.tensor([len(t) for t in texts])[:, None]


class _Learned:
    def __init__(self, dimension: int) -> None:
        import torch

        self.question_map = torch.zeros(dimension, dimension, requires_grad=True)
        self.importance = torch.zeros(dimension, requires_grad=True)
        self.weight = torch.tensor(1.0, requires_grad=True)  # in units of _WEIGHT
        self.earlier = torch.tensor(0.0, requires_grad=True)
        self.all = [self.question_map, self.importance, self.weight, self.earlier]

    def scores(self, asked: _Padded, passages: _Padded, shown: torch.Tensor) -> torch.Tensor:
        """``(questions, candidates)`` for ``shown``, the candidates' places in ``passages``."""
        import torch

        longest = int((~passages.empty[shown]).sum(-1).max())
        read = passages.vectors[shown, :longest].float()
        mapped = torch.nn.functional.normalize(asked.vectors + asked.vectors @ self.question_map, dim=-1)
        sims = torch.einsum("bqd,bkpd->bkqp", mapped, read)
        nearest = sims.masked_fill(passages.empty[shown, :longest][:, :, None], -1.0).amax(-1)
        counts = (asked.vectors @ self.importance * _SHARPNESS).masked_fill(asked.empty, float("-inf")).softmax(-1)
        return self.weight * _WEIGHT * torch.einsum("bkq,bq->bk", nearest, counts)

    def bias(self, shown: torch.Tensor, documents: int) -> torch.Tensor:
        """What is added to earlier answers, the places from ``documents`` on."""
        return self.earlier * _WEIGHT * (shown >= documents)

    def penalty(self) -> torch.Tensor:
        return _DECAY * (self.question_map.pow(2).sum() + 0.1 * self.importance.pow(2).sum())

    def learned(self) -> LateInteraction:
        question_map, importance, weight, earlier = (p.detach().numpy() for p in self.all)
        return LateInteraction(question_map, importance, float(weight) * _WEIGHT, float(earlier) * _WEIGHT)


def _stack(rows: list[torch.Tensor], value: float) -> torch.Tensor:
    import torch

    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)


def _mapped(vectors: numpy.ndarray, by: numpy.ndarray) -> numpy.ndarray:
    import numpy

    mapped = vectors + vectors @ by
    return numpy.asarray(mapped / numpy.linalg.norm(mapped, axis=1, keepdims=True))
