"""Every arm on XQuAD English, default settings, by article: 30 % of the articles held out, retrieval over all 240 paragraphs.

``python -m benchmarks.quality.xquad [--project DIR]``: writes the data set as a project (a document for each paragraph),
provisions (or reuses, or resumes) it as ``groundtune provision`` does, compares every arm on the held-out articles'
questions, and keeps the figures in ``benchmarks/results/xquad.json``. Data: XQuAD, google-deepmind/xquad, CC BY-SA 4.0.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

from benchmarks.machine import datasets, keep
from benchmarks.proof import provisioned_and_compared
from corpus.atomic_files import write_text
from groundtune.assistant import Assistant
from groundtune.offline import be_quiet
from groundtune.project.new_project import init
from groundtune.project.project import open_project
from groundtune.project.project_paths import SETTINGS

FILE = Path("xquad") / "xquad.en.json"
PROJECT = Path(".groundtune-bench") / "xquad"
HELD_OUT = 0.3


def main() -> None:
    """Write the project, provision, compare, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--project", type=Path, default=PROJECT)
    given = options.parse_args()
    be_quiet()
    if not (given.project / SETTINGS).is_file():
        write_project(datasets() / FILE, given.project)
    recall = {"recall_of_the_answer": recall_of_the_answer(given.project)}
    data = {"data": "XQuAD English, google-deepmind/xquad, CC BY-SA 4.0"}
    print(keep("xquad", data | provisioned_and_compared(given.project) | recall))


def write_project(file: Path, folder: Path, seed: int = 0) -> None:
    """The data set as a project: paragraphs as documents, the questions of training and of held-out articles."""
    train: list[dict[str, Any]] = []
    held: list[dict[str, Any]] = []
    articles = json.loads(file.read_text(encoding="utf-8"))["data"]
    order = random.Random(seed).sample(range(len(articles)), len(articles))
    held_out = set(order[: round(HELD_OUT * len(articles))])
    for a, article in enumerate(articles):
        for p, paragraph in enumerate(article["paragraphs"]):
            source = f"documents/{a:02}-{p:02}.txt"
            write_text(folder / source, paragraph["context"])
            for asked in paragraph["qas"]:
                said = list(dict.fromkeys(x["text"] for x in asked["answers"]))
                row = {"id": asked["id"], "question": asked["question"], "answer": said[0], "answers": said}
                (held if a in held_out else train).append(row | {"source": [source]})
    for name, rows in (("examples.jsonl", train), ("questions.jsonl", held)):
        write_text(folder / name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    init(folder, [str(folder / "documents")], str(folder / "examples.jsonl"), str(folder / "questions.jsonl"))


def recall_of_the_answer(folder: Path) -> dict[str, Any]:
    """Share of held-out questions whose answer stands in a passage of the right paragraph among the first ones shown."""
    assistant = Assistant(open_project(folder))
    if not assistant.index.exists:
        from groundtune.jobs.build_index import build_index

        build_index(assistant)
    questions = assistant.project.held_out_questions()
    shown = assistant.project.settings.passages
    found = [
        [
            f.passage.source in q.source and any(r in f.passage.text for r in q.references)
            for f in assistant.retriever.retrieve(q.question, shown)
        ]
        for q in questions
    ]
    return {f"at_{k}": round(sum(any(f[:k]) for f in found) / len(found), 4) for k in range(1, shown + 1)}


if __name__ == "__main__":
    main()
