"""What training tells at its end: what came out, and how fast it goes."""

from __future__ import annotations

from dataclasses import dataclass

from finetune.lengths import LeftOut


@dataclass(frozen=True)
class Trained:
    """What came out: the loss curve, the best validation loss, and what became of each example."""

    steps: int
    best_step: int
    """The step whose weights were kept: that of the best checkpoint, or the last one where nothing validates."""
    best_validation_loss: float | None
    best_accuracy: float | None
    """Share of the validation answers' tokens that are the likeliest at the best checkpoint; None without validation."""
    learned: int
    held_back: int
    left_out: tuple[LeftOut, ...]
    """Examples that are too long to learn from or to validate on."""
    seconds: float
    tokens: int
    """Tokens computed; ``separate_tokens`` is what they would have been without sharing prompts."""
    separate_tokens: int
    curve: tuple[dict[str, float], ...]
    planned_steps: int = 0
    """About so many steps all passes would have taken."""
    out_of_time: bool = False
    """Was the time over before the passes were?"""
    not_reached: int = 0
    """Examples that no step came to: the time was over before."""


@dataclass(frozen=True)
class Speed:
    """How fast training goes here: tokens computed a second, and what the recipe will compute."""

    tokens_per_s: float
    tokens_per_epoch: int
    validation_s: float
    """Seconds of one validation; there will be ``validations``."""
    validations: int

    def seconds(self, epochs: float) -> float:
        """Predicted seconds of training."""
        return epochs * self.tokens_per_epoch / self.tokens_per_s + self.validations * self.validation_s
