"""Where the sentences of a text lie: the one splitter, for quotations, passages and citations.

A line's end always ends a sentence, marks like ``。`` and ``؟`` too; a full stop only where it is not that of an
abbreviation, a number or an initial (``tables/sentences.toml``). In doubt a sentence goes on: two in one can still be read,
half a one may mislead.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_END = re.compile(
    r"(?<![.!?…])(?P<stop>[.!?…]++)(?P<closed>(?:[\"'“”‘’»›)\]}*_`]|\[\d{1,3}\])*+)"
    r"(?:(?=\s|$)|(?<=[!?])(?=[\u3040-\u30ff\u3400-\u9fff]))"
    r"|(?P<full>[。！？｡．؟।॥۔։።]+)(?P<after>[\"'”’»)\]」』）】》]*)"
    r"|\n"
)
_NEXT = re.compile(r"[^\S\n]*[\"'“‘„«‹(\[{*_`¿¡「『（]*(?P<word>\w*)(?P<sign>[^\w\s]?)")
_NEXT_NUMBER = re.compile(r"[^\S\n]*[(\[]?[€$£¥±~<>≤≥§#+−-]?[^\S\n]?\d")
_NEXT_ITEM = re.compile(r"\.[^\S\n]*\d{1,2}[.)][^\S\n]+[^\W\d_a-z]")
_TOKEN = re.compile(r"[^\W_](?:[\w.&/'’-]*\w)?$")
_NUMBER = re.compile(r"\d[\d.,/-]*")
_ITEM = re.compile(r"[\d.]{1,8}|[^\W\d_]")
_NUMERAL = re.compile(r"\d.*|[IVXLCDM]+|[A-Z]")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,3}\.)+[^\W\d_]{1,3}")
_WITHOUT_VOWEL = re.compile(r"[B-DF-HJ-NP-TV-XZ]?[b-df-hj-np-tv-xz]{2,4}")
_HIRAGANA = re.compile(r"[\u3041-\u309f]")
_BRACKETS = (("(", ")"), ("[", "]"), ("（", "）"))
_ASIDE = 300
"""Characters: sentences within brackets up to so long belong to the sentence around them."""
_LOOKED_AT = 60
"""Characters before a full stop that are looked at."""
_KINDS = ("never", "number", "may_end", "days", "starts", "dated", "ordinal")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences and lines of ``text`` that hold a letter or digit, without outer space.

    >>> text = "It holds approx. 40 kg. Ask Dr. Roy."
    >>> [text[a:b] for a, b in sentences(text)]
    ['It holds approx. 40 kg.', 'Ask Dr. Roy.']
    """
    return ((a, b) for a, b in segments(text) if any(c.isalnum() for c in text[a:b]))


def segments(text: str) -> Iterator[tuple[int, int]]:
    """As ``sentences``, and those of signs alone too: every character but space lies in one span."""
    start = 0
    for mark in _END.finditer(text):
        line_ends = mark.group() == "\n"
        if line_ends or _ends(text, start, mark):
            yield from trimmed(text, start, mark.start() if line_ends else mark.end())
            start = mark.end()
    yield from trimmed(text, start, len(text))


def trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span without outer space; nothing where there is only space."""
    inner = text[start:end]
    if stripped := inner.strip():
        start += len(inner) - len(inner.lstrip())
        yield start, start + len(stripped)


def _ends(text: str, start: int, mark: re.Match[str]) -> bool:
    """Does the sentence that begins at ``start`` end at this mark?"""
    if _within_brackets(text, start, mark):
        return False
    if mark["full"]:
        goes_on = mark["after"] and _HIRAGANA.match(text, mark.end())
        return not goes_on and not (mark["full"] == "．" and text[mark.end() : mark.end() + 1].isdigit())
    following = _NEXT.match(text, mark.end())
    if following is None or not following["word"] + following["sign"]:
        return True
    small = following["word"][:1].islower()
    if mark["stop"][-1] in "!?":
        return not (small and mark["closed"])
    token = _TOKEN.search(text, max(start, mark.start() - _LOOKED_AT), mark.start())
    if mark["stop"] != "." or mark["closed"] or token is None:
        return not small
    return _full_stop_ends(text, start, token, following["word"])


def _full_stop_ends(text: str, start: int, token: re.Match[str], word: str) -> bool:
    """Does the full stop between ``token`` and ``word``, which is empty where a sign stands, end a sentence?"""
    term, table = token.group(), _table()
    if _in(term, table["never"]) or (_ITEM.fullmatch(term) and _begins(text, start, token)):
        return False
    if _NEXT_NUMBER.match(text, token.end() + 1):
        abbreviated = _in(term, table["number"]) or _abbreviates(text, token)
        return not abbreviated and (_is_whole(term) or _NEXT_ITEM.match(text, token.end()) is not None)
    if _in(term, table["number"]) and _NUMERAL.fullmatch(word) and (word not in ("A", "I") or term[0].isupper()):
        return False
    if word[:1].islower():
        return not (_tells_case(text, token) or _abbreviates(text, token) or _in(term, table["number"]))
    if _NUMBER.fullmatch(term):
        return not _is_ordinal(text, token, word)
    return not _abbreviates(text, token) or word.lower() in table["starts"] or _is_time(text, token, word)


def _abbreviates(text: str, token: re.Match[str]) -> bool:
    """Does the word stand for a longer one, and may yet end a sentence? Units behind their number end it as others do."""
    term = token.group()
    if _in(term, _table()["may_end"]) or _DOTTED.fullmatch(term):
        return True
    if len(term) == 1 and term.isupper():
        return text[max(0, token.start() - 1) : token.start()] != "°"
    short = len(term) == 1 and term.isalpha()
    return (short or bool(_WITHOUT_VOWEL.fullmatch(term))) and not _behind_number(text, token)


def _is_time(text: str, token: re.Match[str], word: str) -> bool:
    """A time of day, as in ``5 p.m. Bring a lamp.``, that ends the sentence before this word."""
    table = _table()
    goes_on = word.lower() in table["days"] or _in(word, table["never"])
    return token.group().lower() in ("a.m", "p.m") and _behind_number(text, token) and not goes_on


def _is_whole(term: str) -> bool:
    """A word too long for an abbreviation: the number behind it may begin a sentence."""
    return term.isalpha() and term.islower() and (len(term) > 4 or term[3:] in tuple("aeiouy"))


def _is_ordinal(text: str, token: re.Match[str], word: str) -> bool:
    before = text[max(0, token.start() - _LOOKED_AT) : token.start()].lower().split()[-1:]
    table = _table()
    return len(token.group()) <= 2 and (word.lower() in table["dated"] or not table["ordinal"].isdisjoint(before))


def _begins(text: str, start: int, token: re.Match[str]) -> bool:
    """Does the sentence begin with the word, but for signs?"""
    return token.start() - start < _LOOKED_AT and not text[start : token.start()].strip(" \t(*-•")


def _behind_number(text: str, token: re.Match[str]) -> bool:
    return text[max(0, token.start() - 3) : token.start()].rstrip()[-1:].isdigit()


def _tells_case(text: str, token: re.Match[str]) -> bool:
    """Are there upper case letters around? Without any, lower case says nothing."""
    around = text[max(0, token.start() - 4 * _LOOKED_AT) : token.end() + 4 * _LOOKED_AT]
    return around != around.lower()


def _within_brackets(text: str, start: int, mark: re.Match[str]) -> bool:
    """Is a bracket open that closes soon, on the same line?"""
    for opening, closing in _BRACKETS:
        opened = text.rfind(opening, max(start, mark.start() - _ASIDE), mark.start())
        if opened >= 0 and text.rfind(closing, opened, mark.end()) < 0:
            closed = text.find(closing, mark.end(), opened + _ASIDE)
            if closed >= 0 and "\n" not in text[opened:closed]:
                return True
    return False


def _in(term: str, words: frozenset[str]) -> bool:
    return term in words or term.lower() in words


@cache
def _table() -> dict[str, frozenset[str]]:
    """The words of every language, by kind."""
    file = Path(__file__).with_name("tables") / "sentences.toml"
    languages = tomllib.loads(file.read_text(encoding="utf-8")).values()
    return {kind: frozenset(word for language in languages for word in language.get(kind, ())) for kind in _KINDS}
