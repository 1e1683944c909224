"""One JSON value of a text: numbers stay as they are written, a key named twice is noticed."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections import Counter

from corpus.examples.example_rows import Repeating

_WRITTEN = re.compile(r"""\s*(?:\[\s*["'{\[\]]|\{\s*["'}])""")
_SPACE = re.compile(r"[ \t\n\r]*")


class NotJson(ValueError):
    """``at``: the offset where the text stops to be JSON."""

    def __init__(self, problem: str, at: int) -> None:
        super().__init__(problem)
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
    """The offset behind the white space at ``at``."""
    match = _SPACE.match(text, at)
    return match.end() if match else at


def holds_list(text: str) -> bool:
    """Does a text begin as a list or an object that was written as text?"""
    return _WRITTEN.match(text) is not None


def within(text: str) -> object:
    """The list or object that a text holds as JSON or, as pandas writes lists, as Python; the text where it holds none."""
    if not holds_list(text):
        return text
    try:
        return _DECODER.decode(text)
    except (json.JSONDecodeError, RecursionError):
        pass
    try:
        tree = ast.parse(text.strip(), mode="eval")
        texts = sum(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in ast.walk(tree))
        tokens = tokenize.generate_tokens(io.StringIO(text.strip()).readline)
        if texts != sum(token.type == tokenize.STRING for token in tokens):
            return text  # numpy writes no commas: Python would join the texts
        return _DECODER.decode(json.dumps(ast.literal_eval(tree)))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError, tokenize.TokenError):
        return text


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    mapping = dict(pairs)
    if len(mapping) == len(pairs):
        return mapping
    twice = Repeating(mapping)
    twice.key = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return twice


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=str, parse_int=str)
