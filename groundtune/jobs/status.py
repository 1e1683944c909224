"""What is advised, built and measured in a project, as plain data. Changes nothing."""

from __future__ import annotations

from typing import Any

from corpus.atomic_files import MANIFEST, read_json
from finetune.versions import current, list_versions, manifest, taught_otherwise
from groundtune.jobs.advise import measured_of
from groundtune.project.adapter import adapter_fault
from groundtune.project.not_read import NotRead
from groundtune.project.project import Project
from groundtune.project.project_documents import not_read_before
from router.default_judge import default_judge


def status_of(project: Project) -> dict[str, Any]:
    """Decision, index, adapter versions and comparisons; None for what is not there."""
    decision = project.decision()
    index = project.index / MANIFEST
    made = read_json(index) if index.is_file() else None
    not_read = not_read_before(project) if made else NotRead()
    adapter, fault = current(project.adapters), adapter_fault(project)
    compared = sorted(project.comparisons.glob("*/comparison.json"), key=lambda f: f.stat().st_mtime)
    return {
        "project": str(project.folder),
        "generator": project.settings.generator,
        "likelihood": tells_likelihood(project.settings.generator),
        "embedder": project.settings.embedder,
        "approach": decision["approach"] if decision else None,
        "index": {"documents": made["documents"], "passages": made["passages"]} if made else None,
        "unreadable": [vars(f) for f in not_read.files],
        **not_read.to_json(),
        "adapter": manifest(adapter)["report"] if adapter and not fault else None,
        "adapter_fault": fault,
        "adapter_taught_otherwise": bool(adapter and taught_otherwise(adapter)),
        "estimates": estimates(project, measured_of(project.made) or {}),
        "abstention": abstention(project) if made else None,
        "adapter_versions": list(list_versions(project.adapters)),
        "comparisons": len(compared),
        "verdict": read_json(compared[-1])["verdict"] if compared else None,
    }


def tells_likelihood(generator: str) -> bool:
    """Does a model tell how likely a question is after a sentence? None behind an endpoint does."""
    return not generator.startswith("endpoint:")


def abstention(project: Project) -> dict[str, Any] | None:
    """Below which chance of an answer the arms with retrieval abstain, and whether that is of this project's questions."""
    if project.abstention_file.is_file():
        return {"calibrated": True, "refuse_below": read_json(project.abstention_file)["refuse_below"]}
    default = default_judge(project.settings.embedder)
    return {"calibrated": False, "refuse_below": default.refuse_below} if default else None


def estimates(project: Project, predicted: dict[str, float]) -> dict[str, dict[str, float | None]]:
    """What ``advise --measure`` predicted against what building took, in seconds; empty where nothing was predicted."""
    adapter = current(project.adapters)
    index = project.made / "index_report.json"
    actual = {
        "index_s": read_json(index)["seconds"] if index.is_file() else None,
        "train_s": manifest(adapter)["report"]["seconds"] if adapter else None,
    }
    return {
        name: {"estimated": predicted[name], "actual": seconds} for name, seconds in actual.items() if name in predicted
    }
