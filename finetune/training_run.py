"""A run of training under way: its model, its plan and its state, and what is done to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from finetune.budget import Budget
from finetune.divergence import require_below_chance, require_finite
from finetune.ledger import Ledger
from finetune.lora import LoraModel, load_checkpoint, save_checkpoint
from finetune.mixture import Mixture
from finetune.packing import Pack, computed_tokens, micro_batches
from finetune.recipe import Recipe
from finetune.training_batches import at_most, batches_of, packs_of
from finetune.training_state import TrainingPlan, TrainingState


@dataclass(frozen=True)
class TrainingRun:
    """What one run works on. ``plan``, ``state``, ``ledger`` and the model's matrices change as it goes."""

    lora: LoraModel
    recipe: Recipe
    budget: Budget
    training: Mixture
    ledger: Ledger
    validation_packs: Sequence[Pack]
    plan: TrainingPlan
    state: TrainingState

    @property
    def steps(self) -> int:
        """How many steps there will be: those planned, or as many as there is time for."""
        return self.budget.steps(self.state.step, self.state.seconds, self.plan.steps)

    @property
    def is_to_be_validated(self) -> bool:
        """Is it time to validate?"""
        return self.state.step % self.plan.check_every == 0 or self.state.step == self.steps

    @property
    def gets_no_better(self) -> bool:
        """Did as many validations in a row bring nothing as the recipe has patience for?"""
        return self.state.bad_checks >= self.recipe.patience


def begun(lora: LoraModel, training: Mixture, validation: Mixture, recipe: Recipe, budget: Budget) -> TrainingRun:
    """A run before its first step. Raises ``InputError`` where too few examples are short enough."""
    ledger = Ledger(training.examples, validation.examples, recipe.max_tokens)
    validation_packs = packs_of(validation.epoch(-1), lora, ledger, recipe.max_tokens)
    steps_per_epoch = len(_batches(training, 0, lora, ledger, recipe))
    ledger.require_enough()
    plan = TrainingPlan(steps_per_epoch, recipe.passes(len(training.examples)))
    state = TrainingState(best=lora.snapshot())
    return TrainingRun(lora, recipe, budget, training, ledger, validation_packs, plan, state)


def resumed(run: TrainingRun, checkpoint: Path) -> TrainingRun:
    """The run as far as the checkpoint had it; as it is where there is none."""
    state = load_checkpoint(checkpoint, run.lora, TrainingState)
    if state is None:
        return run
    run.ledger.learned = set(state.learned)
    return replace(run, state=state)


def save(run: TrainingRun, checkpoint: Path) -> None:
    """Write what ``resumed`` goes on from."""
    save_checkpoint(checkpoint, run.lora, replace(run.state, learned=sorted(run.ledger.learned)))


def epoch_batches(run: TrainingRun, epoch: int) -> list[list[Pack]]:
    """The batches of one pass over the examples, from 0."""
    return _batches(run.training, epoch, run.lora, run.ledger, run.recipe)


def _batches(training: Mixture, epoch: int, lora: LoraModel, ledger: Ledger, recipe: Recipe) -> list[list[Pack]]:
    packs = packs_of(training.epoch(epoch), lora, ledger, recipe.max_tokens)
    return batches_of(packs, recipe.batch_examples)


def remaining_batches(run: TrainingRun) -> Iterator[list[Pack]]:
    """What is still to be learned, batch by batch, until steps, time or patience are over."""
    state, plan = run.state, run.plan
    if run.gets_no_better:
        return
    epoch, skip = divmod(state.step, plan.steps_per_epoch)
    while state.step < run.steps:
        batches = at_most(plan.steps_per_epoch, epoch_batches(run, epoch))
        if epoch == plan.epochs - 1:
            plan.steps = epoch * plan.steps_per_epoch + len(batches)  # so that the end is validated
        end = min(plan.steps, (epoch + 1) * plan.steps_per_epoch)
        yield from batches[skip:-1]
        if skip < len(batches):  # epochs differ a little in length: the last batch of each ends where planned
            state.step = max(state.step, end - 1)
            yield batches[-1]
        state.step = max(state.step, end)
        epoch, skip = epoch + 1, 0


def learn(run: TrainingRun, batch: Sequence[Pack]) -> float:
    """One step of the optimiser; its mean loss, in nats a token. Raises what ``LoraModel.optimise`` raises."""
    labels = sum(len(i.completion) for p in batch for i in p.items)

    def backward() -> float:
        total = 0.0
        for packs in micro_batches(batch, run.recipe.max_tokens):
            loss = run.lora.losses(packs)[0].sum()
            (loss / labels).backward()
            total += loss.item()
            run.state.tokens += computed_tokens(packs)
            run.state.separate += sum(p.separate for p in packs)
        return total / labels

    loss = run.lora.optimise(run.state.step, run.steps, backward)
    run.ledger.learn(batch)
    return loss


def validate(run: TrainingRun, train_loss: float) -> float | None:
    """The validation loss; None where nothing validates. The best checkpoint gets most answer tokens right:

    on few questions the loss rises with confidence while answers still get better.
    """
    state, vocabulary = run.state, run.lora.vocabulary
    if not run.validation_packs:
        require_below_chance(train_loss, vocabulary, state.step, run.recipe)
        return None
    loss, accuracy = validation(run)
    require_below_chance(loss, vocabulary, state.step, run.recipe)
    measured = {"train": train_loss, "validation": loss, "accuracy": accuracy}
    state.curve.append({"step": state.step} | {name: round(value, 5) for name, value in measured.items()})
    if accuracy > state.best_accuracy:
        state.best_accuracy, state.best_loss, state.best_step = accuracy, loss, state.taken
        state.bad_checks, state.best = 0, run.lora.snapshot()
    else:
        state.bad_checks += 1
    return loss


def validation(run: TrainingRun) -> tuple[float, float]:
    """Mean loss of the validation answers' tokens (nats), and the share of them that are the likeliest."""
    import torch

    run.lora.model.eval()
    with torch.no_grad():
        checked = [run.lora.losses(packs) for packs in micro_batches(run.validation_packs, run.recipe.max_tokens)]
    run.lora.model.train()
    right = torch.cat([r.float() for _, r in checked]) if checked else torch.zeros(1)
    return sum(s.sum().item() for s, _ in checked) / len(right), float(right.mean())


def settle_best(run: TrainingRun) -> None:
    """The last matrices are the best where nothing validates. Raises ``Diverged`` where those to keep are no numbers."""
    state = run.state
    if not run.validation_packs:
        state.best, state.best_step = run.lora.snapshot(), state.taken
    for name, weight in state.best.items():
        require_finite(weight.abs().sum().item(), f"the sum of {name}", state.best_step, run.recipe)
