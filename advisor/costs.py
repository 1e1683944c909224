"""What each approach costs, low, middle and high. Knows nothing of which one is advised.

Monthly = questions x tokens x price; one-off = the documents' tiers (fine-tuning) or planning values; every figure stands
in ``tables/costs.toml`` with its source and date.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from advisor.answers import Answers
from advisor.questions import TABLES

_LEVELS = ("low", "mid", "high")
_DEFAULT_QUERIES = 10_000


@dataclass(frozen=True)
class Range:
    """Low, middle and high of one figure."""

    low: float
    mid: float
    high: float

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.mid + other.mid, self.high + other.high)

    def times(self, factor: float) -> Range:
        return Range(self.low * factor, self.mid * factor, self.high * factor)

    def to_json(self) -> dict[str, float]:
        return {level: round(getattr(self, level), 2) for level in _LEVELS}


@dataclass(frozen=True)
class Option:
    """The cost of one approach."""

    one_off_usd: Range
    monthly_usd: Range
    hours: Range

    @property
    def first_year_usd(self) -> Range:
        return self.one_off_usd + self.monthly_usd.times(12)

    def to_json(self) -> dict[str, dict[str, float]]:
        names = ("one_off_usd", "monthly_usd", "hours", "first_year_usd")
        return {name: getattr(self, name).to_json() for name in names}


@dataclass(frozen=True)
class CostSheet:
    """All options, and from how many questions a month fine-tuning is cheaper than retrieval in the first year."""

    options: dict[str, Option]
    break_even_queries_per_month: int | None
    as_of: str

    def to_json(self) -> dict[str, Any]:
        options = {name: option.to_json() for name, option in self.options.items()}
        return {
            "options": options,
            "break_even_queries_per_month": self.break_even_queries_per_month,
            "as_of": self.as_of,
        }


def costs(answers: Answers) -> CostSheet:
    """The cost sheet for these answers; what is unknown takes the questionnaire's default."""
    table = _table()
    queries = answers.number("queries_per_month")
    options = _options(answers, _DEFAULT_QUERIES if queries is None else queries)
    none, each = _options(answers, 0.0), _options(answers, 1000.0)

    def line(name: str) -> tuple[float, float]:
        """First-year cost without questions, and for each question a month."""
        fixed = none[name].first_year_usd.mid
        return fixed, (each[name].first_year_usd.mid - fixed) / 1000

    (rag_fixed, rag_each), (tuned_fixed, tuned_each) = line("rag"), line("finetune")
    even = (tuned_fixed - rag_fixed) / (rag_each - tuned_each) if rag_each > tuned_each else None
    return CostSheet(options, None if even is None else max(0, round(even)), table["as_of"])


def _options(answers: Answers, queries: float) -> dict[str, Option]:
    table = _table()
    rag, prompt, serving = table["rag"], table["prompt"], table["serving"]
    documents = (answers.number("documents") or 0) / 1000

    def per_month(tokens: float) -> Range:
        return Range(*serving["usd_per_million_tokens"]).times(queries * tokens / 1e6)

    answer, passages = serving["answer_tokens"], serving["passage_tokens"]
    indexing = Range(*rag["one_off_usd"]) + Range(*rag["usd_per_1000_documents"]).times(documents)
    store, tuning, hours = Range(*rag["monthly_usd"]), *_tuning(answers.number("examples") or 0)
    upkeep = _upkeep(tuning)
    plain = per_month(serving["prompt_tokens"] + answer)
    grounded = per_month(serving["prompt_tokens"] + passages + answer) + store
    tuned = per_month(serving["tuned_prompt_tokens"] + answer) + upkeep
    both = per_month(serving["tuned_prompt_tokens"] + passages + answer) + store + upkeep
    return {
        "prompt": Option(Range(*prompt["one_off_usd"]), plain, Range(*prompt["hours"])),
        "rag": Option(indexing, grounded, Range(*rag["hours"])),
        "finetune": Option(tuning, tuned, hours),
        "hybrid": Option(indexing + tuning, both, Range(*rag["hours"]) + hours),
    }


def _tuning(examples: float) -> tuple[Range, Range]:
    tier = [t for t in _table()["tier"] if examples >= t["from_examples"]][-1]
    return Range(*tier["usd"]), Range(*tier["hours"])


def _upkeep(one_off: Range) -> Range:
    """Retraining every 3 to 6 months, as a monthly cost."""
    kept = _table()["maintenance"]
    low, mid, high = (kept["share_of_one_off"] / months for months in kept["months_between_retraining"])
    return Range(one_off.low * low, one_off.mid * mid, one_off.high * high)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((TABLES / "costs.toml").read_text(encoding="utf-8"))
