"""The characters that eyes do not see: which there are, and which of them each reader of a text takes out.

Every group is a piece of a character class (``[...]``) of a regular expression.
"""

from __future__ import annotations

import re

CONTROLS = "\x00-\x08\x0e-\x1b\x1f\x7f"
"""Of ASCII, without tabs and line ends: they steer terminals and printers, and leak from broken files."""
LINE_ENDING_CONTROLS = "\v\f\x1c-\x1e"
"""Of ASCII, too, but they end lines: next page, next record."""
LATER_CONTROLS = "\x80-\x84\x86-\x9f"
"""Of Latin-1: mostly letters of Windows-1252 that were decoded wrongly. ``\\x85`` ends a line."""
SOFT_HYPHEN = "\u00ad"
"""Where a word may be parted: seen only at the end of a line."""
ZERO_WIDTH_SPACE = "\u200b"
"""Where a line may be broken. It parts a word from itself for whoever searches."""
BYTE_ORDER_MARK = "\ufeff"
"""The mark at a file's beginning; within a text a space without width."""
JOINERS = "\u200c\u200d"
"""They shape Persian and Indic words and emoji; beside Latin letters they only hide."""
DIRECTIONS = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""They turn the direction of writing: what is seen is then not what is read."""
ARABIC_DIRECTION = "\u061c"
"""As ``DIRECTIONS``, for numbers in Arabic text."""
OPERATORS = "\u2060-\u2064"
"""The joiner of words, and times, plus and commas of formulas that are not drawn."""
RETIRED = "\u2065\u206a-\u206f"
"""Shaping that Unicode advises against, and a place without a character between."""
FILLERS = "\u034f\u17b4\u17b5\u180e\u3164\uffa0"
"""Letters without a shape, in Korean, Khmer and Mongolian, and the joiner of marks."""
ANNOTATIONS = "\ufff9-\ufffb"
"""The frame of small readings above a line."""
TAGS = "\U000e0000-\U000e007f"
"""ASCII once more, unseen: they hide orders from readers."""
VARIANTS = "\U000e0080-\U000e0fff"
"""Which drawing of a letter is meant, and places beside ``TAGS`` that are kept free for unseen characters."""
HALVES = "\ud800-\udfff"
"""Halves of characters: no text in UTF-8 can hold them."""

NOT_READ = re.compile(
    f"[{CONTROLS}{LINE_ENDING_CONTROLS}{SOFT_HYPHEN}{ZERO_WIDTH_SPACE}{BYTE_ORDER_MARK}{HALVES}]",
)
"""What no document gives, whatever its format: without it words and offsets are right. The rest is for ``NOT_KEPT``."""
NOT_KEPT = re.compile(
    f"[{CONTROLS}{LATER_CONTROLS}{SOFT_HYPHEN}{FILLERS}{ARABIC_DIRECTION}{ZERO_WIDTH_SPACE}{DIRECTIONS}"
    f"{OPERATORS}{RETIRED}{BYTE_ORDER_MARK}{ANNOTATIONS}{TAGS}{VARIANTS}]"
)
"""What is taken out of texts before they are kept. What ends lines becomes a line end, and a half ``\\ufffd`` instead."""
NOT_SHOWN = re.compile(f"[{ZERO_WIDTH_SPACE}{DIRECTIONS}{OPERATORS}{BYTE_ORDER_MARK}{TAGS}]")
"""What could hide an order in a prompt. No more: texts that are clean stay as they are, byte for byte."""

JOINERS_NOT_KEPT = re.compile(f"(?<=[\x00-\u024f])[{JOINERS}]+|[{JOINERS}]+(?=[\x00-\u024f])")
"""Joiners on either side of a Latin letter, digit or sign."""
JOINERS_NOT_SHOWN = re.compile(f"(?<=[A-Za-z])[{SOFT_HYPHEN}{JOINERS}](?=[A-Za-z])")
"""Invisible between Latin letters; between those of other scripts they belong to the word."""
