"""The terms a text is found by: its words, and its codes, numbers and single characters exactly as they stand.

Plain words are those of bm25s: two letters and more, English stop words left out, stems. Beyond it: thousands are one number
(``1,043``), accents on Latin letters are folded, scripts without spaces are cut into pairs of characters. ``EXACT`` terms
come on top: codes as a whole (``C-8``, ``4.2.1``, ``C++``, ``§ 5``), a name with its number (``Grade 3``), characters that
stand alone. However a code's parts are joined, it is the same: ``AR-7``, ``AR7`` and ``AR 7``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Protocol

COUNTING = 3
"""Raised where other terms are counted than before: indexes counted otherwise are refused."""
EXACT = "="
"""In front of each term that is not a plain word; such terms do not make a passage longer."""
_PLAIN_WORD = re.compile(r"\b\w\w+\b")
_PAIRED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u3005\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Korean, Japanese and Chinese: words are not parted by spaces, or carry their particles."""
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0980-\u0dff"
)
"""Signs that belong to the letters before them and are no ``\\w``."""
_WORD = re.compile(rf"(?P<paired>[{_PAIRED}]+)|(?:[^\W{_PAIRED}][{_MARKS}]*){{2,}}")
_ACCENTS = re.compile("(?<=[A-Za-z])[\u0300-\u036f]+")
_THOUSANDS = re.compile("(?<![\\w.,])(\\d{1,3})((?:[,'’\u00a0\u2009\u202f]\\d{3})+)(?![\\d,])")
_GROUPS = re.compile(r"(?<![\w.,])\d{1,3}(?:\.\d{3})+(?![\w.,]*\d)|(?<![\w.,])\d{1,3}(?: \d{3})+(?![\w.,]*\d)")
"""Thousands, or a version, or two numbers: both are meant."""
_LETTER = rf"[^\W_][{_MARKS}]*"
_RUNS = {
    ascii_only: re.compile(
        rf"[§№#](?=\s?\d)|{letter}+(?:(?:[-\u2010-\u2013\u2212./:_@&]|(?<=\d),(?=\d)){letter}+)*(?:\+\+|#(?!\w))?"
    )
    for ascii_only, letter in ((True, r"[^\W_]"), (False, rf"(?:{_LETTER})"))
}
"""Letters and digits with what joins them."""
_PARTS = re.compile(rf"(?:[^\W\d_][{_MARKS}]*)+(?:\+\+|#)?|\d+|[§№#]")
_PRONOUN = re.compile(r"\s(?!(?:is|was|has)\b)[a-z]")
"""What follows ``I`` where it numbers nothing."""
_LONGEST = 60
"""Characters of a code."""
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this "
        "to was will with",
    )
)
"""Lucene's for English, which bm25s has too."""


def terms_of(text: str, *, asked: bool = False) -> list[str]:
    """The terms of a passage, or of a question that is ``asked``, as often as they stand there.

    >>> terms_of("Bring the tents.")
    ['bring', 'tent']
    >>> terms_of("Part C-8")
    ['part', '=c-8', '=part-c-8']
    """
    folded = _folded(text)
    return [*words_of(folded), *_exact(folded, asked)]


def words_of(text: str) -> list[str]:
    """The plain words among the terms."""
    text = _folded(text)
    small = text.lower()
    words = _PLAIN_WORD.findall(small) if small.isascii() else list(_of_any_script(small))
    words += [re.sub(r"[. ]", "", number) for number in _GROUPS.findall(text)]
    return _stemmer().stemWords([w for w in words if w not in _STOP_WORDS])


def _of_any_script(small: str) -> Iterator[str]:
    for match in _WORD.finditer(small):
        run = match.group()
        if not match["paired"]:
            yield run
        elif len(run) > 1:
            yield from (run[n : n + 2] for n in range(len(run) - 1))


def _folded(text: str) -> str:
    """Without accents on Latin letters, width variants and separators of thousands."""
    if not text.isascii():
        text = _THOUSANDS.sub(_joined, text)
        text = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text))).replace("ß", "ss")
    return _THOUSANDS.sub(_joined, text)


def _joined(match: re.Match[str]) -> str:
    return match[1] + re.sub(r"\D", "", match[2])


def _exact(text: str, asked: bool) -> Iterator[str]:
    before: re.Match[str] | None = None
    for run in _RUNS[text.isascii()].finditer(text):
        said = run.group()
        if len(said) <= _LONGEST:
            parts = _PARTS.findall(said.lower())
            if len(parts) > 1 or _stands_alone(text, run, asked) or (said[1:] and said[-1] in "+#"):
                yield EXACT + "-".join(parts)
            if before and _is_named(text, before, run, asked):
                yield EXACT + "-".join([*_PARTS.findall(before.group().lower()), *parts])
        before = run
    if not text.isascii():
        for match in re.finditer(f"[{_PAIRED}]+", text):
            if len(match.group()) == 1 or not asked:
                yield from (EXACT + character for character in match.group())


def _stands_alone(text: str, run: re.Match[str], asked: bool) -> bool:
    said = run.group()
    if len(said) != 1 or text[max(0, run.start() - 1) : run.start()] in ("'", "’") or re.match(f"[{_PAIRED}]", said):
        return False
    return said.isdigit() or (said.isalpha() and said not in "ai" and said != "I" and not (said == "A" and asked))


def _is_named(text: str, before: re.Match[str], run: re.Match[str], asked: bool) -> bool:
    """Are the two a name and its number or letter (``Zone B``, ``No. 17``), or a number and its unit (``40 kg``)?"""
    name, said, between = before.group(), run.group(), text[before.end() : run.start()]
    if between.strip(" \u00a0") not in ("", ":", "."[: len(name) < 5]) or len(between) > 2 or len(name) > _LONGEST:
        return False
    if name[0].isdigit():
        return said.isalpha() and len(said) <= 3 and said.lower() not in _STOP_WORDS
    if name.lower() in _STOP_WORDS - {"no"} or not (name.isalpha() or name in "§№#"):
        return False
    if said[0].isdigit() or len(said) > 1 or not said.isalpha():
        return said[0].isdigit()
    return asked or (said not in "ai" and not (said == "I" and _PRONOUN.match(text, run.end())))


class _Stemmer(Protocol):
    def stemWords(self, words: list[str], /) -> list[str]: ...


@cache
def _stemmer() -> _Stemmer:
    import Stemmer

    stemmer: _Stemmer = Stemmer.Stemmer("english")
    return stemmer
