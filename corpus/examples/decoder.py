"""One JSON value of a text: numbers stay as they are written, a key named twice is noticed. Knows nothing of rows."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter

from corpus.examples.rows import Repeating

_SPACE = re.compile(r"[ \t\n\r]*")


class NotJson(ValueError):
    """``at``: the offset where the text stops to be JSON."""

    def __init__(self, found: str, at: int) -> None:
        super().__init__(found)
        self.at = at


def decoded(text: str, at: int) -> tuple[object, int]:
    """The value that begins at ``at`` and the offset of its end. Numbers are their text, NaN a float.

    Raises ``NotJson``.
    """
    try:
        value, end = _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.pos) from error
    except RecursionError as error:
        raise NotJson("too many brackets within one another", at) from error
    return value, end


def space(text: str, at: int) -> int:
    """The offset of what stands behind the space at ``at``."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def within(text: str) -> object:
    """The list or object that a text holds as JSON or, as pandas writes lists, as Python; the text where it holds none."""
    if not text.strip().startswith(("[", "{")):
        return text
    try:
        return _DECODER.decode(text)
    except (json.JSONDecodeError, RecursionError):
        pass
    try:
        return _DECODER.decode(json.dumps(ast.literal_eval(text.strip())))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    twice = Repeating(made)
    twice.key = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return twice


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=str, parse_int=str)
