"""The money of a decision in words and figures: what terminal, Markdown and HTML draw. Computes no price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groundtune.reports.decision_json import CostsJson, EstimateJson, OptionJson


@dataclass(frozen=True)
class Estimate:
    """A figure: low, middle and high. As text all three, whole."""

    low: float
    mid: float
    high: float

    @classmethod
    def of(cls, estimate: EstimateJson) -> Estimate:
        """From JSON, where a tier has the same keys."""
        return cls(estimate["low"], estimate["mid"], estimate["high"])

    def __str__(self) -> str:
        return f"{self.low:,.0f} – {self.mid:,.0f} – {self.high:,.0f}"


@dataclass(frozen=True)
class CostLine:
    """One line of an approach's costs."""

    item: str
    when: str
    usd: Estimate
    formula: str
    source: str
    as_of: str


@dataclass(frozen=True)
class CostRow:
    """What one approach costs."""

    approach: str
    one_off: Estimate
    monthly: Estimate
    first_year: Estimate
    hours: Estimate
    lines: tuple[CostLine, ...]

    @classmethod
    def of(cls, approach: str, option: OptionJson) -> CostRow:
        """From JSON."""
        return cls(
            approach,
            one_off=Estimate.of(option["one_off_usd"]),
            monthly=Estimate.of(option["monthly_usd"]),
            first_year=Estimate.of(option["first_year_usd"]),
            hours=Estimate.of(option["hours"]),
            lines=tuple(
                CostLine(x["item"], x["when"], Estimate.of(x["usd"]), x["formula"], x["source"], x["as_of"])
                for x in option["lines"]
            ),
        )


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

    first_year: Estimate
    payback_month: int | None
    formula: str

    @property
    def sentence(self) -> str:
        """The return, with its range."""
        return f"Return in the first year: {self.first_year} USD"

    def pays_back(self, never: str = "does not pay back") -> str:
        """In which month, or that it does not."""
        return never if self.payback_month is None else f"pays back in month {self.payback_month}"


@dataclass(frozen=True)
class Tier:
    """The documents' tier beside the bottom-up figure."""

    name: str
    usd: Estimate
    bottom_up: Estimate
    because: str


@dataclass(frozen=True)
class CostView:
    """The whole sheet."""

    as_of: str
    rows: tuple[CostRow, ...]
    break_evens: tuple[BreakEven, ...]
    tuning_pays_from: int | None
    """Questions a month from which fine-tuning is cheaper than retrieval in the first year."""
    returns: Return | None
    tier: Tier

    @classmethod
    def of(cls, costs: CostsJson, chosen: str) -> CostView:
        """From JSON, with the return of the ``chosen`` approach."""
        back, tier = costs["returns"].get(chosen), costs["tier"]
        return cls(
            costs["as_of"],
            tuple(CostRow.of(name, option) for name, option in costs["options"].items()),
            tuple(
                BreakEven(f"{even['a']} and {even['b']}", f"{even['queries_per_month']:,} questions a month")
                for even in costs["break_evens"]
                if even["queries_per_month"] is not None
            ),
            costs["break_even_queries_per_month"],
            Return(Estimate.of(back["first_year_usd"]), back["payback_month"], back["formula"]) if back else None,
            Tier(tier["name"], Estimate.of(tier["usd"]), Estimate.of(tier["bottom_up_usd"]), tier["because"]),
        )
