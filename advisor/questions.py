"""The questionnaire as data. Knows nothing of how it is asked or what follows from it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).with_name("tables")
UNKNOWN = "unknown"
_WORDS = {"yes_no": ("yes", "no", UNKNOWN), "quality": ("high", "mixed", "low", UNKNOWN)}


@dataclass(frozen=True)
class Question:
    """One question. ``choices`` is empty for numbers, which lie between 0 and ``high``."""

    key: str
    text: str
    why: str
    kind: str
    unit: str = ""
    default: float | None = None
    high: float = 0

    @property
    def choices(self) -> tuple[str, ...]:
        return _WORDS.get(self.kind, ())

    @property
    def wanted(self) -> str:
        """What a usable answer looks like."""
        if self.choices:
            return ", ".join(self.choices)
        whole = "a whole number" if self.kind == "count" else "a number"
        return f"{whole} from 0 to {self.high:,.0f} ({self.unit}), or {UNKNOWN}"

    def parse(self, value: Any) -> Any:
        """The answer in its own type; ``"unknown"`` where it is not known. Raises ``ValueError`` where unusable."""
        if value is None or (isinstance(value, str) and value.strip().lower() in (UNKNOWN, "")):
            return UNKNOWN
        if self.choices:
            word = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else str(value).lower()
            if word not in self.choices:
                raise ValueError
            return word
        if isinstance(value, bool):
            raise ValueError
        number = float(value)
        if not 0 <= number <= self.high or (self.kind == "count" and number != int(number)):
            raise ValueError
        return int(number) if self.kind == "count" else number


@cache
def questions() -> tuple[Question, ...]:
    """Every question, in the order of asking."""
    rows = tomllib.loads((TABLES / "questions.toml").read_text(encoding="utf-8"))["question"]
    return tuple(Question(**row) for row in rows)
