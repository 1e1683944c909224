"""A project provisioned as ``groundtune provision`` does and compared as ``groundtune compare`` does, with all figures."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.machine import keep, tell
from corpus.atomic_files import read_json
from groundtune.assistant import Assistant
from groundtune.jobs.prove import prove
from groundtune.jobs.provision import provision
from groundtune.offline import be_quiet
from groundtune.project.project import open_project


def provisioned_and_compared(folder: Path, approach: str = "hybrid") -> dict[str, Any]:
    """Provision (or reuse, or resume) the project in ``folder`` and compare every arm."""
    assistant = Assistant(open_project(folder))
    made = provision(
        assistant,
        approach,
        on_progress=tell,
    )
    result, answers = prove(assistant, on_progress=tell)
    adapter = assistant.adapter
    manifest = read_json(adapter / "manifest.json") if adapter else {}
    print(result["verdict"], answers, sep="\n")
    return {
        "settings": assistant.project.settings.model_dump(exclude={"documents", "examples", "questions"}),
        "provisioned": made.to_json(),
        "training": manifest.get("training"),
        "comparison": result,
    }


def asked_again(name: str, data: str, about: str | None, questions: Callable[[Path], Path]) -> None:
    """Compare every arm of the project ``--project`` on the file of ``questions``, given its folder; keep it as ``name``."""
    options = argparse.ArgumentParser(description=about)
    options.add_argument("--project", type=Path, required=True)
    given = options.parse_args()
    be_quiet()
    project = open_project(given.project)
    file = str(questions(given.project).absolute())
    other = replace(project, settings=project.settings.model_copy(update={"questions": file}))
    result, _ = prove(Assistant(other), on_progress=tell)
    print(result["verdict"], keep(name, {"data": data, "comparison": result}), sep="\n")
