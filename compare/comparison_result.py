"""All scores of a comparison, summed up: per arm, per pair, per kind of question. Asks nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy

from compare.answer_costs import Prices, usd_per_1000
from compare.chance_calibration import calibration
from compare.paired_arms import SIGNIFICANT, drawn_together, family_of, paired
from compare.routing_gain import routing_gain
from compare.significance import Interval, interval, intervals
from compare.verdict import FEWEST, verdict
from lm.arm_facts import generating

if TYPE_CHECKING:
    from compare.comparison_json import (
        ArmJson,
        CalibrationJson,
        ComparisonJson,
        FailedJson,
        IntervalJson,
        OracleJson,
        PairJson,
        RoutingJson,
        TaughtJson,
        UnitsJson,
    )
    from compare.score import Score

_HELD_AGAINST = ("f1", "contains", "contains_quoted")
"""The scores by which ``auto`` is held against the best arm."""
_AVERAGED = ("f1", "exact", "contains", "contains_quoted", "squad_f1", "squad_exact")


@dataclass(frozen=True)
class Comparison:
    """Per arm the scores in the order of ``questions``; everything else is derived."""

    questions: tuple[str, ...]
    arms: dict[str, tuple[Score, ...]]
    seed: int
    prices: Prices
    taught: frozenset[str] = frozenset()
    """The questions that ask for what a training example teaches already."""
    documents: Mapping[str, str] = field(default_factory=dict)
    """By question the document that it asks about: questions about the same one are drawn together."""
    failed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By arm the questions that it could not be asked, for an error. No arm's figures have them in."""
    reference: str = ""
    """The arm that each other one is tested against; empty: every pair is."""
    elsewhere: frozenset[str] = frozenset()
    """The arms that answered elsewhere: what that cost is not known here."""
    level: float = SIGNIFICANT
    """The adjusted p below which a difference counts: smaller where it is looked at before all questions are asked."""

    @classmethod
    def of(
        cls,
        scores: Sequence[Score],
        questions: Sequence[str],
        *,
        seed: int,
        prices: Prices,
        taught: Collection[str] = (),
        documents: Mapping[str, str] | None = None,
        failed: Mapping[str, Sequence[str]] | None = None,
        reference: str = "",
        elsewhere: Collection[str] = (),
        level: float = SIGNIFICANT,
    ) -> Comparison:
        """Group ``scores`` by arm, each in the order of ``questions``; without the questions that failed in any arm."""
        lost = {i for of in (failed or {}).values() for i in of}
        kept = tuple(i for i in questions if i not in lost)
        by_arm: dict[str, dict[str, Score]] = {}
        for s in scores:
            by_arm.setdefault(s.arm, {})[s.id] = s
        arms = {arm: tuple(of[i] for i in kept) for arm, of in by_arm.items()}
        learned = frozenset(taught) & set(kept)
        return cls(
            kept, arms, seed, prices, learned, documents or {}, failed or {}, reference, frozenset(elsewhere), level
        )

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

    @cached_property
    def units(self) -> UnitsJson:
        """What is drawn together: the questions of one document, unless they are about too few documents to draw from."""
        named = {name for i in self.questions if (name := self.documents.get(i))}
        together = self._together
        units = len(set(together) - {""}) + together.count("") if together else len(self.questions)
        return {"questions": len(self.questions), "documents": len(named), "units": units}

    @cached_property
    def _together(self) -> list[str]:
        """The document of each question, where questions are drawn by document."""
        return drawn_together(self.questions, self.documents)

    def pairs(self, metric: str = "f1") -> list[PairJson]:
        """Every pair that is asked about on one score, as ``compare.paired_arms.paired`` has it; worked out once.

        With fewer than ``FEWEST`` questions interval and detectable difference are None and nothing is significant.
        """
        if metric not in self._pairs:
            family = family_of(list(self.arms), self.reference)
            columns = {arm: self._values(arm, metric) for arm in self.arms}
            self._pairs[metric] = paired(
                columns, family, metric, seed=self.seed, documents=self._together, few=self.few, level=self.level
            )
        return self._pairs[metric]

    @cached_property
    def _pairs(self) -> dict[str, list[PairJson]]:
        return {}

    def _values(self, arm: str, metric: str) -> list[float]:
        """One score of each question, in order."""
        return [float(getattr(s, metric)) for s in self.arms[arm]]

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
        return verdict(means, self.pairs(), self.kinds(), len(self.questions), self.pairs("is_right"))

    def to_json(self) -> ComparisonJson:
        """The shape ``groundtune compare --json`` prints."""
        arms: dict[str, ArmJson | OracleJson] = {arm: self._arm(arm) for arm in self.arms}
        if any(a in self.arms for a in generating()):
            arms["oracle"] = {"f1": self._mean(self.f1("oracle"))}
        return {
            "questions": len(self.questions),
            "arms": arms,
            "pairs": self.pairs(),
            "pairs_right": self.pairs("is_right"),
            "pairs_key_facts": self.pairs("contains"),
            "family": self._family(),
            "level": round(self.level, 6),
            "units": self.units,
            "failed": self._failed(),
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

    def _family(self) -> str:
        """Which tests were made and how they were adjusted for their number, in words."""
        pairs = family_of(list(self.arms), self.reference)
        asked = f"{self.reference} against each other arm" if self.reference else "every pair of arms"
        return f"{asked}: {len(pairs)} tests on each score, adjusted by Holm's method"

    def _failed(self) -> FailedJson | None:
        """What could not be measured; None where all could."""
        arms = {arm: len(of) for arm, of in self.failed.items() if of}
        lost = {i for of in self.failed.values() for i in of}
        return {"arms": arms, "questions": sorted(lost)} if arms else None

    def _routing(self) -> dict[str, RoutingJson] | None:
        """``auto`` against the arms it chooses from, by each of ``_HELD_AGAINST``; None where it or they were not asked."""
        gains = {
            metric: routing_gain(
                {arm: self._values(arm, metric) for arm in self.arms},
                seed=self.seed,
                documents=self._together,
                few=self.few,
            )
            for metric in _HELD_AGAINST
        }
        return {metric: gain for metric, gain in gains.items() if gain} or None

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
        p50, p95, p99 = map(float, numpy.percentile(seconds, [50, 95, 99]).round(4)) if seconds else (None, None, None)
        averaged = intervals([self._values(arm, metric) for metric in _AVERAGED], self.seed, self._together)
        f1, exact, contains, contains_quoted, squad_f1, squad_exact = map(self._rounded, averaged)
        return {
            "f1": f1,
            "exact": exact,
            "contains": contains,
            "contains_quoted": contains_quoted,
            "squad_f1": squad_f1,
            "squad_exact": squad_exact,
            "refusals": {
                "right": sum(s.refused and not s.answerable for s in scores),
                "wrong": sum(s.refused and s.answerable for s in scores),
                "missed": sum(not s.refused and not s.answerable for s in scores),
            },
            "seconds": {"p50": p50, "p95": p95, "p99": p99},
            "tokens": {
                "prompt": _average([s.prompt_tokens for s in scores], 1),
                "completion": _average([s.completion_tokens for s in scores], 1),
            },
            "usd_per_1000": None if arm in self.elsewhere else usd_per_1000(scores, self.prices),
        }

    def _mean(self, values: Sequence[float]) -> IntervalJson:
        return self._rounded(interval(values, self.seed, self._together))

    def _rounded(self, of: Interval) -> IntervalJson:
        return {"mean": round(of.mean, 4), "low": self._unless_few(of.low), "high": self._unless_few(of.high)}

    def _unless_few(self, value: float) -> float | None:
        """Rounded to four digits; None where there are too few questions to tell."""
        return None if self.few else round(value, 4)


def _average(values: Sequence[float], digits: int = 4) -> float:
    return round(float(numpy.mean(values)), digits)
