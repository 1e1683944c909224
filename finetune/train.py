"""LoRA training of a causal language model on packs of questions. Knows nothing of where the questions come from."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from corpus.errors import Fault
from finetune.budget import UNLIMITED, Budget
from finetune.divergence import require_below_chance, require_finite
from finetune.ledger import Ledger
from finetune.lora import LoraModel, load_checkpoint, save_checkpoint
from finetune.mixture import Lesson, Mixture
from finetune.packing import Item, Pack, computed_tokens, micro_batches, pack
from finetune.progress import Speed, Trained, TrainingProgress
from finetune.recipe import Recipe
from lm.prompts import messages_for


class Trainer:
    """Trains one adapter. ``checkpoint`` is written as it goes; a killed run resumes from it and ends the same.

    ``on_notice`` is told before the first step of what will not be learned or not be validated. ``starter``: an adapter to
    begin from. ``budget``: how long it may take; the learning rate falls as the end of that comes near.
    """

    def __init__(
        self,
        model_folder: Path,
        mixture: Mixture,
        recipe: Recipe,
        *,
        checkpoint: Path,
        device: str = "cpu",
        on_progress: Callable[[TrainingProgress], None] | None = None,
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
        self.tell = on_progress or (lambda progress: None)
        self.notice = on_notice or (lambda fault: None)
        self.checkpoint_every_s = checkpoint_every_s
        self.starter = starter
        self.budget = budget

    @property
    def steps(self) -> int:
        """How many steps there will be: those planned, or as many as there is time for."""
        return self.budget.steps(self.step, self.seconds, self.planned)

    def run(self, adapter_folder: Path) -> Trained:
        """Train, and write the best adapter into ``adapter_folder`` in peft's layout.

        Raises ``Diverged`` where the loss is no number or above chance, ``InputError`` where too few examples are short
        enough, ``ResourceError`` where memory does not do.
        """
        self._load_model()
        self._plan()
        for notice in self.ledger.notices():
            self.notice(notice)
        self._resume()
        trained = self._train()
        self.lora.load(self.best)
        self.lora.save(adapter_folder)
        return trained

    def speed(self, seconds: float) -> Speed:
        """Train for about ``seconds`` (at least two batches), keep nothing, and tell how fast it went."""
        self._load_model()
        self._plan()
        batches = list(self._batches(0))
        self._optimise(batches[0])  # the first one also allocates
        tokens, started = self.tokens, time.monotonic()
        for batch in batches[1:] or batches:
            self._optimise(batch)
            if time.monotonic() - started > seconds:
                break
        spent = time.monotonic() - started
        validating = time.monotonic()
        self._validation()
        return Speed(
            tokens_per_s=(self.tokens - tokens) / spent,
            tokens_per_epoch=sum(self._computed(batch) for batch in batches),
            validation_s=time.monotonic() - validating,
            validations=math.ceil(self.steps / self.check_every),
        )

    def _computed(self, packs: Sequence[Pack]) -> int:
        return sum(computed_tokens(micro) for micro in micro_batches(packs, self.recipe.max_tokens))

    def _load_model(self) -> None:
        self.lora = LoraModel(self.model_folder, self.recipe, device=self.device, seed=self.train_mixture.seed)
        if self.starter:
            self.lora.start_from(self.starter)

    def _plan(self) -> None:
        training, validation = self.train_mixture, self.validation_mixture
        self.ledger = Ledger(training.examples, validation.examples, self.recipe.max_tokens)
        self.validation_packs = self._packs(validation.epoch(-1))
        self.steps_per_epoch = len(list(self._batches(0)))
        self.ledger.require_enough()
        self.epochs = self.recipe.passes(len(training.examples))
        self.planned = self.steps_per_epoch * self.epochs
        self.check_every = max(1, math.ceil(self.steps_per_epoch / 2))
        self.step, self.best_step, self.best_loss, self.best_accuracy, self.bad_checks = 0, 0, math.inf, -1.0, 0
        self.taken, self.seconds, self.tokens, self.separate = 0, 0.0, 0, 0
        self.curve: list[dict[str, float]] = []
        self.best = self.lora.snapshot()

    def _train(self) -> Trained:
        started, before, first_step = time.monotonic(), self.seconds, self.step
        saved = started
        for batch in self._remaining():
            loss = self._optimise(batch)
            self.step, self.taken = self.step + 1, self.taken + 1
            self.seconds = before + time.monotonic() - started
            checked = self._validate(loss) if self._due() else None
            pace = (time.monotonic() - started) / (self.step - first_step)
            self.tell(TrainingProgress(self.step, self.steps, loss, checked, pace * (self.steps - self.step)))
            if checked is not None or time.monotonic() - saved > self.checkpoint_every_s:
                self._save()
                saved = time.monotonic()
            if self.step >= self.steps or (self.bad_checks >= self.recipe.patience and checked is not None):
                break
        if not self.validation_packs:
            self.best, self.best_step = self.lora.snapshot(), self.taken
        for name, weight in self.best.items():
            require_finite(weight.abs().sum().item(), f"the sum of {name}", self.best_step, self.recipe)
        return self._trained()

    def _trained(self) -> Trained:
        learned, held_back = self.ledger.counts
        return Trained(
            self.taken,
            self.best_step,
            self.best_loss if self.validation_packs else None,
            self.best_accuracy if self.validation_packs else None,
            learned,
            held_back,
            self.ledger.left_out(),
            round(self.seconds, 1),
            self.tokens,
            self.separate,
            tuple(self.curve),
            self.planned,
            self.step < self.planned and self.bad_checks < self.recipe.patience,
            self.ledger.not_reached,
        )

    def _remaining(self) -> Iterator[list[Pack]]:
        if self.bad_checks >= self.recipe.patience:
            return
        epoch, skip = divmod(self.step, self.steps_per_epoch)
        while self.step < self.steps:
            batches = _at_most(self.steps_per_epoch, list(self._batches(epoch)))
            if epoch == self.epochs - 1:
                self.planned = epoch * self.steps_per_epoch + len(batches)  # so that the end is validated
            end = min(self.planned, (epoch + 1) * self.steps_per_epoch)
            yield from batches[skip:-1]
            if skip < len(batches):  # epochs differ a little in length: the last batch of each ends where planned
                self.step = max(self.step, end - 1)
                yield batches[-1]
            self.step = max(self.step, end)
            epoch, skip = epoch + 1, 0

    def _due(self) -> bool:
        return self.step % self.check_every == 0 or self.step == self.steps

    def _batches(self, epoch: int) -> Iterator[list[Pack]]:
        batch: list[Pack] = []
        for packed in self._packs(self.train_mixture.epoch(epoch)):
            batch.append(packed)
            if sum(len(p.items) for p in batch) >= self.recipe.batch_examples:
                yield batch
                batch = []
        if batch:
            yield batch

    def _packs(self, groups: Sequence[Sequence[Lesson]]) -> list[Pack]:
        items = [[self._item(lesson) for lesson in group] for group in groups]
        for item in (i for group in items for i in group):
            self.ledger.measure(item)
        return pack(items, self.recipe.max_tokens)

    def _item(self, lesson: Lesson) -> Item:
        prompt = self.lora.prompt(messages_for(lesson.question, lesson.passages))
        return Item(prompt, (*self.lora.tokens(lesson.reply), self.lora.tokenizer.eos_token_id), lesson.example)

    def _optimise(self, batch: Sequence[Pack]) -> float:
        labels = sum(len(i.completion) for p in batch for i in p.items)

        def backward() -> float:
            total = 0.0
            for packs in micro_batches(batch, self.recipe.max_tokens):
                loss = self.lora.losses(packs)[0].sum()
                (loss / labels).backward()
                total += loss.item()
                self.tokens += computed_tokens(packs)
                self.separate += sum(p.separate for p in packs)
            return total / labels

        loss = self.lora.optimise(self.step, self.steps, backward)
        self.ledger.learn(batch)
        return loss

    def _validate(self, train_loss: float) -> float | None:
        """The validation loss; None where nothing validates. The best checkpoint gets most answer tokens right:

        on few questions the loss rises with confidence while answers still get better.
        """
        if not self.validation_packs:
            require_below_chance(train_loss, self.lora.vocabulary, self.step, self.recipe)
            return None
        loss, accuracy = self._validation()
        require_below_chance(loss, self.lora.vocabulary, self.step, self.recipe)
        made = {"train": train_loss, "validation": loss, "accuracy": accuracy}
        self.curve.append({"step": self.step} | {name: round(value, 5) for name, value in made.items()})
        if accuracy > self.best_accuracy:
            self.best_accuracy, self.best_loss, self.best_step = accuracy, loss, self.taken
            self.bad_checks, self.best = 0, self.lora.snapshot()
        else:
            self.bad_checks += 1
        return loss

    def _validation(self) -> tuple[float, float]:
        """Mean loss of the validation answers' tokens (nats), and the share of them that are the likeliest."""
        import torch

        self.lora.model.eval()
        with torch.no_grad():
            checked = [
                self.lora.losses(packs) for packs in micro_batches(self.validation_packs, self.recipe.max_tokens)
            ]
        self.lora.model.train()
        right = torch.cat([r.float() for _, r in checked]) if checked else torch.zeros(1)
        return sum(s.sum().item() for s, _ in checked) / len(right), float(right.mean())

    def _save(self) -> None:
        state: dict[str, Any] = {n: getattr(self, n) for n in _RESUMED}
        save_checkpoint(self.checkpoint, self.lora, state | {"learned": sorted(self.ledger.learned)})

    def _resume(self) -> None:
        state = load_checkpoint(self.checkpoint, self.lora)
        if state:
            self.ledger.learned = set(state["learned"])
            for name in _RESUMED:
                setattr(self, name, state[name])


def _at_most(count: int, batches: list[list[Pack]]) -> list[list[Pack]]:
    """``batches``, those beyond the first ``count`` joined to the last of them."""
    last = [p for batch in batches[count - 1 :] for p in batch]
    return [*batches[: count - 1], last] if last else batches


_RESUMED = (
    *("step", "taken", "best_step", "best_loss", "best_accuracy", "bad_checks"),
    *("seconds", "tokens", "separate", "curve", "best"),
)
