"""The shape of ``tables/robustness.toml``: what could be otherwise, and how well each approach serves each wish."""

from __future__ import annotations

from typing import TypedDict

from advisor.questions import Answer
from advisor.rule_table import Condition
from advisor.table_files import read_table


class Draws(TypedDict):
    """How many worlds are drawn, and from which seed."""

    draws: int
    seed: int


class Spread(TypedDict):
    """How far a stated number may be off: low, mode and high, as factors of it."""

    factors: list[float]
    because: str


class Wishes(TypedDict):
    """What people may wish for."""

    names: list[str]


class Weighed(Condition):
    """What is added to the weight of a wish where the condition holds."""

    add: dict[str, float]


class Adjusted(Condition):
    """What is added to an approach's score for a wish where the condition holds."""

    add: dict[str, dict[str, float]]
    because: str


class Robustness(TypedDict):
    """The whole table."""

    worlds: Draws
    unknown: dict[str, list[Answer]]
    """By question: the answers that stand for an unknown one."""
    spread: dict[str, Spread]
    """By question."""
    doubt: dict[str, float]
    """By question: the share of worlds in which the answer is another one."""
    wishes: Wishes
    weights: dict[str, float]
    """By wish: the weight where none is given."""
    weigh: list[Weighed]
    score: dict[str, dict[str, float]]
    """By approach and wish: 0 to 1."""
    adjust: list[Adjusted]


def table() -> Robustness:
    """``tables/robustness.toml``."""
    robustness: Robustness = read_table("robustness")
    return robustness
