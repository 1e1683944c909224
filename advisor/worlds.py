"""How firmly the decision stands: what would flip it, which unknown decides, how many plausible worlds agree.

Works on the answers alone; knows nothing of costs or screens.
"""

from __future__ import annotations

import math
import operator
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from advisor.decision_json import FlipJson, PossibleJson, StretchJson, WorldsJson
from advisor.questions import UNKNOWN, Answer
from advisor.robustness_table import table
from advisor.rule_cases import Values, approach
from advisor.rule_table import rules

_YES_NO = ("domain_expertise_critical", "production", "real_time_updates", "citations_required")
_JUST_ABOVE = 0.01
"""The smallest step of a percentage that counts."""
_SIGNS = {"==": operator.eq, ">=": operator.ge, ">": operator.gt, "<": operator.lt, "<=": operator.le}


@dataclass(frozen=True)
class Flip:
    """One answer that would change the approach: ``key sign value`` → ``then``."""

    key: str
    sign: str
    value: Answer
    then: str

    @property
    def example(self) -> Answer:
        """The value nearest to the threshold for which the flip holds."""
        if isinstance(self.value, str):
            return self.value
        if self.sign == ">":
            return self.value + _JUST_ABOVE
        if self.sign == "<":  # counts are whole
            return self.value - (1 if self.key in ("examples", "documents") else _JUST_ABOVE)
        return self.value

    def to_json(self) -> FlipJson:
        condition = f"{self.key} {'=' if self.sign == '==' else self.sign} {self.value}"
        return {"if": condition, "then": self.then, "key": self.key, "sign": self.sign, "value": self.value}


def flips(values: Values) -> tuple[Flip, ...]:
    """Every single answer that would change the approach, with the value at which it does."""
    now = approach(values)
    turning = []
    for key, sign, value in _thresholds():
        if values[key] != UNKNOWN and _SIGNS[sign](values[key], value):
            continue
        flip = Flip(key, sign, value, now)
        then = approach({**values, key: flip.example})
        if then != now and _nearest(values[key], sign, value, key, now, values):
            turning.append(Flip(key, sign, value, then))
    return tuple(turning)


def sweeps(values: Values) -> dict[str, list[StretchJson]]:
    """For each number that decides: its stretches ``from`` (included) and the approach on each, the rest as answered."""
    limits = rules()["thresholds"]
    starts: dict[str, tuple[float, ...]] = {
        "examples": (0, limits["memorises_below"], limits["enough_examples"]),
        "expected_improvement_percent": (0, limits["skip_below_percent"], limits["worth_above_percent"] + _JUST_ABOVE),
        "documents": (0, 1),
    }
    return {
        key: [{"from": at, "approach": approach({**values, key: at})} for at in edges] for key, edges in starts.items()
    }


def possible(values: Values) -> PossibleJson:
    """Complete the unknown answers in every way: which approaches remain, and which single unknown decides most."""
    stands_for = table()["unknown"]
    open_keys = [key for key in stands_for if values[key] == UNKNOWN]
    ends = [
        (dict(zip(open_keys, chosen, strict=True)), approach({**values, **dict(zip(open_keys, chosen, strict=True))}))
        for chosen in product(*(stands_for[key] for key in open_keys))
    ]
    ranked = _shares(Counter(end for _, end in ends))
    if len(ranked) == 1:
        return {"approaches": ranked, "decides": None, "outcomes": {}}
    left = {key: _entropy_left(ends, key, stands_for[key]) for key in open_keys}
    decides = min(open_keys, key=lambda key: left[key])
    outcomes = {
        str(value): list(_shares(Counter(end for given, end in ends if given[decides] == value)))
        for value in stands_for[decides]
    }
    return {"approaches": ranked, "decides": decides, "outcomes": outcomes}


def worlds(values: Values, seed: int | None = None) -> WorldsJson:
    """Draw plausible worlds around the answers (``tables/robustness.toml``), seeded, and decide in each."""
    settings = table()["worlds"]
    rng = random.Random(settings["seed"] if seed is None else seed)
    ends = Counter(approach(_drawn(values, rng)) for _ in range(settings["draws"]))
    shares = _shares(ends)
    return {"draws": settings["draws"], "agree": shares.get(approach(values), 0.0), "shares": shares}


def _shares(counts: Counter[str]) -> dict[str, float]:
    """Each approach's share of the whole, the most frequent first."""
    return {name: round(n / counts.total(), 4) for name, n in counts.most_common()}


def _thresholds() -> Iterator[tuple[str, str, Answer]]:
    """Every value at which a rule's case changes."""
    limits = rules()["thresholds"]
    for key in _YES_NO:
        yield key, "==", "yes"
        yield key, "==", "no"
    yield "example_quality", "==", "low"
    yield "example_quality", "==", "high"
    for limit in (limits["memorises_below"], limits["enough_examples"]):
        yield "examples", ">=", limit
        yield "examples", "<", limit
    yield "documents", ">=", 1
    yield "documents", "<", 1
    yield "expected_improvement_percent", ">", limits["worth_above_percent"]
    yield "expected_improvement_percent", ">=", limits["skip_below_percent"]
    yield "expected_improvement_percent", "<", limits["skip_below_percent"]
    yield "expected_improvement_percent", "<=", limits["worth_above_percent"]


def _nearest(value: Answer, sign: str, limit: Answer, key: str, now: str, values: Values) -> bool:
    """Is no threshold between the answer and ``limit`` a flip already? A word has none between."""
    if isinstance(value, str) or isinstance(limit, str):
        return True
    for other_key, other_sign, other in _thresholds():
        if isinstance(other, str) or other_key != key or other_sign[0] != sign[0]:
            continue
        between = value < other < limit if sign[0] == ">" else limit < other <= value
        if between and approach({**values, key: Flip(key, other_sign, other, now).example}) != now:
            return False
    return True


def _entropy_left(ends: list[tuple[dict[str, Answer], str]], key: str, answers: list[Answer]) -> float:
    """Mean entropy of the approach once ``key`` is known, in bits."""
    total = 0.0
    for value in answers:
        counts = Counter(end for given, end in ends if given[key] == value)
        n = sum(counts.values())
        total += sum(-c / n * math.log2(c / n) for c in counts.values()) / len(answers)
    return total


def _drawn(values: Values, rng: random.Random) -> Values:
    drawn = dict(values)
    settings = table()
    for key, stands_for in settings["unknown"].items():
        if values[key] == UNKNOWN:
            drawn[key] = rng.choice(stands_for)
    for key, spread in settings["spread"].items():
        value = values[key]
        if not isinstance(value, str):
            low, mode, high = (factor * value for factor in spread["factors"])
            drawn[key] = rng.triangular(low, high, mode) if high > low else value
    for key, doubt in settings["doubt"].items():
        if values[key] != UNKNOWN and rng.random() < doubt:
            drawn[key] = rng.choice([v for v in settings["unknown"][key] if v != values[key]])
    return drawn
