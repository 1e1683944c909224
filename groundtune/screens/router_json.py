"""The shapes of JSON that ``router show`` and ``router replay`` show. Hold no figures themselves."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class SortJson(TypedDict):
    """The arm that answers a sort of question, and what the arms scored on it."""

    arm: str
    measured: bool
    questions: int
    score: dict[str, float]


class TellingJson(TypedDict):
    """How well the questions that are answered without documents are recognised."""

    known: float
    mistaken: float


class MeasuredJson(TypedDict):
    """What was measured of the arms."""

    documents: SortJson
    alone: SortJson
    answered_alone: TellingJson | None


class RulesJson(TypedDict):
    """Thresholds, words and reasons of the rules."""

    nothing_relevant: float
    near_example: float
    fresh_words: list[str]
    reasons: dict[str, str]


class JudgeJson(TypedDict):
    """Below which chance of an answer an arm abstains."""

    calibrated: bool
    refuse_below: float


class KnownJson(TypedDict):
    """What the router of a project knows."""

    arms: list[str]
    best: str
    measured: MeasuredJson | None
    up_to_date: bool | None
    not_measured: str | None
    abstention: JudgeJson | None
    rules: RulesJson


class GapJson(TypedDict):
    """The share of the way to the oracle, with its interval."""

    share: float
    low: float
    high: float


class PlayedJson(TypedDict):
    """What one way of choosing arms would have scored and cost."""

    budget: NotRequired[float]
    score: float
    cost: float
    gap_closed: GapJson | None
    arms: dict[str, float]


class PlayedRouterJson(TypedDict):
    """A router at each budget, and what it rests on."""

    rests_on: str
    budgets: list[PlayedJson]


class ReplayedJson(TypedDict):
    """All of them on recorded answers."""

    questions: int
    different_questions: int
    costs: bool
    routers: dict[str, PlayedRouterJson]
    always: dict[str, PlayedJson]
    oracle: PlayedJson
