"""Which lines of Markdown stand in a fence, where they are code."""

from __future__ import annotations

import re

_FENCE = re.compile(r" {0,3}(`{3,}(?!.*`)|~{3,})(.*)")


class Fences:
    """Takes one line after another."""

    def __init__(self) -> None:
        self._open = ""

    def holds(self, line: str) -> bool:
        """Is the line in a fence, or is it the end or the beginning of one?

        A fence ends at one of its own sign, as long or longer, with nothing behind it.
        """
        fence, open_fence = _FENCE.match(line), self._open
        if fence and not open_fence:
            self._open = fence[1]
        elif fence and fence[1].startswith(open_fence) and not fence[2].strip():
            self._open = ""
        return bool(open_fence or self._open)
