"""LoRA training of a causal language model on packs of questions."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

from corpus.cancellation import Cancelled, is_cancelled
from corpus.errors import Fault
from corpus.progress import OnProgress, Progress, untold
from finetune.budget import UNLIMITED, Budget
from finetune.lora import LoraModel
from finetune.mixture import Mixture
from finetune.packing import computed_tokens, micro_batches
from finetune.recipe import Recipe
from finetune.training_outcome import Speed, Trained
from finetune.training_run import (
    TrainingRun,
    begun,
    epoch_batches,
    learn,
    remaining_batches,
    resumed,
    save,
    settle_best,
    validate,
    validation,
)


class Trainer:
    """Trains one adapter. ``checkpoint`` is written as it goes; a killed run resumes from it and ends the same.

    ``on_notice`` is told before the first step of what will not be learned or not be validated. ``starter``: an adapter to
    begin from. ``budget``: how long it may take; the learning rate falls as the end of that comes near. These settings stay
    as they are: what changes while training is a ``TrainingRun``.
    """

    def __init__(
        self,
        model_folder: Path,
        mixture: Mixture,
        recipe: Recipe,
        *,
        checkpoint: Path,
        device: str = "cpu",
        on_progress: OnProgress = untold,
        on_notice: Callable[[Fault], None] | None = None,
        checkpoint_every_s: float = 60.0,
        starter: Path | None = None,
        budget: Budget = UNLIMITED,
    ) -> None:
        self.model_folder = model_folder
        self.train_mixture, self.validation_mixture = mixture.hold_back(recipe.held_back(len(mixture.examples)))
        self.recipe = recipe
        self.checkpoint = checkpoint
        self.device = device
        self.tell = on_progress
        self.notice = on_notice or (lambda fault: None)
        self.checkpoint_every_s = checkpoint_every_s
        self.starter = starter
        self.budget = budget

    def run(self, adapter_folder: Path) -> Trained:
        """Train, and write the best adapter into ``adapter_folder`` in peft's layout.

        Raises ``Diverged`` where the loss is no number or above chance, ``InputError`` where too few examples are short
        enough, ``ResourceError`` where memory does not do, ``Cancelled`` where it is stopped: the same call goes on then.
        """
        run = self._begin()
        for notice in run.ledger.notices():
            self.notice(notice)
        run = resumed(run, self.checkpoint)
        self._train(run)
        settle_best(run)
        run.lora.load(run.state.best)
        run.lora.save(adapter_folder)
        return _trained(run)

    def speed(self, seconds: float) -> Speed:
        """Train for about ``seconds`` (at least two batches), keep nothing, and tell how fast it went."""
        run = self._begin()
        batches = epoch_batches(run, 0)
        learn(run, batches[0])  # the first one also allocates
        tokens, started = run.state.tokens, time.monotonic()
        for batch in batches[1:] or batches:
            learn(run, batch)
            if time.monotonic() - started > seconds:
                break
        spent = time.monotonic() - started
        validating = time.monotonic()
        validation(run)
        micro = [packs for batch in batches for packs in micro_batches(batch, self.recipe.max_tokens)]
        return Speed(
            tokens_per_s=(run.state.tokens - tokens) / spent,
            tokens_per_epoch=sum(map(computed_tokens, micro)),
            validation_s=time.monotonic() - validating,
            validations=math.ceil(run.steps / run.plan.check_every),
        )

    def _begin(self) -> TrainingRun:
        lora = LoraModel(self.model_folder, self.recipe, device=self.device, seed=self.train_mixture.seed)
        if self.starter:
            lora.start_from(self.starter)
        return begun(lora, self.train_mixture, self.validation_mixture, self.recipe, self.budget)

    def _train(self, run: TrainingRun) -> None:
        state = run.state
        started, before, first_step = time.monotonic(), state.seconds, state.step
        saved = started
        for batch in remaining_batches(run):
            if is_cancelled():
                save(run, self.checkpoint)
                raise Cancelled
            loss = learn(run, batch)
            state.step, state.taken = state.step + 1, state.taken + 1
            state.seconds = before + time.monotonic() - started
            checked = validate(run, loss) if run.is_to_be_validated else None
            pace = (time.monotonic() - started) / (state.step - first_step)
            left = pace * (run.steps - state.step)
            self.tell(
                Progress("train", state.step, run.steps, seconds_left=left, train_loss=loss, validation_loss=checked)
            )
            if checked is not None or time.monotonic() - saved > self.checkpoint_every_s:
                save(run, self.checkpoint)
                saved = time.monotonic()
            if state.step >= run.steps or (run.gets_no_better and checked is not None):
                break


def _trained(run: TrainingRun) -> Trained:
    state, ledger = run.state, run.ledger
    learned, held_back = ledger.counts
    return Trained(
        steps=state.taken,
        best_step=state.best_step,
        best_validation_loss=state.best_loss if run.validation_packs else None,
        best_accuracy=state.best_accuracy if run.validation_packs else None,
        learned=learned,
        held_back=held_back,
        left_out=ledger.left_out(),
        seconds=round(state.seconds, 1),
        tokens=state.tokens,
        separate_tokens=state.separate,
        curve=tuple(state.curve),
        planned_steps=run.plan.steps,
        out_of_time=state.step < run.plan.steps and not run.gets_no_better,
        not_reached=ledger.not_reached,
    )
