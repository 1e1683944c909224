"""A project's own threshold for "nothing relevant", from its training questions. Never sees a held-out question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from corpus.records import Example
from router.rules import Rules

_WRONGLY_REFUSED = 0.02
"""Share of answerable training questions that the threshold may turn away."""


def calibrate(examples: Sequence[Example], similarity: Callable[[str], float], rules: Rules) -> Rules:
    """Rules whose ``nothing_relevant`` turns away at most 2 % of the answerable training questions.

    ``similarity`` is a question's best cosine to a passage. Without answerable examples the rules stay as they are.
    """
    answerable = sorted(similarity(e.question) for e in examples if e.answer is not None and e.kind != "general")
    if not answerable:
        return rules
    threshold = answerable[int(_WRONGLY_REFUSED * len(answerable))]
    return replace(rules, nothing_relevant=round(min(threshold, rules.near_example), 4))
