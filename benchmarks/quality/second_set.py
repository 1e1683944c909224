"""The sample shop asked by another hand: questions whose author had not seen the first set, nor the examples.

``python -m benchmarks.quality.second_set --project DIR``: the project that ``python -m benchmarks.quality.sample``
provisioned is asked ``data/outdoor-shop/second_questions.jsonl`` (70 on single facts, 14 on two, 34 near misses without an
answer). Every arm, in ``benchmarks/results/second_set.json``.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.proof import asked_again

QUESTIONS = Path("data") / "outdoor-shop" / "second_questions.jsonl"


def main() -> None:
    """Ask, keep."""
    asked_again("second_set", str(QUESTIONS), __doc__, lambda project: QUESTIONS)


if __name__ == "__main__":
    main()
