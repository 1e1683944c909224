"""Everything people said of a comparison's answers, summed up: arms, pairs, agreement, and how far automatic scores agree."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from statistics import mean

from compare.people.agreement import FigureJson, Level, alpha, kappa, spearman
from compare.people.arm_points import Graded, arm_points, arm_wins, interval_json, points_differences, position
from compare.people.blind_sheet import PEOPLE, AnsweredQuestion
from compare.people.grade_record import POINTS, PREFERENCES, RIGHT_FROM, SKIP, Grade, Key, standing
from compare.people.grades_json import (
    AgreementJson,
    AutomaticJson,
    GraderJson,
    GradesJson,
    KappaJson,
    ReferenceJson,
)
from compare.score import Score
from compare.significance import interval

_FLIPPED = {"A": "B", "B": "A"}


def graded_comparison(
    comparison: str, answered: Sequence[AnsweredQuestion], records: Sequence[Grade], damaged: Sequence[str] = ()
) -> GradesJson:
    """Sum up ``records`` (all that graders said, in order of time) over the answers of one comparison."""
    stand = standing(records).values()
    questions = {a.fingerprint: q.example.id for q in answered for a in q.answers}
    current = [g for g in stand if all(f in questions for f in g.answers)]
    graded: dict[Key, list[Grade]] = {}
    for grade in current:
        if grade.is_grade:
            graded.setdefault(grade.key, []).append(grade)
    people, asked = _people(answered)
    return {
        "comparison": comparison,
        "graders": {name: _grader(name, current, answered) for name in sorted({g.grader for g in current})},
        "arms": arm_points(answered, graded),
        "differences": points_differences(answered, graded),
        "wins": arm_wins(answered, graded),
        "position": position(graded),
        "agreement": {
            "points": _agreement(_by_item(graded, 1), list(POINTS)[::-1], "ordinal"),
            "preferences": _agreement(_by_item(graded, 2), list(PREFERENCES), "nominal"),
        },
        "automatic": _automatic(answered, graded),
        "people": people,
        "people_questions": asked,
        "stale": sum(g.is_grade for g in stand) - sum(g.is_grade for g in current),
        "damaged": list(damaged),
    }


def _grader(name: str, current: Collection[Grade], answered: Sequence[AnsweredQuestion]) -> GraderJson:
    theirs = [g for g in current if g.grader == name]
    pointed = {f for g in theirs if g.is_grade and len(g.answers) == 1 for f in g.answers}
    begun = {g.question for g in theirs if len(g.answers) == 1}
    shown = {a.fingerprint for q in answered if q.example.id in begun for a in q.answers if a.writer != name}
    return {
        "points": len(pointed),
        "preferences": sum(g.is_grade and len(g.answers) == 2 for g in theirs),
        "skipped": sum(g.grade == SKIP for g in theirs),
        "left": len(shown - pointed),
    }


def _by_item(graded: Graded, answers: int) -> dict[Key, dict[str, str]]:
    """By item and grader the grade; a preference as if all graders had seen both answers in the order of the key."""
    return {
        key: {g.grader: g.grade if g.answers == key else _FLIPPED.get(g.grade, g.grade) for g in of}
        for key, of in graded.items()
        if len(key) == answers
    }


def _agreement(by_item: Mapping[Key, Mapping[str, str]], labels: Sequence[str], level: Level) -> AgreementJson:
    """``labels``: the scale in its order."""
    graders = sorted({name for of in by_item.values() for name in of})
    kappas: list[KappaJson] = []
    for a, b in combinations(graders, 2):
        both = [(of[a], of[b]) for of in by_item.values() if a in of and b in of]
        figure = kappa([x for x, _ in both], [y for _, y in both], labels, weighted=level == "ordinal")
        kappas.append({"a": a, "b": b, **figure})
    units = [[float(labels.index(grade)) for grade in of.values()] for of in by_item.values()]
    return {"alpha": alpha(units, level), "kappa": kappas}


def _automatic(answered: Sequence[AnsweredQuestion], graded: Graded) -> AutomaticJson:
    """Each different answer counts once: its scores are those of any arm that gave it."""
    rows: list[tuple[Score, float]] = []
    for question in answered:
        for answer in question.answers:
            if grades := graded.get((answer.fingerprint,)):
                rows.append((answer.scores[0], mean(int(g.grade) for g in grades)))
    by_score = ["right" if score.is_right else "wrong" for score, _ in rows]
    by_people = ["right" if points >= RIGHT_FROM else "wrong" for _, points in rows]
    right: FigureJson = kappa(by_score, by_people, ("wrong", "right"), weighted=False)
    return {"right": right, "f1": spearman([s.f1 for s, _ in rows], [points for _, points in rows])}


def _people(answered: Sequence[AnsweredQuestion]) -> tuple[dict[str, ReferenceJson], int]:
    """Automatic scores of every arm on the questions that people answered, and how many these are."""
    theirs = [q for q in answered if PEOPLE in q.by_arm()]
    scores: dict[str, list[Score]] = {}
    for question in theirs:
        for score in (s for a in question.answers for s in a.scores):
            scores.setdefault(score.arm, []).append(score)
    reference: dict[str, ReferenceJson] = {}
    for arm, of in scores.items():
        if len(of) == len(theirs):
            reference[arm] = {
                "f1": interval_json(interval([s.f1 for s in of]), len(of)),
                "contains": interval_json(interval([s.contains for s in of]), len(of)),
                "right": round(mean(s.is_right for s in of), 4),
            }
    return reference, len(theirs)
