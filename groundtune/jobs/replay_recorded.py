"""Answers that are recorded, and what routers would have scored on them. No arm is asked anything.

Recorded in a file of rows ``{"id", "question", "scores": {arm: 0 to 1}, "costs": {arm: number}}`` (``costs`` may be absent
throughout), or by the last comparison of a project, whose scores are token F1 and whose costs are mean seconds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import Fault, InputError, ProjectError
from corpus.text.match import normalise
from corpus.yaml_files import text_of
from groundtune.project.project import Project

if TYPE_CHECKING:
    from lm.engine_contract import Embedder
    from router.learned_router import Recorded
    from router.replay import Played

BUDGETS = (0.0, 0.25, 0.5, 0.75, 1.0)
FEWEST = 10
"""Questions that ask different things, at least: fewer cannot be learned from and judged."""
_ROW = '{"id": "q1", "question": "…", "scores": {"base": 0.2, "rag": 0.8}, "costs": {"base": 1, "rag": 3}}'


@dataclass(frozen=True)
class Row:
    """One question with what each arm's answer scored, 0 to 1, and cost, if that is known."""

    id: str
    question: str
    scores: Mapping[str, float]
    costs: Mapping[str, float] | None


def read_rows(file: Path) -> list[Row]:
    """The rows of a JSONL file. Raises ``InputError`` with every fault of every row."""
    if not file.is_file():
        raise InputError(f"{file}: no such file", mend=f"name a JSONL file with rows such as {_ROW}")
    lines = [(n, line) for n, line in enumerate(text_of(file).split("\n"), 1) if line.strip()]
    if not lines:
        raise InputError(f"{file}: no row in it", mend=f"a row is such as {_ROW}")
    faults: list[Fault] = []
    rows: list[Row] = []
    seen: set[str] = set()
    for n, line in lines:
        faults_of_line = _faults(line, f"{file.name}, line {n}", rows[0] if rows else None, seen)
        faults += faults_of_line
        if not faults_of_line:
            row = json.loads(line)
            rows.append(Row(str(row["id"]), row["question"], row["scores"], row.get("costs")))
            seen.add(rows[-1].id)
    if faults:
        raise InputError(f"{file}: not usable as recorded answers", faults, mend=f"a row is such as {_ROW}")
    return rows


def _faults(line: str, where: str, first: Row | None, seen: set[str]) -> list[Fault]:
    """What is wrong with a row, given the ``first`` usable one before it and the ids of all of them."""
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        return [Fault(where, f"not JSON ({error})", "one JSON object a line")]
    if not isinstance(row, dict):
        return [Fault(where, f"{type(row).__name__}", "a JSON object")]
    faults = []
    name, asked = row.get("id"), row.get("question")
    if isinstance(name, bool) or not isinstance(name, str | int) or name == "":
        faults.append(Fault(f'{where}, field "id"', _shown(name), "a text or a whole number"))
    elif str(name) in seen:
        faults.append(Fault(f'{where}, field "id"', f"{_shown(name)} stands on an earlier line", "each id once"))
    if not isinstance(asked, str) or not asked.strip():
        faults.append(Fault(f'{where}, field "question"', _shown(asked), "the question's text"))
    faults += _faults_of(row.get("scores"), f'{where}, field "scores', 1.0, first.scores if first else None)
    if row.get("costs") is not None or (first and first.costs is not None):
        arms = (first.costs or {}) if first else row.get("scores")
        faults += _faults_of(
            row.get("costs"), f'{where}, field "costs', math.inf, arms if isinstance(arms, dict) else None
        )
    return faults


def _faults_of(given: object, field: str, most: float, arms: Mapping[str, object] | None) -> list[Fault]:
    """What is wrong with numbers by arm: each from 0 to ``most``, of exactly these ``arms``."""
    wanted = f"a number from 0 to {most:g}" if most < math.inf else "a number from 0 on"
    if not isinstance(given, dict):
        return [Fault(f'{field}"', _shown(given), f"{wanted} for each arm")]
    faults = [
        Fault(f'{field}.{arm}"', _shown(value), wanted)
        for arm, value in given.items()
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most or value == math.inf
    ]
    if arms is not None and set(given) != set(arms):
        names = f"the arms {', '.join(arms)}" if arms else "none"
        faults.append(Fault(f'{field}"', f"arms {', '.join(given) or 'none'}", f"{names}, as elsewhere in the file"))
    elif arms is None and len(given) < 2:
        faults.append(Fault(f'{field}"', f"{len(given)} arms", "two arms or more"))
    return faults


def _shown(value: object) -> str:
    return "missing" if value is None else json.dumps(value, ensure_ascii=False)[:60]


def last_comparison(project: Project) -> tuple[Path, list[Row]]:
    """The answers of the project's last comparison, but those of ``auto``, and the file they are kept in.

    Raises ``ProjectError`` where nothing was compared, or not the questions that the project holds out now.
    """
    from compare.run_comparison import recorded_scores

    files = sorted(project.comparisons.glob("*/answers.jsonl"), key=lambda f: f.stat().st_mtime)
    if not files:
        raise ProjectError("nothing was compared in this project yet", mend="run: groundtune compare, or name a FILE")
    scores = [s for s in recorded_scores(files[-1]) if s.arm != "auto"]
    texts = {q.id: q.question for q in project.held_out_questions()}
    arms = {arm: {s.id: s for s in scores if s.arm == arm} for arm in dict.fromkeys(s.arm for s in scores)}
    asked = [i for i in texts if arms and all(i in of for of in arms.values())]
    if not asked or len(arms) < 2:
        raise ProjectError(
            f"{files[-1]}: {len(arms)} arms on {len(asked)} of the project's held-out questions",
            mend="compare two arms or more: groundtune compare",
        )
    timed = {arm: [s.seconds for s in of.values() if s.seconds is not None] for arm, of in arms.items()}
    costs = {arm: sum(t) / len(t) for arm, t in timed.items()} if all(timed.values()) else None
    return files[-1], [Row(i, texts[i], {arm: of[i].f1 for arm, of in arms.items()}, costs) for i in asked]


def replayed(rows: Sequence[Row], embedder: Embedder, seed: int = 0) -> dict[str, Any]:
    """What the learned router, the nearest neighbours, each arm and the oracle score on these rows, cross-validated.

    Raises ``InputError`` where fewer than ``FEWEST`` rows ask different things.
    """
    from router.learned_router import learn, learn_neighbours, learn_ridge
    from router.replay import always, oracle, replay

    groups = [normalise(r.question) for r in rows]
    if len(set(groups)) < FEWEST:
        raise InputError(
            f"{len(set(groups))} different questions are too few to replay", mend=f"record {FEWEST} or more"
        )
    recorded = _recorded(rows, groups, embedder)
    priced = rows[0].costs is not None and len({round(float(c.mean()), 12) for c in recorded.costs.values()}) > 1
    routers: dict[str, Any] = {}
    for name, how in (("learned", learn_ridge), ("knn", learn_neighbours)):
        played, _ = replay(recorded, how, BUDGETS if priced else BUDGETS[-1:], seed)
        budgets = [{"budget": b} | _scores(recorded, p, seed) for b, p in played.items()]
        routers[name] = {"rests_on": learn(recorded, how, seed).reason, "budgets": budgets}
    return {
        "questions": len(rows),
        "different_questions": len(set(groups)),
        "costs": priced,
        "routers": routers,
        "always": {arm: _scores(recorded, p, seed) for arm, p in always(recorded).items()},
        "oracle": _scores(recorded, oracle(recorded), seed),
    }


def _recorded(rows: Sequence[Row], groups: list[str], embedder: Embedder) -> Recorded:
    import numpy

    from router.learned_router import Recorded
    from router.surface import surface

    questions = [r.question for r in rows]
    arms = list(rows[0].scores)
    return Recorded(
        embedder.embed(questions),
        surface(questions),
        {a: numpy.array([r.scores[a] for r in rows], dtype=float) for a in arms},
        {a: numpy.array([1.0 if r.costs is None else r.costs[a] for r in rows], dtype=float) for a in arms},
        groups,
    )


def _scores(recorded: Recorded, played: Played, seed: int) -> dict[str, Any]:
    from router.replay import arms_taken, gap_closed

    closed = gap_closed(recorded, played, seed)
    return {
        "score": round(float(played.scores.mean()), 4),
        "cost": round(float(played.costs.mean()), 6),
        "gap_closed": {k: round(v, 4) for k, v in asdict(closed).items()} if closed else None,
        "arms": {arm: round(share, 4) for arm, share in arms_taken(played).items()},
    }
