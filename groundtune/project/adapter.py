"""The adapter in use and the starter, and whether an adapter belongs to today's model. Applies nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import ModelError, ProjectError
from finetune.versions import current, manifest
from lm.engines.choose_engine import training_folder
from lm.models.catalogue import cache_folder, is_pulled, model_folder
from lm.models.weights import require_numbers, weights_id

if TYPE_CHECKING:
    from groundtune.project.project import Project


def usable_adapter(project: Project) -> Path | None:
    """The adapter in use; None where none was trained.

    Raises ``ProjectError`` where it was trained on another model than the settings' ``generator``: added to that one it
    would answer nonsense.
    """
    adapter = current(project.adapters)
    if adapter is None:
        return None
    record, today = manifest(adapter), project.settings.generator
    if not _trained_on(record, today):
        trained_on = record.get("model", "another model")
        difference = (
            "with other weights than it has now" if trained_on == today else f"and the generator is now {today}"
        )
        raise ProjectError(
            f"adapter {adapter.name} was trained on {trained_on} {difference}: it does not fit and is not applied",
            mend=_mend(project, str(trained_on)),
        )
    return adapter


def adapter_fault(project: Project) -> str | None:
    """Why the adapter in use cannot be used; None where it can, or where there is none."""
    try:
        adapter = usable_adapter(project)
        if adapter:
            require_numbers(adapter)
    except (ModelError, ProjectError) as error:
        return str(error)
    return None


def _trained_on(record: dict[str, object], generator: str) -> bool:
    """Was the adapter with this manifest trained on ``generator``? Told by the weights, of which little is read."""
    if not {"weights", "model"} & record.keys():
        return True  # nothing is known of where it comes from
    try:
        folder = training_folder(generator, cache_folder())
    except ModelError:  # not here, or not a local model: only its name can be compared
        return record.get("model") == generator
    if "weights" in record:
        return record["weights"] == weights_id(folder)
    return record["model"] in (generator, folder.parent.name)


def _mend(project: Project, trained_on: str) -> str:
    again = f"set generator: {trained_on}, " if trained_on != project.settings.generator else ""
    return (
        f"{again}run groundtune provision to train one for this model, or ask without it: --arm rag or base; "
        f"to forget it, delete {project.adapters / 'current'}"
    )


def starter(project: Project) -> Path | None:
    """The adapter that reads for a model known by name, before anything was taught; None where there is none."""
    from finetune.starter import starter_of

    name = project.settings.generator
    if not project.settings.recipe.starter or ":" in name or not is_pulled(name, cache_folder()):
        return None
    return starter_of(name, model_folder(name, cache_folder()) / "hf")


def is_here(project: Project) -> bool:
    """Can the project's language model be asked on this machine, at no price?"""
    name = project.settings.generator
    return not name.startswith("endpoint:") and (":" in name or is_pulled(name, cache_folder()))
