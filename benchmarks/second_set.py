"""The sample shop asked by another hand: questions whose author had not seen the first set, nor the examples.

``python -m benchmarks.second_set --project DIR``: the project that ``python -m benchmarks.sample`` provisioned is asked
``data/outdoor-shop/second_questions.jsonl`` (70 on single facts, 14 on two, 36 near misses without an answer). Every arm, in
``benchmarks/results/second_set.json``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.quiet import be_quiet
from benchmarks.machine import keep
from benchmarks.proof import compared_on

QUESTIONS = Path("data") / "outdoor-shop" / "second_questions.jsonl"


def main() -> None:
    """Ask, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--project", type=Path, required=True)
    given = options.parse_args()
    be_quiet()
    compared = compared_on(given.project, str(QUESTIONS.absolute()))
    print(keep("second_set", {"data": str(QUESTIONS), "comparison": compared}))


if __name__ == "__main__":
    main()
