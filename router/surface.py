"""What a question's wording shows before anything answers it: lengths, numbers, names, kinds of words, its choices.

Sign by sign it says little; together such signs tell hard questions from easy ones better than the meaning does (GSM8K and MMLU
in ``benchmarks/results/routing.json``). English words are looked for; in another language these signs are 0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_POINT = re.compile(r"\d\.\d")
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_CHOICE = re.compile(r"^[A-E][.)] (.*)$", re.MULTILINE)
_PLAIN = re.compile(r"[$€£\-–]?[\d.,/%^ ]+\w{0,6}\.?")
_WORDS = {
    "which": r"which|what",
    "how": r"how|why",
    "who": r"who|whom|whose|when|where",
    "amount": r"how many|how much|calculate|compute|determine|find|solve",
    "condition": r"if|suppose|assume|consider|let",
    "negation": r"not|except|least|false|incorrect|never",
    "comparison": r"more|less|fewer|than|older|younger|earlier|later|first|last|same|both",
    "alternative": r"or",
    "superlative": r"best|most|likely|main|primarily",
    "part": r"half|twice|double|triple|third|quarter|times",
    "rate": r"each|every|per",
    "percent": r"percent|percentage|discount|interest|profit|ratio|average",
    "time": r"(?:day|week|month|year|hour|minute)s?",
    "rest": r"left|remain|remains|remaining|remainder|total|altogether|rest",
    "order": r"before|after|then|next",
    "relation": r"(?:grand)?(?:father|mother|parent)s?|child|children|son|daughter|wife|husband|spouse|brother|sister|in-law",
    "work": r"film|movie|song|album|band|book|novel|series|show|actor|actress|singer|director|author|writer",
    "place": r"city|country|nationality|born|birthplace|located|county|state|place|died",
    "statement": r"statement [12i]+",
}
"""Kinds of words that are counted, by what they ask for."""
_MARKS = {
    "symbols": r"[=+*/^<>\\]",
    "latex": r"\\\w|\$[^\d\s]|\^|_\{",
    "money": r"[$€£]\d",
    "quotes": r"[\"“]",
    "brackets": r"\(",
}
_MARKS |= {
    "percent": r"%",
    "commas": r",",
    "names": r"(?<=[a-z,] )[A-Z][a-z]+",
    "acronyms": r"\b[A-Z]{2,}\b",
    "years": r"\b(?:1\d{3}|20\d\d)\b",
    "gap": r"__",
}
_YES_NO = re.compile(r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b", re.IGNORECASE)


def surface(questions: Sequence[str]) -> numpy.ndarray:
    """The signs of each question, ``(n, signs)``, in one fixed order; counts and logarithms of lengths."""
    import numpy

    return numpy.array([_signs(q) for q in questions], dtype=float).reshape(len(questions), len(_signs("")))


def _signs(text: str) -> list[float]:
    choices = [c.strip() for c in _CHOICE.findall(text)]
    choices = choices if len(choices) > 1 else []
    asked = _CHOICE.split(text)[0] if choices else text
    lower, words = asked.lower(), asked.split()
    numbers = [float(n.replace(",", "")) for n in _NUMBER.findall(asked)]
    sentences = _SENTENCE.split(asked.strip())
    signs = [math.log1p(len(text)), math.log1p(len(asked)), math.log1p(len(words)), float(len(sentences))]
    signs += [
        float(len(sentences[-1].split())),
        _mean([len(w) for w in words]),
        len(set(lower.split())) / max(1, len(words)),
    ]
    signs += [float(len(numbers)), math.log1p(len(set(numbers))), len(numbers) / max(1, len(words))]
    signs += [math.log1p(min(1e12, max(numbers, default=0.0))), float(len(_POINT.findall(asked)))]
    signs += [float(bool(_YES_NO.match(asked.strip()))), float(asked.strip().endswith("?"))]
    signs += [float(len(p.findall(lower))) for p in _patterns()[0]]
    signs += [float(len(p.findall(asked))) for p in _patterns()[1]]
    return signs + _of_choices(choices, set(lower.split()))


def _of_choices(choices: Sequence[str], asked: set[str]) -> list[float]:
    """Of the choices ``A.`` to ``E.`` that a question may end with: zeros where it has none."""
    if not choices:
        return [0.0] * 10
    lengths, words = [len(c) for c in choices], [set(c.lower().split()) for c in choices]
    middle = _mean(lengths)
    spread = math.sqrt(_mean([(n - middle) ** 2 for n in lengths])) / (1 + middle)
    shared = [len(w & asked) / max(1, len(w)) for w in words]
    alike = _mean([len(a & b) / max(1, len(a | b)) for a, b in combinations(words, 2)])
    plain = float(sum(bool(_PLAIN.fullmatch(c)) for c in choices))
    whole = float(
        any(re.search(r"\b(?:all|none|both|neither) (?:of|the|these)|\bnone\b|\bboth\b", c.lower()) for c in choices)
    )
    listed = float(any(re.match(r"[IV]+\b", c) for c in choices))
    sizes = [math.log1p(n) for n in (middle, max(lengths), min(lengths))]
    return [*sizes, spread, plain, whole, listed, alike, _mean(shared), max(shared) - min(shared)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


@cache
def _patterns() -> tuple[list[re.Pattern[str]], list[re.Pattern[str]]]:
    return [re.compile(rf"\b(?:{words})\b") for words in _WORDS.values()], [re.compile(p) for p in _MARKS.values()]
