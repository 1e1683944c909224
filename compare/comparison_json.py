"""The shape of a comparison's result as JSON. Keys are only added. Holds no figures itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

if TYPE_CHECKING:
    from compare.changes import ChangesJson


class IntervalJson(TypedDict):
    """A mean with its 95 % interval. The bounds are None where there are too few questions."""

    mean: float
    low: float | None
    high: float | None


class PairJson(TypedDict):
    """Two arms compared on one score. ``p`` is adjusted by Holm's method."""

    a: str
    b: str
    metric: str
    difference: float
    low: float | None
    high: float | None
    p: float
    smallest_detectable: float | None
    p_unadjusted: float
    significant: bool
    effect: NotRequired[float]
    """Cohen's d of paired scores."""


class UnitsJson(TypedDict):
    """Questions, the documents that they ask about, and how many units intervals and tests draw from."""

    questions: int
    documents: int
    units: int


class FailedJson(TypedDict):
    """By arm how many questions ended in an error; which questions no figure has in."""

    arms: dict[str, int]
    questions: list[str]


class RoutingJson(TypedDict):
    """``auto`` against the best single arm, by one metric."""

    best: str
    oracle: float
    difference: float
    low: float | None
    high: float | None
    p: float | None
    smallest_detectable: float | None
    gap_closed: IntervalJson | None


class TaughtJson(TypedDict):
    """Means on the questions that a training example teaches, and on the others: by arm, by these two, by metric."""

    n: int
    others: int
    arms: dict[str, dict[str, dict[str, float]]]


class CalibrationJson(TypedDict):
    """See ``compare.chance_calibration.Calibration``."""

    answers: int
    right: float
    told: float
    error: float
    error_by_chance: float
    p: float
    brier: float
    bins: list[list[float]]
    risk: list[list[float]]


class RefusalsJson(TypedDict):
    """How many refusals were right, how many were wrong, and how many were missed."""

    right: int
    wrong: int
    missed: int


class SecondsJson(TypedDict):
    """Percentiles of the latency; None where none was taken."""

    p50: float | None
    p95: float | None
    p99: NotRequired[float | None]


class TokensJson(TypedDict):
    """Mean tokens of an answer."""

    prompt: float
    completion: float


class OracleJson(TypedDict):
    """The best arm on each question."""

    f1: IntervalJson


class ArmJson(OracleJson):
    """One arm's scores."""

    exact: IntervalJson
    contains: IntervalJson
    contains_quoted: IntervalJson
    squad_f1: IntervalJson
    squad_exact: IntervalJson
    refusals: RefusalsJson
    seconds: SecondsJson
    tokens: TokensJson
    usd_per_1000: float | None


class PilotRunJson(TypedDict):
    """A pilot: minutes given and spent, questions asked of those drawn, looks taken, why it ended, what it cannot tell."""

    minutes: float
    spent: float
    asked: int
    of: int
    looks: list[int]
    ended: Literal["sure", "time", "all asked"]
    cannot_tell: list[str]


class ComparisonJson(TypedDict):
    """The whole result."""

    questions: int
    arms: dict[str, ArmJson | OracleJson]
    pairs: list[PairJson]
    """On F1."""
    pairs_right: NotRequired[list[PairJson]]
    """On whether the answer is right."""
    pairs_key_facts: NotRequired[list[PairJson]]
    family: NotRequired[str]
    level: NotRequired[float]
    """The adjusted p below which a difference counts as significant."""
    units: NotRequired[UnitsJson]
    failed: NotRequired[FailedJson | None]
    changes: NotRequired[ChangesJson]
    """Against an earlier run, where one was named."""
    pilot: NotRequired[PilotRunJson]
    """Of a pilot: what it asked, and what it cannot tell."""
    kinds: dict[str, dict[str, float]]
    key_facts_by_kind: dict[str, dict[str, float]]
    taught: TaughtJson | None
    calibration: dict[str, CalibrationJson]
    routing: dict[str, RoutingJson] | None
    verdict: str
    prices: dict[str, float | bool | str | None]
    """See ``compare.answer_costs.Prices``."""
    note: str | None
