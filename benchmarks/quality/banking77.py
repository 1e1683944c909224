"""Which of 77 intents does a customer's message have? Ten examples of each, answered through the product.

``python -m benchmarks.quality.banking77 [--project DIR]``: writes a project without documents (770 seeded examples, the
intent in words as the answer), provisions it as ``groundtune provision --approach prompt`` does, and asks ``lookup`` and
``auto`` all 3,080 test questions. Beside them, on the same vectors: the nearest neighbour, and a logistic regression whose
penalty is chosen by cross-validation. Then the same without the product's routing on further draws of the examples. Figures
are kept in ``benchmarks/results/banking77.json``. Data: BANKING77, PolyAI-LDN/task-specific-datasets, CC BY 4.0.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.data.labels import Row, against, figures, rights, said, write_project
from benchmarks.machine import datasets, keep
from groundtune.assistant import Assistant
from groundtune.jobs.prove import prove
from groundtune.jobs.provision import provision
from groundtune.offline import be_quiet
from groundtune.project.project import open_project
from groundtune.project.project_paths import SETTINGS
from rag.answer.lookup_arm import LookupAnswerer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy

    from corpus.records import Example

FOLDER = Path("banking77")
PROJECT = Path(".groundtune-bench") / "banking77"
EACH = 10
"""Examples of each intent."""
DRAWS = 5
"""Draws of the examples, the project's own the first."""


def main() -> None:
    """Write the project, provision, ask, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--project", type=Path, default=PROJECT)
    given = options.parse_args()
    be_quiet()
    if not (given.project / SETTINGS).is_file():
        write_project(given.project, drawn(0), rows("test.csv"), {})
    assistant = Assistant(open_project(given.project))
    made = provision(assistant, "prompt")
    result, answers = prove(assistant, ["lookup", "auto"])
    project = assistant.project
    questions = project.held_out_questions()
    told = said(answers) | baselines(assistant, project.training_examples(), questions)
    simple = ("nearest neighbour", "logistic regression")
    pairs = [("auto", "lookup"), *(("auto", way) for way in simple)]
    kept = {
        "data": "BANKING77, PolyAI-LDN/task-specific-datasets, CC BY 4.0",
        "examples": len(project.training_examples()),
        "questions": len(questions),
        "provisioned": made.to_json()["router"],
        "ways": figures(told, questions),
        "pairs": against(told, questions, pairs),
        "calibration": result["calibration"],
        "seconds": {arm: result["arms"][arm]["seconds"] for arm in ("lookup", "auto")},
        "draws": draws(assistant, questions),
    }
    print(kept["ways"], kept["pairs"], kept["draws"], sep="\n")
    print(keep("banking77", kept))


def rows(name: str) -> list[Row]:
    """The messages of a file with their intents in words."""
    with open(datasets() / FOLDER / name, encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    stem = Path(name).stem
    return [
        {"id": f"{stem}-{n}", "question": row["text"], "answer": row["category"].replace("_", " ")}
        for n, row in enumerate(read)
    ]


def drawn(seed: int) -> list[Row]:
    """``EACH`` training messages of every intent."""
    by_intent: dict[str, list[Row]] = defaultdict(list)
    for row in rows("train.csv"):
        by_intent[row["answer"]].append(row)
    rng = random.Random(seed)
    return [row for intent in sorted(by_intent) for row in rng.sample(by_intent[intent], EACH)]


def baselines(
    assistant: Assistant, examples: Sequence[Example], questions: Sequence[Example]
) -> dict[str, dict[str, str]]:
    """What the nearest neighbour and a logistic regression on the same vectors answer, by question id."""
    embed = assistant.embedder.embed
    return _baselines(
        embed([e.question for e in examples]), examples, embed([q.question for q in questions]), questions
    )


def _baselines(
    vectors: numpy.ndarray, examples: Sequence[Example], asked: numpy.ndarray, questions: Sequence[Example]
) -> dict[str, dict[str, str]]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    nearest = [examples[int(n)].answer or "" for n in (asked @ vectors.T).argmax(axis=1)]
    search = GridSearchCV(LogisticRegression(max_iter=1000), {"C": [0.1, 1.0, 10.0, 100.0]}, cv=5)
    search.fit(vectors, [e.answer for e in examples])
    told = {"nearest neighbour": nearest, "logistic regression": list(search.predict(asked))}
    return {way: {q.id: str(a) for q, a in zip(questions, answers, strict=True)} for way, answers in told.items()}


def draws(assistant: Assistant, questions: Sequence[Example]) -> list[dict[str, Any]]:
    """The accuracy of ``lookup`` and of both baselines with other draws of the examples."""
    from corpus.records import Example

    embed = assistant.embedder.embed
    asked = embed([q.question for q in questions])
    made = []
    for seed in range(DRAWS):
        examples = [Example(row["id"], row["question"], row["answer"]) for row in drawn(seed)]
        lookup = LookupAnswerer(assistant.embedder, examples, seed=assistant.project.settings.seed)
        told = _baselines(embed([e.question for e in examples]), examples, asked, questions)
        answers = lookup.answer_each([q.question for q in questions])
        told["lookup"] = {q.id: a.text for q, a in zip(questions, answers, strict=True)}
        shares = {way: round(sum(rights(t, questions)) / len(questions), 4) for way, t in told.items()}
        made.append({"seed": seed} | shares)
    return made


if __name__ == "__main__":
    main()
