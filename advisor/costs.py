"""What each approach costs, line by line: low, middle and high.

Every line has its formula, source and date; prices stand in ``tables/prices.toml`` and can be overridden. Bottom-up
figures make the totals; the documents' top-down tiers stand beside them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from advisor.answers import Answers
from advisor.cost_lines import ZERO, Line, Range, by_level, lines_of, serving, training_hours, tuning_job
from advisor.decision_json import CostsJson, OptionJson, ReturnJson, TierJson
from advisor.price_table import PriceTable, dated, read_prices
from advisor.training_needs import Job

OPTIONS = ("prompt", "rag", "finetune", "hybrid")
_MOST_QUERIES = 1e10


@dataclass(frozen=True)
class Option:
    """The cost of one approach: its lines, and their sums."""

    lines: tuple[Line, ...]

    def _sum(self, when: str, of: Callable[[Line], Range]) -> Range:
        return sum((of(line) for line in self.lines if line.when == when), ZERO)

    @property
    def one_off_usd(self) -> Range:
        return self._sum("one_off", lambda line: line.usd)

    @property
    def monthly_usd(self) -> Range:
        return self._sum("monthly", lambda line: line.usd)

    @property
    def hours(self) -> Range:
        """People's hours until it runs."""
        return self._sum("one_off", lambda line: line.hours)

    @property
    def first_year_usd(self) -> Range:
        return self.one_off_usd + self.monthly_usd * 12

    def to_json(self) -> OptionJson:
        return {
            "one_off_usd": self.one_off_usd.to_json(),
            "monthly_usd": self.monthly_usd.to_json(),
            "hours": self.hours.to_json(),
            "first_year_usd": self.first_year_usd.to_json(),
            "lines": [line.to_json() for line in self.lines],
        }


@dataclass(frozen=True)
class CostSheet:
    """All options; the rest is derived from them and from the answers."""

    options: dict[str, Option]
    answers: Answers
    prices: PriceTable
    measured: Mapping[str, float]

    @property
    def break_even_queries_per_month(self) -> int | None:
        """Questions a month from which fine-tuning is cheaper than retrieval in the first year; None if it never is."""
        even = self.break_even("rag", "finetune")
        return None if even is None else math.ceil(even)

    def break_even(self, a: str, b: str) -> float | None:
        """Questions a month at which ``a`` and ``b`` cost the same in the first year (middle figures), or None."""

        def gap(queries: float) -> float:
            return self._first_year(a, queries) - self._first_year(b, queries)

        low, high = 0.0, 1.0
        while high <= _MOST_QUERIES and gap(low) * gap(high) > 0:
            low, high = high, high * 2
        if high > _MOST_QUERIES or gap(low) == 0:
            return None
        while high - low > max(1e-3, 1e-9 * high):
            middle = (low + high) / 2
            low, high = (middle, high) if gap(low) * gap(middle) > 0 else (low, middle)
        return high

    @property
    def value_usd(self) -> Range | None:
        """What the improvement is worth a month, or None where no value is stated."""
        percent, value = self.answers.number("expected_improvement_percent"), self.answers.number("monthly_value_usd")
        wrong = self.answers.number("wrong_answer_usd")
        if percent is None or (value is None and wrong is None):
            return None
        worth = value if value is not None else self.answers.figure("queries_per_month") * (wrong or 0.0)
        spread = Range(0.4, 1.0, 1.3)  # as in tables/robustness.toml: improvements are more often expected too high
        return spread * (worth * percent / 100)

    def returns(self, option: str) -> ReturnJson | None:
        """First-year return over staying on a prompt, and the month in which it has paid back; None without a value."""
        worth = self.value_usd
        if worth is None:
            return None
        base, cost = self.options["prompt"], self.options[option]

        def net(months: float, gain: float, level: str) -> float:
            extra = getattr(cost.monthly_usd, level) - getattr(base.monthly_usd, level)
            once = getattr(cost.one_off_usd, level) - getattr(base.one_off_usd, level)
            return float((gain - extra) * months - once)

        worst, middle, best = net(12, worth.low, "high"), net(12, worth.mid, "mid"), net(12, worth.high, "low")
        monthly = worth.mid - (cost.monthly_usd.mid - base.monthly_usd.mid)
        once = cost.one_off_usd.mid - base.one_off_usd.mid
        pays = math.ceil(once / monthly) if monthly > 0 else None
        return {
            "value_usd_per_month": worth.to_json(),
            "first_year_usd": Range(worst, middle, best).to_json(),
            "payback_month": None if pays is None else max(0, pays),
            "formula": "(value x improvement - more each month) x 12 - more at the start, over staying on a prompt",
        }

    def tier(self) -> TierJson:
        """The documents' tier for this number of examples beside our bottom-up figure, and why they differ."""
        examples = self.answers.number("examples") or 0
        tier = [t for t in self.prices["tier"] if examples >= t["from_examples"]][-1]
        ours, low, high = self.options["finetune"].one_off_usd, tier["usd"][0], tier["usd"][2]
        if ours.mid < low:
            because = (
                "below the tier: a small model with LoRA on its own hardware; the tier pays for larger ones and vendors"
            )
        elif ours.mid > high:
            because = "above the tier: the hours of preparing and grading the examples weigh more than the tier assumes"
        else:
            because = "within the tier"
        return {
            "name": tier["name"],
            "usd": by_level(tier["usd"]),
            "training_hours": by_level(tier["hours"]),
            "bottom_up_usd": ours.to_json(),
            "because": because,
            "source": self.prices["tiers"]["source"],
        }

    @property
    def as_of(self) -> str:
        return str(self.prices["as_of"])

    def warnings(self, today: date) -> list[str]:
        """What makes the figures less certain: old prices, memory too small, budget or deadline exceeded."""
        warnings = []
        limit = self.prices["stale_after_days"]
        for name, entry in dated(self.prices):
            age = (today - entry).days
            if age > limit:
                warnings.append(f"prices: {name} is {age} days old (limit {limit}); pass newer ones with --prices FILE")
        hardware = self.answers.choice("hardware")
        if hardware != "hosted":
            holds, needs = self.prices["hardware"][hardware]["memory_gib"], self.job().memory_gib()
            if needs > holds:
                warnings.append(
                    f"memory: LoRA on {self.answers.figure('model_billion'):g} billion parameters needs about "
                    f"{needs:.0f} GiB, {hardware} has {holds}: choose a smaller model, QLoRA or a larger machine"
                )
        return warnings

    def job(self) -> Job:
        """The fine-tune these answers describe."""
        return tuning_job(self.answers, self.prices, "mid")

    def training_hours(self) -> Range:
        """Machine hours of one fine-tune."""
        return training_hours(self.answers, self.prices, self.measured)

    def to_json(self) -> CostsJson:
        """The ``costs`` of ``groundtune advise --json`` (stable: keys are only added)."""
        pairs = [(a, b, self.break_even(a, b)) for a, b in combinations(OPTIONS, 2)]
        return {
            "options": {name: option.to_json() for name, option in self.options.items()},
            "break_even_queries_per_month": self.break_even_queries_per_month,
            "break_evens": [
                {"a": a, "b": b, "queries_per_month": None if even is None else math.ceil(even)} for a, b, even in pairs
            ],
            "returns": {name: self.returns(name) for name in OPTIONS if name != "prompt"},
            "tier": self.tier(),
            "training_machine_hours": self.training_hours().to_json(),
            "as_of": self.as_of,
        }

    def _first_year(self, option: str, queries: float) -> float:
        fixed = [x for x in self.options[option].lines if x.item != "serving"]
        served = serving(option, queries, self.answers, self.prices, self.measured).usd.mid
        return sum(x.usd.mid * (12 if x.when == "monthly" else 1) for x in fixed) + 12 * served


def costs(answers: Answers, prices: PriceTable | None = None, measured: Mapping[str, float] | None = None) -> CostSheet:
    """The cost sheet for these answers; what is unknown takes the questionnaire's default.

    ``prices`` as from ``read_prices``; ``measured`` may hold ``train_tokens_per_s``, ``train_tokens_per_pass``,
    ``index_tokens_per_s`` and ``answer_s`` of this machine.
    """
    prices, measured = prices or read_prices(), measured or {}
    queries = answers.figure("queries_per_month")
    options = {
        name: Option((*lines_of(name, answers, prices, measured), serving(name, queries, answers, prices, measured)))
        for name in OPTIONS
    }
    return CostSheet(options, answers, prices, measured)
