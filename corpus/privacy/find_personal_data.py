"""Where personal data and secrets stand in a text. Keeps no value, changes nothing, and knows nothing of policies."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from corpus.privacy.checksums import CHECKS
from corpus.privacy.personal_data_kinds import Kind, Pattern, kinds, vetoes

NAME = "name"
"""The kind of what a language model for names finds."""
NameFinder = Callable[[str], Sequence[tuple[int, int]]]
"""Spans of people's names in a text."""
_VETO_BEFORE = 24
_TRIES = 3
"""How often a match that proves to be nothing is tried again from its next character: a constant, so time stays linear."""
_WORTH_A_LOOK = re.compile(r"[\d@_]|---|sk-|eyJ|xox|//")
"""A text without any of these holds nothing but names."""
_DIGITS = re.compile(r"\d(?:[^\n\d]{0,3}\d){4}")
"""Without five digits near one another a text holds no long number."""


@dataclass(frozen=True)
class Finding:
    """Something of ``kind`` at ``text[start:end]``; the value itself is not kept."""

    kind: str
    start: int
    end: int
    near_word: bool = False
    """Does a context word of the kind stand near?"""


def find(text: str, names: NameFinder | None = None) -> tuple[Finding, ...]:
    """Everything found, in the order of the text, nothing overlapping.

    A value that a context word tells once is found wherever else in the text it stands in the same form.
    """
    if not text.isascii():
        text = text.translate(_plain_digits())
    sure: list[Finding] = []
    unsure: list[Finding] = []
    numbered, folded = _DIGITS.search(text) is not None, text.casefold()
    for kind in kinds().values() if _WORTH_A_LOOK.search(text) else ():
        if numbered or not kind.long_number:
            matches = [f for p in kind.patterns for f in _matches(kind, p, text, folded, with_context=True)]
            sure += matches
            if matches and kind.context:
                unsure += [f for p in kind.patterns for f in _matches(kind, p, text, folded, with_context=False)]
    known = {(f.kind, canonical(text[f.start : f.end])) for f in sure}
    sure += [f for f in unsure if (f.kind, canonical(text[f.start : f.end])) in known]
    sure += [Finding(NAME, start, end) for start, end in names(text)] if names else []
    return _apart(sure)


@cache
def _plain_digits() -> dict[int, str]:
    """Every script's digits as 0 to 9: what ``\\d`` matches, check digits can count."""
    every = map(chr, range(128, sys.maxunicode + 1))
    return {ord(c): str(unicodedata.decimal(c)) for c in every if c.isdecimal()}


def canonical(value: str) -> str:
    """The value without what only its form differs in: case, spaces and separators.

    >>> canonical("AT61 1904-3002")
    'at6119043002'
    """
    return re.sub(r"[\s()./–-]", "", value).casefold() or value


def _matches(kind: Kind, pattern: Pattern, text: str, folded: str, *, with_context: bool) -> Iterator[Finding]:
    """What the pattern matches and its check proves: where the words around it allow it (``with_context``), or where not."""
    if pattern.needs and not any(needed in folded for needed in pattern.needs):
        return
    match = pattern.regex.search(text)
    if match and with_context and pattern.in_context and kind.context and not kind.context.search(text):
        return
    group, tries = "value" if "value" in pattern.regex.groupindex else 0, 0
    while match:
        start, value = match.start(group), match[group]
        near, allowed = _words_around(kind, pattern, text, start, match.end(group))
        length = _proven(pattern, value, text, start) if allowed == with_context else 0
        if length:
            yield Finding(kind.name, start, start + length, near)
        again = not length and allowed == with_context and tries < _TRIES
        at = match.start() + 1 if again else max(start + length if length else match.end(), match.start() + 1)
        tries = tries + 1 if again else 0
        match = pattern.regex.search(text, at)


def _proven(pattern: Pattern, value: str, text: str, start: int) -> int:
    """How many characters of ``value`` match, 0 where none do or a word goes on behind them."""
    length = CHECKS[pattern.check](value) if pattern.check else len(value)
    return 0 if length < len(value) and text[start + length].isalnum() else length


def _words_around(kind: Kind, pattern: Pattern, text: str, start: int, end: int) -> tuple[bool, bool]:
    """Is a context word near? And is the form enough, or the word there, with no veto nearer than it?"""
    cue, near = -1, False
    if kind.context:
        before = text[max(0, start - kind.before) : start].rpartition("\n\n")[2]
        cue = max((start - len(before) + m.end() for m in kind.context.finditer(before)), default=-1)
        after = text[end : end + kind.after].partition("\n")[0]
        near = cue >= 0 or bool(kind.context.search(after))
    if pattern.in_context and not near:
        return near, False
    if pattern.veto:
        before = text[max(0, start - _VETO_BEFORE) : start].rpartition("\n")[2]
        veto = max((start - len(before) + m.end() for m in vetoes()[pattern.veto].finditer(before)), default=-1)
        return near, veto < 0 or cue >= veto
    return near, True


def _apart(findings: list[Finding]) -> tuple[Finding, ...]:
    """Of findings that overlap the one with a context word, else the surer kind, else the longer one."""
    order = {name: n for n, name in enumerate(kinds())}
    findings.sort(key=lambda f: (f.start, f.end))
    separate: list[Finding] = []
    for finding in findings:
        while separate and finding.start < separate[-1].end:
            if _rank(separate[-1], order) <= _rank(finding, order):
                break
            separate.pop()
        else:
            separate.append(finding)
    return tuple(separate)


def _rank(f: Finding, order: dict[str, int]) -> tuple[bool, int, int]:
    return not f.near_word, order.get(f.kind, len(order)), f.start - f.end
