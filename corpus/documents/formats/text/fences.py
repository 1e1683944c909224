"""Which lines of Markdown stand in a fence, where they are code. Knows nothing of what else they may be."""

from __future__ import annotations

import re

_FENCE = re.compile(r" {0,3}(`{3,}(?!.*`)|~{3,})(.*)")


class Fences:
    """Takes one line after another."""

    def __init__(self) -> None:
        self._open = ""

    def holds(self, line: str) -> bool:
        """Does the line stand in a fence, or is it the end or the beginning of one?

        A fence ends at one of its own sign, as long or longer, with nothing behind it.
        """
        found, was = _FENCE.match(line), self._open
        if found and not was:
            self._open = found[1]
        elif found and found[1].startswith(was) and not found[2].strip():
            self._open = ""
        return bool(was or self._open)
