"""Every arm on the sample shop's held-out questions, after provisioning it as ``groundtune demo`` does.

``python -m benchmarks.quality.sample [--project DIR]``: provisions (or reuses, or resumes) the project, compares, and keeps the
figures in ``benchmarks/results/sample.json``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.machine import keep
from benchmarks.proof import provisioned_and_compared
from groundtune.offline import be_quiet
from groundtune.project.new_project import init
from groundtune.project.project_paths import SETTINGS

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
    print(keep("sample", {"data": str(SAMPLE)} | provisioned_and_compared(given.project)))


if __name__ == "__main__":
    main()
