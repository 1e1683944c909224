"""What a reader leaves out of a file, summed by kind with its first places."""

from __future__ import annotations

from corpus.documents.formats.part import LeftOut

_PLACES = 3
"""Places of a kind that are named; further ones are counted."""
_LONGEST_PLACE = 80


class Omissions:
    """Counts what is left out, each kind once."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str], tuple[dict[str, None], int, int]] = {}

    def add(self, kind: str, characters: int = 0, place: str = "", mend: str = "") -> None:
        """One more of a kind, such as ``struck-out text is left out``."""
        places, times, size = self._kinds.setdefault((kind, mend), ({}, 0, 0))
        places[place[:_LONGEST_PLACE]] = None
        self._kinds[kind, mend] = places, times + 1, size + characters

    def summary(self) -> tuple[LeftOut, ...]:
        """One for each kind: ``struck-out text is left out, 2 times (53 characters)``."""
        return tuple(
            LeftOut(_places([p for p in places if p]), _count(kind, times, size), mend)
            for (kind, mend), (places, times, size) in self._kinds.items()
        )


def _count(kind: str, times: int, characters: int) -> str:
    counted = kind if times == 1 else f"{kind}, {times} times"
    return f"{counted} ({characters:,} character{'s' * (characters != 1)})" if characters else counted


def _places(places: list[str]) -> str:
    more = len(places) - _PLACES
    return ", ".join(places[:_PLACES]) + (f" and {more} more place{'s' * (more > 1)}" if more > 0 else "")
