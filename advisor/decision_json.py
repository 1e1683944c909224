"""The shape of a decision as JSON: what ``Decision.to_json`` returns, and what a project keeps. Keys are only added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

from advisor.questions import Answer

FlipJson = TypedDict("FlipJson", {"if": str, "then": str, "key": str, "sign": str, "value": Answer})
"""An answer that would change the advice, and to what."""
StretchJson = TypedDict("StretchJson", {"from": float, "approach": str})
"""The advice from this number on."""


class EstimateJson(TypedDict):
    """A figure: low, middle and high."""

    low: float
    mid: float
    high: float


class BecauseJson(TypedDict):
    """The decisive rule. ``headline`` is there where the approach's own does not fit."""

    rule: str
    because: str
    source: str
    headline: NotRequired[str]


class ReasonJson(TypedDict):
    """One rule applied to one answer. ``verdict`` is for, against, open, retrieve or no_retrieval."""

    rule: str
    answer: str
    verdict: str
    because: str
    source: str


class LineJson(TypedDict):
    """One line of a cost sheet."""

    item: str
    when: str
    usd: EstimateJson
    hours: EstimateJson
    formula: str
    source: str
    as_of: str


class OptionJson(TypedDict):
    """The cost of one approach."""

    one_off_usd: EstimateJson
    monthly_usd: EstimateJson
    first_year_usd: EstimateJson
    hours: EstimateJson
    lines: list[LineJson]


class BreakEvenJson(TypedDict):
    """Questions a month at which two approaches cost the same. None where they never do."""

    a: str
    b: str
    queries_per_month: int | None


class ReturnJson(TypedDict):
    """What an approach earns over a prompt."""

    value_usd_per_month: EstimateJson
    first_year_usd: EstimateJson
    payback_month: int | None
    formula: str


class TierJson(TypedDict):
    """The documents' tier beside our own figure."""

    name: str
    usd: EstimateJson
    training_hours: EstimateJson
    bottom_up_usd: EstimateJson
    because: str
    source: str


class CostsJson(TypedDict):
    """The whole cost sheet."""

    options: dict[str, OptionJson]
    break_even_queries_per_month: int | None
    break_evens: list[BreakEvenJson]
    returns: dict[str, ReturnJson | None]
    tier: TierJson
    training_machine_hours: EstimateJson
    as_of: str


class PossibleJson(TypedDict):
    """What the unknown answers leave open, and which one to find out first."""

    approaches: dict[str, float]
    """Each approach's share of the completions, most frequent first."""
    decides: str | None
    """The unknown whose answer narrows the result most, or None where nothing is open."""
    outcomes: dict[str, list[str]]
    """For ``decides``: each of its answers with the approaches that then remain."""


class WorldsJson(TypedDict):
    """How often each approach wins around the answers."""

    draws: int
    agree: float
    """The share of the worlds that agree with the decision."""
    shares: dict[str, float]


class GreyZoneJson(TypedDict):
    """Where the documents are silent or contradict, and the cheapest measurement that settles it."""

    zone: str
    because: str
    measure: str
    source: str


class PilotJson(TypedDict):
    """So many held-out ``questions`` detect a rise from ``from_percent`` to ``to_percent`` right answers."""

    questions: int
    from_percent: float
    to_percent: float


class ReversalJson(TypedDict):
    """From a share ``weight`` of all weights on ``wish``, ``then`` is ranked first; ``above`` tells which side."""

    wish: str
    weight: float
    above: bool
    then: str


class StakeholdersJson(TypedDict):
    """The approaches ranked by weighted wishes."""

    weights: dict[str, float]
    scores: dict[str, dict[str, float]]
    totals: dict[str, float]
    order: list[str]
    reversals: list[ReversalJson]


class WarningJson(TypedDict):
    """A pitfall that is met here."""

    pitfall: str
    because: str
    source: str


class PitfallJson(WarningJson):
    """A pitfall, and whether it is met here."""

    status: Literal["ok", "warn", "open"]


class StepJson(TypedDict):
    """A step of the plan."""

    when: str
    do: str


class MeanJson(TypedDict):
    """A mean with its interval."""

    mean: float
    low: float | None
    high: float | None


class MeasuredArm(TypedDict):
    """What a comparison measured of one arm, as far as it is read here. Each key may have more in it."""

    f1: MeanJson
    """Token F1, 0 to 1."""
    seconds: NotRequired[Mapping[str, float]]
    """Quantiles of the time an answer took."""
    usd_per_1000: NotRequired[float | None]
    """US dollars for 1,000 answers."""


class DifferenceJson(TypedDict):
    """A difference of two arms. The bounds are None where there are too few questions for an interval."""

    difference: float
    low: float | None
    high: float | None
    p: float
    significant: bool


class ImprovementJson(TypedDict):
    """The measured improvement, in percent."""

    difference: float
    low: float
    high: float


class EvidenceJson(TypedDict):
    """A comparison that was measured."""

    questions: int
    arms: Mapping[str, MeasuredArm]
    tuned: str | None
    untuned: str
    difference: DifferenceJson | None
    improvement_percent: ImprovementJson | None
    significant: bool
    general_loss: float | None
    forgets: bool | None
    approach: str
    checklist: str
    changed: bool
    search_is_enough: NotRequired[bool | None]
    """Is no arm with a model significantly better than the best one without? None where none without was measured."""


class DecisionJson(TypedDict):
    """The whole decision."""

    version: NotRequired[str]
    """In a project: which of its decisions this is."""
    approach: str
    because: BecauseJson
    reasons: list[ReasonJson]
    costs: CostsJson
    flips: list[FlipJson]
    sweeps: dict[str, list[StretchJson]]
    warnings: list[WarningJson]
    plan: list[StepJson]
    answers: dict[str, Answer]
    possible: PossibleJson
    worlds: WorldsJson
    stakeholders: StakeholdersJson
    grey_zones: list[GreyZoneJson]
    pilot: PilotJson | None
    pitfalls: list[PitfallJson]
    compliance: list[str]
    limits: list[str]
    notes: list[str]
    evidence: EvidenceJson | None
    measured: dict[str, float]
    date: str
