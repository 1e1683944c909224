"""What bringing an index in step did, in numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class IndexReport:
    """What building did; ``added`` and ``removed`` count passages."""

    documents: int
    passages: int
    seconds: float
    added: int = 0
    removed: int = 0
