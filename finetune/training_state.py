"""What is planned of training, and where it stands: what a checkpoint holds of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass
class TrainingPlan:
    """How many steps all passes take. Drawn again by a run that resumes."""

    steps_per_epoch: int
    epochs: int
    steps: int = field(init=False)
    """Exact once the last epoch is drawn: epochs differ a little in length."""

    def __post_init__(self) -> None:
        self.steps = self.steps_per_epoch * self.epochs

    @property
    def check_every(self) -> int:
        """After so many steps is validated: twice an epoch."""
        return max(1, math.ceil(self.steps_per_epoch / 2))


@dataclass(kw_only=True)
class TrainingState:
    """Where training stands. A checkpoint holds these fields, and a killed run goes on from them."""

    step: int = 0
    """Steps done of the plan, with those that an epoch fell short of it."""
    taken: int = 0
    """Steps that the optimiser took."""
    best_step: int = 0
    """The optimiser's step that ``best`` is of."""
    best_loss: float = math.inf
    best_accuracy: float = -1.0
    bad_checks: int = 0
    """Validations in a row that were no better than the best one."""
    seconds: float = 0.0
    """Spent on the steps, also by the runs that were killed."""
    tokens: int = 0
    """Tokens computed; ``separate`` is what they would have been without sharing prompts."""
    separate: int = 0
    curve: list[dict[str, float]] = field(default_factory=list)
    """The losses at each validation."""
    best: dict[str, torch.Tensor]
    """The matrices to keep."""
    learned: list[str] = field(default_factory=list)
    """Ids of the examples learned by then, in order. While training the ledger has them."""
