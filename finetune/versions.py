"""The versions of an adapter: ``adapters/0001``, ``0002``, … and which one is in use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.atomic_files import MANIFEST, is_complete, read_json, write_text
from corpus.errors import ProjectError

_CURRENT = "current"
SELECTOR = "selector"
"""The folder within an adapter's that holds the adapter which chooses sentences, if one was learned."""
TEACHING = 8
"""Raised where lessons or prompts are made differently: adapters taught otherwise are then trained anew."""


@dataclass(frozen=True)
class LearnedSelector:
    """An adapter that tells which sentence answers a question, and how much the prior counts beside it."""

    folder: Path
    prior_weight: float


def list_versions(folder: Path) -> tuple[str, ...]:
    """The complete versions, oldest first."""
    entries = folder.iterdir() if folder.is_dir() else ()
    return tuple(sorted(f.name for f in entries if f.name.isdigit() and is_complete(f)))


def next_version(folder: Path) -> str:
    """The number after the newest version: ``0001`` at first."""
    return f"{int(max(list_versions(folder), default='0')) + 1:04d}"


def current(folder: Path) -> Path | None:
    """The adapter in use, or None."""
    pointer = folder / _CURRENT
    if not pointer.is_file():
        return None
    chosen = folder / pointer.read_text(encoding="utf-8").strip()
    return chosen if is_complete(chosen) else None


def set_current(folder: Path, version: str) -> None:
    """Use ``version`` from now on. Raises ``ProjectError`` where it is not there."""
    if version not in list_versions(folder):
        there = ", ".join(list_versions(folder)) or "none"
        raise ProjectError(f"{folder}: no complete adapter version {version}; there are: {there}")
    write_text(folder / _CURRENT, version + "\n")


def manifest(adapter: Path) -> dict[str, Any]:
    """What an adapter was made from and how it came out."""
    record: dict[str, Any] = read_json(adapter / MANIFEST)
    return record


def taught_otherwise(adapter: Path) -> bool:
    """Was it taught with lessons or prompts that are made differently today? It answers, but not as well as it could."""
    return bool(manifest(adapter).get("teaching", 0) != TEACHING)


def reads_sentences(adapter: Path) -> bool:
    """Did it learn to read single sentences? One made before learned to read whole passages."""
    return bool(manifest(adapter).get("sentences"))


def selector_of(adapter: Path) -> LearnedSelector | None:
    """What was learned with the adapter of choosing sentences; None where too few examples told."""
    folder = adapter / SELECTOR
    return LearnedSelector(folder, float(manifest(folder)["prior_weight"])) if is_complete(folder) else None
