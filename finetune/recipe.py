"""The settings of a fine-tune, each with the sense of it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

_LESSONS, _MOST_PASSES = 1000, 4
_VALIDATION, _HELD_BACK, _MOST_HELD_BACK = 0.08, 40, 0.25


class Recipe(BaseModel):
    """LoRA on a causal language model. Every field may stand under ``recipe:`` in ``groundtune.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rank: int = Field(16, ge=1, le=256, description="rank r of the LoRA matrices")
    alpha: int = Field(32, ge=1, le=1024, description="LoRA scale: the update is multiplied by alpha / rank")
    layers: float = Field(
        1.0, gt=0, le=1, description="share of the model's layers that are adapted, from the last one"
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="dropout on the input of the LoRA matrices")
    learning_rate: float = Field(8e-4, gt=0, lt=0.1, description="peak learning rate (warm-up, then cosine to a tenth)")
    epochs: int | None = Field(
        None, ge=1, le=100, description="passes over the questions; unset: one for 1,000 examples, up to four for fewer"
    )
    batch_examples: int = Field(12, ge=1, description="questions behind one step of the optimiser, at least")
    closed_book_share: float = Field(
        0.2, ge=0, le=1, description="share of the questions with passages also trained without, anew each epoch"
    )
    starter: bool = Field(
        True, description="begin with fewer than 600 examples from an adapter that learned to read, where there is one"
    )
    selector: bool = Field(True, description="learn which sentence answers a question, and show the best ones only")
    candidates: int = Field(8, ge=2, le=64, description="sentences that are looked at for a question")
    distractors: int = Field(2, ge=1, le=63, description="of these, told from the right one at each step of learning")
    selector_learning_rate: float = Field(5e-4, gt=0, lt=0.1, description="peak learning rate of the selector")
    passages: int = Field(3, ge=1, le=10, description="texts shown with a question, in training and to the tuned model")
    remembered: int = Field(1, ge=0, le=10, description="of the texts shown, at most so many earlier answers")
    unanswerable_share: float = Field(
        0.03, ge=0, le=0.5, description="share of questions shown with passages that do not hold the answer"
    )
    exercises: int = Field(
        0, ge=0, le=50, description="self-made reading exercises on each set of passages, anew each epoch"
    )
    validation_share: float | None = Field(
        None,
        gt=0,
        lt=0.5,
        description="share of the examples held back; unset: 8 %, of few examples 40, up to a quarter",
    )
    minutes: float | None = Field(
        None, gt=0, description="training takes about so many minutes at most; unset: as long as its passes take"
    )
    patience: int = Field(3, ge=1, description="validations without improvement before training stops")
    max_tokens: int = Field(1024, ge=128, description="longest packed sequence, in tokens")
    threads: int = Field(0, ge=0, description="CPU threads; 0: as many as are free")

    def passes(self, examples: int) -> int:
        """Passes over so many examples to train on: as set, else so many that about 1,000 lessons are seen, at most four."""
        return self.epochs or max(1, min(_MOST_PASSES, round(_LESSONS / max(1, examples))))

    def held_back(self, examples: int) -> float:
        """The share of so many examples that is held back: as set, else what validation and the choice of arms need."""
        if self.validation_share is not None:
            return self.validation_share
        return max(_VALIDATION, min(_MOST_HELD_BACK, _HELD_BACK / max(1, examples)))
