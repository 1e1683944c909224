"""When two texts say the same, in any script.

After SQuAD's normalisation and token F1 (Rajpurkar et al. 2016; unchanged in ``corpus.text.squad_scores``), which takes €3.59
for €359, 9:30 for 930 and C++ for C#: here a number keeps its sign, separators and unit, and is compared as a number.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

from corpus.records import Example
from corpus.text.numbers import KEPT, numbers_alike

_ALIKE = 0.6
_ARTICLES = frozenset(("a", "an", "the"))
_PLUS, _POINT, _MINUS = (sign for mark in "+.-" for sign, outer in KEPT.items() if outer == mark)
_SHARP = "\x0f"
_NAME_ENDS = re.compile(r"(?<=[^\W\d_])[+#]+(?![^\W\d_])")
_NAME_BEGINS = re.compile(r"\.(?<![\w.]\.)(?=[^\W\d_])")
_GRADE = re.compile(r"-(?:(?<=\b[a-fo]-)|(?<=\bab-))(?!\w)")
"""``C++``, ``.NET`` and ``A-`` are not ``C``, ``net`` and ``A``."""
_FRACTION = re.compile(r"(\d+)? ?([¼½¾⅐-⅞])")
_RAISED = re.compile(r"(?<=\d)[⁰¹²³⁴-⁹]+")
_MARKS_OF_NUMBERS = str.maketrans({"，": " ", "٫": ".", "٬": ",", "٪": "%", "™": " "})
_LETTERS = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Of scripts that put no space between words: Thai, Lao, Tibetan, Burmese, Khmer, kana, Han."""
_UNSPACED = re.compile(f"((?!\\d)[{_LETTERS}])")
_RARE = re.compile(f"[⁰¹²³⁴-⁹¼½¾⅐-⅞，٫٬٪™\uff66-\uff9f{_LETTERS}]")


class _Marks(dict[int, str | int | None]):
    """What becomes of each character: most punctuation goes, some of it parts words, all else stays."""

    def __missing__(self, code: int) -> str | int | None:
        kind = unicodedata.category(chr(code))
        replacement: str | int | None = code
        if kind in ("Pi", "Pf", "Cf") or chr(code) in "\u2010\u2011\ufe0e\ufe0f°©®":
            replacement = None
        elif kind[0] == "P" or kind == "Sk" or 0x2500 <= code < 0x2600:
            replacement = " "
        self[code] = replacement
        return replacement


_MARKS = _Marks(dict.fromkeys(map(ord, string.punctuation)))
_MARKS |= {ord(inner): outer for inner, outer in KEPT.items()} | {ord(_SHARP): "#"}


def normalise(text: str) -> str:
    """The words and numbers of the text as they are compared, parted by single spaces; of a blank text nothing.

    Lower case, without punctuation and articles, unless nothing else is left. Each letter of a script without spaces is a word.

    >>> normalise("The  60 days!"), normalise("€1,000.50"), normalise("C++"), normalise("可以。"), normalise("A")
    ('60 days', '1000.5 €', 'c++', '可 以', 'a')
    """
    folded = _folded(text)
    if "+" in folded or "#" in folded:
        folded = _NAME_ENDS.sub(lambda m: m[0].replace("+", _PLUS).replace("#", _SHARP), folded)
    folded = _GRADE.sub(_MINUS, _NAME_BEGINS.sub(_POINT, folded))
    words = numbers_alike(folded).translate(_MARKS).split()
    content = [w for w in words if w not in _ARTICLES]
    return " ".join(content or words or text.casefold().split())


def _folded(text: str) -> str:
    """NFKC without case, and so that it joins no numbers: 10² is not 102, nor 1½ 11/2."""
    if text.isascii():
        return text.lower()
    if not _RARE.search(text):
        return unicodedata.normalize("NFKC", text).casefold()
    plain = _RAISED.sub(r"^\g<0>", _FRACTION.sub(_decimal, text.translate(_MARKS_OF_NUMBERS)))
    return _UNSPACED.sub(r" \1 ", unicodedata.normalize("NFKC", plain).casefold())


def _decimal(fraction: re.Match[str]) -> str:
    return f"{int(fraction[1] or 0) + round(unicodedata.numeric(fraction[2]), 4)} "


def holds(text: str, phrase: str) -> bool:
    """Does a normalised text hold a normalised phrase, in whole words?"""
    return f" {phrase} " in f" {text} "


def exact_match(text: str, references: Sequence[str]) -> float:
    """1.0 where the normalised text equals a normalised reference, else 0.0."""
    normalised = normalise(text)
    return float(any(normalised == normalise(r) for r in references))


def token_f1(text: str, references: Sequence[str]) -> float:
    """The best token F1 over the references, 0 to 1; two empty texts score 1."""
    words = normalise(text).split()
    wanted = (normalise(r).split() for r in references)
    return max((overlap_f1(words, w) if words or w else 1.0 for w in wanted), default=0.0)


def overlap_f1(candidate: Sequence[str], wanted: Sequence[str]) -> float:
    """F1 of two bags of words, 0 to 1; two empty ones share nothing and score 0."""
    shared = sum((Counter(candidate) & Counter(wanted)).values())
    if not shared:
        return 0.0
    precision, recall = shared / len(candidate), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


def says_the_same(text: str, references: Sequence[str]) -> bool:
    """Do the two answers agree but for their wording (token F1 above 0.6)?"""
    return token_f1(text, references) > _ALIKE


def has_key(text: str, example: Example) -> bool:
    """Does the text hold every key phrase of the example (without any: one of its references)?"""
    normalised = normalise(text)
    if example.key:
        return all(any(holds(normalised, normalise(k)) for k in key.split("|")) for key in example.key)
    return any(holds(normalised, normalise(r)) for r in example.references)


def similarity(a: str, b: str) -> float:
    """Jaccard similarity of the two texts' sets of normalised tokens, 0 to 1."""
    words, others = set(normalise(a).split()), set(normalise(b).split())
    return len(words & others) / len(words | others) if words | others else 1.0
