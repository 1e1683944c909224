"""The lines of a cost sheet: what, when, how much, with formula, source and date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from advisor.answers import Answers
from advisor.decision_json import EstimateJson, LineJson
from advisor.price_table import LEVELS, Machine, PriceTable
from advisor.training_needs import Job, Size

_RETRIEVING = ("rag", "hybrid")
_TUNED = ("finetune", "hybrid")
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

    def to_json(self) -> EstimateJson:
        return by_level([round(self.low, 2), round(self.mid, 2), round(self.high, 2)])


def by_level(values: Sequence[float]) -> EstimateJson:
    """Three figures by their names."""
    low, mid, high = values
    return {"low": low, "mid": mid, "high": high}


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

    def to_json(self) -> LineJson:
        return {
            "item": self.item,
            "when": self.when,
            "usd": self.usd.to_json(),
            "hours": self.hours.to_json(),
            "formula": self.formula,
            "source": self.source,
            "as_of": self.as_of,
        }


def tuning_job(answers: Answers, prices: PriceTable, level: str) -> Job:
    """The fine-tune these answers describe: LoRA, examples with their passages, one pass after another."""
    compute = prices["compute"]
    at = LEVELS.index(level)
    tokens = (answers.number("examples") or 0) * answers.figure("tokens_per_example")
    seen = 1 + compute["passage_tokens_seen"]
    size = Size.of(answers.figure("model_billion"))
    return Job(size, "lora", tokens * seen, compute["passes"][at], 1024, 1024)


def serving(option: str, queries: float, answers: Answers, prices: PriceTable, measured: Mapping[str, float]) -> Line:
    """A month of answers: by tokens of a hosted model, or by hours of machines."""
    hardware, billion = answers.choice("hardware"), answers.figure("model_billion")
    tokens = prices["tokens"]
    prompt = tokens["tuned_prompt" if option in _TUNED else "prompt"] + (
        tokens["passages"] if option in _RETRIEVING else 0
    )
    if hardware == "hosted":
        price = next(p for p in prices["hosted"] if billion <= p["to_billion"])
        each = Range(*price["input_usd"]) * (prompt / 1e6) + Range(*price["output_usd"]) * (tokens["answer"] / 1e6)
        formula = f"{queries:,.0f} questions x ({prompt} tokens in, {tokens['answer']} out) x price of a token"
        return Line("serving", "monthly", each * queries, ZERO, formula, price["source"], str(price["as_of"]))
    machine, settings = prices["hardware"][hardware], prices["serving"]
    seconds = measured.get("answer_s") or max(1.0, billion / _served_billion(hardware)) / machine["answers_per_s"]
    if option not in _RETRIEVING and "answer_s" not in measured:
        seconds /= settings["slower_with_passages"]
    share = queries * seconds * settings["peak_factor"] / settings["month_s"]
    machines = max(1.0, share)
    usd = Range(*machine["usd_per_hour"]) * (machines * settings["month_s"] / 3600)
    formula = f"{machines:.2f} machines x 730 hours: {queries:,.0f} questions x {seconds:.3g} s"
    formula += f" x peak {settings['peak_factor']:g}"
    return Line("serving", "monthly", usd, ZERO, formula, machine["source"], str(machine["as_of"]))


def lines_of(option: str, answers: Answers, prices: PriceTable, measured: Mapping[str, float]) -> tuple[Line, ...]:
    """Every line of one option, in the order of the sheet."""
    lines = [_prompt_work(answers, prices)]
    if option in _RETRIEVING:
        lines += _index_lines(answers, prices, measured)
    if option in _TUNED:
        lines += _tuning_lines(answers, prices, measured)
    return tuple(lines)


def _prompt_work(answers: Answers, prices: PriceTable) -> Line:
    work = prices["work"]
    hours = Range(*work["prompt_hours"]) + Range(*work["prompt_evaluation_hours"])
    return _work(answers, prices, "prompt and its evaluation", "one_off", hours, "hours x rate")


def _index_lines(answers: Answers, prices: PriceTable, measured: Mapping[str, float]) -> list[Line]:
    work, compute, labour = prices["work"], prices["compute"], partial(_work, answers, prices)
    documents = answers.number("documents") or 0
    tokens = documents * answers.figure("tokens_per_document")
    machine = _machine(answers, prices)
    speed = measured.get("index_tokens_per_s") or compute["index_tokens_per_s"][answers.choice("hardware")]
    embedding = Range(*machine["usd_per_hour"]) * (tokens / speed / 3600)
    gib = tokens / compute["passage_tokens"] * compute["stored_bytes_per_passage"] / _GIB
    storage = Range(*compute["usd_per_gib_month"]) * gib
    changes = 30.4 / answers.figure("update_interval_days")
    again = embedding * Range(*compute["changed_share"]) * changes
    set_up = Range(*work["index_hours"]) + Range(*work["document_minutes"]) * (documents / 60)
    evaluation, upkeep = Range(*work["index_evaluation_hours"]), Range(*work["index_upkeep_hours_per_month"])
    source, as_of = compute["source"], str(compute["as_of"])
    return [
        labour("index: set-up and documents", "one_off", set_up, "hours + minutes a document, x rate"),
        labour("index: evaluation", "one_off", evaluation, "hours x rate"),
        Line("embedding", "one_off", embedding, ZERO, f"{tokens:,.0f} tokens / {speed:,.0f} a second", source, as_of),
        Line("storage", "monthly", storage, ZERO, f"{gib:.3g} GiB x price of a GiB and month", source, as_of),
        Line("re-indexing", "monthly", again, ZERO, f"{changes:.3g} changes a month x share changed", source, as_of),
        labour("index: upkeep", "monthly", upkeep, "hours a month x rate"),
    ]


def _tuning_lines(answers: Answers, prices: PriceTable, measured: Mapping[str, float]) -> list[Line]:
    work, labour = prices["work"], partial(_work, answers, prices)
    examples, quality = answers.number("examples") or 0, str(answers["example_quality"])
    minutes = Range(*work["example_minutes"][quality])
    preparing, evaluation = minutes * (examples / 60), Range(*work["tuning_evaluation_hours"])
    machine, hours = _machine(answers, prices), training_hours(answers, prices, measured)
    training = Range(*machine["usd_per_hour"]) * hours
    each_months = Range(*(1 / m for m in work["months_between_retraining"]))
    refreshing = (preparing * Range(*work["refresh_share"]) + evaluation * 0.5) * each_months
    prepared = f"{examples:,.0f} examples x {minutes.mid:g} minutes x rate"
    trained = f"{hours.mid:.3g} machine hours x price of an hour"
    refreshed = "share of the preparation and half the evaluation, every 3 to 6 months, x rate"
    source, as_of = machine["source"], str(machine["as_of"])
    return [
        labour("examples: preparing", "one_off", preparing, prepared),
        labour("tuning: set-up", "one_off", Range(*work["tuning_hours"]), "hours x rate"),
        Line("training", "one_off", training, ZERO, trained, source, as_of),
        labour("tuning: evaluation", "one_off", evaluation, "hours x rate"),
        Line("retraining", "monthly", training * each_months, ZERO, f"{trained}, every 3 to 6 months", source, as_of),
        labour("retraining: examples and evaluation", "monthly", refreshing, refreshed),
    ]


def _work(answers: Answers, prices: PriceTable, item: str, when: str, hours: Range, formula: str) -> Line:
    work, usd = prices["work"], hours * answers.figure("team_hourly_usd")
    return Line(item, when, usd, hours, formula, work["source"], str(work["as_of"]))


def training_hours(answers: Answers, prices: PriceTable, measured: Mapping[str, float]) -> Range:
    """Hours of the machine that trains, low to high."""
    hours = []
    for level in LEVELS:
        job = tuning_job(answers, prices, level)
        if "train_tokens_per_s" in measured:
            tokens = measured.get("train_tokens_per_pass", job.tokens) * job.passes
            hours.append(tokens / measured["train_tokens_per_s"] / 3600)
        else:
            machine = _machine(answers, prices)
            hours.append(job.seconds(machine["peak_tflops"], machine["busy"]) / 3600)
    return Range(*hours)


def _machine(answers: Answers, prices: PriceTable) -> Machine:
    """The machine that trains and indexes: a rented A10G where the model is hosted."""
    hardware = answers.choice("hardware")
    return prices["hardware"]["a10g" if hardware == "hosted" else hardware]


def _served_billion(hardware: str) -> float:
    """The size whose answers a second stand in the table: the laptop's is the offline model, a GPU's 8 billion."""
    return 0.135 if hardware == "laptop" else 8.0
