"""Numbers in letters: Roman numerals, and the letters of sheet columns and list items."""

from __future__ import annotations

_ROMAN = {"m": 1000, "cm": 900, "d": 500, "cd": 400, "c": 100, "xc": 90, "l": 50, "xl": 40,
          "x": 10, "ix": 9, "v": 5, "iv": 4, "i": 1}  # fmt: skip


def roman(number: int) -> str:
    """``iv`` of 4; empty below 1."""
    numeral = ""
    for letters, size in _ROMAN.items():
        numeral += letters * (number // size)
        number %= size
    return numeral


def alphabetic(number: int) -> str:
    """``a`` of 1, ``z`` of 26, ``aa`` of 27, ``ab`` of 28; empty below 1."""
    letters = ""
    while number > 0:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return letters
