"""What a reader makes of a file: blocks of text under headings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

LONGEST_PART = 8 * 2**20
"""Length in characters from which text that is read line by line is divided into parts."""


class Block(NamedTuple):
    """Words under one heading path (outermost first, joined by `` > ``), on one page where there are pages."""

    heading: str
    text: str
    page: int | None = None
    table: bool = False
    """Is each line a row of a table (``corpus.documents.formats.table_rows``)?"""


class LeftOut(NamedTuple):
    """What a reader saw and could not take: named to the user, never dropped in silence."""

    place: str
    """Where in the file, as a user looks for it: ``page 2``, ``sheet Budget, cell B4``; empty: the file as a whole."""
    what: str
    """What is missing there: ``holds no text``, ``3 formulas without a stored value``."""
    mend: str = ""
    """What the user can do about it."""


@dataclass(frozen=True)
class Part:
    """A file as its reader sees it, or one part of a long one."""

    blocks: tuple[Block, ...]
    title: str = ""
    """The title that the file states; empty: its first heading."""
    name: str = ""
    """Its title where it has neither title nor headings."""
    date: str = ""
    tags: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def in_parts(
    blocks: Iterable[Block],
    title: str = "",
    date: str = "",
    tags: tuple[str, ...] = (),
    left_out: Callable[[], tuple[LeftOut, ...]] = tuple,
) -> Iterator[Part]:
    """Blocks as they come, a new part as soon as one is long: only one part is in memory at a time.

    ``left_out`` is asked once all are read, for the last part.
    """
    pending: list[Block] = []
    size, some = 0, False
    for block in blocks:
        pending.append(block)
        size += len(block.text)
        if size >= LONGEST_PART:
            yield Part(tuple(pending), title, "", date, tags)
            pending, size, some = [], 0, True
    omissions = left_out()
    if pending or omissions or not some:
        yield Part(tuple(pending), title, "", date, tags, omissions)


def gathered(texts: Iterable[str], separator: str, is_full: Callable[[int, str], bool]) -> Iterator[str]:
    """Texts put together until ``is_full`` of their characters and the last of them."""
    pending: list[str] = []
    size = 0
    for text in texts:
        pending.append(text)
        size += len(text)
        if is_full(size, text):
            yield separator.join(pending)
            pending, size = [], 0
    yield separator.join(pending)


def under(path: list[str], level: int, heading: str) -> list[str]:
    """The heading path after a heading of ``level`` (1 is the outermost); levels that a text leaves out are empty."""
    above = path[: level - 1]
    return [*above, *[""] * (level - 1 - len(above)), " ".join(heading.split())]


def joined(path: Iterable[str]) -> str:
    """A heading path as it is kept.

    >>> joined(under(under([], 2, "Rent"), 2, "Buy"))
    'Buy'
    """
    return " > ".join(heading for heading in path if heading)
