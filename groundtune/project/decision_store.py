"""A project's decisions on disk: each is kept, the last is current. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from corpus.atomic_files import read_json, write_json
from corpus.errors import InputError, ProjectError

if TYPE_CHECKING:
    from advisor.decision_json import DecisionJson

_KEPT = "decisions"


class Change(TypedDict):
    """What differs between two decisions. None where a decision has no such answer, or no such figure."""

    what: str
    before: object
    now: object


class HistoryRow(TypedDict):
    """A decision in the history."""

    version: str
    date: str
    approach: str
    because: str
    changes: list[Change]


def save_decision(folder: Path, decision: Mapping[str, object]) -> str:
    """Keep ``decision`` in the project's ``folder`` as the current one; the version it got.

    A decision that says the same as the current one (but for its date) keeps that one's version.
    """
    known = versions(folder)
    if known:
        last = read_json(_file(folder, known[-1]))
        if _content(last) == _content(decision):
            return known[-1]
    version = f"{int(known[-1]) + 1 if known else 1:04d}"
    kept = dict(decision) | {"version": version}
    write_json(_file(folder, version), kept)
    write_json(folder / "decision.json", kept)
    return version


def versions(folder: Path) -> list[str]:
    """The kept versions, oldest first."""
    return sorted(f.stem for f in (folder / _KEPT).glob("[0-9]*.json"))


def read_version(folder: Path, version: str) -> DecisionJson:
    """One kept decision. Raises ``InputError`` naming those there are."""
    known = versions(folder)
    wanted = version.zfill(4)
    if wanted not in known:
        there = ", ".join(known) or "none; run groundtune advise first"
        raise InputError(f'no decision "{version}"', mend=f"use one of: {there}")
    decision: DecisionJson = read_json(_file(folder, wanted))
    return decision


def history(folder: Path) -> list[HistoryRow]:
    """Each decision with its date, approach and what changed since the one before."""
    known = versions(folder)
    if not known:
        raise ProjectError("no decision yet", mend="run groundtune advise")
    rows: list[HistoryRow] = []
    before: DecisionJson | None = None
    for version in known:
        now = read_version(folder, version)
        rows.append(
            {
                "version": version,
                "date": now["date"],
                "approach": now["approach"],
                "because": now["because"]["because"],
                "changes": changes(before, now) if before else [],
            }
        )
        before = now
    return rows


def changes(before: DecisionJson, now: DecisionJson) -> list[Change]:
    """What differs between two decisions: answers, evidence and approach, each as ``what``, ``before``, ``now``."""
    differences: list[Change] = [
        {"what": key, "before": before["answers"].get(key), "now": value}
        for key, value in now["answers"].items()
        if before["answers"].get(key) != value
    ]
    for (what, was), (_, is_now) in zip(_gist(before), _gist(now), strict=True):
        if was != is_now:
            differences.append({"what": what, "before": was, "now": is_now})
    return differences


def _gist(decision: DecisionJson) -> tuple[tuple[str, object], ...]:
    """Beyond the answers, what two decisions are held against each other by."""
    return (
        ("evidence", _evidence(decision)),
        ("approach", decision["approach"]),
        ("first year, USD", _first_year(decision)),
    )


def _evidence(decision: DecisionJson) -> str:
    evidence = decision.get("evidence")
    if not evidence:
        return "none"
    return f"{evidence['tuned']} against {evidence['untuned']}, {'' if evidence['significant'] else 'not '}significant"


def _first_year(decision: DecisionJson) -> int | None:
    option = decision["costs"]["options"].get(decision["approach"])
    return None if option is None else round(option["first_year_usd"]["mid"])


def _content(decision: Mapping[str, object]) -> dict[str, object]:
    return {k: v for k, v in decision.items() if k not in ("version", "date", "plan")}


def _file(folder: Path, version: str) -> Path:
    return folder / _KEPT / f"{version}.json"
