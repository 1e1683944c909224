"""Questions of every sort to one assistant: does ``auto`` choose, and does it refuse what nobody can answer?

``python -m benchmarks.quality.mixed --project DIR``: the project that ``python -m benchmarks.quality.xquad`` provisioned is
asked its held-out questions, the sample shop's questions about general knowledge, and questions out of every scope, which
are to be refused. Every arm, ``auto`` against the best one and against the best on each question, in
``benchmarks/results/mixed.json``. Data: XQuAD, google-deepmind/xquad, CC BY-SA 4.0; CLINC150 ``oos_test``, clinc/oos-eval,
CC BY 3.0; data/outdoor-shop.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from benchmarks.machine import datasets
from benchmarks.proof import asked_again
from corpus.atomic_files import write_text

OUT_OF_SCOPE = 60
FILE = "mixed.jsonl"
SAMPLE = Path("data") / "outdoor-shop" / "questions.jsonl"


def main() -> None:
    """Put the questions together, ask, keep."""
    asked_again("mixed", "XQuAD English, CLINC150, data/outdoor-shop", __doc__, mixed)


def mixed(project: Path) -> Path:
    """The file of all questions, written into the project."""
    rows = [*_lines(project / "questions.jsonl", "documents"), *general(), *out_of_scope()]
    write_text(project / FILE, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return project / FILE


def general() -> list[dict[str, Any]]:
    """What the sample asks that its documents do not hold and anybody may know."""
    return [row for row in _lines(SAMPLE) if row["kind"] == "general"]


def out_of_scope() -> list[dict[str, Any]]:
    """Questions without an answer here, drawn once and for all."""
    asked = json.loads((datasets() / "clinc150" / "data_full.json").read_text(encoding="utf-8"))["oos_test"]
    drawn = random.Random(0).sample([text for text, _ in asked], OUT_OF_SCOPE)
    return [
        {"id": f"oos-{n}", "question": text, "answer": None, "kind": "out of scope"} for n, text in enumerate(drawn)
    ]


def _lines(file: Path, kind: str | None = None) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [row | {"kind": kind} if kind else row for row in rows]


if __name__ == "__main__":
    main()
