"""One fine-tune from examples to a checked adapter version. Knows nothing of retrieval beyond the function it is given."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypedDict

from corpus.atomic_files import MANIFEST, sole_writer, whole_folder, write_json
from corpus.errors import InputError, ModelError
from corpus.examples.labels import VERSION, labels
from corpus.fingerprint import fingerprint
from finetune.adapter_report import AdapterReport
from finetune.divergence import Diverged
from finetune.finetune_request import FinetuneRequest
from finetune.hardware import require_memory
from finetune.ledger import MINIMUM_EXAMPLES
from finetune.lengths import LongAnswers, long_answers
from finetune.mixture import Mixture
from finetune.parity import PARITY_PROMPTS, Parity, parity, require_parity
from finetune.selecting import Selection
from finetune.shown_sentences import learned_selection, shown_first
from finetune.starter import starter_id
from finetune.train import Trainer
from finetune.training_outcome import Trained
from finetune.versions import SELECTOR, TEACHING, list_versions, manifest, next_version, set_current
from lm.engine_contract import TextGenerator
from lm.models.weights import require_numbers, weights_id
from lm.prompts import messages_for, pointed


class MadeOf(TypedDict):
    """What the manifest of a version says it was made of."""

    fingerprint: str
    recipe: Mapping[str, object]
    seed: int
    model: str
    weights: str
    sentences: bool
    teaching: int
    starter: str | None


def finetune(request: FinetuneRequest) -> AdapterReport:
    """Train an adapter into ``folder/NNNN`` and make it current; the same inputs again make current what is there.

    Raises ``InputError`` for too few examples or a recipe that diverges, ``ResourceError`` for less memory than
    ``memory_gib`` asks for, ``ModelError`` where the engines differ; none of these leaves a version behind. A killed run
    resumes from its checkpoint. ``recipe.minutes`` ends it before its passes are over: what was not reached is in the
    report.
    """
    if len(request.examples) < MINIMUM_EXAMPLES:
        raise InputError(
            f"{len(request.examples)} training examples; wanted at least {MINIMUM_EXAMPLES}",
            mend="collect more examples",
        )
    long = _long_answers(request)
    if long and request.on_notice:
        request.on_notice(long.fault)
    made_of = _made_of(request)
    with sole_writer(request.folder):
        ready = _reusable(request, made_of["fingerprint"], long)
        if ready:
            return ready
        if request.memory_gib:
            require_memory(request.recipe, request.memory_gib)
        trainer, selection = _prepared(request, made_of["fingerprint"])
        report = _new_version(request, trainer, selection, made_of, long)
        for left in request.folder.glob(".training-*"):  # this run's checkpoint, and those of runs that were given up
            shutil.rmtree(left, ignore_errors=True)
    return report


def _made_of(request: FinetuneRequest) -> MadeOf:
    base, starter = weights_id(request.model), request.starter_used
    begun = starter_id(starter) if starter else ""
    whole = request.recipe.model_dump(exclude={"minutes"})
    if labels(request.examples):
        whole["labels"] = VERSION
    return {
        "fingerprint": fingerprint(request.examples, request.passages, whole, request.seed, base, begun, TEACHING),
        "recipe": request.recipe.model_dump(),
        "seed": request.seed,
        "model": request.generator or request.model.parent.name,
        "weights": base,
        "sentences": request.candidates is not None,
        "teaching": TEACHING,
        "starter": starter.name if starter else None,
    }


def _prepared(request: FinetuneRequest, made_of: str) -> tuple[Trainer, Selection | None]:
    """The trainer of the adapter that reads, once it is learned which sentences it is shown."""
    recipe = request.recipe
    within = f"-{recipe.minutes:g}" if recipe.minutes else ""
    training = request.folder / f".training-{made_of[:16]}{within}"
    retrieve, selection = request.retrieve, None
    if request.candidates is not None:
        sentences = {e.id: request.candidates(e) for e in request.examples}
        selection = learned_selection(request, sentences, training)
        retrieve = shown_first(sentences, selection)
    trainer = Trainer(
        request.model,
        Mixture(request.examples, request.passages, retrieve, recipe, request.seed),
        recipe,
        checkpoint=training / "state.pt",
        device=request.device,
        on_progress=request.on_progress,
        on_notice=request.on_notice,
        starter=request.starter_used,
        budget=request.budget.less(selection.seconds if selection else 0.0),
    )
    return trainer, selection


def _new_version(
    request: FinetuneRequest,
    trainer: Trainer,
    selection: Selection | None,
    made_of: MadeOf,
    long: LongAnswers | None,
) -> AdapterReport:
    """Train the next version, check it, and make it current."""
    version = next_version(request.folder)
    with whole_folder(request.folder / version) as beside:
        trained = _trained(trainer, beside)
        checked = _check(trainer, request.engine, request.model, beside) if request.engine else None
        report = AdapterReport.of(version, trained, checked, long, selection, request.recipe.minutes)
        if selection:
            shutil.copytree(trainer.checkpoint.parent / SELECTOR, beside / SELECTOR)
        held_back = sorted(e.id for e in trainer.validation_mixture.examples)
        name = f"{request.project}-{version}" if request.project else version
        record = {
            **made_of,
            "name": name,
            "held_back": held_back,
            "report": asdict(report),
            "training": asdict(trained),
        }
        write_json(beside / MANIFEST, record)
    set_current(request.folder, version)
    return report


def _long_answers(request: FinetuneRequest) -> LongAnswers | None:
    """Taught answers that ``answer_tokens`` cuts off; where passages are shown they come behind the number of one."""
    if request.answer_tokens is None:
        return None
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(request.model)

    def count(texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in tokenizer(list(texts), add_special_tokens=False).input_ids]

    shown = request.retrieve is not None or request.candidates is not None
    pointer = pointed("", [request.recipe.passages]) if shown else ""
    return long_answers(request.examples, count, request.answer_tokens, request.recipe.max_tokens, pointer)


def _trained(trainer: Trainer, adapter: Path) -> Trained:
    """Train; a run that diverges leaves no checkpoint to resume from."""
    try:
        return trainer.run(adapter)
    except Diverged:
        shutil.rmtree(trainer.checkpoint.parent, ignore_errors=True)
        raise


def _reusable(request: FinetuneRequest, made_of: str, long: LongAnswers | None) -> AdapterReport | None:
    """The report of a version made of the same, which is current from now on; None where there is none to be used.

    One whose time was over before it had learned all serves only where no more ``minutes`` are given now.
    """
    minutes = request.recipe.minutes
    for version in reversed(list_versions(request.folder)):
        record = manifest(request.folder / version)
        spent = record["report"].get("minutes")
        enough = spent is None or (minutes is not None and spent >= minutes)
        if record["fingerprint"] == made_of and enough and _is_sound(request.folder / version):
            set_current(request.folder, version)
            return AdapterReport.from_json(record["report"], long)
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
    chats = [messages_for(lesson.question, lesson.passages) for lesson in lessons[:PARITY_PROMPTS]]
    agreement = parity(engine, TransformersGenerator(model, "reference", device="cpu"), chats, adapter)
    require_parity(agreement)
    return agreement
