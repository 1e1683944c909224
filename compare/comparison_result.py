"""All scores of a comparison, summed up: per arm, per pair, per kind of question. Asks nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy

from compare.answer_costs import Prices, usd_per_1000
from compare.chance_calibration import calibration
from compare.significance import Difference, Interval, holm, interval, paired_difference, ratio
from compare.verdict import FEWEST, verdict
from lm.arm_facts import generating

if TYPE_CHECKING:
    from compare.comparison_json import (
        ArmJson,
        CalibrationJson,
        ComparisonJson,
        IntervalJson,
        OracleJson,
        PairJson,
        RoutingJson,
        TaughtJson,
    )
    from compare.score import Score

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

    def pairs(self) -> list[PairJson]:
        """Every pair of arms on F1: difference, interval, Holm-adjusted p and the smallest detectable difference.

        With fewer than ``FEWEST`` questions interval and detectable difference are None and nothing is significant.
        """
        names = list(combinations(self.arms, 2))
        differences = [paired_difference(self.f1(a), self.f1(b), self.seed) for a, b in names]
        adjusted = holm([d.p for d in differences])
        return [self._pair(a, b, d, p) for (a, b), d, p in zip(names, differences, adjusted, strict=True)]

    def _pair(self, a: str, b: str, difference: Difference, adjusted: float) -> PairJson:
        return {
            "a": a,
            "b": b,
            "metric": "f1",
            "difference": round(difference.difference, 4),
            "low": self._unless_few(difference.low),
            "high": self._unless_few(difference.high),
            "p": round(adjusted, 5),
            "smallest_detectable": self._unless_few(difference.smallest_detectable),
            "p_unadjusted": round(difference.p, 5),
            "significant": adjusted < _SIGNIFICANT and not self.few,
        }

    def kinds(self, metric: str = "f1") -> dict[str, dict[str, float]]:
        """Mean of a score (``contains``: of key facts) of each arm for each kind of question, with their number as ``n``."""
        first = next(iter(self.arms.values()))
        means: dict[str, dict[str, float]] = {}
        for kind in dict.fromkeys(s.kind for s in first):
            rows = {arm: [getattr(s, metric) for s in scores if s.kind == kind] for arm, scores in self.arms.items()}
            means[kind] = {"n": len(next(iter(rows.values())))} | {
                arm: _average(values) for arm, values in rows.items()
            }
        return means

    def verdict(self) -> str:
        """Who is ahead and how surely, ties, and where tuning has not paid, in plain words."""
        means = {arm: float(numpy.mean(self.f1(arm))) for arm in self.arms}
        return verdict(means, self.pairs(), self.kinds(), len(self.questions))

    def to_json(self) -> ComparisonJson:
        """The shape ``groundtune compare --json`` prints."""
        arms: dict[str, ArmJson | OracleJson] = {arm: self._arm(arm) for arm in self.arms}
        if any(a in self.arms for a in generating()):
            arms["oracle"] = {"f1": self._mean(self.f1("oracle"))}
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

    def _taught(self) -> TaughtJson | None:
        """Mean F1 and share of key facts, on the questions that examples teach already and on all others.

        None where all questions are of one sort.
        """
        if not self.taught or len(self.taught) == len(self.questions):
            return None
        arms: dict[str, dict[str, dict[str, float]]] = {}
        for arm, scores in self.arms.items():
            arms[arm] = {
                name: {
                    metric: _average([getattr(s, metric) for s in scores if (s.id in self.taught) is of])
                    for metric in ("f1", "contains")
                }
                for name, of in (("taught", True), ("others", False))
            }
        return {"n": len(self.taught), "others": len(self.questions) - len(self.taught), "arms": arms}

    def _routing(self) -> dict[str, RoutingJson] | None:
        """``auto`` against the arms it chooses from, by each of ``_HELD_AGAINST``; None where it or they were not asked.

        The best of them on average, the difference to it (paired), and how much of the way from there to the best arm on
        each question was gone: 0 is that arm, 1 what nobody can know beforehand.
        """
        single = [arm for arm in self.arms if arm != "auto"]
        if "auto" not in self.arms or not single:
            return None
        routing: dict[str, RoutingJson] = {}
        for metric in _HELD_AGAINST:
            values = {arm: numpy.array([getattr(s, metric) for s in of]) for arm, of in self.arms.items()}
            best = max(single, key=lambda arm: float(values[arm].mean()))
            oracle = numpy.max([values[arm] for arm in single], axis=0)
            difference = paired_difference(values["auto"].tolist(), values[best].tolist(), self.seed)
            closed = ratio(values["auto"] - values[best], oracle - values[best], self.seed)
            routing[metric] = {
                "best": best,
                "oracle": round(float(oracle.mean()), 4),
                "difference": round(difference.difference, 4),
                "low": self._unless_few(difference.low),
                "high": self._unless_few(difference.high),
                "p": self._unless_few(difference.p),
                "smallest_detectable": self._unless_few(difference.smallest_detectable),
                "gap_closed": self._rounded(closed) if closed and not self.few else None,
            }
        return routing

    def _calibrations(self) -> dict[str, CalibrationJson]:
        """The calibration of each arm that says how likely its answers are right. Refusals do not count."""
        calibrations = {}
        for arm, scores in self.arms.items():
            chances = [(s.right, s.is_right) for s in scores if s.right is not None]
            if calibrated := calibration([p for p, _ in chances], [r for _, r in chances]):
                calibrations[arm] = calibrated.to_json()
        return calibrations

    def _arm(self, arm: str) -> ArmJson:
        scores = self.arms[arm]
        seconds = [s.seconds for s in scores if s.seconds is not None]
        p50, p95 = (round(float(q), 4) for q in numpy.percentile(seconds, [50, 95]))
        return {
            "f1": self._mean([s.f1 for s in scores]),
            "exact": self._mean([s.exact for s in scores]),
            "contains": self._mean([s.contains for s in scores]),
            "contains_quoted": self._mean([s.contains_quoted for s in scores]),
            "squad_f1": self._mean([s.squad_f1 for s in scores]),
            "squad_exact": self._mean([s.squad_exact for s in scores]),
            "refusals": {
                "right": sum(s.refused and not s.answerable for s in scores),
                "wrong": sum(s.refused and s.answerable for s in scores),
                "missed": sum(not s.refused and not s.answerable for s in scores),
            },
            "seconds": {"p50": p50, "p95": p95},
            "tokens": {
                "prompt": _average([s.prompt_tokens for s in scores], 1),
                "completion": _average([s.completion_tokens for s in scores], 1),
            },
            "usd_per_1000": usd_per_1000(scores, self.prices),
        }

    def _mean(self, values: Sequence[float]) -> IntervalJson:
        return self._rounded(interval(values, self.seed))

    def _rounded(self, of: Interval) -> IntervalJson:
        return {"mean": round(of.mean, 4), "low": self._unless_few(of.low), "high": self._unless_few(of.high)}

    def _unless_few(self, value: float) -> float | None:
        """Rounded to four digits; None where there are too few questions to tell."""
        return None if self.few else round(value, 4)


def _average(values: Sequence[float], digits: int = 4) -> float:
    return round(float(numpy.mean(values)), digits)
