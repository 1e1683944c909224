"""Which case of each rule an answer falls into, and the first rule of a list that holds. Knows nothing of what follows."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from advisor.questions import TABLES, UNKNOWN

Values = Mapping[str, Any]
"""The answers by key; ``"unknown"`` where there is none."""


def cases(values: Values) -> dict[str, str]:
    """The case of each rule: what ``when`` in ``tables/rules.toml`` speaks of."""
    return {
        "domain": values["domain_expertise_critical"],
        "examples": _lot(values),
        "production": values["production"],
        "improvement": _worth(values["expected_improvement_percent"]),
        "updates": values["real_time_updates"],
        "documents": _some(values["documents"]),
        "citations": values["citations_required"],
        "style": values["house_style"],
        "quality": values["example_quality"],
        "in_house": values["in_house"],
    }


def approach(values: Values) -> str:
    """The approach alone: what to do with these answers. Total; costs a few microseconds."""
    return str(decisive_rule(cases(values))["then"])


def decisive_rule(found: dict[str, str]) -> dict[str, Any]:
    """The entry of ``[[decision]]`` that holds for these cases."""
    table = rules()
    found = found | {part: first(table[part], found)["then"] for part in ("retrieval", "tuning")}
    return first(table["decision"], found)


def first(entries: Iterable[dict[str, Any]], found: Mapping[str, str]) -> dict[str, Any]:
    """The first entry whose ``when`` holds. Each list of ``tables/rules.toml`` ends with one that always does."""
    return next(e for e in entries if holds(e["when"], found))


def holds(when: Mapping[str, list[str]], found: Mapping[str, str]) -> bool:
    """Does every case named in ``when`` have one of the values it lists?"""
    return all(found.get(name, UNKNOWN) in wanted for name, wanted in when.items())


@cache
def rules() -> dict[str, Any]:
    """``tables/rules.toml``."""
    return tomllib.loads((TABLES / "rules.toml").read_text(encoding="utf-8"))


def title(source: str) -> str:
    """The title of the document with this short name."""
    return str(rules()["sources"][source])


def _lot(values: Values) -> str:
    limits, count = rules()["thresholds"], values["examples"]
    if values["example_quality"] == "low":
        return "poor"
    if count == UNKNOWN:
        return UNKNOWN
    if count < limits["memorises_below"]:
        return "tiny"
    return "enough" if count >= limits["enough_examples"] else "few"


def _worth(percent: Any) -> str:
    limits = rules()["thresholds"]
    if percent == UNKNOWN:
        return UNKNOWN
    if percent < limits["skip_below_percent"]:
        return "low"
    return "high" if percent > limits["worth_above_percent"] else "middle"


def _some(documents: Any) -> str:
    if documents == UNKNOWN:
        return UNKNOWN
    return "some" if documents else "none"
