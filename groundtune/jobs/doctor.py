"""Is this machine ready? One check a line, each ok or with its mend. Changes nothing."""

from __future__ import annotations

import importlib.metadata
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lm.models.catalogue import cache_folder, catalogue, is_pulled

_GIB = 2**30
_SQLITE = (3, 35)
_MEMORY_GIB = 4.0


@dataclass(frozen=True)
class Check:
    """One line of the report."""

    name: str
    ok: bool
    found: str
    mend: str = ""


def checks(project: Path) -> Iterator[Check]:
    """Every check, in the order of what builds on what."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("Python", sys.version_info >= (3, 11), version, "install Python 3.11 or newer")
    yield Check("SQLite", sqlite3.sqlite_version_info >= _SQLITE, sqlite3.sqlite_version, "Chroma needs 3.35 or newer")
    yield _memory()
    yield Check("cores", True, f"{_cores()} usable")
    for package in ("openvino-genai", "torch", "transformers", "peft", "chromadb", "sentence-transformers"):
        yield _installed(package)
    cache = cache_folder()
    for model in catalogue():
        pulled = is_pulled(model.name, cache)
        mend = f"groundtune models pull {model.name}"
        yield Check(f"model {model.name}", pulled, "ready" if pulled else "not pulled", mend)
    yield _writable("model cache", cache)
    yield _writable("project folder", project)


def _memory() -> Check:
    import psutil

    free = psutil.virtual_memory().available / _GIB
    return Check("memory", free >= _MEMORY_GIB, f"{free:.1f} GiB free", "training needs about 5 GiB: close programs")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _installed(package: str) -> Check:
    try:
        return Check(package, True, importlib.metadata.version(package))
    except importlib.metadata.PackageNotFoundError:
        return Check(package, False, "not installed", "make setup")


def _writable(name: str, folder: Path) -> Check:
    there = folder
    while not there.exists():
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there):
            return Check(name, True, f"{folder} is writable")
    except OSError as error:
        return Check(name, False, f"{folder}: {error.strerror}", "change its owner, or choose another folder")
