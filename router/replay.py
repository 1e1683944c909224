"""What a router would have scored on answers that are recorded, each question judged by what was not learned from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.learned_router import Learning, Recorded, learn

if TYPE_CHECKING:
    import numpy

FOLDS = 10
_DRAWS = 1000
_TAIL = 2.5


@dataclass(frozen=True)
class Played:
    """Score and cost of each question, ``(n,)``, where each was answered by the arm chosen for it, which ``arms`` names."""

    arms: tuple[str, ...]
    scores: numpy.ndarray
    costs: numpy.ndarray

    @classmethod
    def of(cls, recorded: Recorded, arms: Sequence[str]) -> Played:
        """What the records say of these choices, one a question."""
        import numpy

        scores = [recorded.scores[a][n] for n, a in enumerate(arms)]
        return cls(tuple(arms), numpy.array(scores), numpy.array([recorded.costs[a][n] for n, a in enumerate(arms)]))


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval; above 1 or below 0 where it is one of a gap."""

    share: float
    low: float
    high: float


def replay(
    recorded: Recorded, how: Learning, budgets: Sequence[float], seed: int = 0, folds: int = FOLDS
) -> tuple[dict[float, Played], list[str]]:
    """What a router learned in this way scores at each budget, cross-validated, and what it rested on in each fold.

    Questions of one group lie in one fold. Raises ``ValueError`` where there are fewer groups than two.
    """
    import numpy

    parts = recorded.folds(seed, folds)
    if len(parts) < 2:
        raise ValueError(f"{len(parts)} group of questions, wanted two or more")
    chosen = {b: [""] * len(recorded.groups) for b in budgets}
    reasons = []
    for rows in parts:
        router = learn(recorded.only(numpy.setdiff1d(numpy.arange(len(recorded.groups)), rows)), how, seed)
        reasons.append(router.reason)
        for budget, choice in chosen.items():
            for n, arm in zip(
                rows, router.choose(recorded.vectors[rows], recorded.features[rows], budget), strict=True
            ):
                choice[n] = arm
    return {b: Played.of(recorded, arms) for b, arms in chosen.items()}, reasons


def always(recorded: Recorded) -> dict[str, Played]:
    """What each arm scores when it answers everything."""
    return {arm: Played.of(recorded, [arm] * len(recorded.groups)) for arm in recorded.arms}


def oracle(recorded: Recorded) -> Played:
    """The best arm on each question, of equal ones the cheapest: nobody can know it beforehand."""
    return Played.of(
        recorded, [max(recorded.arms, key=lambda a: recorded.scores[a][n]) for n in range(len(recorded.groups))]
    )


def gap_closed(recorded: Recorded, played: Played, seed: int = 0) -> Share | None:
    """The share of the way from the arm that is best on average to the oracle; None where they score the same.

    The interval is a percentile bootstrap over groups (Efron and Tibshirani 1993); which arm is best stays as it is.
    """
    import numpy

    best = max(always(recorded).values(), key=lambda p: float(p.scores.mean())).scores
    gained, gap = played.scores - best, oracle(recorded).scores - best
    if gap.sum() <= 0:
        return None
    names, group = numpy.unique(list(recorded.groups), return_inverse=True)
    sums = numpy.stack([numpy.bincount(group, weights=x) for x in (gained, gap)])
    draws = numpy.random.default_rng(seed).integers(0, len(names), (_DRAWS, len(names)))
    drawn = sums[:, draws].sum(axis=2)
    usable = drawn[1] > 0
    low, high = numpy.percentile(drawn[0][usable] / drawn[1][usable], [_TAIL, 100 - _TAIL])
    return Share(float(gained.sum() / gap.sum()), float(low), float(high))


def arms_taken(played: Played) -> Mapping[str, float]:
    """The share of the questions that each arm answers, the busiest first."""
    shares = {arm: played.arms.count(arm) / len(played.arms) for arm in dict.fromkeys(played.arms)}
    return dict(sorted(shares.items(), key=lambda x: -x[1]))
