"""The money of a decision in words and figures: what terminal, Markdown and HTML draw. Computes no price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.decision_json import CostsJson, EstimateJson, OptionJson, TierJson


def span(estimate: EstimateJson) -> str:
    """Low, middle and high, whole."""
    return f"{estimate['low']:,.0f} – {estimate['mid']:,.0f} – {estimate['high']:,.0f}"


@dataclass(frozen=True)
class BreakEven:
    """Two approaches, and at how many questions a month they cost the same."""

    pair: str
    """``rag and finetune``."""
    questions: str
    """``12,000 questions a month``."""


@dataclass(frozen=True)
class Return:
    """What the advised approach earns over staying on a prompt."""

    first_year: EstimateJson
    payback_month: int | None
    formula: str

    @property
    def sentence(self) -> str:
        """The return, with its range."""
        return f"Return in the first year: {span(self.first_year)} USD"

    def pays_back(self, never: str = "does not pay back") -> str:
        """In which month, or that it does not."""
        return never if self.payback_month is None else f"pays back in month {self.payback_month}"


@dataclass(frozen=True)
class CostView:
    """The whole sheet."""

    as_of: str
    options: Mapping[str, OptionJson]
    """By approach."""
    break_evens: tuple[BreakEven, ...]
    tuning_pays_from: int | None
    """Questions a month from which fine-tuning is cheaper than retrieval in the first year."""
    returns: Return | None
    tier: TierJson

    @classmethod
    def of(cls, costs: CostsJson, chosen: str) -> CostView:
        """From JSON, with the return of the ``chosen`` approach."""
        back = costs["returns"].get(chosen)
        return cls(
            costs["as_of"],
            costs["options"],
            tuple(
                BreakEven(f"{even['a']} and {even['b']}", f"{even['queries_per_month']:,} questions a month")
                for even in costs["break_evens"]
                if even["queries_per_month"] is not None
            ),
            costs["break_even_queries_per_month"],
            Return(back["first_year_usd"], back["payback_month"], back["formula"]) if back else None,
            costs["tier"],
        )
