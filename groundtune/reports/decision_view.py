"""A decision in words: the one view that terminal, Markdown and HTML draw. Built from its JSON; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groundtune.reports.cost_view import CostView
from groundtune.reports.firmness_view import FirmnessView

if TYPE_CHECKING:
    from advisor.decision_json import (
        DecisionJson,
        EvidenceJson,
        MeanJson,
        PitfallJson,
        ReasonJson,
        StakeholdersJson,
        StepJson,
    )
    from advisor.questions import Answer

_ADVICE = {
    "prompt": "Stay on the base model with a good prompt.",
    "rag": "Retrieve: answer from your documents (RAG).",
    "finetune": "Fine-tune: a LoRA adapter on your examples.",
    "hybrid": "Both: retrieve the facts, fine-tune the reading and the tone.",
    "defer": "Wait: measure with a pilot before deciding.",
}


@dataclass(frozen=True)
class MeasuredRow:
    """What was measured of an arm."""

    arm: str
    f1: str
    interval: str
    p95: str
    usd_per_1000: float | None


@dataclass(frozen=True)
class EvidenceView:
    """What was measured, and what it does to the advice."""

    effect: str
    """``changes`` or ``confirms``."""
    checklist: str
    """What the checklist alone said."""
    improvement: str | None
    rows: tuple[MeasuredRow, ...]
    general: str | None
    """The change on general questions, in F1 points."""
    forgets: bool

    @classmethod
    def of(cls, evidence: EvidenceJson) -> EvidenceView:
        """From JSON."""
        improvement, loss = evidence["improvement_percent"], evidence["general_loss"]
        rows = tuple(
            MeasuredRow(
                arm,
                f"{measured['f1']['mean'] * 100:.1f}",
                _interval(measured["f1"]),
                f"{measured['seconds']['p95']:.2f} s",
                measured.get("usd_per_1000"),
            )
            for arm, measured in evidence["arms"].items()
        )
        sentence = improvement and (
            f"improvement: {improvement['difference']:+.0f} % (95 % interval {improvement['low']:+.0f} to "
            f"{improvement['high']:+.0f} %) instead of the expected one"
        )
        return cls(
            "changes" if evidence["changed"] else "confirms",
            evidence["checklist"],
            sentence or None,
            rows,
            None if loss is None else f"{-loss * 100:+.1f} F1 points",
            bool(evidence["forgets"]),
        )

    @property
    def sentence(self) -> str:
        """What the measurements do to the checklist's advice."""
        return f"Measured evidence {self.effect} the checklist's advice"


@dataclass(frozen=True)
class WishRow:
    """An approach under the weighted wishes."""

    approach: str
    total: float
    scores: tuple[str, ...]


@dataclass(frozen=True)
class WishesView:
    """Whose wishes the approaches serve, the best first."""

    weights: Mapping[str, float]
    """Each wish's share of the whole."""
    rows: tuple[WishRow, ...]
    against: str | None
    """What is said where the weights rank another approach first."""
    reversals: tuple[str, ...]

    @classmethod
    def of(cls, ranked: StakeholdersJson, chosen: str) -> WishesView:
        """From JSON, beside the ``chosen`` approach."""
        first, weights = ranked["order"][0], ranked["weights"]
        rows = tuple(
            WishRow(name, ranked["totals"][name], tuple(f"{ranked['scores'][name][wish]:.2f}" for wish in weights))
            for name in ranked["order"]
        )
        other = first != chosen and chosen in ranked["totals"]
        reversals = tuple(
            f"{r['wish']} {'above' if r['above'] else 'below'} {r['weight']:.0%} of the weight: {r['then']} before {first}"
            for r in ranked["reversals"]
        )
        return cls(weights, rows, f"These weights rank {first} before {chosen}" if other else None, reversals)

    @property
    def weight_labels(self) -> dict[str, str]:
        """Each wish with its weight, in words."""
        return {wish: f"{wish} {weight:.0%}" for wish, weight in self.weights.items()}


@dataclass(frozen=True)
class DecisionView:
    """The whole decision."""

    approach: str
    title: str
    headline: str
    """The advice in one sentence."""
    because: str
    """The decisive reason as a sentence."""
    source: str
    date: str
    evidence: EvidenceView | None
    reasons: list[ReasonJson]
    firmness: FirmnessView
    costs: CostView
    wishes: WishesView
    pitfalls: list[PitfallJson]
    plan: list[StepJson]
    notes: tuple[str, ...]
    """What is to be kept in mind."""
    answers: Mapping[str, Answer]

    @classmethod
    def of(cls, d: DecisionJson) -> DecisionView:
        """From the JSON of ``Decision``, new or as a project keeps it."""
        approach, why = d["approach"], d["because"]
        return cls(
            approach=approach,
            title=f"Advice: {approach}",
            headline=why.get("headline") or _ADVICE[approach],
            because=f"{why['because'][0].upper()}{why['because'][1:]}.",
            source=why["source"],
            date=d["date"],
            evidence=EvidenceView.of(d["evidence"]) if d["evidence"] else None,
            reasons=d["reasons"],
            firmness=FirmnessView.of(d),
            costs=CostView.of(d["costs"], approach),
            wishes=WishesView.of(d["stakeholders"], approach),
            pitfalls=d["pitfalls"],
            plan=d["plan"],
            notes=(*d["compliance"], *d["limits"], *d["notes"]),
            answers=d["answers"],
        )


def _interval(f1: MeanJson) -> str:
    ends = " to ".join(f"{end * 100:.1f}" for end in (f1["low"], f1["high"]) if end is not None)
    return f"{f1['mean'] * 100:.1f} ({ends or 'too few questions'})"
