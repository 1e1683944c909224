"""Answers that are labels: intents, categories, yes and no. They repeat, and no document states them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from corpus.records import Example
from corpus.text.match import normalise
from corpus.text.refusal import is_refusal

VERSION = 1
"""Raised where labels are taken otherwise, so that what was learned of them is learned anew."""
MINIMUM = 50
"""Of fewer examples it is not said that their answers are labels."""
OFTEN = 5
"""So many examples, at least, share a label."""
REPEATING = 0.9
"""The share of the examples with an answer whose answer must repeat."""


def meaning(answer: str | None) -> str | None:
    """An answer as it is compared with others; None: it is not known."""
    return None if answer is None or is_refusal(answer) else normalise(answer)


def labels(examples: Sequence[Example]) -> frozenset[str]:
    """The labels among the examples' answers, as ``meaning`` has them; empty where the answers are no labels."""
    if len(examples) < MINIMUM:
        return frozenset()
    meant = {a: meaning(a) for a in {e.answer for e in examples}}
    counts = Counter(meant[e.answer] for e in examples)
    often = frozenset(answer for answer, n in counts.items() if n >= OFTEN)
    known = sum(n for answer, n in counts.items() if answer is not None)
    repeated = sum(n for answer, n in counts.items() if answer is not None and answer in often)
    if len(often) < 2 or repeated < REPEATING * known:
        return frozenset()
    return frozenset(answer for answer in often if answer is not None)
