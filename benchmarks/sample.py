"""Every arm on the sample shop's held-out questions, after provisioning it as ``groundtune demo`` does.

``python -m benchmarks.sample [--project DIR]``: provisions (or reuses, or resumes) the project, compares, and keeps the
figures in ``benchmarks/results/sample.json``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.assistant import Assistant
from app.project import SETTINGS, init, open_project
from app.proof import prove
from app.provision import provision
from app.quiet import be_quiet
from benchmarks.machine import keep
from corpus.store import read_json

SAMPLE = Path("data/outdoor-shop")


def main() -> None:
    """Provision, compare, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--project", type=Path, default=Path(".groundtune-bench") / "sample")
    given = options.parse_args()
    be_quiet()
    if not (given.project / SETTINGS).is_file():
        named = [str(SAMPLE / name) for name in ("documents", "examples.jsonl", "questions.jsonl")]
        init(given.project, named[:1], *named[1:])
    assistant = Assistant(open_project(given.project))
    made = provision(assistant, "hybrid", on_training=lambda at: print(at) if at.validation_loss is not None else None)
    result, answers = prove(assistant, on_progress=lambda arm, n, of: print(arm, of) if n == of else None)
    adapter = assistant.adapter
    training = read_json(adapter / "manifest.json")["training"] if adapter else None
    figures = {"data": "data/outdoor-shop", "provisioned": made.to_json(), "training": training, "comparison": result}
    print(result["verdict"], keep("sample", figures), answers, sep="\n")


if __name__ == "__main__":
    main()
