"""Counting what a reader leaves out, place by place, so that it is named once."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.documents.formats.part import LeftOut

STRUCK = "struck-out passage"
DELETED = "passage deleted under tracked changes"
HIDDEN = "hidden passage"
PICTURE = "picture without a description"
EMBEDDED = "embedded object"
COMMENT = "comment"
NO_CHART = "chart whose values are not stored"
NO_DIAGRAM = "diagram whose words are not stored"

_MENDS = {
    DELETED: "accept or reject the changes",
    HIDDEN: "show it, if it is to be found",
    PICTURE: "write what it says as its alternative text",
    EMBEDDED: "add its file beside this one",
    NO_CHART: "save the file with the program that made it",
    NO_DIAGRAM: "save the file with the program that made it",
}


class Tally:
    """How many pieces of which kind were left out where, and how many characters they hold."""

    def __init__(self) -> None:
        self._counted: dict[tuple[str, str], tuple[int, int]] = {}

    def add(self, place: str, kind: str, characters: int = 0) -> None:
        """One more piece of a kind, in the singular, with the characters that it holds, as far as known."""
        pieces, before = self._counted.get((place, kind), (0, 0))
        self._counted[place, kind] = pieces + 1, before + characters

    def left_out(self) -> Iterator[LeftOut]:
        """What was counted, in the order in which it was first met."""
        for (place, kind), (pieces, characters) in self._counted.items():
            size = f" ({number(characters, 'character')})" if characters else ""
            yield LeftOut(place, number(pieces, kind) + size, _MENDS.get(kind, ""))


def number(count: int, noun: str) -> str:
    """A count with its noun, whose first word in ``-e``, ``-t`` or the like takes the plural.

    >>> number(1, "picture without a description"), number(2, "picture without a description")
    ('1 picture without a description', '2 pictures without a description')
    """
    if count == 1:
        return f"1 {noun}"
    words = noun.split(" ")
    at = next((n for n, word in enumerate(words) if word in _BEHIND), len(words)) - 1
    return f"{count} {' '.join([*words[:at], words[at] + 's', *words[at + 1 :]])}"


_BEHIND = frozenset({"without", "whose", "deleted", "that", "of", "with"})
"""Words that begin what is said of a noun behind it."""
