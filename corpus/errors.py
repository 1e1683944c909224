"""Every error groundtune raises on purpose. Knows nothing of what went wrong, only how to say it.

GroundtuneError          anything a user can mend: one message, no traceback, exit status 2
├── InputError           a file, a field or an option the user gave is not usable
├── ProjectError         the project folder is missing, incomplete, or made with other settings
├── ModelError           a model cannot be found, has the wrong hash, or cannot be run here
├── ResourceError        memory, disk or time is too small for what was asked
└── BusyError            another process holds what this one needs
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
        lines = [self.summary, *(f"  {fault}" for fault in self.faults)]
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
