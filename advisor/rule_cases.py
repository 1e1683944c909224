"""Which case of each rule an answer falls into, and the first rule of a list that holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from advisor.questions import UNKNOWN, Answer
from advisor.rule_table import Condition, Deciding, rules

_Entry = TypeVar("_Entry", bound=Condition)
Values = Mapping[str, Answer]
"""The answers by key; ``"unknown"`` where there is none."""


def cases(values: Values) -> dict[str, str]:
    """The case of each rule: what ``when`` in ``tables/rules.toml`` speaks of."""
    return {
        "domain": str(values["domain_expertise_critical"]),
        "examples": _lot(values),
        "production": str(values["production"]),
        "improvement": _worth(values["expected_improvement_percent"]),
        "updates": str(values["real_time_updates"]),
        "documents": _some(values["documents"]),
        "citations": str(values["citations_required"]),
        "style": str(values["house_style"]),
        "quality": str(values["example_quality"]),
        "in_house": str(values["in_house"]),
    }


def approach(values: Values) -> str:
    """The approach alone: what to do with these answers. Total; costs a few microseconds."""
    return decisive_rule(cases(values))["then"]


def decisive_rule(case_of: dict[str, str]) -> Deciding:
    """The entry of ``[[decision]]`` that holds for these cases."""
    table = rules()
    parts = {"retrieval": first(table["retrieval"], case_of)["then"], "tuning": first(table["tuning"], case_of)["then"]}
    return first(table["decision"], case_of | parts)


def first(entries: Iterable[_Entry], case_of: Mapping[str, str]) -> _Entry:
    """The first entry whose ``when`` holds. Each list of ``tables/rules.toml`` ends with one that always does."""
    return next(e for e in entries if holds(e["when"], case_of))


def holds(when: Mapping[str, list[str]], case_of: Mapping[str, str]) -> bool:
    """Does every case named in ``when`` have one of the values it lists?"""
    return all(case_of.get(name, UNKNOWN) in wanted for name, wanted in when.items())


def _lot(values: Values) -> str:
    limits, count = rules()["thresholds"], values["examples"]
    if values["example_quality"] == "low":
        return "poor"
    if isinstance(count, str):
        return UNKNOWN
    if count < limits["memorises_below"]:
        return "tiny"
    return "enough" if count >= limits["enough_examples"] else "few"


def _worth(percent: Answer) -> str:
    limits = rules()["thresholds"]
    if isinstance(percent, str):
        return UNKNOWN
    if percent < limits["skip_below_percent"]:
        return "low"
    return "high" if percent > limits["worth_above_percent"] else "middle"


def _some(documents: Answer) -> str:
    if documents == UNKNOWN:
        return UNKNOWN
    return "some" if documents else "none"
