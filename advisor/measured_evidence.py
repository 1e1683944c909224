"""A comparison's measurements in place of guesses. Reads plain data; knows nothing of how it was measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict

from advisor.decision_json import DifferenceJson, EvidenceJson, ImprovementJson, MeasuredArm
from corpus.errors import InputError

APPROACH_OF = {"base": "prompt", "rag": "rag", "tuned": "finetune", "hybrid": "hybrid"}
_UNTUNED, _TUNED = ("base", "rag"), ("tuned", "hybrid")
_SEARCH = ("extract", "lookup")
"""The arms without a model: quoted sentences, and the stored answer of the nearest example."""
_GENERAL = "general"
_MEND = "write one: groundtune compare --json > FILE (without --reference)"
_SIGNIFICANT = 0.05
"""Where a pair does not say itself whether it is significant."""
_FORGOTTEN = 0.05
"""A loss on general questions above this share counts as forgetting."""


class _Pair(DifferenceJson):
    """``a`` minus ``b`` on a metric."""

    a: str
    b: str
    metric: str


class Measured(TypedDict):
    """A comparison's plain data, as far as it is read here."""

    questions: int
    arms: Mapping[str, MeasuredArm]
    pairs: list[_Pair]
    kinds: NotRequired[Mapping[str, Mapping[str, float]]]
    """By kind of question: each arm's F1, and their number as ``n``."""


@dataclass(frozen=True)
class SearchAlone:
    """The best arm without a model beside the best one with a model, on token F1."""

    arm: str
    f1: float
    model_arm: str
    model_f1: float
    difference: DifferenceJson
    """The model's arm minus the one without."""

    @property
    def is_enough(self) -> bool:
        """Is no arm with a model significantly better? Too few questions for an interval tell nothing."""
        return self.difference["low"] is not None and not _better(self.difference)

    def __str__(self) -> str:
        kind = "the sentences found, quoted," if self.arm == "extract" else "the stored answer of the nearest example"
        level = "beats" if self.model_f1 < self.f1 else "is not significantly below"
        return (
            f"search is enough here: {self.arm} ({kind} no model: F1 {self.f1 * 100:.1f}) {level} the best arm with a model, "
            f"{self.model_arm} ({self.model_f1 * 100:.1f}). A model pays once its arm is significantly ahead of {self.arm}: "
            "try a larger model or more examples, and compare again"
        )


@dataclass(frozen=True)
class Evidence:
    """What a comparison shows: the best arm with tuning against the best one without, on token F1."""

    questions: int
    arms: Mapping[str, MeasuredArm]
    tuned: str | None
    untuned: str
    difference: DifferenceJson | None
    """Tuned minus untuned; None where nothing tuned was measured. Without an interval nothing is significant."""
    general_loss: float | None
    """Base's F1 on general questions minus the tuned arm's; None where there were none."""
    search: SearchAlone | None = None
    """None where no arm without a model was measured."""

    @property
    def significant(self) -> bool:
        return self.difference is not None and _better(self.difference)

    @property
    def forgets(self) -> bool | None:
        return None if self.general_loss is None else self.general_loss > _FORGOTTEN

    @property
    def improvement_percent(self) -> ImprovementJson | None:
        """The relative improvement in percent with its interval: what replaces the expected one."""
        base, measured = float(self.arms[self.untuned]["f1"]["mean"]), self.difference
        if measured is None or measured["low"] is None or measured["high"] is None or base <= 0:
            return None
        difference, low, high = (
            round(x / base * 100, 1) for x in (measured["difference"], measured["low"], measured["high"])
        )
        return {"difference": difference, "low": low, "high": high}

    @property
    def approach(self) -> str:
        """The approach of the winning arm: a model only where it beats search, tuned and retrieving likewise."""
        if self.search is not None and self.search.is_enough:
            return "rag" if self.search.arm == "extract" else "prompt"  # nothing to build for stored answers
        if self.tuned is not None and self.significant:
            return APPROACH_OF[self.tuned]
        return APPROACH_OF[self.untuned]

    @property
    def cases(self) -> dict[str, str]:
        """As the pitfalls' ``when`` speaks of it."""
        cases = {"evidence": "significant" if self.significant else "not"}
        return cases if self.forgets is None else cases | {"forgetting": "yes" if self.forgets else "no"}

    def to_json(self, checklist: str, advised: str) -> EvidenceJson:
        """Plain data, with what the ``checklist`` alone said and what is ``advised``."""
        return {
            "questions": self.questions,
            "arms": {arm: _summary(of) for arm, of in self.arms.items() if "seconds" in of},
            "tuned": self.tuned,
            "untuned": self.untuned,
            "difference": self.difference,
            "improvement_percent": self.improvement_percent,
            "significant": self.significant,
            "general_loss": None if self.general_loss is None else round(self.general_loss, 4),
            "forgets": self.forgets,
            "approach": self.approach,
            "checklist": checklist,
            "changed": advised != checklist,
            "search_is_enough": self.search.is_enough if self.search else None,
        }


def read_evidence(path: Path) -> Evidence:
    """The evidence in a file that ``groundtune compare --json`` printed. Raises ``InputError`` for another one."""
    try:
        return evidence(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})", mend="name a comparison.json") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: not JSON ({error})", mend=_MEND) from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path.name}: not a comparison (no usable {error})", mend=_MEND) from error


def evidence(comparison: Measured) -> Evidence:
    """The evidence in a comparison's plain data. Raises ``KeyError`` or ``TypeError`` where it is another thing."""
    arms = comparison["arms"]
    means = {arm: float(arms[arm]["f1"]["mean"]) for arm in APPROACH_OF if arm in arms}
    if not any(a in means for a in _UNTUNED):
        raise KeyError("arms.base or arms.rag")
    # retrieval, too, must win significantly before it is preferred to the simpler prompt
    untuned = max((a for a in _UNTUNED if a in means), key=lambda a: means[a])
    if untuned == "rag" and "base" in means and not _better(_pair(comparison, "rag", "base")):
        untuned = "base"
    tuned = max((a for a in _TUNED if a in means), key=lambda a: means[a], default=None)
    if tuned == "hybrid" and "tuned" in means and not _better(_pair(comparison, "hybrid", "tuned")):
        tuned = "tuned"
    difference = None if tuned is None else _pair(comparison, tuned, untuned)
    general = comparison.get("kinds", {}).get(_GENERAL, {})
    loss = general["base"] - general[tuned] if tuned in general and tuned is not None and "base" in general else None
    return Evidence(int(comparison["questions"]), arms, tuned, untuned, difference, loss, _search(comparison, means))


def _search(comparison: Measured, means: Mapping[str, float]) -> SearchAlone | None:
    without = {a: float(comparison["arms"][a]["f1"]["mean"]) for a in _SEARCH if a in comparison["arms"]}
    if not without:
        return None
    arm, model_arm = max(without, key=lambda a: without[a]), max(means, key=lambda a: means[a])
    return SearchAlone(arm, without[arm], model_arm, means[model_arm], _pair(comparison, model_arm, arm))


def _pair(comparison: Measured, a: str, b: str) -> DifferenceJson:
    """``a`` minus ``b``, whichever way round the comparison lists the pair."""
    for pair in comparison["pairs"]:
        if pair["metric"] == "f1" and {pair["a"], pair["b"]} == {a, b}:
            sign = 1 if pair["a"] == a else -1
            low, high = (
                None if bound is None else sign * float(bound) for bound in (pair["low"], pair["high"])[::sign]
            )
            significant = bool(pair.get("significant", float(pair["p"]) < _SIGNIFICANT))
            return {
                "difference": sign * float(pair["difference"]),
                "low": low,
                "high": high,
                "p": float(pair["p"]),
                "significant": significant,
            }
    raise KeyError(f"pair {a}, {b}")


def _summary(arm: MeasuredArm) -> MeasuredArm:
    summary: MeasuredArm = {"f1": arm["f1"], "seconds": arm["seconds"]}
    if "usd_per_1000" in arm:
        summary["usd_per_1000"] = arm["usd_per_1000"]
    return summary


def _better(pair: DifferenceJson) -> bool:
    return pair["low"] is not None and pair["low"] > 0 and pair["significant"]
