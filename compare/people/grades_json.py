"""The shape of what people said, as ``groundtune grade results --json`` prints it. Keys are only added."""

from __future__ import annotations

from typing import TypedDict

from compare.comparison_json import IntervalJson
from compare.people.agreement import FigureJson


class GraderJson(TypedDict):
    """How much one person graded of this comparison's answers."""

    points: int
    preferences: int
    skipped: int
    left: int
    """Answers that this person has not graded, of questions where they graded another one."""


class ArmPointsJson(TypedDict):
    """One arm's points. Of several graders a question counts with their mean."""

    questions: int
    grades: int
    points: IntervalJson
    right: IntervalJson
    """The share of answers with ``RIGHT_FROM`` points or more on average, by Wilson's interval."""


class PointsPairJson(TypedDict):
    """Two arms on the questions where both were given points; ``p`` adjusted by Holm's method, None where too few."""

    a: str
    b: str
    questions: int
    difference: float
    low: float | None
    high: float | None
    p: float | None
    significant: bool


class WinsJson(TypedDict):
    """Two arms by preferences. Of several graders a question counts as the balance of their choices."""

    a: str
    b: str
    questions: int
    wins: int
    losses: int
    ties: int
    both_bad: int
    """Of ``ties``: those where most graders found both bad."""
    same: int
    """Questions where both gave the same answer: not shown, not counted."""
    win_rate: float | None
    """(wins + ties / 2) / questions; None where too few."""
    low: float | None
    high: float | None
    p: float | None
    """Of a two-sided sign test over wins and losses, adjusted by Holm's method."""
    significant: bool


class PositionJson(TypedDict):
    """Is what stands first preferred? Over all choices that were made."""

    first: int
    second: int
    p: float


class KappaJson(FigureJson):
    """Cohen's kappa of two graders."""

    a: str
    b: str


class AgreementJson(TypedDict):
    """How far graders agree: on points (ordinal) or preferences (nominal)."""

    alpha: FigureJson
    kappa: list[KappaJson]


class AutomaticJson(TypedDict):
    """How far the automatic scores agree with the graders' mean points."""

    right: FigureJson
    """Cohen's kappa: right by F1 or key facts, against right by the graders."""
    f1: FigureJson
    """Spearman's correlation of F1 and points."""


class ReferenceJson(TypedDict):
    """One arm's automatic scores on the questions that people answered themselves."""

    f1: IntervalJson
    contains: IntervalJson
    right: float


class GradesJson(TypedDict):
    """Everything people said of one comparison's answers."""

    comparison: str
    graders: dict[str, GraderJson]
    arms: dict[str, ArmPointsJson]
    differences: list[PointsPairJson]
    wins: list[WinsJson]
    position: PositionJson | None
    agreement: dict[str, AgreementJson]
    """``points``, ``preferences``."""
    automatic: AutomaticJson
    people: dict[str, ReferenceJson]
    people_questions: int
    stale: int
    """Grades of answers that this comparison does not hold: they changed since, or it lacks their arm."""
    damaged: list[str]
    """Places of damaged lines."""
