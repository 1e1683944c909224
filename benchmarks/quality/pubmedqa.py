"""Yes, no or maybe? PubMedQA's reasoning-required setting: a research question and its abstract without the conclusion.

``python -m benchmarks.quality.pubmedqa [--project DIR] [--approach rag|hybrid]``: writes a project whose documents are the
1,000 abstracts (``CONTEXTS``, never ``LONG_ANSWER``), whose examples are the 500 labelled questions outside the official
test split, with the label as answer, and whose held-out questions are the 500 of the split. Provisions it, asks every arm
that is built, and keeps accuracy and macro-F1 in ``benchmarks/results/pubmedqa.json``. An arm with a language model is taken
at the first of the three words that it says; one that says none of them is wrong. Beside them, the commonest label for every
question, and a published figure: LLaMA2-7B with retrieval, 58.8 %. Data: PubMedQA, pubmedqa/pubmedqa, MIT.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from benchmarks.data.labels import Row, against, figures, said, write_project
from benchmarks.machine import datasets, keep, tell
from corpus.atomic_files import write_text
from corpus.text.match import normalise
from groundtune.arms import all_arms
from groundtune.assistant import Assistant
from groundtune.jobs.prove import prove
from groundtune.jobs.provision import provision
from groundtune.offline import be_quiet
from groundtune.project.project import open_project
from groundtune.project.project_paths import SETTINGS

FOLDER = Path("pubmedqa")
PROJECT = Path(".groundtune-bench") / "pubmedqa"
LABELS = ("yes", "no", "maybe")
PUBLISHED = {"LLaMA2-7B with retrieval": 0.588}
SETTING = {
    "documents": ["documents"],
    "passage_tokens": 96,
    "passages": 3,
    "answer_tokens": 12,
    "recipe": {"selector": False, "remembered": 0, "closed_book_share": 0.0, "unanswerable_share": 0.0},
}
ALWAYS = "commonest label"


def main() -> None:
    """Write the project, provision, ask, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--project", type=Path, default=PROJECT)
    options.add_argument("--approach", choices=("rag", "hybrid"), default="rag")
    given = options.parse_args()
    be_quiet()
    if not (given.project / SETTINGS).is_file():
        write(given.project)
    assistant = Assistant(open_project(given.project))
    made = provision(
        assistant,
        given.approach,
        on_progress=tell,
    )
    arms = [arm for arm in (*all_arms(), "auto") if arm in assistant.available]  # auto takes over what they answered
    result, answers = prove(assistant, [*arms, "auto"], on_progress=tell)
    questions = assistant.project.held_out_questions()
    told = {arm: {key: label_in(text) for key, text in of.items()} for arm, of in said(answers).items()}
    commonest = Counter(e.answer or "" for e in assistant.project.training_examples()).most_common(1)[0][0]
    told[ALWAYS] = {q.id: commonest for q in questions}
    kept = {
        "data": "PubMedQA PQA-L, pubmedqa/pubmedqa, MIT",
        "examples": len(assistant.project.training_examples()),
        "questions": len(questions),
        "settings": SETTING,
        "provisioned": made.to_json(),
        "ways": figures(told, questions),
        "pairs": against(told, questions, [(arm, ALWAYS) for arm in (*arms, "auto")]),
        "published_accuracy": PUBLISHED,
        "calibration": result["calibration"],
        "seconds": {arm: result["arms"][arm]["seconds"] for arm in (*arms, "auto")},
    }
    print(json.dumps(kept["ways"], indent=1), kept["pairs"], sep="\n")
    print(keep("pubmedqa", kept))


def write(folder: Path) -> None:
    """The data set as a project: an abstract a document, the official split's questions held out."""
    data = json.loads((datasets() / FOLDER / "ori_pqal.json").read_text(encoding="utf-8"))
    test = json.loads((datasets() / FOLDER / "test_ground_truth.json").read_text(encoding="utf-8"))
    examples: list[Row] = []
    questions: list[Row] = []
    for key, item in data.items():
        source = f"documents/{key}.txt"
        write_text(folder / source, "\n\n".join(item["CONTEXTS"]))
        row: Row = {"id": key, "question": item["QUESTION"], "answer": item["final_decision"], "source": [source]}
        (questions if key in test else examples).append(row)
    write_project(folder, examples, questions, SETTING)


def label_in(reply: str) -> str:
    """The first of the labels that a reply says; nothing where it says none."""
    return next((word for word in normalise(reply).split() if word in LABELS), "")


if __name__ == "__main__":
    main()
