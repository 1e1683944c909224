"""What changed between two runs of a comparison: versions, settings, commits. Reads scores; asks nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypedDict

from compare.paired_arms import SIGNIFICANT
from compare.significance import holm, paired_differences
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
    of = [documents.get(i, "") for i in both]
    units = len({d for d in of if d}) + of.count("")
    together = of if units >= FEWEST else ()
    rows: list[ChangeJson] = []
    for metric in METRICS:
        columns = [([_value(new[a][i], metric) for i in both], [_value(old[a][i], metric) for i in both]) for a in arms]
        differences = paired_differences(columns, seed, together)
        adjusted = holm([d.p for d in differences])
        for arm, (after, earlier), d, p in zip(arms, columns, differences, adjusted, strict=True):
            few = len(both) < FEWEST
            rows.append(
                {
                    "arm": arm,
                    "metric": metric,
                    "before": round(sum(earlier) / len(both), 4),
                    "now": round(sum(after) / len(both), 4),
                    "difference": round(d.difference, 4),
                    "low": None if few else round(d.low, 4),
                    "high": None if few else round(d.high, 4),
                    "p": round(p, 5),
                    "smallest_detectable": None if few else round(d.smallest_detectable, 4),
                    "significant": p < SIGNIFICANT and not few,
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
