"""The routing rules as data: words, thresholds, reasons."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from corpus.atomic_files import read_json, write_json


@dataclass(frozen=True)
class Rules:
    """Thresholds are cosines, -1 to 1."""

    nothing_relevant: float
    """Below this best similarity, of passages and examples alike, nothing relevant is known: abstain.

    Not used where the arms with retrieval have learned themselves when to abstain.
    """
    near_example: float
    """From this similarity to a training question on, the adapter has learned the answer."""
    fresh_words: tuple[str, ...]
    reasons: dict[str, str]

    def save(self, path: Path) -> None:
        """Keep what was calibrated."""
        write_json(path, {"nothing_relevant": self.nothing_relevant})


@cache
def default_rules() -> Rules:
    """The rules of ``tables/rules.toml``."""
    table = tomllib.loads((Path(__file__).with_name("tables") / "rules.toml").read_text(encoding="utf-8"))
    return Rules(table["nothing_relevant"], table["near_example"], tuple(table["fresh_words"]), table["reasons"])


def load_rules(path: Path) -> Rules:
    """The rules with a project's calibrated threshold, where it has one."""
    return replace(default_rules(), **read_json(path)) if path.is_file() else default_rules()
