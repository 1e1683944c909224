"""The questionnaire as data: terminal, answers file and web form ask the same."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from advisor.table_files import read_table

Answer = str | int | float
"""One answer: a word, a count or a number; ``UNKNOWN`` where there is none."""
UNKNOWN = "unknown"
_WORDS = {"yes_no": ("yes", "no"), "quality": ("high", "mixed", "low")}
_THOUSANDS = re.compile("[-+]?\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|[-+]?\\d{1,3}(?:[ \u00a0\u202f']\\d{3})+(?:\\.\\d+)?")
_OPERATORS = {"==": operator.eq, "<": operator.lt, ">": operator.gt}


@dataclass(frozen=True)
class Question:
    """One question. ``choices`` is empty for numbers, which lie between ``low`` and ``high``, both included."""

    key: str
    part: str
    text: str
    why: str
    sensible: str
    kind: str
    unit: str = ""
    default: Answer | None = None
    low: float = 0
    high: float = 0
    choices: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        """What a usable answer looks like."""
        if self.choices:
            return ", ".join((*self.choices, UNKNOWN))
        whole = "a whole number" if self.kind == "count" else "a number"
        return f"{whole} from {self.low:,g} to {self.high:,.0f} ({self.unit}), or {UNKNOWN}"

    def parse(self, value: Any) -> Answer:
        """The answer in its own type; ``"unknown"`` where it is not known. Raises ``ValueError`` where unusable."""
        if value is None or (isinstance(value, str) and value.strip().lower() in (UNKNOWN, "")):
            return UNKNOWN
        if self.choices:
            word = _word(value)
            if word not in self.choices:
                raise ValueError
            return word
        if isinstance(value, bool):
            raise ValueError
        number = _number(value, self.unit) if isinstance(value, str) else float(value)
        if not self.low <= number <= self.high or (self.kind == "count" and number != int(number)):
            raise ValueError
        return int(number) if self.kind == "count" else number


def _word(value: object) -> str:
    """A choice as it is kept; yes and no also as a file of settings or a sheet writes them."""
    word = str(value).strip().lower()
    return {"true": "yes", "y": "yes", "false": "no", "n": "no"}.get(word, word)


def _number(text: str, unit: str) -> float:
    """A number as people and spreadsheets write it: ``1,105``, ``30 %``, ``$5,000``. Raises ``ValueError`` for any other.

    A comma or a space parts thousands and nothing else; a sign behind or before the number is the question's own unit.
    """
    signs = {"%": "%", "USD": "$"}.get(unit.split()[0], "") if unit else ""
    bare = text.strip().removesuffix(unit).strip().strip(signs or None).strip()
    if _THOUSANDS.fullmatch(bare):
        bare = re.sub("[^\\d.+-]", "", bare)
    return float(bare)


@dataclass(frozen=True)
class Preset:
    """Answers to start from: one of the documents' industries or skip cases."""

    name: str
    title: str
    source: str
    answers: Mapping[str, Answer]


@cache
def questions() -> tuple[Question, ...]:
    """Every question, in the order of asking."""
    rows = read_table("questions")["question"]
    return tuple(Question(**row | {"choices": tuple(row.get("choices", _WORDS.get(row["kind"], ())))}) for row in rows)


@cache
def presets() -> tuple[Preset, ...]:
    """The documents' four industries and five skip cases."""
    return tuple(Preset(**row) for row in read_table("presets")["preset"])


def conflicts(values: Mapping[str, Answer]) -> list[dict[str, str]]:
    """Answers that cannot both be true: which (``keys``), ``because`` and ``mend``."""
    contradictions = []
    for entry in read_table("questions")["conflict"]:
        if all(_true(values.get(key, UNKNOWN), sign, wanted) for key, sign, wanted in entry["when"]):
            keys = " and ".join(f'"{key}"' for key, _, _ in entry["when"])
            contradictions.append({"keys": keys, "because": entry["because"], "mend": entry["mend"]})
    return contradictions


def _true(value: Answer, sign: str, wanted: Answer) -> bool:
    if value == UNKNOWN and wanted != UNKNOWN:
        return False
    return bool(_OPERATORS[sign](value, wanted))
