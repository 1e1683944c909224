"""The starters: adapters that read short answers from sentences, shipped for models known by name.

Each was taught on public questions, named in its ``manifest.json`` (``python -m benchmarks.data.starter``).
"""

from __future__ import annotations

from pathlib import Path

from corpus.atomic_files import MANIFEST, is_complete, read_json
from lm.models.weights import weights_id

FEW = 600
"""With fewer examples a fine-tune begins from the starter: with more it learns to read from these alone."""
_STARTERS = Path(__file__).with_name("starters")


def starter_of(generator: str, model: Path) -> Path | None:
    """The starter of the model with this name in the settings, whose weights lie in ``model``; None where there is none."""
    folder = _STARTERS / generator
    if not is_complete(folder) or read_json(folder / MANIFEST)["weights"] != weights_id(model):
        return None
    return folder


def starter_id(starter: Path) -> str:
    """Tells one starter from another."""
    return weights_id(starter)
