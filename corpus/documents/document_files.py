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


class _Seen(NamedTuple):
    """A file as it was met, or what cannot be one."""

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
    seen: dict[Path, _Seen] = {}
    above = root.resolve()
    named = [(folder.resolve(), pattern) for folder, pattern in map(_parted, paths)]
    for folder, pattern in named:
        for one in _below(folder, pattern, above):
            seen.setdefault(one.at, one)
    passed = {_identity(path) for path in but if path.exists()}
    there = [one for one in seen.values() if one.same not in passed and not _is_within(one, [f for f, _ in named])]
    files, again = _once([one for one in there if not one.why and is_known(one.at)])
    return Listing(
        files,
        tuple(sorted(one.source for one in there if not one.why and not is_known(one.at))),
        tuple(Fault(one.source, one.why, mend=one.mend) for one in there if one.why),
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
    """The path in the letters that stand on the disk, where only their form differs; else as it is."""
    if str(path).isascii() or path.exists():
        return path
    made = Path(path.anchor)
    for part in path.parts[len(made.parts) :]:
        at = made / part
        if not os.path.lexists(at):
            with contextlib.suppress(OSError):
                at = next((made / n for n in os.listdir(made) if composed(n) == composed(part)), at)
        made = at
    return made


def _fault(path: Path) -> Fault | None:
    there = on_disk(path)
    if there.exists() and not there.is_dir() and not is_known(there.resolve()):
        return Fault(str(path), f'format "{path.suffix}"', kinds())
    if not leads_somewhere(path):
        return Fault(str(path), "no such file or folder")
    if not there.exists():
        named, pattern = _parted(path)
        if not any(not one.why and is_known(one.at) for one in _below(named, pattern, named)):
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
    """Tells of a path relative to ``folder`` whether it is to be read."""
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
        given = [composed(line.rstrip()) for line in lines(file)]
        patterns = GitIgnoreSpec.from_lines(given)
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read ({error})", mend="correct or remove it") from error
    names = {line.removeprefix("/") for line in given if "[" in line}  # of a file as it is printed: ``a [1].md``
    return lambda name: patterns.match_file(name) or name in names or name.rpartition("/")[2] in names


def _below(named: Path, pattern: str, root: Path) -> Iterator[_Seen]:
    """Everything at a path, in the order of names, but what is hidden or not wanted."""
    if not named.is_dir():
        yield _seen(named, _source(named, named.parent, root))
        return
    wanted = _wanted(named, pattern)
    refused: list[str] = []
    met: list[tuple[Path, str]] = []
    for here, folders, names in os.walk(named, onerror=lambda error: refused.append(error.filename)):
        folders[:] = [name for name in folders if not _HIDDEN.match(name)]
        met += [(Path(here, n), "/") for n in folders if os.path.islink(os.path.join(here, n))]
        met += [(Path(here, n), "") for n in names if not _HIDDEN.match(n)]
    for at, end in sorted(met):
        if wanted(f"{at.relative_to(named).as_posix()}{end}"):
            yield _seen(at, _source(at, named.parent, root))
    for at in map(Path, sorted(refused)):
        if not _ignored(named)(f"{composed(at.relative_to(named).as_posix())}/"):
            yield _Seen(at, _source(at, named.parent, root), at, "cannot be read (the folder cannot be listed)")


def _seen(at: Path, source: str) -> _Seen:
    try:
        known = at.stat()
    except OSError:
        return _Seen(at, source, at, "cannot be read (a link that leads nowhere)")
    same = _identity(at, known)
    if stat.S_ISDIR(known.st_mode):
        why = "cannot be read (a link to a folder elsewhere, which is not followed)"
        return _Seen(
            at, source, same, why, f"name that folder: groundtune index add PATH; or name the link in {IGNORE}"
        )
    return _Seen(at, source, same, "" if stat.S_ISREG(known.st_mode) else "cannot be read (it is no regular file)")


def _identity(at: Path, known: os.stat_result | None = None) -> object:
    known = known or at.stat()
    return (known.st_dev, known.st_ino) if known.st_ino else at


def _is_within(one: _Seen, folders: Sequence[Path]) -> bool:
    """Is it a link to a folder that is looked through anyway?"""
    if not one.why or one.at == one.same or not one.at.is_dir():
        return False
    return any(one.at.resolve().is_relative_to(f) for f in folders)


def _once(seen: Sequence[_Seen]) -> tuple[tuple[tuple[Path, str], ...], dict[str, str]]:
    """Each file by its own name, else by the first of its names; and the further names."""
    names: dict[object, list[_Seen]] = {}
    for one in seen:
        names.setdefault(one.same, []).append(one)
    firsts = [many[0] if len(many) == 1 else min(many, key=lambda s: s.at.is_symlink()) for many in names.values()]
    taken = Counter(first.source for first in firsts)
    found = {f.same: f.source if taken[f.source] == 1 else readable(f.at.as_posix()) for f in firsts}
    again = {one.source: found[same] for same, many in names.items() for one in many if one.source != found[same]}
    return tuple((first.at, found[first.same]) for first in firsts), again


def _source(file: Path, beside: Path, root: Path) -> str:
    return readable(file.relative_to(root if file.is_relative_to(root) else beside).as_posix())


def readable(name: str) -> str:
    """A file's name as text: bytes in it that are none are written out, as ``\\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
