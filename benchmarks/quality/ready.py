"""Every arm on a public data set in the product's own layout, with default settings: other people's documents and examples.

``python -m benchmarks.quality.ready NAME [--project DIR]``: provisions (or reuses, or resumes) the set ``ready/NAME`` of the
data sets as a project, compares, and keeps the figures in ``benchmarks/results/ready_NAME.json``. Sources and licences stand
in each set's README.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.machine import datasets, keep
from benchmarks.proof import provisioned_and_compared
from corpus.atomic_files import write_text
from groundtune.offline import be_quiet
from groundtune.project.new_project import init
from groundtune.project.project_paths import SETTINGS


def main() -> None:
    """Provision, compare, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("name", help="a folder of the data sets' ready/, such as covid_faq")
    options.add_argument("--project", type=Path)
    given = options.parse_args()
    project = given.project or Path(".groundtune-bench") / given.name
    be_quiet()
    if not (project / SETTINGS).is_file():
        folder = datasets() / "ready" / given.name
        questions = questions_of(folder, project)
        init(project, [str(folder / "documents")], str(folder / "examples.jsonl"), str(questions))
    print(keep(f"ready_{given.name}", {"data": f"ready/{given.name}"} | provisioned_and_compared(project)))


def questions_of(folder: Path, project: Path) -> Path:
    """The held-out questions of a set with those that have no answer, written into ``project``."""
    questions = project / "questions.jsonl"
    project.mkdir(parents=True, exist_ok=True)
    parts = (folder / "questions.jsonl", folder / "unanswerable.jsonl")
    write_text(questions, "".join(p.read_text(encoding="utf-8") for p in parts if p.is_file()))
    return questions


if __name__ == "__main__":
    main()
