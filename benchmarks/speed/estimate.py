"""What ``advise --measure`` predicts against what provisioning took: seconds of indexing and of training.

``python -m benchmarks.speed.estimate [--project DIR]``: the project must be provisioned (``make demo`` makes one). Kept in
``benchmarks/results/estimate.json``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.machine import keep
from groundtune.assistant import Assistant
from groundtune.jobs.measure_machine import measure
from groundtune.jobs.status import estimates
from groundtune.offline import be_quiet
from groundtune.project.project import open_project

WANTED = 1.5
"""Estimate and actual differ by at most this factor."""


def main() -> None:
    """Measure, compare with the report of what was built, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--project", type=Path, default=Path("demo-project"))
    given = options.parse_args()
    be_quiet()
    assistant = Assistant(open_project(given.project))
    measured = measure(assistant)
    figures = {}
    for name, both in estimates(assistant.project, measured).items():
        estimated, actual = both["estimated"], both["actual"]
        if estimated and actual:
            figures[name] = both | {"factor": round(max(estimated / actual, actual / estimated), 3)}
    for name, row in figures.items():
        print(name, row)
    print(keep("estimate", {"wanted": WANTED, "measured": measured, "estimates": figures}))


if __name__ == "__main__":
    main()
