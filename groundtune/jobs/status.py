"""What is advised, built and measured in a project, as plain data. Changes nothing."""

from __future__ import annotations

from typing import Any

from corpus.atomic_files import MANIFEST, read_json
from corpus.errors import ModelError
from finetune.versions import current, list_versions, manifest, taught_otherwise
from groundtune.jobs.advise import measured_of
from groundtune.project.adapter import adapter_fault
from groundtune.project.not_read import NotRead
from groundtune.project.project import Project
from groundtune.project.project_documents import not_read_before
from lm.engine_abilities import lacking
from lm.engines.choose_engine import load_generator
from lm.models.catalogue import cache_folder
from router.default_judge import default_judge


def status_of(project: Project) -> dict[str, Any]:
    """Decision, index, adapter versions and comparisons; None for what is not there."""
    decision = project.decision()
    index = project.index / MANIFEST
    indexed = read_json(index) if index.is_file() else None
    not_read = not_read_before(project) if indexed else NotRead()
    adapter, fault = current(project.adapters), adapter_fault(project)
    compared = sorted(project.comparisons.glob("*/comparison.json"), key=lambda f: f.stat().st_mtime)
    return {
        "project": str(project.folder),
        "generator": project.settings.generator,
        "likelihood": "likelihood" not in (lacks := engine_lacks(project)),
        "engine_lacks": lacks,
        "embedder": project.settings.embedder,
        "approach": decision["approach"] if decision else None,
        "index": {"documents": indexed["documents"], "passages": indexed["passages"]} if indexed else None,
        "unreadable": [vars(f) for f in not_read.files],
        **not_read.to_json(),
        "adapter": manifest(adapter)["report"] if adapter and not fault else None,
        "adapter_fault": fault,
        "adapter_taught_otherwise": bool(adapter and taught_otherwise(adapter)),
        "estimates": estimates(project, measured_of(project.built) or {}),
        "abstention": abstention(project) if indexed else None,
        "adapter_versions": list(list_versions(project.adapters)),
        "comparisons": len(compared),
        "verdict": read_json(compared[-1])["verdict"] if compared else None,
    }


def engine_lacks(project: Project) -> dict[str, str]:
    """What the engine of a project's model cannot, and what is done without it; nothing where the model is not here."""
    settings = project.settings
    try:
        engine = load_generator(settings.generator, cache_folder(), engine=settings.engine)
    except ModelError:
        return {}
    return {lack.ability: lack.consequence for lack in lacking(engine)}


def abstention(project: Project) -> dict[str, Any] | None:
    """Below which chance of an answer the arms with retrieval abstain, and whether that is of this project's questions."""
    if project.abstention_file.is_file():
        return {"calibrated": True, "refuse_below": read_json(project.abstention_file)["refuse_below"]}
    default = default_judge(project.settings.embedder)
    return {"calibrated": False, "refuse_below": default.refuse_below} if default else None


def estimates(project: Project, predicted: dict[str, float]) -> dict[str, dict[str, float | None]]:
    """What ``advise --measure`` predicted against what building took, in seconds; empty where nothing was predicted."""
    adapter = current(project.adapters)
    index = project.built / "index_report.json"
    actual = {
        "index_s": read_json(index)["seconds"] if index.is_file() else None,
        "train_s": manifest(adapter)["report"]["seconds"] if adapter else None,
    }
    return {
        name: {"estimated": predicted[name], "actual": seconds} for name, seconds in actual.items() if name in predicted
    }
