"""SQuAD's exact match and token F1, unchanged, for comparison with published figures.

Source: the official evaluation script of SQuAD v1.1 (Rajpurkar et al. 2016), which XQuAD reports by too. It takes €3.59 for
€359: what a user's own answers are scored with is ``corpus.text.match``.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from corpus.text.match import overlap_f1

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def squad_normalise(text: str) -> str:
    """Lower case, without ASCII punctuation and articles, single spaces.

    >>> squad_normalise("The  €3.59!")
    '€359'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def squad_exact(text: str, references: Sequence[str]) -> float:
    """1.0 where the text equals a reference, else 0.0."""
    return float(any(squad_normalise(text) == squad_normalise(r) for r in references))


def squad_f1(text: str, references: Sequence[str]) -> float:
    """The best token F1 over the references, 0 to 1; two empty texts share nothing and score 0."""
    words = squad_normalise(text).split()
    return max((overlap_f1(words, squad_normalise(r).split()) for r in references), default=0.0)
