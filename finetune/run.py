"""One fine-tune from examples to a checked adapter version. Knows nothing of retrieval beyond the function it is given."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.errors import InputError, ResourceError
from corpus.fingerprint import fingerprint
from corpus.records import Example, Passage
from corpus.store import MANIFEST, sole_writer, whole_folder, write_json
from finetune.mixture import Mixture, Retrieve
from finetune.parity import Parity, parity, require_parity
from finetune.recipe import Recipe
from finetune.versions import current, list_versions, manifest, next_version, set_current
from lm.engine import TextGenerator
from lm.prompts import messages_for

MINIMUM_EXAMPLES = 8
_PARITY_PROMPTS = 16
_TEACHING = 5
"""Raised where lessons are made differently: adapters taught otherwise are then trained anew."""
_MIB, _GIB = 2**20, 2**30
_FIXED_GIB = 2.0
"""Model, gradients, optimiser and libraries of a 135M model; measured."""
_GIB_PER_1000_TOKENS = 3.0


@dataclass(frozen=True)
class AdapterReport:
    """What provisioning reports of an adapter."""

    version: str
    examples: int
    steps: int
    best_validation_loss: float
    seconds: float
    parity: Parity | None = None
    reused: bool = False


def finetune(
    examples: Sequence[Example],
    *,
    retrieve: Retrieve | None,
    passages: Sequence[Passage],
    model: Path,
    folder: Path,
    recipe: Recipe,
    seed: int = 0,
    engine: TextGenerator | None = None,
    device: str = "cpu",
    on_progress: Callable[[Any], None] | None = None,
) -> AdapterReport:
    """Train an adapter into ``folder/NNNN`` and make it current; the same inputs again reuse what is there.

    ``engine`` is the one that will serve the adapter: it is checked against transformers + peft before the version
    counts. Raises ``InputError`` for too few examples, ``ResourceError`` for too little memory, ``ModelError`` where
    the engines differ. A killed run resumes from its checkpoint.
    """
    if len(examples) < MINIMUM_EXAMPLES:
        raise InputError(
            f"{len(examples)} training examples; wanted at least {MINIMUM_EXAMPLES}", mend="collect more examples"
        )
    made_of = fingerprint(examples, passages, recipe.model_dump(), seed, weights_id(model), _TEACHING)
    with sole_writer(folder):
        ready = _reusable(folder, made_of)
        if ready:
            return ready
        require_memory(recipe)
        from finetune.train import Trainer

        mixture = Mixture(examples, passages, retrieve, recipe, seed)
        checkpoint = folder / f".training-{made_of[:16]}" / "state.pt"
        trainer = Trainer(model, mixture, recipe, checkpoint=checkpoint, device=device, on_progress=on_progress)
        version = next_version(folder)
        with whole_folder(folder / version) as beside:
            trained = trainer.run(beside)
            checked = _check(trainer.validation_mixture, engine, model, beside) if engine else None
            report = AdapterReport(
                version, len(examples), trained.steps, round(trained.best_validation_loss, 4), trained.seconds, checked
            )
            made = {"fingerprint": made_of, "recipe": recipe.model_dump(), "seed": seed, "model": model.parent.name}
            made |= {"held_back": sorted(e.id for e in trainer.validation_mixture.examples)}
            write_json(beside / MANIFEST, made | {"report": asdict(report), "training": asdict(trained)})
        set_current(folder, version)
        for left in folder.glob(".training-*"):  # this run's checkpoint, and those of runs that were given up
            shutil.rmtree(left, ignore_errors=True)
    return report


def weights_id(model: Path) -> str:
    """Tells one model folder's weights from another's: SHA-256 over the sizes, first and last MiB of its weight files."""
    digest = hashlib.sha256()
    for file in sorted(model.glob("*.safetensors")):
        size = file.stat().st_size
        with open(file, "rb") as content:
            digest.update(f"{file.name} {size} ".encode() + content.read(_MIB))
            content.seek(max(0, size - _MIB))
            digest.update(content.read(_MIB))
    return digest.hexdigest()


def require_memory(recipe: Recipe) -> None:
    """Raise ``ResourceError`` where the recipe's longest sequence would not fit the memory that is free."""
    import psutil

    free = psutil.virtual_memory().available / _GIB
    wanted = _FIXED_GIB + _GIB_PER_1000_TOKENS * recipe.max_tokens / 1000
    if free < wanted:
        fits = int((free - _FIXED_GIB) / _GIB_PER_1000_TOKENS * 1000) // 64 * 64
        raise ResourceError(
            f"training needs about {wanted:.1f} GiB of memory, {free:.1f} GiB are free",
            mend=f"set recipe.max_tokens to {fits} or less" if fits >= 128 else "free some memory",
        )


def _reusable(folder: Path, made_of: str) -> AdapterReport | None:
    for version in reversed(list_versions(folder)):
        made = manifest(folder / version)
        if made["fingerprint"] == made_of:
            if current(folder) is None:
                set_current(folder, version)
            told = made["report"]
            checked = Parity(**told["parity"]) if told["parity"] else None
            return AdapterReport(**(told | {"parity": checked, "reused": True}))
    return None


def _check(held_back: Mixture, engine: TextGenerator, model: Path, adapter: Path) -> Parity:
    from lm.transformers_engine import TransformersGenerator

    lessons = [lesson for group in held_back.epoch(-1) for lesson in group][:_PARITY_PROMPTS]
    chats = [messages_for(lesson.question, lesson.passages) for lesson in lessons]
    found = parity(engine, TransformersGenerator(model, "reference", device="cpu"), chats, adapter)
    require_parity(found)
    return found
