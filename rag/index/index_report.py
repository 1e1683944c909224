"""What bringing an index in step tells its caller, and what it did, in numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

OnProgress = Callable[[int, int], None]
"""Gets documents done and documents in all."""
Agree = Callable[[int], None]
"""Gets the number of documents, all read; may raise before anything is changed."""


@dataclass(frozen=True)
class IndexReport:
    """What building did; ``added`` and ``removed`` count passages."""

    documents: int
    passages: int
    seconds: float
    added: int = 0
    removed: int = 0
