"""The words that an answer opens with, as the house has it: "I'm sorry about that.", "Happy to help.".

Which opening a question gets is learned elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from corpus.records import Example
from corpus.text.sentences import sentences

Opening = Callable[[str], str]
"""From a question to the words its answer opens with; empty for most."""
_USED = 12
"""Answers that begin with the same sentence and go on differently, so that it is an opening."""
_LONGEST = 8
"""Words of an opening."""


def openings(examples: Sequence[Example]) -> dict[str, set[str]]:
    """The openings of the examples' answers, each with the ids of the examples that have it."""
    used: dict[str, set[str]] = defaultdict(set)
    rest: dict[str, set[str]] = defaultdict(set)
    for e in examples:
        spans = list(sentences(e.answer or ""))
        if len(spans) > 1 and len(first := (e.answer or "")[slice(*spans[0])].split()) <= _LONGEST:
            used[" ".join(first)].add(e.id)
            rest[" ".join(first)].add((e.answer or "")[spans[1][0] :])
    return {opening: ids for opening, ids in used.items() if len(rest[opening]) >= _USED}
