"""Which files are documents: folders, globs, ignore files, hidden names. Reads none of them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from corpus.errors import Fault, InputError
from corpus.formats import FORMATS, is_known

IGNORE = ".groundtuneignore"
"""In the root of a named folder: what not to read there, in the manner of ``.gitignore``."""
_MAGIC = re.compile(r"[*?\[]")
_Wanted = Callable[[str], bool]


def files_in(paths: Sequence[Path], root: Path) -> list[tuple[Path, str]]:
    """Every file to read with its source name, each once: files, folders with all below, globs (``docs/**/*.md``).

    The source is the path relative to ``root`` where the file lies below, else ``FOLDER/…`` from the folder that was
    named. Passed over: hidden files and folders, what an ignore file names, links to folders. A folder that cannot be
    listed stands among the files, so that reading names it. Raises ``InputError`` for paths that lead to nothing.
    """
    faults = [fault for path in paths if (fault := _fault(path))]
    if faults:
        raise InputError("the documents cannot be found", faults, mend="correct the paths")
    found: dict[Path, str] = {}
    above = root.resolve()
    for path in paths:
        named, pattern = _parted(path)
        named = named.resolve()
        files = [named] if named.is_file() else sorted(_below(named, _wanted(named, pattern)))
        for file in files:
            found.setdefault(file, _source(file, named.parent, above))
    taken = Counter(found.values())
    return [(f, source if taken[source] == 1 else _readable(f.as_posix())) for f, source in found.items()]


def documents_in(paths: Sequence[Path]) -> list[Path]:
    """The files that reading ``paths`` would read."""
    return [file for file, _ in files_in(paths, Path())]


def leads_somewhere(path: Path) -> bool:
    """Is there such a file or folder, or a folder to look for this glob in?"""
    return path.exists() or (_MAGIC.search(str(path)) is not None and _parted(path)[0].is_dir())


def kinds() -> str:
    """The suffixes of every known format, to be read by people."""
    return ", ".join(FORMATS)


def _fault(path: Path) -> Fault | None:
    if path.is_file() and not is_known(path):
        return Fault(str(path), f'format "{path.suffix}"', kinds())
    if not leads_somewhere(path):
        return Fault(str(path), "no such file or folder")
    if not path.exists():
        named, pattern = _parted(path)
        if not any(True for _ in _below(named, _wanted(named, pattern))):
            return Fault(str(path), "no file of a known format matches", kinds())
    return None


def _parted(path: Path) -> tuple[Path, str]:
    """A glob as the folder it starts in and its pattern; anything else with an empty pattern."""
    if path.exists():
        return path, ""
    at = next((n for n, part in enumerate(path.parts) if _MAGIC.search(part)), None)
    return (path, "") if at is None else (Path(*path.parts[:at]), "/".join(path.parts[at:]))


def _wanted(folder: Path, pattern: str) -> _Wanted:
    """Tells of a path relative to ``folder`` whether it is to be read."""
    ignored = _ignored(folder)
    if not pattern:
        return lambda name: not ignored(name)
    from pathspec import GitIgnoreSpec

    glob = GitIgnoreSpec.from_lines([f"/{pattern}"])
    return lambda name: glob.match_file(name) and not ignored(name)


def _ignored(folder: Path) -> _Wanted:
    file = folder / IGNORE
    if not file.is_file():
        return lambda _: False
    from pathspec import GitIgnoreSpec

    from corpus.encodings import lines

    try:
        return GitIgnoreSpec.from_lines(list(lines(file))).match_file
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read ({error})", mend="correct or remove it") from error


def _below(folder: Path, wanted: _Wanted) -> Iterator[Path]:
    refused: list[str] = []
    for here, folders, names in os.walk(folder, onerror=lambda error: refused.append(error.filename)):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(here, name)
            known = not name.startswith(".") and is_known(file)
            if known and wanted(file.relative_to(folder).as_posix()) and file.is_file():
                yield file
    yield from map(Path, refused)


def _source(file: Path, beside: Path, root: Path) -> str:
    return _readable(file.relative_to(root if file.is_relative_to(root) else beside).as_posix())


def _readable(name: str) -> str:
    """File names may hold bytes that are no text."""
    return os.fsencode(name).decode("utf-8", "replace")
