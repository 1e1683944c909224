"""LoRA training of a causal language model on packs of questions. Knows nothing of where the questions come from."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import Fault, ResourceError
from finetune.divergence import require_below_chance, require_finite
from finetune.hardware import bfloat16_pays, free_threads
from finetune.ledger import Ledger
from finetune.mixture import Lesson, Mixture
from finetune.packing import IGNORED, Item, Pack, computed_tokens, micro_batches, pack, tensors
from finetune.progress import Speed, Trained, TrainingProgress
from finetune.recipe import Recipe
from lm.prompts import messages_for

if TYPE_CHECKING:
    import torch

_WARM_UP = 0.06
_FLOOR = 0.1


class Trainer:
    """Trains one adapter. ``checkpoint`` is written as it goes; a killed run resumes from it and ends the same.

    ``on_notice`` is told before the first step of what will not be learned or not be validated.
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
    ) -> None:
        self.model_folder = model_folder
        self.train_mixture, self.validation_mixture = mixture.hold_back(recipe.validation_share)
        self.recipe = recipe
        self.checkpoint = checkpoint
        self.device = device
        self.tell = on_progress or (lambda progress: None)
        self.notice = on_notice or (lambda fault: None)
        self.checkpoint_every_s = checkpoint_every_s

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
        self._load(self.best)
        self.model.save_pretrained(adapter_folder)
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
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM, AutoTokenizer

        torch.manual_seed(self.train_mixture.seed)
        torch.set_num_threads(self.recipe.threads or free_threads())
        self.tokenizer = AutoTokenizer.from_pretrained(self.model_folder)
        base = AutoModelForCausalLM.from_pretrained(self.model_folder, attn_implementation="sdpa")
        self.bf16 = bfloat16_pays(self.device)
        lora = LoraConfig(
            r=self.recipe.rank,
            lora_alpha=self.recipe.alpha,
            lora_dropout=self.recipe.dropout,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        )
        self.model = get_peft_model(base, lora).to(self.device)
        self.causal_lm = base
        self.weights = {n: p for n, p in self.model.named_parameters() if p.requires_grad}
        if self.bf16:
            self._store_frozen_products_in_bfloat16()

    def _store_frozen_products_in_bfloat16(self) -> None:
        """What autocast would do to the frozen linear layers in every pass, once."""
        import torch

        tied = self.causal_lm.get_input_embeddings().weight
        for module in self.causal_lm.modules():
            frozen = isinstance(module, torch.nn.Linear) and not module.weight.requires_grad
            if frozen and module.weight is not tied:
                module.weight.data = module.weight.data.to(torch.bfloat16)

    def _plan(self) -> None:
        import torch

        training, validation = self.train_mixture, self.validation_mixture
        self.ledger = Ledger(training.examples, validation.examples, self.recipe.max_tokens)
        self.validation_packs = self._packs(validation.epoch(-1))
        self.steps_per_epoch = len(list(self._batches(0)))
        self.ledger.require_enough()
        self.steps = self.steps_per_epoch * self.recipe.epochs
        self.check_every = max(1, math.ceil(self.steps_per_epoch / 2))
        weights = list(self.weights.values())
        self.optimizer = torch.optim.AdamW(weights, lr=self.recipe.learning_rate, weight_decay=0.01, betas=(0.9, 0.98))
        self.step, self.best_step, self.best_loss, self.best_accuracy, self.bad_checks = 0, 0, math.inf, -1.0, 0
        self.taken, self.seconds, self.tokens, self.separate = 0, 0.0, 0, 0
        self.curve: list[dict[str, float]] = []
        self.best = self._snapshot()

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
            if self.bad_checks >= self.recipe.patience and checked is not None:
                break
        if not self.validation_packs:
            self.best, self.best_step = self._snapshot(), self.taken
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
        )

    def _remaining(self) -> Iterator[list[Pack]]:
        if self.bad_checks >= self.recipe.patience:
            return
        epoch, skip = divmod(self.step, self.steps_per_epoch)
        while self.step < self.steps:
            batches = _at_most(self.steps_per_epoch, list(self._batches(epoch)))
            if epoch == self.recipe.epochs - 1:
                self.steps = epoch * self.steps_per_epoch + len(batches)  # so that the end is validated
            end = min(self.steps, (epoch + 1) * self.steps_per_epoch)
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
        text = self.tokenizer.apply_chat_template(
            messages_for(lesson.question, lesson.passages), tokenize=False, add_generation_prompt=True
        )
        prompt = self.tokenizer(text, add_special_tokens=False).input_ids
        reply = self.tokenizer(lesson.reply, add_special_tokens=False).input_ids
        return Item(tuple(prompt), (*reply, self.tokenizer.eos_token_id), lesson.example)

    def _loss(self, packs: Sequence[Pack]) -> tuple[torch.Tensor, torch.Tensor]:
        """Summed cross-entropy of the answers' tokens, and which were the likeliest; logits only where there is a label."""
        import torch

        given = {k: v.to(self.device) for k, v in tensors(packs).items()}
        labels = given.pop("labels")[0]
        wanted = labels != IGNORED
        with torch.autocast(self.device.split(":")[0], dtype=torch.bfloat16, enabled=self.bf16):
            hidden = self.causal_lm.model(**given, use_cache=False).last_hidden_state[0][wanted]
            logits = self.causal_lm.lm_head(hidden)
        loss = torch.nn.functional.cross_entropy(logits.float(), labels[wanted], reduction="sum")
        return loss, logits.argmax(-1) == labels[wanted]

    def _optimise(self, batch: Sequence[Pack]) -> float:
        import torch

        torch.manual_seed(self.train_mixture.seed * 1_000_003 + self.step)  # so that a resumed run drops the same
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.learning_rate * self._schedule()
        labels = sum(len(i.completion) for p in batch for i in p.items)
        total = 0.0
        try:
            for packs in micro_batches(batch, self.recipe.max_tokens):
                loss, _ = self._loss(packs)
                (loss / labels).backward()
                total += loss.item()
                self.tokens += computed_tokens(packs)
                self.separate += sum(p.separate for p in packs)
        except (RuntimeError, MemoryError) as error:
            if "alloc" not in str(error) and "memory" not in str(error).lower():
                raise
            raise ResourceError("training ran out of memory", mend="lower recipe.max_tokens or free memory") from error
        norm = torch.nn.utils.clip_grad_norm_(list(self.weights.values()), 1.0).item()
        for value, what in ((total, "the loss"), (norm, "the gradient's norm")):
            require_finite(value, what, self.step + 1, self.recipe)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.ledger.learn(batch)
        return total / labels

    def _schedule(self) -> float:
        warm_up = max(1, int(_WARM_UP * self.steps))
        if self.step < warm_up:
            return (self.step + 1) / warm_up
        share = (self.step - warm_up) / max(1, self.steps - warm_up)
        return _FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * share))

    def _validate(self, train_loss: float) -> float | None:
        """The validation loss; None where nothing validates. The best checkpoint gets most answer tokens right:

        on few questions the loss rises with confidence while answers still get better.
        """
        if not self.validation_packs:
            require_below_chance(train_loss, self.causal_lm.config.vocab_size, self.step, self.recipe)
            return None
        loss, accuracy = self._validation()
        require_below_chance(loss, self.causal_lm.config.vocab_size, self.step, self.recipe)
        made = {"train": train_loss, "validation": loss, "accuracy": accuracy}
        self.curve.append({"step": self.step} | {name: round(value, 5) for name, value in made.items()})
        if accuracy > self.best_accuracy:
            self.best_accuracy, self.best_loss, self.best_step = accuracy, loss, self.taken
            self.bad_checks, self.best = 0, self._snapshot()
        else:
            self.bad_checks += 1
        return loss

    def _validation(self) -> tuple[float, float]:
        """Mean loss of the validation answers' tokens (nats), and the share of them that are the likeliest."""
        import torch

        self.model.eval()
        with torch.no_grad():
            checked = [self._loss(packs) for packs in micro_batches(self.validation_packs, self.recipe.max_tokens)]
        self.model.train()
        right = torch.cat([r.float() for _, r in checked]) if checked else torch.zeros(1)
        return sum(s.item() for s, _ in checked) / len(right), float(right.mean())

    def _snapshot(self) -> dict[str, torch.Tensor]:
        return {n: p.detach().clone() for n, p in self.weights.items()}

    def _load(self, snapshot: dict[str, torch.Tensor]) -> None:
        for name, weight in self.weights.items():
            weight.data.copy_(snapshot[name])

    def _save(self) -> None:
        import os

        import torch

        state: dict[str, Any] = {n: getattr(self, n) for n in _RESUMED}
        state |= {"learned": sorted(self.ledger.learned)}
        state |= {"weights": self._snapshot(), "optimizer": self.optimizer.state_dict()}
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        beside = self.checkpoint.with_suffix(".writing")
        with open(beside, "wb") as out:
            torch.save(state, out)
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, self.checkpoint)

    def _resume(self) -> None:
        import torch

        if not self.checkpoint.is_file():
            return
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self._load(state.pop("weights"))
        self.optimizer.load_state_dict(state.pop("optimizer"))
        self.ledger.learned = set(state.pop("learned"))
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
