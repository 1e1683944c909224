"""Which files are documents: folders, globs, ignore files, hidden names, links. Reads none of them.

What lies in a named folder is a file to read, or of a format that is not read, or named as a fault, or hidden or ignored.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from corpus.documents.formats.known_formats import FORMATS, is_known
from corpus.errors import Fault, InputError

IGNORE = ".groundtuneignore"
"""In the root of a named folder: what not to read there, in the manner of ``.gitignore``."""
_MAGIC = re.compile(r"[*?\[]")
_HIDDEN = re.compile(r"\.|~\$|(?:thumbs\.db|desktop\.ini)$", re.IGNORECASE)
"""Names that a file manager does not show; Windows': its own files, and the mark of a document that is open."""
_Wanted = Callable[[str], bool]


@dataclass(frozen=True)
class Listing:
    """What lies at the paths that were named."""

    files: tuple[tuple[Path, str], ...]
    """Every file to read with its source name, each once."""
    unread: tuple[str, ...] = ()
    """The source names of files of formats that are not read."""
    faults: tuple[Fault, ...] = ()
    """Folders that cannot be listed, links that lead nowhere or to a folder elsewhere, and what is no file."""
    again: Mapping[str, str] = field(default_factory=dict)
    """Further names (links) of files that are read under another name, and under which."""


class _Entry(NamedTuple):
    """One entry of a folder: a file, or something that cannot be read as one."""

    at: Path
    source: str
    same: object
    """Equal for all names of one file."""
    why: str = ""
    """What is wrong with it; empty for a file."""
    mend: str = f"mend or remove it, or name it in {IGNORE}"


def listed(paths: Sequence[Path], root: Path, but: Iterable[Path] = ()) -> Listing:
    """What lies at ``paths``: files, folders with all below, globs (``docs/**/*.md``); less the files ``but``.

    The source is the path relative to ``root`` where the file lies below, else ``FOLDER/…`` from the folder that was
    named. Passed over: hidden files and folders, and what an ignore file names. Links to folders are not followed.
    Letters of a name are alike whether an accent stands with its letter or by itself (NFC, NFD). Raises ``InputError``
    for paths that lead to nothing.
    """
    wrong = [fault for path in paths if (fault := _fault(path))]
    if wrong:
        raise InputError("the documents cannot be found", wrong, mend="correct the paths")
    entries: dict[Path, _Entry] = {}
    above = root.resolve()
    roots = [(folder.resolve(), pattern) for folder, pattern in map(_parted, paths)]
    for folder, pattern in roots:
        for entry in _below(folder, pattern, above):
            entries.setdefault(entry.at, entry)
    excluded = {_identity(path) for path in but if path.exists()}
    folders = [folder for folder, _ in roots]
    there = [e for e in entries.values() if e.same not in excluded and not _is_within(e, folders)]
    files, again = _once([entry for entry in there if not entry.why and is_known(entry.at)])
    return Listing(
        files,
        tuple(sorted(entry.source for entry in there if not entry.why and not is_known(entry.at))),
        tuple(Fault(entry.source, entry.why, mend=entry.mend) for entry in there if entry.why),
        again,
    )


def files_in(paths: Sequence[Path], root: Path) -> list[tuple[Path, str]]:
    """Every file to read with its source name, each once (see ``listed``)."""
    return list(listed(paths, root).files)


def documents_in(paths: Sequence[Path]) -> list[Path]:
    """The files that reading ``paths`` would read."""
    return [file for file, _ in files_in(paths, Path())]


def leads_somewhere(path: Path) -> bool:
    """Is there such a file or folder, or a folder to look for this glob in?"""
    path = on_disk(path)
    return path.exists() or (_MAGIC.search(str(path)) is not None and _parted(path)[0].is_dir())


def kinds() -> str:
    """The suffixes of every known format, to be read by people."""
    return ", ".join(FORMATS)


def composed(name: str) -> str:
    """A name or pattern with each accent on its letter (NFC), by which names are compared."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def on_disk(path: Path) -> Path:
    """The path with the letters as the disk has them, where only their Unicode form differs."""
    if str(path).isascii() or path.exists():
        return path
    actual = Path(path.anchor)
    for part in path.parts[len(actual.parts) :]:
        at = actual / part
        if not os.path.lexists(at):
            with contextlib.suppress(OSError):
                at = next((actual / n for n in os.listdir(actual) if composed(n) == composed(part)), at)
        actual = at
    return actual


def _fault(path: Path) -> Fault | None:
    there = on_disk(path)
    if there.exists() and not there.is_dir() and not is_known(there.resolve()):
        return Fault(str(path), f'format "{path.suffix}"', kinds())
    if not leads_somewhere(path):
        return Fault(str(path), "no such file or folder")
    if not there.exists():
        folder, pattern = _parted(path)
        if not any(not entry.why and is_known(entry.at) for entry in _below(folder, pattern, folder)):
            return Fault(str(path), "no file of a known format matches", kinds())
    return None


def _parted(path: Path) -> tuple[Path, str]:
    """A glob as the folder it starts in and its pattern; anything else with an empty pattern. What is there is no glob."""
    path = on_disk(path)
    if path.exists():
        return path, ""
    parts = path.parts
    at = next((n for n, p in enumerate(parts) if _MAGIC.search(p) and not Path(*parts[: n + 1]).exists()), None)
    return (path, "") if at is None else (Path(*parts[:at]), "/".join(parts[at:]))


def _wanted(folder: Path, pattern: str) -> _Wanted:
    """Whether a path relative to ``folder`` is to be read."""
    ignored = _ignored(folder)
    if not pattern:
        return lambda name: not ignored(composed(name))
    from pathspec import GitIgnoreSpec

    glob = GitIgnoreSpec.from_lines([f"/{composed(pattern)}"])
    return lambda name: glob.match_file(composed(name)) and not ignored(composed(name))


def _ignored(folder: Path) -> _Wanted:
    file = folder / IGNORE
    if not file.is_file():
        return lambda _: False
    from pathspec import GitIgnoreSpec

    from corpus.documents.encodings import lines

    try:
        rules = [composed(line.rstrip()) for line in lines(file)]
        patterns = GitIgnoreSpec.from_lines(rules)
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read ({error})", mend="correct or remove it") from error
    names = {line.removeprefix("/") for line in rules if "[" in line}  # plain file names with a bracket: ``a [1].md``
    return lambda name: patterns.match_file(name) or name in names or name.rpartition("/")[2] in names


def _below(start: Path, pattern: str, root: Path) -> Iterator[_Entry]:
    """Everything at a path by name, without what is hidden or not wanted."""
    if not start.is_dir():
        yield _entry(start, _source(start, start.parent, root))
        return
    wanted = _wanted(start, pattern)
    refused: list[str] = []
    entries_met: list[tuple[Path, str]] = []
    for here, folders, names in os.walk(start, onerror=lambda error: refused.append(error.filename)):
        folders[:] = [name for name in folders if not _HIDDEN.match(name)]
        entries_met += [(Path(here, n), "/") for n in folders if os.path.islink(os.path.join(here, n))]
        entries_met += [(Path(here, n), "") for n in names if not _HIDDEN.match(n)]
    for at, end in sorted(entries_met):
        if wanted(f"{at.relative_to(start).as_posix()}{end}"):
            yield _entry(at, _source(at, start.parent, root))
    for at in map(Path, sorted(refused)):
        if not _ignored(start)(f"{composed(at.relative_to(start).as_posix())}/"):
            yield _Entry(at, _source(at, start.parent, root), at, "cannot be read (the folder cannot be listed)")


def _entry(at: Path, source: str) -> _Entry:
    try:
        status = at.stat()
    except OSError:
        return _Entry(at, source, at, "cannot be read (a link that leads nowhere)")
    same = _identity(at, status)
    if stat.S_ISDIR(status.st_mode):
        why = "cannot be read (a link to a folder elsewhere, which is not followed)"
        mend = f"name that folder: groundtune index add PATH; or name the link in {IGNORE}"
        return _Entry(at, source, same, why, mend)
    return _Entry(at, source, same, "" if stat.S_ISREG(status.st_mode) else "cannot be read (it is no regular file)")


def _identity(at: Path, status: os.stat_result | None = None) -> object:
    status = status or at.stat()
    return (status.st_dev, status.st_ino) if status.st_ino else at


def _is_within(entry: _Entry, folders: Sequence[Path]) -> bool:
    """Is it a link to a folder that is listed anyway?"""
    if not entry.why or entry.at == entry.same or not entry.at.is_dir():
        return False
    return any(entry.at.resolve().is_relative_to(f) for f in folders)


def _once(entries: Sequence[_Entry]) -> tuple[tuple[tuple[Path, str], ...], dict[str, str]]:
    """Each file by its own name, else by the first of its names; and the further names."""
    names: dict[object, list[_Entry]] = {}
    for entry in entries:
        names.setdefault(entry.same, []).append(entry)
    firsts = [many[0] if len(many) == 1 else min(many, key=lambda s: s.at.is_symlink()) for many in names.values()]
    count = Counter(first.source for first in firsts)
    sources = {f.same: f.source if count[f.source] == 1 else readable(f.at.as_posix()) for f in firsts}
    again = {e.source: sources[same] for same, many in names.items() for e in many if e.source != sources[same]}
    return tuple((first.at, sources[first.same]) for first in firsts), again


def _source(file: Path, beside: Path, root: Path) -> str:
    return readable(file.relative_to(root if file.is_relative_to(root) else beside).as_posix())


def readable(name: str) -> str:
    """A file's name as text: bytes in it that are none are written out, as ``\\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
