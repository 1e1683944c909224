"""What to do: steps with weeks and dates, data to collect, pitfalls checked, rules to keep. Decides nothing."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date
from typing import TypedDict

from advisor.answers import Answers
from advisor.costs import CostSheet
from advisor.decision_json import PilotJson, PitfallJson, StepJson
from advisor.questions import UNKNOWN
from advisor.rule_cases import cases, first, holds
from advisor.rule_table import Pitfall, rules, title
from advisor.table_files import read_table

_WORKING_HOURS_A_WEEK = 30
_RETRAINED_AFTER_MONTHS = (3, 6)
_LIVE = {"updates": ["yes"], "documents": ["none"]}
"""Facts that change and stand in no document: there is nothing to index."""


class _Steps(TypedDict):
    """What to do, in order: each step's time and its words."""

    steps: list[list[str]]


class _Plans(TypedDict):
    """The shape of ``tables/plans.toml``."""

    approach: dict[str, _Steps]
    collect: dict[str, dict[str, str]]
    """By domain: the data to collect, and its impact."""
    compliance: dict[str, list[str]]
    """By kind of personal data, or by domain."""


def plan(approach: str, answers: Answers, pilot: PilotJson | None, today: date) -> list[StepJson]:
    """Steps as ``when`` and ``do``; retraining with its dates."""
    due = " or ".join(_months_after(today, m).isoformat() for m in _RETRAINED_AFTER_MONTHS)
    retrain = f"between {due.replace(' or ', ' and ')}: retrain on new examples and compare again"
    live = holds(_LIVE, cases(answers.by_key)) and f"live_{approach}" in _table()["approach"]
    named = _table()["approach"][f"live_{approach}" if live else approach]["steps"]
    steps = [(when, do.format(retrain=retrain)) for when, do in named]
    if pilot is not None and pilot["questions"]:
        do = f"write {pilot['questions']} held-out questions: they show a rise from {pilot['from_percent']:g} to "
        steps.insert(1, ("before it", do + f"{pilot['to_percent']:g} right answers of 100 with 80 % power"))
    missing = _missing(approach, answers)
    if missing:
        steps.insert(1, ("meanwhile", f"collect: {missing}"))
    return [{"when": when, "do": do} for when, do in steps]


def pitfalls(approach: str, answers: Answers, evidence: Mapping[str, str]) -> list[PitfallJson]:
    """The documents' five pitfalls, each checked against the case: ``status`` is ok, warn or open."""
    tunes = {"tunes": "yes" if approach in ("finetune", "hybrid") else "no"}
    case_of = cases(answers.by_key) | tunes | dict(evidence)
    return [_checked(pitfall, case_of) for pitfall in rules()["pitfall"]]


def compliance(answers: Answers) -> list[str]:
    """What the kind of data and the domain oblige to."""
    table, personal = _table()["compliance"], answers["personal_data"]
    names = {"both": ("gdpr", "hipaa"), "gdpr": ("gdpr",), "hipaa": ("hipaa",)}.get(str(personal), ())
    notes = [note for name in names for note in table[name]]
    if answers["in_house"] == "yes":
        notes += table["in_house"]
    return notes + table.get(str(answers["domain"]), [])


def limits(approach: str, answers: Answers, sheet: CostSheet) -> list[str]:
    """Where the approach exceeds the budget, the deadline or the time an answer may take."""
    if approach == "defer":
        return []
    exceeded, option = [], sheet.options[approach]
    budget, weeks = answers.number("budget_usd"), answers.number("deadline_weeks")
    year = option.first_year_usd
    if budget is not None and year.low > budget:
        exceeded.append(f"budget: even the low estimate of the first year, {year.low:,.0f} USD, is above {budget:,.0f}")
    elif budget is not None and year.mid > budget:
        exceeded.append(f"budget: the middle estimate of the first year, {year.mid:,.0f} USD, is above {budget:,.0f}")
    if weeks is not None and option.hours.mid > weeks * _WORKING_HOURS_A_WEEK:
        exceeded.append(
            f"deadline: about {option.hours.mid:,.0f} hours of work do not fit {weeks:g} weeks of one person "
            f"({_WORKING_HOURS_A_WEEK} working hours a week)"
        )
    return exceeded


def _checked(pitfall: Pitfall, case_of: Mapping[str, str]) -> PitfallJson:
    check = first(pitfall["checks"], case_of)
    return {
        "pitfall": pitfall["id"],
        "source": title(pitfall["source"]),
        "status": check["status"],
        "because": check["because"],
    }


def _missing(approach: str, answers: Answers) -> str:
    examples, enough = answers.number("examples"), rules()["thresholds"]["enough_examples"]
    domain = answers["domain"]
    data = _table()["collect"]["other" if domain == UNKNOWN else str(domain)]["data"]
    wanted = []
    if approach != "prompt" and (examples is None or examples < enough):
        wanted.append(f"{enough - int(examples or 0)} more examples ({data})")
    if approach in ("rag", "hybrid") and not answers.number("documents"):
        live = holds(_LIVE, cases(answers.by_key))
        wanted.append("access to the live source" if live else "the documents that answers must come from")
    return "; ".join(wanted)


def _months_after(start: date, months: int) -> date:
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def _table() -> _Plans:
    table: _Plans = read_table("plans")
    return table
