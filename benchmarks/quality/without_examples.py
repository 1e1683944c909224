"""What a project without examples answers and refuses, with default settings: the sample shop and HotpotQA.

``python -m benchmarks.quality.without_examples [--projects DIR]``: provisions (or reuses) both with documents alone,
compares every arm that is built, and keeps the figures in ``benchmarks/results/without_examples.json``. Data:
data/outdoor-shop; hotpotqa, CC BY-SA 4.0.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.machine import datasets, keep
from benchmarks.proof import provisioned_and_compared
from benchmarks.quality.ready import questions_of
from benchmarks.quality.sample import SAMPLE
from groundtune.offline import be_quiet
from groundtune.project.new_project import init
from groundtune.project.project_paths import SETTINGS


def main() -> None:
    """Provision, compare, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--projects", type=Path, default=Path(".groundtune-bench") / "without-examples")
    given = options.parse_args()
    be_quiet()
    hotpotqa = datasets() / "ready" / "hotpotqa"
    shop, wiki = given.projects / "outdoor_shop", given.projects / "hotpotqa"
    if not (shop / SETTINGS).is_file():
        init(shop, [str(SAMPLE / "documents")], None, str(SAMPLE / "questions.jsonl"))
    if not (wiki / SETTINGS).is_file():
        init(wiki, [str(hotpotqa / "documents")], None, str(questions_of(hotpotqa, wiki)))
    sets = {project.name: provisioned_and_compared(project, "rag") for project in (shop, wiki)}
    print(keep("without_examples", {"data": "data/outdoor-shop; hotpotqa, CC BY-SA 4.0", "sets": sets}))


if __name__ == "__main__":
    main()
