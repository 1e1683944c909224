"""The judge of a project that has too few examples to learn its own: a default, learned from other projects' questions.

Its numbers are those of ``python -m benchmarks.quality.abstention_default`` (``tables/abstention.toml``). It reads signs of
retrieval alone.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class DefaultJudge:
    """A logistic regression on signs, and the chance that decides."""

    embedder: str
    """Whose cosines it reads: those of others mean something else."""
    weights: Mapping[str, float]
    bias: float
    refuse_below: float
    """Below it nothing is answered."""

    def probability(self, signs: Mapping[str, float], vector: object = None) -> float:
        """That documents answer a question with these signs, 0 to 1; its ``vector`` tells nothing here."""
        logit = self.bias + sum(weight * signs[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))


@cache
def _shipped() -> DefaultJudge:
    file = Path(__file__).with_name("tables") / "abstention.toml"
    numbers = tomllib.loads(file.read_text(encoding="utf-8"))
    return DefaultJudge(numbers["embedder"], numbers["weights"], numbers["bias"], numbers["refuse_below"])


def default_judge(embedder: str) -> DefaultJudge | None:
    """The one that is shipped, for an embedder by name; None where there is none for it."""
    return _shipped() if _shipped().embedder == embedder else None
