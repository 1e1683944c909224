"""Words on a page and the lines they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    """Adjacent words on one line; the page's origin is its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float
    text: str
    frame: int = 0
    """Words with the same number are written in one direction, and stand upright in one frame; these are read in order."""

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        return self.top - self.bottom


def words_of(row: Sequence[Piece]) -> str:
    """The words of a row, a space between pieces."""
    return " ".join(p.text for p in row)


def rows_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces on one baseline, left to right; the rows from top to bottom."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: -p.middle):
        if rows and abs(rows[-1][0].middle - piece.middle) < 0.4 * min(rows[-1][0].height, piece.height):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row) for row in rows]
