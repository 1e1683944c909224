"""What changed between two runs of a comparison: versions, settings, commits. Reads scores; asks nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypedDict

from compare.paired_arms import drawn_together, paired
from compare.verdict import FEWEST

if TYPE_CHECKING:
    from compare.score import Score

METRICS = ("f1", "is_right", "contains")
_MOST_SHOWN = 20


class ChangeJson(TypedDict):
    """One score of one arm, this run less the earlier one, on the questions that both have. ``p`` is adjusted by Holm."""

    arm: str
    metric: str
    before: float
    now: float
    difference: float
    low: float | None
    high: float | None
    p: float
    smallest_detectable: float | None
    significant: bool


class TurnedJson(TypedDict):
    """An answer that was right and is wrong now, or the other way round."""

    arm: str
    id: str
    turned: Literal["right", "wrong"]
    before: str
    now: str


class ChangesJson(TypedDict):
    """Two runs held together."""

    against: str
    """The earlier run: its file."""
    questions: int
    """Asked in both."""
    only_now: int
    only_before: int
    arms: list[ChangeJson]
    only_in_one: list[str]
    """Arms that one of the runs lacks."""
    turned: list[TurnedJson]
    """The first of those that turned, wrong ones first."""
    turned_in_all: dict[str, dict[str, int]]
    """By arm how many turned right and how many wrong."""


def changes(
    now: Sequence[Score],
    before: Sequence[Score],
    against: str,
    *,
    seed: int,
    documents: Mapping[str, str] | None = None,
) -> ChangesJson:
    """Each arm of this run against itself in an earlier one, paired by question."""
    new, old = _by_arm(now), _by_arm(before)
    arms = [arm for arm in new if arm in old]
    asked_now, asked_before = {s.id for s in now}, {s.id for s in before}
    both = (
        [i for i in dict.fromkeys(s.id for s in now) if all(i in new[a] and i in old[a] for a in arms)] if arms else []
    )
    turned = [t for arm in arms for i in both if (t := _turned(old[arm][i], new[arm][i]))]
    counts = {
        arm: {way: sum(t["arm"] == arm and t["turned"] == way for t in turned) for way in ("right", "wrong")}
        for arm in arms
    }
    return {
        "against": against,
        "questions": len(both),
        "only_now": len(asked_now - asked_before),
        "only_before": len(asked_before - asked_now),
        "arms": _changes(arms, new, old, both, seed, documents or {}),
        "only_in_one": sorted(new.keys() ^ old.keys()),
        "turned": sorted(turned, key=lambda t: t["turned"] == "right")[:_MOST_SHOWN],
        "turned_in_all": counts,
    }


def _changes(
    arms: Sequence[str],
    new: Mapping[str, Mapping[str, Score]],
    old: Mapping[str, Mapping[str, Score]],
    both: Sequence[str],
    seed: int,
    documents: Mapping[str, str],
) -> list[ChangeJson]:
    if not both:
        return []
    together, few = drawn_together(both, documents), len(both) < FEWEST
    family = [(arm, f"{arm} before") for arm in arms]
    rows: list[ChangeJson] = []
    for metric in METRICS:
        columns = {arm: [_value(new[arm][i], metric) for i in both] for arm in arms}
        columns |= {earlier: [_value(old[arm][i], metric) for i in both] for arm, earlier in family}
        for pair in paired(columns, family, metric, seed=seed, documents=together, few=few):
            rows.append(
                {
                    "arm": pair["a"],
                    "metric": metric,
                    "before": round(sum(columns[pair["b"]]) / len(both), 4),
                    "now": round(sum(columns[pair["a"]]) / len(both), 4),
                    "difference": pair["difference"],
                    "low": pair["low"],
                    "high": pair["high"],
                    "p": pair["p"],
                    "smallest_detectable": pair["smallest_detectable"],
                    "significant": pair["significant"],
                }
            )
    return rows


def _turned(before: Score, now: Score) -> TurnedJson | None:
    if before.is_right == now.is_right:
        return None
    way: Literal["right", "wrong"] = "right" if now.is_right else "wrong"
    return {"arm": now.arm, "id": now.id, "turned": way, "before": before.text, "now": now.text}


def _value(score: Score, metric: str) -> float:
    return float(getattr(score, metric))


def _by_arm(scores: Sequence[Score]) -> dict[str, dict[str, Score]]:
    by_arm: dict[str, dict[str, Score]] = {}
    for s in scores:
        by_arm.setdefault(s.arm, {})[s.id] = s
    return by_arm
