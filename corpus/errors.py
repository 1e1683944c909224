"""Every error groundtune raises on purpose.

GroundtuneError          anything a user can mend: one message, no traceback, exit status 2
├── InputError           a file, a field or an option the user gave is not usable
├── ProjectError         the project folder is missing, incomplete, or made with other settings
├── ModelError           a model cannot be found, has the wrong hash, or cannot be run here
├── ResourceError        memory, disk or time is too small for what was asked
└── BusyError            another process holds what this one needs
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

_MOST_LINES = 16
"""Lines of one message: the rest is counted."""
_MOST_PLACES = 6
_PLACE = re.compile(r"(?P<file>.*?), (?P<unit>line|entry) (?P<number>\d+)(?:, column \d+)?(?P<field>.*)", re.DOTALL)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where it stands, what was found, what was wanted and how to mend it."""

    where: str
    """File, line and field, as far as known: ``examples.jsonl, line 3, field "answer"``."""
    found: str
    wanted: str = ""
    mend: str = ""

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.found}"]
        if self.wanted:
            parts.append(f"wanted {self.wanted}")
        if self.mend:
            parts.append(f"mend: {self.mend}")
        return "; ".join(parts)


@dataclass(frozen=True)
class Omission(Fault):
    """A piece of a document that was read but for it: ``lease.pdf, page 2``. The rest of the document is there."""

    source: str = ""
    """The document: ``lease.pdf``."""


class GroundtuneError(Exception):
    """A fault the user can mend. ``faults`` holds every one that was found, not only the first."""

    def __init__(self, summary: str, faults: Sequence[Fault] = (), mend: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.faults = tuple(faults)
        self.mend = mend

    def __str__(self) -> str:
        lines = [self.summary, *(f"  {line}" for line in by_kind(self.faults))]
        if self.mend:
            lines.append(f"  mend: {self.mend}")
        return "\n".join(lines)


class InputError(GroundtuneError):
    """A file, a field or an option the user gave is not usable."""


class ProjectError(GroundtuneError):
    """The project folder is missing, incomplete, or was made with other settings."""


class ModelError(GroundtuneError):
    """A model cannot be found, has the wrong hash, or cannot be run on this machine."""


class ResourceError(GroundtuneError):
    """Memory, disk or time is too small for what was asked."""


class BusyError(GroundtuneError):
    """Another process holds what this one needs."""


def by_kind(faults: Sequence[Fault]) -> list[str]:
    """The faults in a few lines: those of a kind in one, with their places and their count.

    >>> by_kind([Fault(f"a.csv, line {n}", "empty") for n in (2, 3, 4, 9)])
    ['a.csv, lines 2–4, 9: empty (4 times)']
    """
    kinds: dict[tuple[str, ...], list[Fault]] = {}
    for fault in faults:
        at = _PLACE.fullmatch(fault.where)
        place = (at["file"], at["unit"], at["field"]) if at else (fault.where, "", "")
        kinds.setdefault((*place, fault.found, fault.wanted, fault.mend), []).append(fault)
    lines = [str(same[0]) if len(same) == 1 else _line_of(kind, same) for kind, same in kinds.items()]
    more = sum(len(same) for same in islice(kinds.values(), _MOST_LINES, None))
    return [*lines[:_MOST_LINES], *([f"and {more} more of other kinds"] if more else [])]


def _line_of(kind: tuple[str, ...], same: Sequence[Fault]) -> str:
    file, unit, field, found, wanted, mend = kind
    numbers = [int(at["number"]) for fault in same if (at := _PLACE.fullmatch(fault.where))]
    units = {"line": "lines", "entry": "entries"}
    where = f"{file}, {units[unit]} {_ranges(numbers)}{field}" if unit else file
    return str(Fault(where, f"{found} ({len(same)} times)", wanted, mend))


def _ranges(numbers: Iterable[int]) -> str:
    """Numbers as read by people: ``2–4, 9``."""
    spans: list[tuple[int, int]] = []
    for n in sorted(numbers):
        if spans and n <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], n)
        else:
            spans.append((n, n))
    shown = [str(a) if a == b else f"{a}–{b}" for a, b in spans[:_MOST_PLACES]]
    rest = len(spans) - len(shown)
    return ", ".join(shown) + (f" and {rest} more places" if rest else "")
