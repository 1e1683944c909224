"""One fine-tune from examples to a checked adapter version. Knows nothing of retrieval beyond the function it is given."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.atomic_files import MANIFEST, sole_writer, whole_folder, write_json
from corpus.errors import Fault, InputError, ModelError, ResourceError
from corpus.examples.evidence_passages import Evidence
from corpus.fingerprint import fingerprint
from corpus.records import Candidate, Example, Passage
from finetune.budget import SELECTOR_SHARE, Budget
from finetune.divergence import Diverged
from finetune.ledger import MINIMUM_EXAMPLES
from finetune.lengths import LeftOut, LongAnswers, long_answers
from finetune.mixture import Mixture, Retrieve
from finetune.parity import Parity, likelihoods_apart, parity, require_parity
from finetune.recipe import Recipe
from finetune.selecting import Selection
from finetune.starter import FEW, starter_id
from finetune.versions import SELECTOR, TEACHING, list_versions, manifest, next_version, set_current
from lm.engine import TextGenerator
from lm.models.weights import require_numbers, weights_id
from lm.prompts import messages_for, pointed, question_messages

if TYPE_CHECKING:
    from finetune.progress import Trained
    from finetune.train import Trainer

_PARITY_PROMPTS = 16
_GIB = 2**30
_LEAST_TOKENS = 128
"""Of a micro-batch that training would be worth while with."""

Candidates = Callable[[Example], Sequence[Candidate]]
"""The sentences found for an example, by what was not tuned on it, the best by their prior first."""
MemoryGib = Callable[[int], float]
"""Peak memory of training in GiB, by the tokens of its largest micro-batch."""


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
    def from_json(cls, told: dict[str, Any], long: LongAnswers | None) -> AdapterReport:
        """The report of a version made before, with the answers that are too long for today's settings."""
        left_out = tuple(LeftOut(**x) for x in told["left_out"])
        checked = Parity(**told["parity"]) if told["parity"] else None
        selection = Selection(**told["selection"]) if told.get("selection") else None
        read = {"parity": checked, "left_out": left_out, "long_answers": long, "selection": selection}
        return cls(**(told | read | {"reused": True}))


def finetune(
    examples: Sequence[Example],
    *,
    retrieve: Retrieve | None,
    passages: Sequence[Passage],
    candidates: Candidates | None = None,
    model: Path,
    folder: Path,
    recipe: Recipe,
    seed: int = 0,
    generator: str = "",
    engine: TextGenerator | None = None,
    device: str = "cpu",
    answer_tokens: int | None = None,
    starter: Path | None = None,
    memory_gib: MemoryGib | None = None,
    on_progress: Callable[[Any], None] | None = None,
    on_notice: Callable[[Fault], None] | None = None,
) -> AdapterReport:
    """Train an adapter into ``folder/NNNN`` and make it current; the same inputs again make current what is there.

    With ``candidates`` the sentences to show are chosen among these, and ``retrieve`` is not asked; ``passages`` are then
    all sentences. Which one answers is learned first, where enough questions tell it.
    ``generator`` is the model's name in the settings. ``starter``: an adapter that few examples begin from. ``engine`` is the
    one that will serve the adapter: it is checked against transformers + peft before the version counts. ``on_notice`` is
    told, before training, of examples left out and of answers longer than ``answer_tokens``. Raises ``InputError`` for too
    few examples or a recipe that diverges, ``ResourceError`` for less memory than ``memory_gib`` asks for, ``ModelError``
    where the engines differ; none of these leaves a version behind. A killed run resumes from its checkpoint.
    ``recipe.minutes`` ends it before its passes are over: what was not reached is in the report.
    """
    if len(examples) < MINIMUM_EXAMPLES:
        raise InputError(
            f"{len(examples)} training examples; wanted at least {MINIMUM_EXAMPLES}", mend="collect more examples"
        )
    shown = retrieve is not None or candidates is not None
    long = _long_answers(examples, model, answer_tokens, recipe, shown=shown)
    if long and on_notice:
        on_notice(long.fault)
    base = weights_id(model)
    starter = starter if len(examples) < FEW and recipe.starter else None
    begun = starter_id(starter) if starter else ""
    whole = recipe.model_dump(exclude={"minutes"})
    made_of = fingerprint(examples, passages, whole, seed, base, begun, TEACHING)
    with sole_writer(folder):
        ready = _reusable(folder, made_of, long, recipe.minutes)
        if ready:
            return ready
        if memory_gib:
            require_memory(recipe, memory_gib)
        from finetune.train import Trainer

        within = f"-{recipe.minutes:g}" if recipe.minutes else ""
        training = folder / f".training-{made_of[:16]}{within}"
        selection = None
        if candidates is not None:
            found = {e.id: candidates(e) for e in examples}
            selection = _selection(
                examples, found, passages, model, recipe, training, engine, device, seed, on_progress
            )
            retrieve = _shown_first(found, selection)
        mixture = Mixture(examples, passages, retrieve, recipe, seed)
        trainer = Trainer(
            model,
            mixture,
            recipe,
            checkpoint=training / "state.pt",
            device=device,
            on_progress=on_progress,
            on_notice=on_notice,
            starter=starter,
            budget=Budget.of(recipe.minutes).less(selection.seconds if selection else 0.0),
        )
        told = {"fingerprint": made_of, "recipe": recipe.model_dump(), "seed": seed}
        told |= {"model": generator or model.parent.name, "weights": base, "sentences": candidates is not None}
        told |= {"teaching": TEACHING, "starter": starter.name if starter else None}
        report = _new_version(folder, trainer, engine, model, long, selection, told)
        for left in folder.glob(".training-*"):  # this run's checkpoint, and those of runs that were given up
            shutil.rmtree(left, ignore_errors=True)
    return report


def _new_version(
    folder: Path,
    trainer: Trainer,
    engine: TextGenerator | None,
    model: Path,
    long: LongAnswers | None,
    selection: Selection | None,
    told: dict[str, Any],
) -> AdapterReport:
    """Train the next version, check it, and make it current; ``told``: what its manifest says it was made from."""
    version = next_version(folder)
    with whole_folder(folder / version) as beside:
        trained = _trained(trainer, beside)
        checked = _check(trainer, engine, model, beside) if engine else None
        report = _report(version, trained, checked, long, selection, trainer.recipe.minutes)
        if selection:
            shutil.copytree(trainer.checkpoint.parent / SELECTOR, beside / SELECTOR)
        told = told | {"held_back": sorted(e.id for e in trainer.validation_mixture.examples)}
        write_json(beside / MANIFEST, told | {"report": asdict(report), "training": asdict(trained)})
    set_current(folder, version)
    return report


def _long_answers(
    examples: Sequence[Example], model: Path, answer_tokens: int | None, recipe: Recipe, *, shown: bool
) -> LongAnswers | None:
    """Taught answers that ``answer_tokens`` cuts off; ``shown``: they come behind the number of a passage."""
    if answer_tokens is None:
        return None
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)

    def count(texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in tokenizer(list(texts), add_special_tokens=False).input_ids]

    pointer = pointed("", [recipe.passages]) if shown else ""
    return long_answers(examples, count, answer_tokens, recipe.max_tokens, pointer)


def _trained(trainer: Trainer, adapter: Path) -> Trained:
    """Train; a run that diverges leaves no checkpoint to resume from."""
    try:
        return trainer.run(adapter)
    except Diverged:
        shutil.rmtree(trainer.checkpoint.parent, ignore_errors=True)
        raise


def _report(
    version: str,
    trained: Trained,
    checked: Parity | None,
    long: LongAnswers | None,
    selection: Selection | None,
    minutes: float | None,
) -> AdapterReport:
    loss = trained.best_validation_loss
    return AdapterReport(
        version,
        trained.learned + trained.held_back,
        trained.steps,
        None if loss is None else round(loss, 4),
        round(trained.seconds + (selection.seconds if selection else 0.0), 1),
        checked,
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


def _selection(
    examples: Sequence[Example],
    found: Mapping[str, Sequence[Candidate]],
    sentences: Sequence[Passage],
    model: Path,
    recipe: Recipe,
    folder: Path,
    engine: TextGenerator | None,
    device: str,
    seed: int,
    on_progress: Callable[[Any], None] | None,
) -> Selection | None:
    """Learn into ``folder`` which sentence answers a question; None where too few questions tell."""
    from finetune.selecting import MINIMUM_CHOICES, SelectorTrainer, choices, learn_to_select

    known = choices(examples, found, Evidence(sentences))
    if len(known) < MINIMUM_CHOICES:
        return None

    def check(adapter: Path) -> None:
        from lm.engines.transformers_engine import TransformersGenerator

        asked = known[:_PARITY_PROMPTS]
        chats = [question_messages(c.right[0].passage) for c in asked]
        if engine is not None:
            reference = TransformersGenerator(model, "reference", device="cpu")
            likelihoods_apart(engine, reference, chats, [c.question for c in asked], adapter)

    trainer = SelectorTrainer(
        model,
        known,
        recipe,
        checkpoint=folder / "selector.pt",
        device=device,
        seed=seed,
        on_progress=on_progress,
        budget=Budget.of(recipe.minutes).share(SELECTOR_SHARE),
    )
    return learn_to_select(trainer, folder / SELECTOR, check)


def _shown_first(found: Mapping[str, Sequence[Candidate]], selection: Selection | None) -> Retrieve:
    from finetune.selecting import in_order

    def retrieve(example: Example, k: int) -> list[Passage]:
        candidates = found[example.id]
        ordered = in_order(candidates, selection, example.id) if selection else [c.passage for c in candidates]
        return ordered[:k]

    return retrieve


def require_memory(recipe: Recipe, memory_gib: MemoryGib) -> None:
    """Raise ``ResourceError`` where the recipe's largest micro-batch would not fit the memory that is free."""
    import psutil

    free = psutil.virtual_memory().available / _GIB
    wanted = memory_gib(recipe.max_tokens)
    if free < wanted:
        fits = [n for n in range(_LEAST_TOKENS, recipe.max_tokens, 64) if memory_gib(n) <= free]
        raise ResourceError(
            f"training needs about {wanted:.1f} GiB of memory, {free:.1f} GiB are free",
            mend=f"set recipe.max_tokens to {fits[-1]} or less" if fits else "free some memory, or use a smaller model",
        )


def _reusable(folder: Path, made_of: str, long: LongAnswers | None, minutes: float | None) -> AdapterReport | None:
    """The report of a version made of the same, which is current from now on; None where there is none to be used.

    One whose time was over before it had learned all serves only where no more ``minutes`` are given now.
    """
    for version in reversed(list_versions(folder)):
        made = manifest(folder / version)
        spent = made["report"].get("minutes")
        enough = spent is None or (minutes is not None and spent >= minutes)
        if made["fingerprint"] == made_of and enough and _is_sound(folder / version):
            set_current(folder, version)
            return AdapterReport.from_json(made["report"], long)
    return None


def _is_sound(adapter: Path) -> bool:
    try:
        require_numbers(adapter)
    except ModelError:
        return False
    return True


def _check(trainer: Trainer, engine: TextGenerator, model: Path, adapter: Path) -> Parity:
    """Compare the engines on questions that validate, or on learned ones where nothing does."""
    from lm.engines.transformers_engine import TransformersGenerator

    held_back = [lesson for group in trainer.validation_mixture.epoch(-1) for lesson in group]
    lessons = held_back or [lesson for group in trainer.train_mixture.epoch(0) for lesson in group]
    chats = [messages_for(lesson.question, lesson.passages) for lesson in lessons[:_PARITY_PROMPTS]]
    found = parity(engine, TransformersGenerator(model, "reference", device="cpu"), chats, adapter)
    require_parity(found)
    return found
