"""What of the documents that were named is not in the index, and why: whole files, pieces of files, formats. Reads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from corpus.documents.document_files import IGNORE
from corpus.errors import Fault, Omission

_SHOWN = 3
"""So many of one kind are named one by one on a screen and in an error; the others are counted."""
_KINDS = 8
_SUFFIXES = 12
_VARIES = re.compile(r"""\d+|"[^"]*"|'[^']*'|“[^”]*”""")
NO_SUFFIX = "without suffix"
CONVERT = f"convert them, or name them in {IGNORE} at the top of the folder"


@dataclass(frozen=True)
class NotRead:
    """What was passed over when the documents were read; true where there is anything."""

    files: tuple[Fault, ...] = ()
    """Files that cannot be read, or not to their end."""
    pieces: tuple[Omission, ...] = ()
    """Pieces that were left out of documents that were read."""
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Files of formats that are not read, by suffix."""

    def __bool__(self) -> bool:
        return bool(self.files or self.pieces or self.formats)

    @classmethod
    def of_json(cls, record: Mapping[str, Any], files: str = "skipped") -> NotRead:
        """From the JSON of a verb, where whole files stand under ``files``."""
        formats = {suffix: tuple(sources) for suffix, sources in record["formats_not_read"].items()}
        return cls(tuple(Fault(**f) for f in record[files]), tuple(Omission(**o) for o in record["left_out"]), formats)

    def to_json(self) -> dict[str, object]:
        """Every piece and file, for the JSON of verbs; whole files stand there under a name of the verb's own."""
        return {
            "left_out": [vars(o) for o in self.pieces],
            "formats_not_read": {suffix: list(sources) for suffix, sources in self.formats.items()},
        }

    def counts(self) -> list[str]:
        """What there is of each, in words: ``1 file cannot be read``."""
        documents = len({o.source for o in self.pieces})
        counts = [f"{_files(len(self.files))} cannot be read"] * bool(self.files)
        counts += [f"{_of(len(self.pieces), 'piece')} left out of {_of(documents, 'document')}"] * bool(self.pieces)
        return counts + [self._formats()] * bool(self.formats)

    def faults(self) -> list[Fault]:
        """All of it for an error, many of one kind summed."""
        formats = [Fault(self.some_unread(), self._formats(), mend=CONVERT)] if self.formats else []
        return [*_summed(self.files), *_summed(self.pieces), *formats]

    def some_unread(self) -> str:
        """The first few files of formats that are not read."""
        names = [name for names in self.formats.values() for name in names]
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        return f"{', '.join(names[:_SHOWN])}{more}"

    def _formats(self) -> str:
        sizes = sorted(((s, len(files)) for s, files in self.formats.items()), key=lambda s: (-s[1], s[0]))
        names = [f"{suffix} {n}" for suffix, n in sizes[:_SUFFIXES]]
        names += [f"{len(sizes) - _SUFFIXES} more suffixes"] * (len(sizes) > _SUFFIXES)
        return f"{_files(sum(n for _, n in sizes))} of formats not read: {', '.join(names)}"


def by_suffix(sources: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Files by what their names end in, whatever the case."""
    files: dict[str, list[str]] = {}
    for source in sources:
        suffix = PurePosixPath(source).suffix.lower()
        files.setdefault(NO_SUFFIX if not suffix or " " in suffix else suffix, []).append(source)
    return {suffix: tuple(sorted(files[suffix])) for suffix in sorted(files)}


class Alike(NamedTuple):
    """Faults of one kind: numbers and what is quoted make no other kind."""

    shown: tuple[Fault, ...]
    more: int
    """How many there are besides."""
    files: int
    """In how many files those are."""

    def rest(self) -> str:
        """What is said of those that are not shown; empty where there are none."""
        return f"and {self.more:,} more in {_files(self.files)}" if self.more else ""


def alike(faults: Sequence[Fault]) -> list[Alike]:
    """The faults by kind, the first few of each to be shown."""
    kinds: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        kinds.setdefault((_VARIES.sub("#", fault.found), fault.mend), []).append(fault)
    groups = list(kinds.values())
    groups_shown = [_alike(group, _SHOWN) for group in groups[:_KINDS]]
    return (
        [*groups_shown, _alike([f for group in groups[_KINDS:] for f in group], 0)] if groups[_KINDS:] else groups_shown
    )


def _alike(faults: Sequence[Fault], shown: int) -> Alike:
    more = faults[shown:]
    return Alike(tuple(faults[:shown]), len(more), len({_file(f) for f in more}))


def _file(fault: Fault) -> str:
    return fault.source if isinstance(fault, Omission) else fault.where


def _summed(faults: Sequence[Fault]) -> list[Fault]:
    return [f for a in alike(faults) for f in (*a.shown, *([Fault("…", a.rest())] if a.more else []))]


def _files(count: int) -> str:
    return _of(count, "file")


def _of(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}"
