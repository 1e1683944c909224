"""Which passages a question is asked of: by source, date and tag."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from corpus.documents.document_files import composed, readable
from corpus.errors import Fault, InputError
from corpus.records import file_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.records import Passage
    from rag.index.snapshot import Entry


_NEAR = 3


@dataclass(frozen=True)
class Filter:
    """All that is given must hold; nothing given lets everything pass. Raises ``InputError`` for what is no date."""

    source: str = ""
    """A source, or the file it is a part of, as it is printed; else a pattern: ``*`` stands for anything, ``?`` for one
    character, ``[ab]`` for one of them. An accent may stand with its letter or by itself (NFC, NFD)."""
    since: str = ""
    """First day, ``2026-01-31``; what has no date does not pass."""
    until: str = ""
    """Last day."""
    tags: tuple[str, ...] = ()
    """Each of these; upper and lower case are alike."""
    literal: bool = False
    """Is ``source`` a name and no pattern?"""

    def __post_init__(self) -> None:
        days = {"since": self.since, "until": self.until}
        faults = [Fault(f"--{n}", f'"{day}"', "a day as 2026-01-31") for n, day in days.items() if not _is_day(day)]
        if not faults and self.since and self.until and self.since > self.until:
            faults = [Fault("--until", f"{self.until} is before --since {self.since}")]
        if faults:
            raise InputError("the filter cannot be used", faults)

    def __bool__(self) -> bool:
        return self != Filter()

    def passes(self, one: Passage | Entry) -> bool:
        """Does a passage, or a document of the index, pass?"""
        day = one.date[:10]
        return (
            (not self.source or self._is_of(one))
            and (not self.since or (bool(day) and day >= self.since))
            and (not self.until or (bool(day) and day <= self.until))
            and ({t.casefold() for t in self.tags} <= {t.casefold() for t in one.tags})
        )

    def _is_of(self, one: Passage | Entry) -> bool:
        wanted = composed(readable(self.source))
        names = (composed(s) for s in (one.source, file_of(one.source)))
        return any(name == wanted or (not self.literal and fnmatchcase(name, wanted)) for name in names)

    def among(self, entries: Sequence[Entry]) -> Filter:
        """The same filter, its source a name and no pattern where one of these documents has that name: ``[2013].md``."""
        named = replace(self, literal=True)
        return named if self.source and any(named._is_of(e) for e in entries) else self

    def places(self, entries: Sequence[Entry]) -> list[range]:
        """Where in the index the passages of the documents that pass stand."""
        meant = self.among(entries)
        return [range(e.first, e.first + e.count) for e in entries if e.count and meant.passes(e)]

    def near(self, entries: Sequence[Entry]) -> list[str]:
        """A few files whose names are like the pattern, where it fits none: the same name elsewhere comes first."""
        names = {file_of(e.source) for e in entries}
        if not self.source or any(Filter(source=self.source).passes(e) for e in entries):
            return []
        wanted = composed(self.source).casefold()
        ends = {n for n in names if f"/{composed(n)}".casefold().endswith(f"/{wanted}")}
        elsewhere = sorted(ends or (n for n in names if fnmatchcase(f"/{composed(n)}".casefold(), f"*/{wanted}")))
        return list(dict.fromkeys([*elsewhere, *get_close_matches(self.source, names, _NEAR)]))[:_NEAR]

    def __str__(self) -> str:
        parts = [f"source {self.source}" if self.source else "", f"since {self.since}" if self.since else ""]
        parts += [f"until {self.until}" if self.until else "", *(f"tag {t}" for t in self.tags)]
        return ", ".join(part for part in parts if part)


def _is_day(text: str) -> bool:
    try:
        return not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


EVERYTHING = Filter()


def nothing_passes(where: Filter, entries: Sequence[Entry]) -> InputError:
    """None of these documents passes the filter."""
    tags = sorted({t for e in entries for t in e.tags})
    days = sorted(e.date[:10] for e in entries if e.date)
    dates = f"dates from {days[0]} to {days[-1]}" if days else "no dates"
    tag_names = f"tags {', '.join(tags[:8])}" if tags else "no tags"
    mend = f"the index holds {len(entries):,} documents; {dates}; {tag_names}"
    if near := where.near(entries):
        mend = f"near it: {', '.join(near)}; {mend}"
    return InputError(f"no passage matches the filter ({where})", mend=mend)
