"""The shape of ``tables/rules.toml``: the checklist's rules, and the ordered lists that decide. Applies none of them."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from advisor.decision_json import GreyZoneJson
from advisor.table_files import read_table


class Thresholds(TypedDict):
    """Where the cases of a number begin: counts of examples, and percents of improvement."""

    memorises_below: int
    enough_examples: int
    worth_above_percent: float
    skip_below_percent: float


class Condition(TypedDict):
    """What must hold: for each case named in ``when``, one of the values it lists."""

    when: dict[str, list[str]]


class Instead(Condition):
    """What a rule says instead where the condition holds: verdict and reason."""

    says: list[str]


class Rule(TypedDict):
    """One rule of the checklist, and what it says in each case: verdict and reason."""

    id: str
    answer_key: str
    source: str
    only_if_known: NotRequired[bool]
    says: dict[str, list[str]]
    instead: NotRequired[list[Instead]]


class Partial(Condition):
    """An entry of ``[[retrieval]]`` or ``[[tuning]]``: ``then`` is yes, no or open."""

    then: str
    source: str


class Deciding(Condition):
    """An entry of ``[[decision]]``: ``then`` is the approach. ``headline`` is there where the approach's own does not fit."""

    id: str
    then: str
    because: str
    source: str
    headline: NotRequired[str]


class Grey(Condition, GreyZoneJson):
    """A zone in which the documents are silent or contradict; ``source`` by its short name."""


class Check(Condition):
    """How a pitfall stands where the condition holds: ``status`` is ok, warn or open."""

    status: Literal["ok", "warn", "open"]
    because: str


class Pitfall(TypedDict):
    """One pitfall of the documents."""

    id: str
    source: str
    checks: list[Check]


class Rules(TypedDict):
    """The whole table."""

    thresholds: Thresholds
    sources: dict[str, str]
    """By short name: the title of the document."""
    rule: list[Rule]
    retrieval: list[Partial]
    tuning: list[Partial]
    decision: list[Deciding]
    grey: list[Grey]
    pitfall: list[Pitfall]


def rules() -> Rules:
    """``tables/rules.toml``."""
    table: Rules = read_table("rules")
    return table


def title(source: str) -> str:
    """The title of the document with this short name."""
    return rules()["sources"][source]
