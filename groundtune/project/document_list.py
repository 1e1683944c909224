"""Adding paths to ``documents:`` in groundtune.yaml and removing them, every other line left as it is. Reads no document."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.atomic_files import write_text
from corpus.documents.document_files import IGNORE, composed, on_disk
from corpus.errors import Fault, InputError
from corpus.yaml_files import text_of, yaml_text
from groundtune.project.project import Project, open_project
from groundtune.project.project_paths import SETTINGS

if TYPE_CHECKING:
    from yaml import SequenceNode

_KEY = "documents"


def add(project: Project, paths: Sequence[Path]) -> Project:
    """The project with further paths, which are given from the current folder. Raises ``InputError`` for unusable ones."""
    from corpus.documents.read_documents import documents_in

    documents_in(paths)
    there = {_place(p) for p in project.document_paths()}
    new = list(dict.fromkeys(_relative(project, on_disk(p)) for p in paths if _place(p) not in there))
    return _rewritten(project, [*project.settings.documents, *new]) if new else project


def remove(project: Project, paths: Sequence[Path]) -> Project:
    """The project without these paths, whether they still exist or not. Raises ``InputError`` for those it does not name."""
    require_named(project, paths)
    named = {place for place, _ in _named(project)}
    gone = {_meant(project, p, named) for p in paths}
    return _rewritten(project, [given for at, given in _named(project) if at not in gone])


def require_named(project: Project, paths: Sequence[Path]) -> None:
    """Raise ``InputError`` for paths that the project does not name."""
    named = dict(_named(project))
    faults = [Fault(str(p), *_not_named(project, p, named)) for p in paths if _meant(project, p, named) not in named]
    if faults:
        raise InputError("nothing was removed", faults)


def _named(project: Project) -> list[tuple[Path, str]]:
    return [(_place(p), given) for p, given in zip(project.document_paths(), project.settings.documents, strict=True)]


def _place(path: Path) -> Path:
    """A path to be compared, whatever form its letters have, and whether it still exists or not."""
    return Path(composed(str(path.resolve())))


def _places(project: Project, path: Path, named: Iterable[Path]) -> list[Path]:
    """Where a path may lie: from the current folder, from the project's, and, as sources say it, beside what is named."""
    return [_place(path), _place(project.folder / path), *(_place(at.parent / path) for at in named)]


def _meant(project: Project, path: Path, named: Collection[Path]) -> Path:
    """The place of a path that the project names, else the one in its folder."""
    places = _places(project, path, named)
    return next((place for place in places if place in named), places[1])


def _not_named(project: Project, path: Path, named: dict[Path, str]) -> tuple[str, str, str]:
    places = _places(project, path, named)
    above = next((given for at, given in named.items() if any(place.is_relative_to(at) for place in places)), None)
    if above:
        return (
            f"it is a part of {above}",
            "",
            f"name it in {IGNORE} there, or delete it, and run groundtune index update",
        )
    return "it is no document of the project", ", ".join(named.values()) or "none is named", ""


def _relative(project: Project, path: Path) -> str:
    return Path(os.path.relpath(path.resolve(), project.folder.resolve())).as_posix()


def _rewritten(project: Project, wanted: Sequence[str]) -> Project:
    file = project.folder / SETTINGS
    write_text(file, with_documents(text_of(file), wanted))
    return open_project(project.folder)


def with_documents(text: str, wanted: Sequence[str]) -> str:
    """The YAML ``text`` with ``wanted`` as its documents. Lines of those that stay keep their comments.

    What is made is read again. Where lines cannot be edited one by one (aliases, block text), the whole list is written
    anew; raises ``InputError`` where that does not give what was wanted either.
    """
    import yaml

    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    entries = [(k, v) for k, v in root.value if k.value == _KEY] if isinstance(root, yaml.MappingNode) else []
    if not entries:
        return text.rstrip("\n") + "\n" * bool(text.strip()) + _key(wanted)
    ((key, value),) = entries
    in_block = isinstance(value, yaml.SequenceNode) and not value.flow_style
    end = value.value[-1].end_mark.index if in_block else value.end_mark.index
    anew = text[: key.start_mark.index] + _key(wanted) + text[end:].lstrip(" ").removeprefix("\n")
    tried = (_in_block(text, key.start_mark.line, value, wanted), anew) if in_block else (anew,)
    edited = next((t for t in tried if _differs_only_in(t, text, wanted)), None)
    if edited is None:
        raise InputError(
            f"the documents in {SETTINGS} cannot be edited", mend=f"write them by hand: {', '.join(wanted)}"
        )
    return edited


def _differs_only_in(edited: str, text: str, wanted: Sequence[str]) -> bool:
    """Does ``edited`` hold what ``text`` holds, and ``wanted`` as its documents?"""
    import yaml

    try:
        now = yaml.safe_load(edited)
    except yaml.YAMLError:
        return False
    then = yaml.safe_load(text) | {_KEY: None}
    return isinstance(now, dict) and set(now.get(_KEY) or ()) == set(wanted) and now | {_KEY: None} == then


def _in_block(text: str, key: int, value: SequenceNode, wanted: Sequence[str]) -> str:
    lines = [line if line.endswith("\n") else line + "\n" for line in text.splitlines(keepends=True)]
    lines.append("")  # block text ends on the line behind it
    there = [(item.value, item.start_mark.line, item.end_mark.line) for item in value.value]
    indent = " " * value.start_mark.column
    new = [name for name in wanted if name not in {name for name, _, _ in there}]
    lines[there[-1][2]] += "".join(_line(name, indent) for name in new)
    for name, first, last in there:
        if name not in wanted:
            lines[first:last] = [""] * (last - first)
            lines[last] = lines[last].partition("\n")[2]
    if not wanted:
        lines[key] = f"{_KEY}: []\n"
    return "".join(lines)


def _key(wanted: Sequence[str]) -> str:
    return f"{_KEY}:\n" + "".join(map(_line, wanted)) if wanted else f"{_KEY}: []\n"


def _line(name: str, indent: str = "  ") -> str:
    return f"{indent}- {yaml_text(name)}\n"
