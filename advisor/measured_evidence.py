"""A comparison's measurements in place of guesses. Reads plain data; knows nothing of how it was measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

from corpus.errors import InputError

APPROACH_OF = {"base": "prompt", "rag": "rag", "tuned": "finetune", "hybrid": "hybrid"}
_UNTUNED, _TUNED = ("base", "rag"), ("tuned", "hybrid")
_GENERAL = "general"
_FORGOTTEN = 0.05
"""A loss on general questions above this share counts as forgetting."""


class _Mean(TypedDict):
    mean: float


class MeasuredArm(TypedDict):
    """What a comparison measured of one arm, as far as it is read here. Each key may have more in it."""

    f1: _Mean
    """Token F1, 0 to 1."""
    seconds: NotRequired[Mapping[str, float]]
    """Quantiles of the time an answer took."""
    usd_per_1000: NotRequired[float | None]
    """US dollars for 1,000 answers."""


class _Pair(TypedDict):
    """``a`` minus ``b`` on a metric, with its interval and p."""

    a: str
    b: str
    metric: str
    difference: float
    low: float | None
    high: float | None
    p: float


class Measured(TypedDict):
    """A comparison's plain data, as far as it is read here."""

    questions: int
    arms: Mapping[str, MeasuredArm]
    pairs: list[_Pair]
    kinds: NotRequired[Mapping[str, Mapping[str, float]]]
    """By kind of question: each arm's F1, and their number as ``n``."""


@dataclass(frozen=True)
class Evidence:
    """What a comparison shows: the best arm with tuning against the best one without, on token F1."""

    questions: int
    arms: Mapping[str, MeasuredArm]
    tuned: str | None
    untuned: str
    difference: Mapping[str, float | None] | None
    """``difference``, ``low``, ``high``, ``p`` of tuned minus untuned; None where nothing tuned was measured.

    ``low`` and ``high`` are None where there were too few questions for an interval: nothing is significant then.
    """
    general_loss: float | None
    """Base's F1 on general questions minus the tuned arm's; None where there were none."""

    @property
    def significant(self) -> bool:
        return self.difference is not None and _better(self.difference)

    @property
    def forgets(self) -> bool | None:
        return None if self.general_loss is None else self.general_loss > _FORGOTTEN

    @property
    def improvement_percent(self) -> dict[str, float] | None:
        """The relative improvement in percent with its interval: what replaces the expected one."""
        base = self._f1(self.untuned)
        measured = self.difference or {}
        known = {k: v for k in ("difference", "low", "high") if (v := measured.get(k)) is not None}
        return {k: round(v / base * 100, 1) for k, v in known.items()} if len(known) == 3 and base > 0 else None

    @property
    def approach(self) -> str:
        """The approach of the winning arm: tuned only where it is significantly better, retrieval only likewise."""
        if self.tuned is not None and self.significant:
            return APPROACH_OF[self.tuned]
        return APPROACH_OF[self.untuned]

    @property
    def cases(self) -> dict[str, str]:
        """As the pitfalls' ``when`` speaks of it."""
        cases = {"evidence": "significant" if self.significant else "not"}
        return cases if self.forgets is None else cases | {"forgetting": "yes" if self.forgets else "no"}

    def to_json(self) -> dict[str, object]:
        """Plain data for reports."""
        return {
            "questions": self.questions,
            "arms": {arm: _told(of) for arm, of in self.arms.items() if "seconds" in of},
            "tuned": self.tuned,
            "untuned": self.untuned,
            "difference": None if self.difference is None else dict(self.difference),
            "improvement_percent": self.improvement_percent,
            "significant": self.significant,
            "general_loss": None if self.general_loss is None else round(self.general_loss, 4),
            "forgets": self.forgets,
            "approach": self.approach,
        }

    def _f1(self, arm: str) -> float:
        return float(self.arms[arm]["f1"]["mean"])


def read_evidence(path: Path) -> Evidence:
    """The evidence in a file that ``groundtune compare --json`` printed. Raises ``InputError`` for another one."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})", mend="name a comparison.json") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path.name}: not JSON ({error})", mend="write one: groundtune compare --json > FILE"
        ) from error
    try:
        return evidence(given)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path.name}: not a comparison (no usable {error})", mend="write one: groundtune compare --json > FILE"
        ) from error


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
    return Evidence(int(comparison["questions"]), arms, tuned, untuned, difference, loss)


def _pair(comparison: Measured, a: str, b: str) -> dict[str, float | None]:
    """``a`` minus ``b``, whichever way round the comparison lists the pair."""
    for pair in comparison["pairs"]:
        if pair["metric"] == "f1" and {pair["a"], pair["b"]} == {a, b}:
            sign = 1 if pair["a"] == a else -1
            low: Literal["low", "high"] = "low" if sign == 1 else "high"
            high: Literal["low", "high"] = "high" if sign == 1 else "low"
            return {
                "difference": sign * float(pair["difference"]),
                "low": _turned(pair[low], sign),
                "high": _turned(pair[high], sign),
                "p": float(pair["p"]),
            }
    raise KeyError(f"pair {a}, {b}")


def _turned(end: float | None, sign: int) -> float | None:
    return None if end is None else sign * float(end)


def _told(arm: Mapping[str, object]) -> dict[str, object]:
    return {key: arm[key] for key in ("f1", "seconds", "usd_per_1000") if key in arm}


def _better(pair: Mapping[str, float | None]) -> bool:
    low, p = pair["low"], pair["p"]
    return low is not None and low > 0 and p is not None and p < 0.05
