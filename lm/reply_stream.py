"""What of a reply is told while it is generated: not its numbers, no refusal, no echo; its opening first."""

from __future__ import annotations

import re
from collections.abc import Callable

from corpus.text.echo import may_become_echo
from corpus.text.refusal import may_become_refusal
from lm.prompts import split_pointer


class ReplyStream:
    """What a user is told, piece by piece, of the replies to one question."""

    def __init__(self, on_text: Callable[[str], None], opening: str = "") -> None:
        self._on_text = on_text
        self._opening = opening
        self._told = ""

    def plain(self) -> Callable[[str], None]:
        """Hears a reply to be told behind the opening; nothing of one that refuses."""
        return unless_refusal(opened_with(self._tell, self._opening))

    def part(self, question: str) -> Callable[[str], None]:
        """Hears the reply to one part of the question: also without its numbers, and nothing of an echo.

        The first that is told stands behind the opening, the others behind a space.
        """
        hears = opened_with(self._tell, " " if self._told else self._opening)
        return without_pointer(unless_refusal(unless_echo(hears, question)))

    def end(self, answer: str) -> None:
        """Tell what is left of the answer, where what was told is how it begins."""
        if answer.startswith(self._told):
            self._tell(answer.removeprefix(self._told))

    def _tell(self, piece: str) -> None:
        if piece:
            self._told += piece
            self._on_text(piece)


def without_pointer(on_text: Callable[[str], None]) -> Callable[[str], None]:
    """The same callback for a stream of pieces, not told of the numbers that the reply begins with."""

    def begins(said: str) -> str | None:
        return None if re.fullmatch(r"\s*(?:\[\d+\]\s*)*(?:\[\d*)?", said) else split_pointer(said)[1]

    return held_back(on_text, begins)


def unless_refusal(on_text: Callable[[str], None]) -> Callable[[str], None]:
    """The same callback, told nothing of a reply that refuses: it may be followed by another one, or by ``REFUSAL``."""

    return held_back(on_text, lambda said: None if may_become_refusal(said) else said)


def unless_echo(on_text: Callable[[str], None], question: str) -> Callable[[str], None]:
    """The same callback, told nothing of a reply that repeats the question: what it points to may be told instead."""
    return held_back(on_text, lambda said: None if may_become_echo(question, said) else said)


def held_back(on_text: Callable[[str], None], begins: Callable[[str], str | None]) -> Callable[[str], None]:
    """Told nothing until ``begins`` makes of what was said so far how the reply begins; then that, and every piece."""
    said = ""
    told = False

    def tell(piece: str) -> None:
        nonlocal said, told
        if told:
            on_text(piece)
            return
        said += piece
        first = begins(said)
        if first is not None:
            told = True
            on_text(first)

    return tell


def opened(text: str, opening: str) -> str:
    """The text behind the opening, unless it begins with it already.

    >>> opened("Open the pit zips.", "I'm sorry about that.")
    "I'm sorry about that. Open the pit zips."
    """
    return text if not opening or text.startswith(opening) else f"{opening} {text}"


def opened_with(on_text: Callable[[str], None], opening: str) -> Callable[[str], None]:
    """The same callback for a stream of pieces, told of the opening first; a space goes before a part that follows."""
    if not opening.strip():
        return held_back(on_text, lambda said: opening + said.lstrip() if said.strip() else None)
    return held_back(on_text, lambda said: None if opening.startswith(said.strip()) else opened(said.lstrip(), opening))
