"""What is told of an adapter that was made: how much was learned, how well, in which time. Makes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from finetune.lengths import LeftOut, LongAnswers
from finetune.parity import Parity
from finetune.selecting import Selection
from finetune.training_outcome import Trained


@dataclass(frozen=True)
class AdapterReport:
    """What provisioning reports of an adapter. ``examples``: those learned and those held back to validate on."""

    version: str
    examples: int
    steps: int
    best_validation_loss: float | None
    """None where nothing validates."""
    seconds: float
    parity: Parity | None = None
    reused: bool = False
    learned: int = 0
    held_back: int = 0
    left_out: tuple[LeftOut, ...] = ()
    best_step: int = 0
    """The step whose weights are served."""
    long_answers: LongAnswers | None = None
    minutes: float | None = None
    """The time that was over before all passes were; None where it was not."""
    planned_steps: int = 0
    not_reached: int = 0
    """Examples that there was no time for."""
    selection: Selection | None = None
    """How well the sentences are chosen, without the scores; None where whole passages are shown or nothing was learned."""

    @classmethod
    def of(
        cls,
        version: str,
        trained: Trained,
        checked: Parity | None,
        long: LongAnswers | None,
        selection: Selection | None,
        minutes: float | None,
    ) -> AdapterReport:
        """The report of a version just made, in ``minutes`` at most."""
        loss = trained.best_validation_loss
        return cls(
            version=version,
            examples=trained.learned + trained.held_back,
            steps=trained.steps,
            best_validation_loss=None if loss is None else round(loss, 4),
            seconds=round(trained.seconds + (selection.seconds if selection else 0.0), 1),
            parity=checked,
            learned=trained.learned,
            held_back=trained.held_back,
            left_out=trained.left_out,
            best_step=trained.best_step,
            long_answers=long,
            minutes=minutes if trained.out_of_time else None,
            planned_steps=trained.planned_steps,
            not_reached=trained.not_reached,
            selection=replace(selection, scores={}) if selection else None,
        )

    @classmethod
    def from_json(cls, told: Mapping[str, object], long: LongAnswers | None) -> AdapterReport:
        """The report of a version made before, with the answers that are too long for today's settings."""
        return replace(TypeAdapter(cls).validate_python(told), reused=True, long_answers=long)
