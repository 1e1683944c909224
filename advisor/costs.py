"""What each approach costs, line by line: low, middle and high. Knows nothing of which one is advised.

Every line has its formula, source and date; prices stand in ``tables/prices.toml`` and can be overridden. Bottom-up
figures make the totals; the documents' top-down tiers stand beside them.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from advisor.answers import Answers
from advisor.questions import TABLES, UNKNOWN
from advisor.training_needs import Job, Size
from corpus.errors import InputError

LEVELS = ("low", "mid", "high")
OPTIONS = ("prompt", "rag", "finetune", "hybrid")
_TUNED = ("finetune", "hybrid")
_RETRIEVING = ("rag", "hybrid")
_MOST_QUERIES = 1e10
_GIB = 2**30


@dataclass(frozen=True)
class Range:
    """Low, middle and high of one figure."""

    low: float
    mid: float
    high: float

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.mid + other.mid, self.high + other.high)

    def __mul__(self, other: Range | float) -> Range:
        o = other if isinstance(other, Range) else Range(other, other, other)
        return Range(self.low * o.low, self.mid * o.mid, self.high * o.high)

    def to_json(self) -> dict[str, float]:
        return {level: round(getattr(self, level), 2) for level in LEVELS}


ZERO = Range(0, 0, 0)


@dataclass(frozen=True)
class Line:
    """One line of a cost sheet: what, when, how much, and where it comes from. ``hours`` are people's."""

    item: str
    when: str
    """``one_off`` or ``monthly``."""
    usd: Range
    hours: Range
    formula: str
    source: str
    as_of: str

    def to_json(self) -> dict[str, Any]:
        return vars(self) | {"usd": self.usd.to_json(), "hours": self.hours.to_json()}


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

    def to_json(self) -> dict[str, Any]:
        names = ("one_off_usd", "monthly_usd", "hours", "first_year_usd")
        return {name: getattr(self, name).to_json() for name in names} | {"lines": [x.to_json() for x in self.lines]}


@dataclass(frozen=True)
class CostSheet:
    """All options; the rest is derived from them and from the answers."""

    options: dict[str, Option]
    answers: Answers
    prices: Mapping[str, Any]
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

    def returns(self, option: str) -> dict[str, Any] | None:
        """First-year return over staying on a prompt, and the month in which it has paid back; None without a value."""
        worth = self.value_usd
        if worth is None:
            return None
        base, cost = self.options["prompt"], self.options[option]

        def net(months: float, gain: float, level: str) -> float:
            extra = getattr(cost.monthly_usd, level) - getattr(base.monthly_usd, level)
            once = getattr(cost.one_off_usd, level) - getattr(base.one_off_usd, level)
            return (gain - extra) * months - once

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

    def tier(self) -> dict[str, Any]:
        """The documents' tier for this number of examples beside our bottom-up figure, and why they differ."""
        examples = self.answers.number("examples") or 0
        found = [t for t in self.prices["tier"] if examples >= t["from_examples"]][-1]
        ours, low, high = self.options["finetune"].one_off_usd, found["usd"][0], found["usd"][2]
        if ours.mid < low:
            told = (
                "below the tier: a small model with LoRA on its own hardware; the tier pays for larger ones and vendors"
            )
        elif ours.mid > high:
            told = "above the tier: the hours of preparing and grading the examples weigh more than the tier assumes"
        else:
            told = "within the tier"
        return {
            "name": found["name"],
            "usd": dict(zip(LEVELS, found["usd"], strict=True)),
            "training_hours": dict(zip(LEVELS, found["hours"], strict=True)),
            "bottom_up_usd": ours.to_json(),
            "because": told,
            "source": self.prices["tiers"]["source"],
        }

    @property
    def as_of(self) -> str:
        return str(self.prices["as_of"])

    def warnings(self, today: date) -> list[str]:
        """What makes the figures less certain: old prices, memory too small, budget or deadline exceeded."""
        told = []
        limit = self.prices["stale_after_days"]
        for name, entry in _dated(self.prices):
            age = (today - entry).days
            if age > limit:
                told.append(f"prices: {name} is {age} days old (limit {limit}); pass newer ones with --prices FILE")
        hardware = self.answers.choice("hardware")
        if hardware != "hosted":
            holds, needs = self.prices["hardware"][hardware]["memory_gib"], self.job().memory_gib()
            if needs > holds:
                told.append(
                    f"memory: LoRA on {self.answers.figure('model_billion'):g} billion parameters needs about "
                    f"{needs:.0f} GiB, {hardware} has {holds}: choose a smaller model, QLoRA or a larger machine"
                )
        return told

    def job(self) -> Job:
        """The fine-tune these answers describe."""
        return tuning_job(self.answers, self.prices, "mid")

    def training_hours(self) -> Range:
        """Machine hours of one fine-tune."""
        return _training_hours(self.answers, self.prices, self.measured)

    def to_json(self) -> dict[str, Any]:
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


def costs(
    answers: Answers, prices: Mapping[str, Any] | None = None, measured: Mapping[str, float] | None = None
) -> CostSheet:
    """The cost sheet for these answers; what is unknown takes the questionnaire's default.

    ``prices`` as from ``read_prices``; ``measured`` may hold ``train_tokens_per_s``, ``train_tokens_per_pass``,
    ``index_tokens_per_s`` and ``answer_s`` of this machine.
    """
    prices, measured = prices or read_prices(), measured or {}
    queries = answers.figure("queries_per_month")
    options = {
        name: Option((*_lines(name, answers, prices, measured), serving(name, queries, answers, prices, measured)))
        for name in OPTIONS
    }
    return CostSheet(options, answers, prices, measured)


@cache
def _own_prices() -> dict[str, Any]:
    return tomllib.loads((TABLES / "prices.toml").read_text(encoding="utf-8"))


def read_prices(override: Path | None = None) -> dict[str, Any]:
    """The price table, with the entries of ``override`` in place of its own. Raises ``InputError`` for a bad file."""
    if override is None:
        return _own_prices()
    try:
        given = tomllib.loads(override.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{override}: cannot be read ({error.strerror})", mend="name a TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{override.name}: not TOML ({error})", mend="see advisor/tables/prices.toml") from error
    return _merged(_own_prices(), given, override.name)


def tuning_job(answers: Answers, prices: Mapping[str, Any], level: str) -> Job:
    """The fine-tune these answers describe: LoRA, examples with their passages, one pass after another."""
    compute = prices["compute"]
    at = LEVELS.index(level)
    tokens = (answers.number("examples") or 0) * answers.figure("tokens_per_example")
    seen = 1 + compute["passage_tokens_seen"]
    size = Size.of(answers.figure("model_billion"))
    return Job(size, "lora", tokens * seen, compute["passes"][at], 1024, 1024)


def serving(
    option: str, queries: float, answers: Answers, prices: Mapping[str, Any], measured: Mapping[str, float]
) -> Line:
    """A month of answers: by tokens of a hosted model, or by hours of machines."""
    hardware, billion = answers.choice("hardware"), answers.figure("model_billion")
    tokens = prices["tokens"]
    prompt = tokens["tuned_prompt" if option in _TUNED else "prompt"] + (
        tokens["passages"] if option in _RETRIEVING else 0
    )
    if hardware == "hosted":
        price = next(p for p in prices["hosted"] if billion <= p["to_billion"])
        each = Range(*price["input_usd"]) * (prompt / 1e6) + Range(*price["output_usd"]) * (tokens["answer"] / 1e6)
        told = f"{queries:,.0f} questions x ({prompt} tokens in, {tokens['answer']} out) x price of a token"
        return Line("serving", "monthly", each * queries, ZERO, told, price["source"], str(price["as_of"]))
    machine, settings = prices["hardware"][hardware], prices["serving"]
    seconds = measured.get("answer_s") or max(1.0, billion / _served_billion(hardware)) / machine["answers_per_s"]
    if option not in _RETRIEVING and "answer_s" not in measured:
        seconds /= settings["slower_with_passages"]
    share = queries * seconds * settings["peak_factor"] / settings["month_s"]
    machines = max(1.0, share)
    usd = Range(*machine["usd_per_hour"]) * (machines * settings["month_s"] / 3600)
    told = f"{machines:.2f} machines x 730 hours: {queries:,.0f} questions x {seconds:.3g} s x peak {settings['peak_factor']:g}"
    return Line("serving", "monthly", usd, ZERO, told, machine["source"], str(machine["as_of"]))


def _lines(option: str, answers: Answers, prices: Mapping[str, Any], measured: Mapping[str, float]) -> tuple[Line, ...]:
    made = [_prompt_work(answers, prices)]
    if option in _RETRIEVING:
        made += _index_lines(answers, prices, measured)
    if option in _TUNED:
        made += _tuning_lines(answers, prices, measured)
    return tuple(made)


def _prompt_work(answers: Answers, prices: Mapping[str, Any]) -> Line:
    work = prices["work"]
    hours = Range(*work["prompt_hours"]) + Range(*work["prompt_evaluation_hours"])
    return _work("prompt and its evaluation", "one_off", hours, "hours x rate", answers, prices)


def _index_lines(answers: Answers, prices: Mapping[str, Any], measured: Mapping[str, float]) -> list[Line]:
    work, compute = prices["work"], prices["compute"]
    documents = answers.number("documents") or 0
    tokens = documents * answers.figure("tokens_per_document")
    machine = _machine(answers, prices)
    speed = measured.get("index_tokens_per_s") or compute["index_tokens_per_s"][answers.choice("hardware")]
    embedding = Range(*machine["usd_per_hour"]) * (tokens / speed / 3600)
    stored = tokens / compute["passage_tokens"] * compute["stored_bytes_per_passage"] / _GIB
    changes = 30.4 / answers.figure("update_interval_days")
    set_up = Range(*work["index_hours"]) + Range(*work["document_minutes"]) * (documents / 60)
    source, as_of = compute["source"], str(compute["as_of"])
    again = embedding * Range(*compute["changed_share"]) * changes
    return [
        _work("index: set-up and documents", "one_off", set_up, "hours + minutes a document, x rate", answers, prices),
        _work("index: evaluation", "one_off", Range(*work["index_evaluation_hours"]), "hours x rate", answers, prices),
        Line("embedding", "one_off", embedding, ZERO, f"{tokens:,.0f} tokens / {speed:,.0f} a second", source, as_of),
        Line(
            "storage",
            "monthly",
            Range(*compute["usd_per_gib_month"]) * stored,
            ZERO,
            f"{stored:.3g} GiB x price of a GiB and month",
            source,
            as_of,
        ),
        Line("re-indexing", "monthly", again, ZERO, f"{changes:.3g} changes a month x share changed", source, as_of),
        _work(
            "index: upkeep",
            "monthly",
            Range(*work["index_upkeep_hours_per_month"]),
            "hours a month x rate",
            answers,
            prices,
        ),
    ]


def _tuning_lines(answers: Answers, prices: Mapping[str, Any], measured: Mapping[str, float]) -> list[Line]:
    work = prices["work"]
    examples, quality = answers.number("examples") or 0, answers["example_quality"]
    minutes = Range(*work["example_minutes"][UNKNOWN if quality == UNKNOWN else quality])
    preparing = minutes * (examples / 60)
    machine, hours = _machine(answers, prices), _training_hours(answers, prices, measured)
    training = Range(*machine["usd_per_hour"]) * hours
    each_months = Range(*(1 / m for m in work["months_between_retraining"]))
    refreshing = (
        preparing * Range(*work["refresh_share"]) + Range(*work["tuning_evaluation_hours"]) * 0.5
    ) * each_months
    told = f"{hours.mid:.3g} machine hours x price of an hour"
    source, as_of = machine["source"], str(machine["as_of"])
    return [
        _work(
            "examples: preparing",
            "one_off",
            preparing,
            f"{examples:,.0f} examples x {minutes.mid:g} minutes x rate",
            answers,
            prices,
        ),
        _work("tuning: set-up", "one_off", Range(*work["tuning_hours"]), "hours x rate", answers, prices),
        Line("training", "one_off", training, ZERO, told, source, as_of),
        _work(
            "tuning: evaluation", "one_off", Range(*work["tuning_evaluation_hours"]), "hours x rate", answers, prices
        ),
        Line("retraining", "monthly", training * each_months, ZERO, f"{told}, every 3 to 6 months", source, as_of),
        _work(
            "retraining: examples and evaluation",
            "monthly",
            refreshing,
            "share of the preparation and half the evaluation, every 3 to 6 months, x rate",
            answers,
            prices,
        ),
    ]


def _work(item: str, when: str, hours: Range, formula: str, answers: Answers, prices: Mapping[str, Any]) -> Line:
    work = prices["work"]
    return Line(
        item, when, hours * answers.figure("team_hourly_usd"), hours, formula, work["source"], str(work["as_of"])
    )


def _training_hours(answers: Answers, prices: Mapping[str, Any], measured: Mapping[str, float]) -> Range:
    made = []
    for level in LEVELS:
        job = tuning_job(answers, prices, level)
        if "train_tokens_per_s" in measured:
            tokens = measured.get("train_tokens_per_pass", job.tokens) * job.passes
            made.append(tokens / measured["train_tokens_per_s"] / 3600)
        else:
            machine = _machine(answers, prices)
            made.append(job.seconds(machine["peak_tflops"], machine["busy"]) / 3600)
    return Range(*made)


def _machine(answers: Answers, prices: Mapping[str, Any]) -> Mapping[str, Any]:
    """The machine that trains and indexes: a rented A10G where the model is hosted."""
    hardware = answers.choice("hardware")
    found: Mapping[str, Any] = prices["hardware"]["a10g" if hardware == "hosted" else hardware]
    return found


def _served_billion(hardware: str) -> float:
    """The size whose answers a second stand in the table: the laptop's is the offline model, a GPU's 8 billion."""
    return 0.135 if hardware == "laptop" else 8.0


def _dated(prices: Mapping[str, Any], name: str = "") -> list[tuple[str, date]]:
    found = []
    for key, value in prices.items():
        if key == "as_of":
            found.append((name.strip(".") or "the table", _as_date(value)))
        elif isinstance(value, dict):
            found += _dated(value, f"{name}.{key}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for n, entry in enumerate(value, 1):
                found += _dated(entry, f"{name}.{key} {n}")
    return found


def _as_date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


_ENDPOINTS = "endpoints."


def _merged(own: Mapping[str, Any], given: Mapping[str, Any], where: str, path: str = "") -> dict[str, Any]:
    if path == _ENDPOINTS:
        return {**own, **{name: _endpoint(price, f"{where}, {path}{name}") for name, price in given.items()}}
    unknown = [k for k in given if k not in own]
    if unknown:
        raise InputError(
            f"{where}: no such entry {', '.join(f'{path}{k}' for k in unknown)}", mend="see advisor/tables/prices.toml"
        )
    merged = dict(own)
    for key, value in given.items():
        if isinstance(own[key], dict) != isinstance(value, dict) or (
            isinstance(own[key], list) != isinstance(value, list)
        ):
            raise InputError(
                f"{where}, {path}{key}: {value!r}; wanted the layout of advisor/tables/prices.toml: {own[key]!r}"
            )
        if isinstance(value, list) and not isinstance(own[key][0], dict):
            _check_range(value, f"{where}, {path}{key}")
        merged[key] = _merged(own[key], value, where, f"{path}{key}.") if isinstance(value, dict) else value
    return merged


def _endpoint(price: Any, where: str) -> dict[str, Any]:
    """Any model may be named, with both prices."""
    wanted = ("input_usd", "output_usd")
    if not isinstance(price, dict) or not all(isinstance(price.get(k), int | float) and price[k] >= 0 for k in wanted):
        raise InputError(f"{where}: {price!r}; wanted input_usd and output_usd, US dollars for a million tokens")
    if unknown := price.keys() - {*wanted, "as_of", "source"}:
        raise InputError(f"{where}: no such entry {', '.join(sorted(unknown))}", mend="see advisor/tables/prices.toml")
    return price


def _check_range(value: list[Any], where: str) -> None:
    if len(value) != len(LEVELS) or not all(isinstance(v, int | float) and v >= 0 for v in value):
        raise InputError(f"{where}: {value!r}; wanted three numbers from 0: low, middle, high")
