"""Which sentences of what was found a question is read from: sentences, rows and earlier answers in one ranking.

A small model that is shown whole passages takes the wrong sentence of the right one. So every sentence competes: first by
what costs nothing (the place of its text, its cosine, the question's words in it), then, for the best of them, by how likely
the question is after it (``finetune.selecting`` teaches that).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from corpus.records import Candidate, Passage, ShownText
from corpus.text.match import normalise
from corpus.text.sentences import sentences
from lm.engine_contract import Embedder
from lm.guard import quotable
from rag.answer.shown_texts import Shown

if TYPE_CHECKING:
    import numpy

TEXTS = 8
"""Texts, best first, whose sentences compete."""
EARLIER_TEXTS = 4
"""Of these at most so many are earlier answers."""
UNTAUGHT_PRIOR = 2.0
"""How much the prior counts beside the likelihood of a model that was taught nothing (four public sets)."""
_PER_PLACE = 0.08
_PER_WORDS = 0.5
_ADDED = 0.5
"""How much it counts, for a second and third sentence, what it adds to those before it."""

Likelihood = Callable[[str, Sequence[ShownText]], Sequence[Sequence[float]]]
"""From a question and sentences to the log-probabilities of the question's tokens after each, at most 0."""


@dataclass(frozen=True)
class Sentence:
    """A sentence, row or earlier answer as the prompt would show it, with what speaks for it."""

    shown: Shown
    candidate: Candidate


@dataclass(frozen=True)
class Selector:
    """Chooses what is read. Without a ``likelihood`` the prior alone decides."""

    embedder: Embedder
    likelihood: Likelihood | None = None
    prior_weight: float = UNTAUGHT_PRIOR
    candidates: int = 8
    """Sentences whose likelihood is looked at."""

    def best(
        self,
        question: str,
        texts: Sequence[Shown],
        k: int,
        vector: numpy.ndarray | None = None,
        *,
        guarded: bool = True,
    ) -> list[Shown]:
        """The ``k`` best sentences of ``texts``, which come best first."""
        ranked = ranked_by_prior(self.embedder, question, texts, vector, guarded=guarded)
        if self.likelihood is None or len(ranked) < 2:
            return [s.shown for s in ranked[:k]]
        looked_at = ranked[: max(k, self.candidates)]
        likelihoods = self.likelihood(question, [s.shown.text for s in looked_at])
        priors = [self.prior_weight * s.candidate.prior for s in looked_at]
        return [looked_at[n].shown for n in completing(likelihoods, priors, k)]


def completing(logs: Sequence[Sequence[float]], priors: Sequence[float], k: int) -> list[int]:
    """The places of the ``k`` best, best first: each next one by itself and by what of the question it adds to the others.

    ``logs``: for each sentence the log-probabilities of the question's tokens. What several sentences explain of a token is
    what the best of them does, so that a question with two parts gets a sentence for each.
    """
    left, chosen = list(range(len(logs))), list[int]()
    covered = [float("-inf")] * len(logs[0])
    while left and len(chosen) < k:
        alone = {n: fmean(logs[n]) + priors[n] for n in left}
        if chosen:
            added = {n: fmean(map(max, covered, logs[n])) for n in left}
            best = max(left, key=lambda n: (1 - _ADDED) * alone[n] + _ADDED * added[n])
        else:
            best = max(left, key=lambda n: alone[n])
        left.remove(best)
        chosen.append(best)
        covered = [max(a, b) for a, b in zip(covered, logs[best], strict=True)]
    return chosen


def ranked_by_prior(
    embedder: Embedder,
    question: str,
    texts: Sequence[Shown],
    vector: numpy.ndarray | None = None,
    *,
    guarded: bool = True,
) -> list[Sentence]:
    """The different sentences of ``texts``, the best by their prior first."""
    pieces = [(place, piece) for place, text in enumerate(texts) for piece in _pieces(text, guarded)]
    different = list({(s.text.label, s.text.text): (place, s) for place, s in reversed(pieces)}.values())[::-1]
    if not different:
        return []
    vectors = embedder.embed([s.text.text for _, s in different] + ([question] if vector is None else []))
    asked = vectors[-1] if vector is None else vector
    cosines = vectors[: len(different)] @ asked
    words = set(normalise(question).split())
    ranked = []
    for (place, shown), cosine in zip(different, cosines, strict=True):
        held = len(words & set(normalise(shown.text.text).split())) / max(1, len(words))
        prior = float(cosine) - _PER_PLACE * place + _PER_WORDS * held
        ranked.append(Sentence(shown, Candidate(shown.text, round(prior, 5))))
    return sorted(ranked, key=lambda s: -s.candidate.prior)


def sentence_of(passage: Passage, start: int, end: int) -> Passage:
    """A part of a passage as a passage: what it is quoted and cited as."""
    return replace(
        passage,
        id=f"{passage.id}:{start}",
        text=passage.text[start:end],
        start=passage.start + start,
        end=passage.start + end,
    )


def all_sentences(passages: Sequence[Passage]) -> list[Passage]:
    """Every sentence of the passages, as ``sentence_of`` has it."""
    return [sentence_of(p, a, b) for p in passages for a, b in sentences(p.text)]


def _pieces(text: Shown, guarded: bool) -> list[Shown]:
    """The sentences of a passage, each resting on itself; an earlier answer as it is."""
    passage = text.text
    if not isinstance(passage, Passage):
        return [text]
    spans = quotable(passage.text) if guarded else sentences(passage.text)
    return [Shown(s, (s,)) for s in (sentence_of(passage, a, b) for a, b in spans)]
