"""The invisible characters: one table, and no reader takes out what it should not."""

from __future__ import annotations

import re
import sys
import unicodedata

from corpus.text.clean import clean
from corpus.text.invisible import HALVES, JOINERS, LINE_ENDING_CONTROLS, NOT_KEPT, NOT_READ, NOT_SHOWN


def _taken(pattern: re.Pattern[str]) -> set[str]:
    return {character for character in map(chr, range(sys.maxunicode + 1)) if pattern.fullmatch(character)}


def test_what_is_not_read_and_not_shown_is_not_kept_either() -> None:
    kept = _taken(re.compile(f"[{LINE_ENDING_CONTROLS}{HALVES}]"))
    assert _taken(NOT_READ) - _taken(NOT_KEPT) == kept
    assert _taken(NOT_SHOWN) < _taken(NOT_KEPT)
    assert all(clean(character) in ("\n", "\ufffd") for character in kept)


def test_only_characters_without_a_shape_are_taken_out() -> None:
    seen = {c for c in _taken(NOT_KEPT) if unicodedata.category(c) not in ("Cc", "Cf", "Cn", "Mn")}
    assert seen == {"\u3164", "\uffa0"}  # letters by their category, but blank
    assert not _taken(re.compile(f"[\t\n\r\x85{JOINERS}]")) & _taken(NOT_KEPT)
