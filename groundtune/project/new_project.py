"""Making a project of a folder: paths and examples checked first, then ``groundtune.yaml`` written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corpus.atomic_files import write_text
from corpus.documents.document_files import leads_somewhere
from corpus.errors import Fault, InputError, ProjectError
from corpus.yaml_files import parse_keyed, yaml_text
from groundtune.project.project import Project, open_project
from groundtune.project.project_paths import SETTINGS
from groundtune.project.settings_file import checked_settings, explained

_FILES = ("documents", "examples", "questions")
"""The settings that name a project's files."""


def init(folder: Path, documents: list[str], examples: str | None, questions: str | None) -> Project:
    """Make a project of ``folder``. Raises ``ProjectError`` if it is one.

    Raises ``InputError`` for paths that are not there and for files of examples with rows that are not usable.
    """
    import os

    if (folder / SETTINGS).exists():
        raise ProjectError(f"{folder} is a project already", mend=f"edit {folder / SETTINGS}, or choose another folder")
    paths = [("--documents", d) for d in documents]
    paths += [(option, p) for option, p in (("--examples", examples), ("--questions", questions)) if p]
    there = {"--documents": leads_somewhere}
    missing = [(o, p) for o, p in paths if not there.get(o, Path.exists)(Path(p).expanduser())]
    faults = [Fault(f"{o} {p}", "no such file or folder") for o, p in missing]
    if faults:
        raise InputError("the project cannot be made", faults, mend="correct the paths; nothing was written")
    _check_rows([Path(p).expanduser() for p in (examples, questions) if p])

    def relative(path: str) -> str:
        return Path(os.path.relpath(Path(path).expanduser().resolve(), folder.resolve())).as_posix()

    wanted: dict[str, Any] = {"documents": [relative(d) for d in documents]}
    wanted |= {key: relative(p) for key, p in (("examples", examples), ("questions", questions)) if p}
    lines = ["# A groundtune project.", "documents:", *(f"  - {yaml_text(d)}" for d in wanted["documents"])]
    if not documents:
        lines[-1] = "documents: []"
    lines += [f"{key}: {yaml_text(wanted[key])}" for key in ("examples", "questions") if key in wanted]
    lines += ["", "# Every other setting, with its default:", *explained(written=_FILES)]
    text = "\n".join(lines) + "\n"
    if parse_keyed(text, SETTINGS) != wanted:
        named = ", ".join(repr(d) for d in documents)
        raise InputError(f"{named}: a name that {SETTINGS} cannot hold", mend="rename it; nothing was written")
    checked_settings(folder / SETTINGS, wanted, text)
    write_text(folder / SETTINGS, text)
    return open_project(folder)


def _check_rows(paths: list[Path]) -> None:
    """Raises ``InputError`` naming the rows of all files that are no usable examples."""
    from corpus.examples import examples_file

    read = [examples_file(path) for path in paths]
    faults = [fault for file in read for fault in file.faults]
    if faults:
        count = "1 example" if len(faults) == 1 else f"{len(faults)} examples"
        raise InputError(f"{count} not usable", faults, mend="correct or remove them; nothing was written")
    for file in read:
        file.require()
