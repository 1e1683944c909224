"""Points and preferences summed up by arm: means, win rates, tests. A question counts once, however many graded it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import mean
from typing import TypeVar

from compare.comparison_json import IntervalJson
from compare.paired_arms import SIGNIFICANT
from compare.people.blind_sheet import AnsweredQuestion
from compare.people.grade_record import RIGHT_FROM, Grade, Key
from compare.people.grades_json import ArmPointsJson, PointsPairJson, PositionJson, WinsJson
from compare.significance import Interval, holm, interval, paired_difference, share
from compare.verdict import FEWEST

Graded = Mapping[Key, Sequence[Grade]]
"""What stands of each item, a grade a grader."""
PairOfArms = TypeVar("PairOfArms", PointsPairJson, WinsJson)


def arm_points(answered: Sequence[AnsweredQuestion], graded: Graded) -> dict[str, ArmPointsJson]:
    """Each arm's mean points, 1 to 5, and share of right answers, over the questions where its answer was graded."""
    points: dict[str, ArmPointsJson] = {}
    for arm, of in _points_by_arm(answered, graded).items():
        means = [mean(p) for p in of.values()]
        right = share(sum(m >= RIGHT_FROM for m in means), len(means))
        points[arm] = {
            "questions": len(means),
            "grades": sum(map(len, of.values())),
            "points": interval_json(interval(means), len(means)),
            "right": interval_json(right, len(means)),
        }
    return points


def _points_by_arm(answered: Sequence[AnsweredQuestion], graded: Graded) -> dict[str, dict[str, list[int]]]:
    """By arm and question the points of all graders; arms without any are left out."""
    points: dict[str, dict[str, list[int]]] = {}
    for question in answered:
        for arm, answer in question.by_arm().items():
            of = points.setdefault(arm, {})
            if grades := graded.get((answer.fingerprint,)):
                of[question.example.id] = [int(g.grade) for g in grades]
    return {arm: of for arm, of in points.items() if of}


def points_differences(answered: Sequence[AnsweredQuestion], graded: Graded) -> list[PointsPairJson]:
    """Every two arms on the questions where both were given points (paired), p by sign-flip permutation."""
    points = _points_by_arm(answered, graded)
    pairs: list[PointsPairJson] = []
    for a, b in combinations(points, 2):
        both = [q for q in points[a] if q in points[b]]
        if both:
            of = paired_difference([mean(points[a][q]) for q in both], [mean(points[b][q]) for q in both])
            few = len(both) < FEWEST
            pairs.append(
                {
                    "a": a,
                    "b": b,
                    "questions": len(both),
                    "difference": round(of.difference, 4),
                    "low": None if few else round(of.low, 4),
                    "high": None if few else round(of.high, 4),
                    "p": None if few else of.p,
                    "significant": False,
                }
            )
    return _adjusted(pairs)


def arm_wins(answered: Sequence[AnsweredQuestion], graded: Graded) -> list[WinsJson]:
    """Every two arms whose answers were held against each other."""
    arms = list(dict.fromkeys(arm for q in answered for arm in q.by_arm()))
    wins = [w for a, b in combinations(arms, 2) if (w := _wins(a, b, answered, graded))["questions"]]
    return _adjusted(wins)


def _wins(a: str, b: str, answered: Sequence[AnsweredQuestion], graded: Graded) -> WinsJson:
    balances: list[int] = []
    same = both_bad = 0
    for question in answered:
        by_arm = question.by_arm()
        if a not in by_arm or b not in by_arm:
            continue
        ours, theirs = by_arm[a].fingerprint, by_arm[b].fingerprint
        if ours == theirs:
            same += 1
            continue
        grades = graded.get(tuple(sorted((ours, theirs))), ())
        if grades:
            balances.append(sum(_favour(g, ours) for g in grades))
            both_bad += balances[-1] == 0 and 2 * sum(g.grade == "bad" for g in grades) > len(grades)
    won, lost = sum(x > 0 for x in balances), sum(x < 0 for x in balances)
    n, few = len(balances), len(balances) < FEWEST
    rate = interval([(x > 0) - (x < 0) for x in balances])
    return {
        "a": a,
        "b": b,
        "questions": n,
        "wins": won,
        "losses": lost,
        "ties": n - won - lost,
        "both_bad": both_bad,
        "same": same,
        "win_rate": None if few else round((rate.mean + 1) / 2, 4),
        "low": None if few else round((rate.low + 1) / 2, 4),
        "high": None if few else round((rate.high + 1) / 2, 4),
        "p": None if few else sign_test(won, lost),
        "significant": False,
    }


def _favour(grade: Grade, fingerprint: str) -> int:
    """1 where a grader preferred this answer, -1 where the other one, 0 where neither."""
    if grade.grade not in ("A", "B"):
        return 0
    return 1 if grade.answers["AB".index(grade.grade)] == fingerprint else -1


def position(graded: Graded) -> PositionJson | None:
    """How often what stood first was preferred; None without choices."""
    choices = [g.grade for key, of in graded.items() if len(key) == 2 for g in of]
    first, second = choices.count("A"), choices.count("B")
    return {"first": first, "second": second, "p": round(sign_test(first, second), 5)} if first + second else None


def sign_test(wins: int, losses: int) -> float:
    """The two-sided p of as uneven a split of so many decisions by coin tosses (exact binomial; 1 without any).

    >>> round(sign_test(9, 1), 4)
    0.0215
    """
    from scipy.stats import binomtest

    return float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def _adjusted(pairs: list[PairOfArms]) -> list[PairOfArms]:
    """The same with their p adjusted for the number of those that have one."""
    ps = [pair["p"] for pair in pairs if pair["p"] is not None]
    adjusted = iter(holm(ps))
    for pair in pairs:
        if pair["p"] is not None:
            pair["p"] = round(next(adjusted), 5)
            pair["significant"] = pair["p"] < SIGNIFICANT
    return pairs


def interval_json(of: Interval, count: int) -> IntervalJson:
    """Rounded; without bounds where there are too few questions for any."""
    few = count < FEWEST
    low, high = (None, None) if few else (round(of.low, 4), round(of.high, 4))
    return {"mean": round(of.mean, 4), "low": low, "high": high}
