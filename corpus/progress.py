"""How far a job is, as one event that screens, servers and logs read alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["index", "select", "train", "measure", "compare", "pull"]


@dataclass(frozen=True)
class Progress:
    """Told each time a piece of a stage is done. ``dataclasses.asdict`` makes it JSON."""

    stage: Stage
    """``index`` counts documents; ``select`` (which sentence answers) and ``train`` (reading and answering) count steps of the
    optimiser; ``measure`` counts arms, ``compare`` the questions of one arm, ``pull`` hundredths of a model."""
    done: int
    total: int
    part: str = ""
    """The arm or the model that is at work."""
    note: str = ""
    """What is being done, where the stage alone does not say."""
    seconds_left: float | None = None
    train_loss: float | None = None
    """Of the last step, in nats a token."""
    validation_loss: float | None = None
    """Where the step was validated."""


OnProgress = Callable[[Progress], None]


def untold(progress: Progress) -> None:
    """Nobody wants to know."""
