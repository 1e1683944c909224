"""A small shop whose comparison is recorded: arms that answer well, half and badly. For tests of grading."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from compare.score import score
from corpus.atomic_files import write_text
from corpus.records import Example
from groundtune.project.project import Project, open_project
from lm.answerer import Answer

ARMS = ("hybrid", "rag", "base", "auto")


def graded_shop(project: Project, count: int = 12, comparison: str = "c0ffee", **changed: str) -> Project:
    """The project with ``count`` held-out questions, each answered by ``ARMS``; ``changed``: answers by question id.

    ``auto`` answers as ``hybrid`` does; ``rag`` answers every other question as ``hybrid`` does.
    """
    questions = [
        Example(f"h{n}", f"What does thing {n} cost?", f"Thing {n} costs {n + 1} euros.") for n in range(count)
    ]
    questions[-1] = Example(f"h{count - 1}", "Who owns the moon?", None)
    rows = [{"id": q.id, "question": q.question, "answer": q.answer} for q in questions]
    write_text(project.folder / "questions.jsonl", "".join(json.dumps(r) + "\n" for r in rows))
    record(project, questions, comparison, changed)
    return open_project(project.folder)


def record(project: Project, questions: list[Example], comparison: str, changed: dict[str, str]) -> Path:
    """A comparison's answers, as ``compare`` keeps them."""
    lines = [json.dumps({"stamp": "x"})]
    for arm in ARMS:
        for n, q in enumerate(questions):
            best = changed.get(q.id) or q.answer or "I don't know."
            half = best if n % 2 else f"Things cost euros, thing {n} too."
            text = {"hybrid": best, "auto": best, "rag": half, "base": f"Sure! Let me think about {n}."}[arm]
            lines.append(json.dumps(asdict(score(Answer(q.question, text, arm), q, arm))))
    file = project.comparisons / comparison / "answers.jsonl"
    write_text(file, "\n".join(lines) + "\n")
    return file
