"""When two texts say the same: SQuAD's normalisation and scores. Knows nothing of arms or models.

Source: the SQuAD v1.1 evaluation script (Rajpurkar et al. 2016): lower case, no punctuation, no articles, single spaces.
Beyond it, long dashes part words (``9:00–18:00``) and typographic apostrophes count as plain ones.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

from corpus.records import Example

_ALIKE = 0.6
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation + "’‘“”", "") | {"–": " ", "—": " "})


def normalise(text: str) -> str:
    """The text as SQuAD compares it.

    >>> normalise("The  60 days!")
    '60 days'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(text: str, references: Sequence[str]) -> float:
    """1.0 where the normalised text equals a normalised reference, else 0.0."""
    return float(any(normalise(text) == normalise(r) for r in references))


def token_f1(text: str, references: Sequence[str]) -> float:
    """The best token F1 over the references, 0 to 1; two empty texts score 1."""
    return max((_f1(normalise(text).split(), normalise(r).split()) for r in references), default=0.0)


def _f1(said: list[str], wanted: list[str]) -> float:
    if not said or not wanted:
        return float(said == wanted)
    shared = sum((Counter(said) & Counter(wanted)).values())
    if not shared:
        return 0.0
    precision, recall = shared / len(said), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


def says_the_same(text: str, references: Sequence[str]) -> bool:
    """Do the two answers agree but for their wording (token F1 above 0.6)?"""
    return token_f1(text, references) > _ALIKE


def has_key(text: str, example: Example) -> bool:
    """Does the text hold every key phrase of the example (without any: one of its references)?"""
    said = f" {normalise(text)} "
    if example.key:
        return all(any(f" {normalise(k)} " in said for k in key.split("|")) for key in example.key)
    return any(f" {normalise(r)} " in said for r in example.references)


def similarity(a: str, b: str) -> float:
    """Jaccard similarity of the two texts' sets of normalised tokens, 0 to 1."""
    one, other = set(normalise(a).split()), set(normalise(b).split())
    return len(one & other) / len(one | other) if one | other else 1.0
