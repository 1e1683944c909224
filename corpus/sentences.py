"""Where the sentences of a text lie. Knows nothing of what is made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SENTENCE = re.compile(r"[^\n]+?(?:[.!?](?=\s|$)|(?=\n|$))")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences and lines of ``text``, without outer space."""
    for found in _SENTENCE.finditer(text):
        inner = found.group()
        start = found.start() + len(inner) - len(inner.lstrip())
        end = found.end() - (len(inner) - len(inner.rstrip()))
        if any(c.isalnum() for c in text[start:end]):
            yield start, end
