"""What examples teach retrieval: how much words weigh, a linear map on the question's vector, a reranking by tokens.

The map is a query-side embedding adapter: passages keep their vectors, the index stays as it is. It is trained to bring a
question's vector nearer to the passages that answer it than to all others (softmax over the whole index), in seconds.
Everything is judged out of fold: on questions that the map being judged was not trained on.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.atomic_files import MANIFEST, read_json, whole_folder, write_json
from corpus.cancellation import stop_if_cancelled
from corpus.records import Example, Passage, ShownText
from corpus.text.match import says_the_same
from rag.index.write_index import embedded_text
from rag.retrieve.earlier_answers import Memory
from rag.retrieve.late_interaction import EARLIER, RERANKED, LateInteraction, learn_late, load_late
from rag.retrieve.retrieve import Candidates, Retriever, Tuning

if TYPE_CHECKING:
    import numpy

MINIMUM_QUESTIONS = 50
"""With fewer questions of known passages nothing is tuned."""
TUNING = 7
"""Raised where retrieval or memory learn differently: what was learned otherwise is then learned anew."""
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
_MOST_RERANKED = 1000
"""Questions that reranking is learned from, for the memory's sake."""
_MAP, _RANKED = "query_map.npy", "out_of_fold.json"


@dataclass(frozen=True)
class Tuned:
    """What was learned, what it is worth, and what retrieval returns for each question it was not trained on."""

    plain: Tuning
    """Without a map: for arms that are not fine-tuned."""
    mapped: Tuning
    questions: int
    mrr: Mapping[str, float]
    """Mean reciprocal rank of the right passages, out of fold: ``untuned``, ``plain``, ``mapped``, ``reranked``."""
    out_of_fold: Mapping[str, tuple[ShownText, ...]]
    """By example id, for the examples it was trained on."""

    def save(self, folder: Path, made_of: str = "") -> None:
        """Write it as a folder, whole or not at all, in the place of what was there; ``made_of``: its fingerprint."""
        import numpy

        with whole_folder(folder) as beside:
            if self.mapped.query_map is not None:
                numpy.save(beside / _MAP, self.mapped.query_map.astype(numpy.float32))
            if self.mapped.late is not None:
                self.mapped.late.save(beside)
            weights = {"plain": self.plain.word_weight, "mapped": self.mapped.word_weight}
            write_json(beside / _RANKED, {i: [p.id for p in texts] for i, texts in self.out_of_fold.items()})
            manifest = {"made_of": made_of, "word_weight": weights, "questions": self.questions, "mrr": dict(self.mrr)}
            write_json(beside / MANIFEST, manifest)


def load_tuning(folder: Path) -> tuple[Tuning, Tuning]:
    """The tunings without and with the map that were saved; both untuned where there are none."""
    if not (folder / MANIFEST).is_file():
        return Tuning(), Tuning()
    import numpy

    weights = read_json(folder / MANIFEST)["word_weight"]
    query_map = numpy.load(folder / _MAP) if (folder / _MAP).is_file() else None
    return Tuning(weights["plain"]), Tuning(weights["mapped"], query_map, load_late(folder))


def load_tuned(folder: Path, passages: Sequence[Passage], memory: Memory | None, made_of: str) -> Tuned | None:
    """All that was saved, if it was made of the same; else None."""
    if not (folder / MANIFEST).is_file() or read_json(folder / MANIFEST).get("made_of") != made_of or memory is None:
        return None
    manifest = read_json(folder / MANIFEST)
    texts: tuple[ShownText, ...] = (*passages, *(e.shown for e in memory.entries))
    by_id = {t.id: t for t in texts}
    ranked = {i: tuple(by_id[p] for p in ids) for i, ids in read_json(folder / _RANKED).items()}
    return Tuned(*load_tuning(folder), manifest["questions"], manifest["mrr"], ranked)


def tune(
    retriever: Retriever,
    examples: Sequence[Example],
    right: Mapping[str, Sequence[Passage]],
    memory: Memory | None = None,
    seed: int = 0,
) -> Tuned | None:
    """Learn from the examples with known right passages (``right``, by example id); None where these are too few.

    With a ``memory`` the reranking also learns where among the passages an earlier answer belongs.
    """
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
    query_map = _query_map(vectors, targets, wanted, seed) if helps else None
    of_weight, seen = (mapped_weight, mapped) if helps else (weight, plain)
    shelf = _Shelf(retriever, memory, known, vectors, seen, of_weight)
    late, ranked = shelf.reranked(wanted, seed)
    reranked_mrr = _mrr([[n for n in r if n < len(passages)] for r in ranked], wanted)
    pays = reranked_mrr > max(mapped_mrr, plain_mrr)
    ranked = ranked if pays else [_ranked(candidates, of_weight) for candidates in seen]
    shown = {e.id: tuple(shelf.texts[n] for n in r[:_SHOWN]) for e, r in zip(known, ranked, strict=True)}
    mrr = {
        "untuned": _mrr([_ranked(candidates, 1.0) for candidates in plain], wanted),
        "plain": plain_mrr,
        "mapped": mapped_mrr,
    }
    mrr = {name: round(value, 4) for name, value in (mrr | {"reranked": reranked_mrr}).items()}
    return Tuned(Tuning(weight), Tuning(of_weight, query_map, late if pays else None), len(known), mrr, shown)


class _Shelf:
    """The passages and, behind them, the earlier answers, with what competes for each known question."""

    def __init__(
        self,
        retriever: Retriever,
        memory: Memory | None,
        known: Sequence[Example],
        vectors: numpy.ndarray,
        seen: Sequence[Candidates],
        word_weight: float,
    ) -> None:
        import numpy

        passages, entries = retriever.index.passages(), memory.entries if memory else ()
        self.embedder = retriever.embedder
        self.known = known
        self.documents = len(passages)
        self.texts: tuple[ShownText, ...] = (*passages, *(e.shown for e in entries))
        self.candidates: list[list[int]] = []
        self.scores: list[numpy.ndarray] = []
        self.behind: list[list[int]] = []
        place = {e.id: n for n, e in enumerate(entries, len(passages))}
        for example, vector, candidates in zip(known, vectors, seen, strict=True):
            order = _ranked(candidates, word_weight)
            near = memory.near(vector, EARLIER, but=(example.id,)) if memory else []
            standing = candidates.standing(numpy.array([cosine for _, cosine in near]))
            self.candidates.append([*order[:RERANKED], *(place[e.id] for e, _ in near)])
            self.scores.append(
                numpy.concatenate([numpy.sort(-candidates.fused(word_weight))[:RERANKED] * -1, standing])
            )
            self.behind.append(order[RERANKED:])

    def reranked(self, wanted: Sequence[set[int]], seed: int) -> tuple[LateInteraction, list[list[int]]]:
        """What reranks, learned from at most ``_MOST_RERANKED`` questions, and each question's order out of fold."""
        import numpy

        used = sorted({n for candidates in self.candidates for n in candidates})
        read = self.embedder.embed_tokens([embedded_text(self.texts[n]) for n in used])
        tokens = [t.astype(numpy.float16) for t in read]
        at = {place: n for n, place in enumerate(used)}
        documents = sum(n < self.documents for n in used)
        asked = self.embedder.embed_tokens([e.question for e in self.known])
        drawn = random.Random(seed).sample(range(len(self.known)), min(_MOST_RERANKED, len(self.known)))
        right = [wanted[n] | self._answers(n) for n in range(len(self.known))]

        def learned(rows: Sequence[int]) -> LateInteraction:
            stop_if_cancelled()
            return learn_late(
                [asked[n] for n in rows],
                tokens,
                [[at[p] for p in self.candidates[n]] for n in rows],
                [self.scores[n] for n in rows],
                [{at[p] for p in right[n] if p in at} for n in rows],
                documents,
                seed,
            )

        def order(late: LateInteraction, n: int) -> list[int]:
            these = self.candidates[n]
            added = late.scores(asked[n], [tokens[at[p]].astype(numpy.float32) for p in these])
            added += late.earlier * numpy.array([p >= self.documents for p in these])
            ranked = numpy.argsort(-(self.scores[n] + added), kind="stable")
            return [*(these[i] for i in ranked), *self.behind[n]]

        late, learners = learned(drawn), set(drawn)
        ranked = [order(late, n) if n not in learners else [] for n in range(len(self.known))]
        for held in _folds(len(drawn), seed):
            of_fold = learned([n for i, n in enumerate(drawn) if i not in held])
            for i in held:
                ranked[drawn[i]] = order(of_fold, drawn[i])
        return late, ranked

    def _answers(self, n: int) -> set[int]:
        """The earlier answers among the candidates that say what the question's own answer says."""
        references = self.known[n].references
        earlier = (p for p in self.candidates[n] if p >= self.documents)
        return {p for p in earlier if says_the_same(self.texts[p].text, references)}


def _folds(count: int, seed: int) -> list[set[int]]:
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return [set(order[n::_FOLDS]) for n in range(_FOLDS)]


def _ranked(candidates: Candidates, word_weight: float) -> list[int]:
    import numpy

    return [candidates.places[n] for n in numpy.argsort(-candidates.fused(word_weight), kind="stable")]


def _mrr(ranked: Sequence[Sequence[int]], wanted: Sequence[set[int]]) -> float:
    total = 0.0
    for places, right in zip(ranked, wanted, strict=True):
        rank = {n: r for r, n in enumerate(places, 1)}
        total += sum(1 / rank[n] for n in right if n in rank) / len(right)
    return total / len(ranked)


def _best_weight(candidates: Sequence[Candidates], wanted: Sequence[set[int]]) -> tuple[float, float]:
    scores = {weight: _mrr([_ranked(one, weight) for one in candidates], wanted) for weight in WORD_WEIGHTS}
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
        stop_if_cancelled()
        for rows in torch.randperm(len(asked)).split(_BATCH):
            mapped = torch.nn.functional.normalize(asked[rows] + asked[rows] @ learned, dim=-1)
            scores = mapped @ targets.T * _SHARPNESS
            of_right = scores.masked_fill(~right[rows], float("-inf"))
            loss = (scores.logsumexp(1) - of_right.logsumexp(1)).mean() + _DECAY * learned.pow(2).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return numpy.asarray(learned.detach().numpy())
