"""All scores of a comparison, summed up: per arm, per pair, per kind of question. Asks nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy

from compare.answer_costs import Prices, usd_per_1000
from compare.chance_calibration import calibration
from compare.significance import holm, interval, paired_difference, ratio
from compare.verdict import FEWEST, verdict
from lm.arm_facts import generating

if TYPE_CHECKING:
    from compare.score import Score

_METRICS = ("f1", "exact", "contains", "contains_quoted", "squad_f1", "squad_exact")
_HELD_AGAINST = ("f1", "contains", "contains_quoted")
"""The scores by which ``auto`` is held against the best arm."""
_SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Comparison:
    """Per arm the scores in the order of ``questions``; everything else is derived."""

    questions: tuple[str, ...]
    arms: dict[str, tuple[Score, ...]]
    seed: int
    prices: Prices
    taught: frozenset[str] = frozenset()
    """The questions that ask for what a training example teaches already."""

    @classmethod
    def of(
        cls,
        scores: Sequence[Score],
        questions: Sequence[str],
        *,
        seed: int,
        prices: Prices,
        taught: Collection[str] = (),
    ) -> Comparison:
        """Group ``scores`` by arm, each in the order of ``questions``."""
        by_arm: dict[str, dict[str, Score]] = {}
        for s in scores:
            by_arm.setdefault(s.arm, {})[s.id] = s
        arms = {arm: tuple(of[i] for i in questions) for arm, of in by_arm.items()}
        return cls(tuple(questions), arms, seed, prices, frozenset(taught))

    def f1(self, arm: str) -> list[float]:
        """The token F1 of each question, in order; ``oracle`` is the best arm with a model on each."""
        if arm != "oracle":
            return [s.f1 for s in self.arms[arm]]
        rows = [self.f1(a) for a in generating() if a in self.arms]
        return [max(column) for column in zip(*rows, strict=True)]

    @property
    def few(self) -> bool:
        """Are there too few questions for an interval?"""
        return len(self.questions) < FEWEST

    def pairs(self) -> list[dict[str, Any]]:
        """Every pair of arms on F1: difference, interval, Holm-adjusted p and the smallest detectable difference.

        With fewer than ``FEWEST`` questions interval and detectable difference are None and nothing is significant.
        """
        names = list(combinations(self.arms, 2))
        found = [paired_difference(self.f1(a), self.f1(b), self.seed) for a, b in names]
        adjusted = holm([d.p for d in found])
        return [
            {"a": a, "b": b, "metric": "f1"}
            | {k: round(v, 4) if k == "difference" or not self.few else None for k, v in asdict(d).items()}
            | {"p": round(p, 5), "p_unadjusted": round(d.p, 5), "significant": p < _SIGNIFICANT and not self.few}
            for (a, b), d, p in zip(names, found, adjusted, strict=True)
        ]

    def kinds(self, metric: str = "f1") -> dict[str, dict[str, float]]:
        """Mean of a score (``contains``: of key facts) of each arm for each kind of question, with their number as ``n``."""
        first = next(iter(self.arms.values()))
        made: dict[str, dict[str, float]] = {}
        for kind in dict.fromkeys(s.kind for s in first):
            rows = {arm: [getattr(s, metric) for s in scores if s.kind == kind] for arm, scores in self.arms.items()}
            made[kind] = {"n": len(next(iter(rows.values())))} | {
                arm: round(float(numpy.mean(values)), 4) for arm, values in rows.items()
            }
        return made

    def verdict(self) -> str:
        """Who is ahead and how surely, ties, and where tuning has not paid, in plain words."""
        means = {arm: float(numpy.mean(self.f1(arm))) for arm in self.arms}
        return verdict(means, self.pairs(), self.kinds(), len(self.questions))

    def to_json(self) -> dict[str, Any]:
        """The shape ``groundtune compare --json`` prints (stable: keys are only added)."""
        arms = {arm: self._arm(arm) for arm in self.arms}
        if any(a in self.arms for a in generating()):
            arms["oracle"] = {"f1": self._rounded(self.f1("oracle"))}
        return {
            "questions": len(self.questions),
            "arms": arms,
            "pairs": self.pairs(),
            "kinds": self.kinds(),
            "key_facts_by_kind": self.kinds("contains"),
            "taught": self._taught(),
            "calibration": self._calibrations(),
            "routing": self._routing(),
            "verdict": self.verdict(),
            "prices": asdict(self.prices),
            "note": f"fewer than {FEWEST} questions: no intervals, no detectable differences" if self.few else None,
        }

    def _taught(self) -> dict[str, Any] | None:
        """Mean F1 and share of key facts apart: of questions that examples teach already, and of all others."""
        if not self.taught or len(self.taught) == len(self.questions):
            return None
        made: dict[str, Any] = {"n": len(self.taught), "others": len(self.questions) - len(self.taught), "arms": {}}
        for arm, scores in self.arms.items():
            made["arms"][arm] = {
                name: {
                    metric: round(
                        float(numpy.mean([getattr(s, metric) for s in scores if (s.id in self.taught) is of])), 4
                    )
                    for metric in ("f1", "contains")
                }
                for name, of in (("taught", True), ("others", False))
            }
        return made

    def _routing(self) -> dict[str, Any] | None:
        """``auto`` against the arms it chooses from, by each of ``_HELD_AGAINST``; None where it or they were not asked.

        The best of them on average, the difference to it (paired), and how much of the way from there to the best arm on
        each question was gone: 0 is that arm, 1 what nobody can know beforehand.
        """
        single = [arm for arm in self.arms if arm != "auto"]
        if "auto" not in self.arms or not single:
            return None
        made: dict[str, Any] = {}
        for metric in _HELD_AGAINST:
            values = {arm: numpy.array([getattr(s, metric) for s in of]) for arm, of in self.arms.items()}
            best = max(single, key=lambda arm: float(values[arm].mean()))
            oracle = numpy.max([values[arm] for arm in single], axis=0)
            found = asdict(paired_difference(values["auto"].tolist(), values[best].tolist(), self.seed))
            closed = ratio(values["auto"] - values[best], oracle - values[best], self.seed)
            made[metric] = {"best": best, "oracle": round(float(oracle.mean()), 4)}
            made[metric] |= {k: round(v, 4) if k == "difference" or not self.few else None for k, v in found.items()}
            shown = closed and {k: round(v, 4) for k, v in asdict(closed).items()}
            made[metric]["gap_closed"] = None if self.few else shown
        return made

    def _calibrations(self) -> dict[str, Any]:
        """By arm that tells how likely its answers are right: whether that is so. Refusals are not among them."""
        made = {}
        for arm, scores in self.arms.items():
            told = [(s.right, s.is_right) for s in scores if s.right is not None]
            if found := calibration([p for p, _ in told], [r for _, r in told]):
                made[arm] = found.to_json()
        return made

    def _arm(self, arm: str) -> dict[str, Any]:
        scores = self.arms[arm]
        seconds = [s.seconds for s in scores if s.seconds is not None]
        made: dict[str, Any] = {m: self._rounded([getattr(s, m) for s in scores]) for m in _METRICS}
        made["refusals"] = {
            "right": sum(s.refused and not s.answerable for s in scores),
            "wrong": sum(s.refused and s.answerable for s in scores),
            "missed": sum(not s.refused and not s.answerable for s in scores),
        }
        p50, p95 = (round(float(q), 4) for q in numpy.percentile(seconds, [50, 95]))
        made["seconds"] = {"p50": p50, "p95": p95}
        made["tokens"] = {
            "prompt": round(float(numpy.mean([s.prompt_tokens for s in scores])), 1),
            "completion": round(float(numpy.mean([s.completion_tokens for s in scores])), 1),
        }
        made["usd_per_1000"] = usd_per_1000(scores, self.prices)
        return made

    def _rounded(self, values: Sequence[float]) -> dict[str, float | None]:
        found = asdict(interval(values, self.seed))
        return {k: round(v, 4) if k == "mean" or not self.few else None for k, v in found.items()}
