"""How long training may take."""

from __future__ import annotations

import math
from dataclasses import dataclass

SELECTOR_SHARE = 0.5
"""Of the minutes there are, at most so much for learning which sentence answers; what it leaves goes to reading."""


@dataclass(frozen=True)
class Budget:
    """Seconds that training may take; without an end where none is set."""

    seconds: float = math.inf

    @classmethod
    def of(cls, minutes: float | None) -> Budget:
        """So many minutes; None: as long as it takes."""
        return cls() if minutes is None else cls(minutes * 60)

    def share(self, share: float) -> Budget:
        """A part of it."""
        return Budget(self.seconds * share)

    def less(self, spent: float) -> Budget:
        """What is left of it, never below nothing."""
        return Budget(max(0.0, self.seconds - spent))

    def steps(self, done: int, spent: float, planned: int) -> int:
        """How many of the planned steps there is time for, at the pace of those done in ``spent`` seconds; at least one."""
        if not done:
            return planned
        if spent >= self.seconds:
            return done
        return max(done, math.floor(min(planned, done * self.seconds / spent))) if spent else planned


UNLIMITED = Budget()
