"""Keeping things on disk so that each is either complete or absent."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from corpus.errors import BusyError, ProjectError, ResourceError
from corpus.machine_errors import is_full_disk

MANIFEST = "manifest.json"
"""Written last into a folder: its presence means that the folder is complete."""


def write_text(path: Path, text: str) -> None:
    """Write a file whole: beside, fsync, rename. Raises ``ResourceError`` where the disk is full."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise full_disk(error, path) from error


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file whole (see ``write_text``)."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file that groundtune wrote. Raises ``ProjectError`` where it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path}: damaged ({error})", mend="delete it and run the same command again") from error


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` durable (a no-op where the system has no such call)."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Fill a folder beside ``target`` and rename it into place at the end; on any error nothing is left.

    The caller writes ``MANIFEST`` last and is the folder's only writer (``sole_writer``): what killed writers left of
    ``target`` is removed. An existing ``target`` is replaced.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for remnant in target.parent.glob(f".{target.name}.*"):
        shutil.rmtree(remnant, ignore_errors=True)
    beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        yield beside
        for file in beside.rglob("*"):
            if file.is_file():
                with open(file, "rb") as stream:
                    os.fsync(stream.fileno())
        if target.exists():
            old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.old."))
            os.replace(target, old / target.name)
            os.replace(beside, target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.replace(beside, target)
        sync_folder(target.parent)
    except OSError as error:
        raise full_disk(error, target) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def is_complete(folder: Path) -> bool:
    """Does the folder hold a manifest?"""
    return (folder / MANIFEST).is_file()


@contextlib.contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Hold ``folder`` as its one writer; the system releases it at exit, however the process ends.

    Raises ``BusyError`` naming the process that holds it. Another thread of this process is another writer.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / ".lock"
    try:
        lock = FileLock(file, thread_local=False, on_acquired=_sign).acquire(blocking=False)
    except Timeout as error:
        raise BusyError(
            f"{folder}: process {_signed(file)} is writing here",
            mend="wait for it to end, or stop it, then try again",
        ) from error
    with lock:
        yield


def _sign(lock: int) -> None:
    """Write the holder into the lock file, behind its first byte: on Windows only the holder can read that byte."""
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:120]
    os.ftruncate(lock, 0)
    signed = f" {os.getpid()} ({command}), since {datetime.now():%Y-%m-%d %H:%M:%S},"
    os.write(lock, signed.encode("utf-8", "backslashreplace"))


def _signed(lock: Path) -> str:
    with lock.open("rb") as file:
        file.seek(1)
        return file.read().decode("utf-8", "backslashreplace").strip() or "unknown"


def full_disk(error: OSError, path: Path) -> Exception:
    """The error to raise for ``error``: a plain message for a full disk, any other error unchanged."""
    if is_full_disk(error):
        mend = "free some space and run the same command again"
        return ResourceError(f"{path}: the disk is full; nothing was changed", mend=mend)
    return error
