"""What the benchmarks with few, repeating answers share: a project of labelled questions, and how often each way is right."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.machine import rounded
from compare.significance import holm, paired_difference, share
from corpus.atomic_files import write_json, write_text
from corpus.records import Example
from corpus.text.match import normalise
from groundtune.project.project_paths import SETTINGS

Row = dict[str, Any]
"""An example or a question as a line of JSON."""


def write_project(folder: Path, examples: Sequence[Row], questions: Sequence[Row], setting: Mapping[str, Any]) -> None:
    """Write a project: ``examples`` to learn from, ``questions`` held out, other settings as given."""
    for name, rows in (("examples.jsonl", examples), ("questions.jsonl", questions)):
        write_text(folder / name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    named = {"documents": [], "examples": "examples.jsonl", "questions": "questions.jsonl"}
    write_json(folder / SETTINGS, named | dict(setting))  # JSON is YAML


def said(answers: Path) -> dict[str, dict[str, str]]:
    """By arm, then by question id, what was answered, from the answers file of a comparison."""
    told: dict[str, dict[str, str]] = {}
    for line in answers.read_text(encoding="utf-8").splitlines()[1:]:
        row = json.loads(line)
        told.setdefault(row["arm"], {})[row["id"]] = row["text"]
    return told


def figures(told: Mapping[str, Mapping[str, str]], questions: Sequence[Example]) -> dict[str, Any]:
    """Accuracy with Wilson's interval and macro-F1 of every way, of ``told`` by way and question id.

    Right is what equals the answer but for case and marks.
    """
    made: dict[str, Any] = {}
    for way, answers in told.items():
        right = rights(answers, questions)
        accuracy = rounded(asdict(share(int(sum(right)), len(right))))
        made[way] = {"accuracy": accuracy, "macro_f1": round(_macro_f1(answers, questions), 4)}
    return made


def against(
    told: Mapping[str, Mapping[str, str]], questions: Sequence[Example], pairs: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Differences in accuracy, question by question, with intervals and p values by Holm."""
    differences = [paired_difference(*(rights(told[way], questions) for way in pair)) for pair in pairs]
    adjusted = holm([d.p for d in differences])
    return [
        {"a": a, "b": b} | rounded(asdict(d) | {"p": p})
        for (a, b), d, p in zip(pairs, differences, adjusted, strict=True)
    ]


def rights(answers: Mapping[str, str], questions: Sequence[Example]) -> list[float]:
    """1 for each question that was answered rightly, else 0."""
    return [float(normalise(answers[q.id]) == normalise(q.answer or "")) for q in questions]


def _macro_f1(answers: Mapping[str, str], questions: Sequence[Example]) -> float:
    wanted = [normalise(q.answer or "") for q in questions]
    given = [normalise(answers[q.id]) for q in questions]
    scores = []
    for label in sorted(set(wanted)):
        hits = sum(w == g == label for w, g in zip(wanted, given, strict=True))
        scores.append(2 * hits / (wanted.count(label) + given.count(label)))
    return sum(scores) / len(scores)
