"""A project's decisions on disk: each is kept, the last is current. Decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corpus.atomic_files import read_json, write_json
from corpus.errors import InputError, ProjectError

_KEPT = "decisions"


def save_decision(made: Path, decision: dict[str, Any]) -> str:
    """Keep ``decision`` in the project's folder ``made`` as the current one; the version it got.

    A decision that says the same as the current one (but for its date) keeps that one's version.
    """
    known = versions(made)
    if known:
        last = read_json(_file(made, known[-1]))
        if _content(last) == _content(decision):
            return known[-1]
    version = f"{int(known[-1]) + 1 if known else 1:04d}"
    kept = decision | {"version": version}
    write_json(_file(made, version), kept)
    write_json(made / "decision.json", kept)
    return version


def versions(made: Path) -> list[str]:
    """The kept versions, oldest first."""
    return sorted(f.stem for f in (made / _KEPT).glob("[0-9]*.json"))


def read_version(made: Path, version: str) -> dict[str, Any]:
    """One kept decision. Raises ``InputError`` naming those there are."""
    known = versions(made)
    wanted = version.zfill(4)
    if wanted not in known:
        there = ", ".join(known) or "none; run groundtune advise first"
        raise InputError(f'no decision "{version}"', mend=f"use one of: {there}")
    found: dict[str, Any] = read_json(_file(made, wanted))
    return found


def history(made: Path) -> list[dict[str, Any]]:
    """Each decision with its date, approach and what changed since the one before."""
    known = versions(made)
    if not known:
        raise ProjectError("no decision yet", mend="run groundtune advise")
    told, before = [], None
    for version in known:
        now = read_version(made, version)
        row = {
            "version": version,
            "date": now["date"],
            "approach": now["approach"],
            "because": now["because"]["because"],
        }
        told.append(row | {"changes": changes(before, now) if before else []})
        before = now
    return told


def changes(before: dict[str, Any], now: dict[str, Any]) -> list[dict[str, Any]]:
    """What differs between two decisions: answers, evidence and approach, each as ``what``, ``before``, ``now``."""
    found = [
        {"what": key, "before": before["answers"].get(key), "now": value}
        for key, value in now["answers"].items()
        if before["answers"].get(key) != value
    ]
    for what, of in (("evidence", _evidence), ("approach", lambda d: d["approach"]), ("first year, USD", _first_year)):
        if of(before) != of(now):
            found.append({"what": what, "before": of(before), "now": of(now)})
    return found


def _evidence(decision: dict[str, Any]) -> str:
    found = decision.get("evidence")
    if not found:
        return "none"
    return f"{found['tuned']} against {found['untuned']}, {'' if found['significant'] else 'not '}significant"


def _first_year(decision: dict[str, Any]) -> Any:
    option = decision["costs"]["options"].get(decision["approach"])
    return None if option is None else round(option["first_year_usd"]["mid"])


def _content(decision: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in decision.items() if k not in ("version", "date", "plan")}


def _file(made: Path, version: str) -> Path:
    return made / _KEPT / f"{version}.json"
