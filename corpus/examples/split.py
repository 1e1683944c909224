"""A seeded split that does not leak: near-identical questions stay on one side."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence

from corpus.records import Example
from corpus.text.match import normalise

_NEAR = 0.8
"""Jaccard similarity of token sets from which two questions count as the same one."""


def split(
    examples: Sequence[Example], *, held_out: float, seed: int, by_document: bool = False
) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """``(train, held out)``; about ``held_out`` (0 to 1) of the examples are held out, whole groups at a time.

    A group is what must not be torn: questions that say nearly the same and, with ``by_document``, questions about one
    document. The order within each side is that of ``examples``.
    """
    groups = alike(examples, by_document)
    random.Random(seed).shuffle(groups)
    wanted = held_out * len(examples)
    chosen: set[int] = set()
    for group in groups:
        if len(chosen) + len(group) / 2 <= wanted:
            chosen.update(group)
    train = tuple(e for i, e in enumerate(examples) if i not in chosen)
    return train, tuple(e for i, e in enumerate(examples) if i in chosen)


def alike(examples: Sequence[Example], by_document: bool = False) -> list[list[int]]:
    """Places of examples whose questions say nearly the same and, with ``by_document``, are about one document."""
    parent = list(range(len(examples)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    tokens = [frozenset(normalise(e.question).split()) for e in examples]
    common = Counter(word for words in tokens for word in words)
    holders: dict[str, list[int]] = {}
    first_of: dict[str, int] = {}
    for i, example in enumerate(examples):
        rarest = sorted(tokens[i], key=lambda word: (common[word], word))[: _telling(len(tokens[i]))]
        near = {j for word in rarest for j in holders.get(word, ())}
        for j in near:
            if len(tokens[i] & tokens[j]) >= _NEAR * len(tokens[i] | tokens[j]):
                parent[root(i)] = root(j)
        for word in rarest:
            holders.setdefault(word, []).append(i)
        for source in example.source if by_document else ():
            parent[root(i)] = root(first_of.setdefault(source, i))
    groups: dict[int, list[int]] = {}
    for i in range(len(examples)):
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())


def _telling(words: int) -> int:
    """So many of a question's rarest words are enough: two questions that say nearly the same share one of them.

    Of ``n`` words at least ``_NEAR * n`` are shared, so that at most the others can be missing (prefix filtering, Chaudhuri,
    Ganti and Kaushik 2006).
    """
    return words - math.ceil(_NEAR * words - 1e-9) + 1
