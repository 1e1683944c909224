"""What the machine lacks, told from the error it leads to: disk, memory, rights."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from corpus.errors import ResourceError

OF_THE_MACHINE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EROFS}
"""Error numbers that mean the machine is at fault, not the file."""
_FULL_DISK = ("disk is full", "no space left", "os error 28", "disk quota exceeded", "failed writing file")
"""How libraries word a full disk without an error number: SQLite, Chroma, safetensors, PyTorch."""
_READ_ONLY = ("readonly database", "read-only file system", "os error 30")
_MENDS = {
    errno.ENOSPC: ("the disk is full", "free some space and run the same command again"),
    errno.EDQUOT: ("the disk is full", "free some space and run the same command again"),
    errno.EFBIG: ("the file is larger than may be written here", "raise the limit: ulimit -f unlimited"),
    errno.EACCES: ("it may not be read or written", "change its rights, or its owner"),
    errno.EPERM: ("it may not be read or written", "change its rights, or its owner"),
    errno.EROFS: ("it lies on a disk that may only be read", "name a folder that may be written"),
    errno.ENOTDIR: ("a file stands where a folder is wanted", "remove or rename that file, or name another folder"),
    errno.EISDIR: ("a folder stands where a file is wanted", "name a file"),
    errno.EEXIST: ("something else of that name is there", "remove or rename it, or choose another name"),
    errno.ENAMETOOLONG: ("the name is too long for this disk", "choose a shorter one"),
    errno.ENOENT: ("no such file or folder", "check the name"),
    errno.EMFILE: ("too many files are open", "raise the limit: ulimit -n 4096"),
    errno.ENFILE: ("too many files are open on this machine", "end other programs"),
    errno.ENOMEM: ("the memory is full", "end other programs and run the same command again"),
}


_ANYWHERE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
"""Errors that count anywhere in a chain of causes; a missing file may have been handled before the real error."""


def lack(error: BaseException, path: Path | None = None) -> ResourceError | None:
    """The error to raise where the machine caused ``error``; None for any other error, perhaps a bug of ours.

    ``path``: what was being written, where neither the error nor what led to it names a file.
    """
    if isinstance(error, MemoryError):
        return _resource_error(errno.ENOMEM, "this process")
    causes = [cause for cause in causes_of(error) if isinstance(cause, OSError)]
    filename = next((c.filename for c in causes if c.filename), path or ".")
    place = os.fsdecode(filename) if isinstance(filename, bytes) else str(filename)
    message = str(error).lower()
    if any(words in message for words in _FULL_DISK):
        return _resource_error(errno.ENOSPC, place)
    if any(words in message for words in _READ_ONLY):
        return _resource_error(errno.EROFS, place)
    numbers = (c.errno for c in causes if c.errno in _ANYWHERE or (c is error and c.errno in _MENDS))
    return next((_resource_error(number, place) for number in numbers), None)


def is_full_disk(error: BaseException) -> bool:
    """Is a full disk behind the error?"""
    numbers = {cause.errno for cause in causes_of(error) if isinstance(cause, OSError)}
    return bool(numbers & {errno.ENOSPC, errno.EDQUOT}) or any(words in str(error).lower() for words in _FULL_DISK)


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it, the nearest first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _resource_error(number: int | None, place: str) -> ResourceError:
    shortage, mend = _MENDS[number or 0]
    return ResourceError(f"{place}: {shortage}", mend=mend)
