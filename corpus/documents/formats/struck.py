"""Which elements of HTML are struck out: by their tag, their style, their class, or the page's own style sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator

STRUCK = "struck-out text is left out"
"""What is said of it, in every format."""
_TAGS = frozenset({"s", "strike", "del"})
_LINE = re.compile(r"text-decoration(?:-line)?\s*:[^;}]*line-through", re.IGNORECASE)
_CLASSES = frozenset({"line-through", "strikethrough", "strike-through", "text-decoration-line-through"})
_RULE = re.compile(r"([^{}]{1,500})\{([^{}]{0,2000})\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SIMPLE = re.compile(r"([a-z][a-z0-9]*)?(?:([.#])([\w-]+))?", re.IGNORECASE)
_LONGEST_SHEET = 2**18


def struck_by_style(sheet: str) -> Iterator[str]:
    """Selectors of one element (``s``, ``.old``, ``li.old``, ``#old``) that a style sheet strikes out."""
    for rule in _RULE.finditer(_COMMENT.sub("", sheet[:_LONGEST_SHEET])):
        if _LINE.search(rule[2]):
            yield from (name for each in rule[1].split(",") if (name := each.strip()) and _SIMPLE.fullmatch(name))


def is_struck(tag: str, attributes: dict[str, str], by_style: set[str]) -> bool:
    """Is an element with these attributes struck out?"""
    if not attributes and tag not in _TAGS and not by_style:
        return False
    style = attributes.get("style", "")[:1000]
    if _LINE.search(style):
        return True
    if tag in _TAGS:
        return not re.search(r"text-decoration(?:-line)?\s*:\s*none", style, re.IGNORECASE)
    names = attributes.get("class", "")[:1000].split()
    if not _CLASSES.isdisjoint(names):
        return True
    marks = [f".{name}" for name in names] + [f"#{attributes.get('id')}"]
    return bool(by_style) and not by_style.isdisjoint([tag, *marks, *(tag + mark for mark in marks)])
