"""The answers to the questionnaire: read, checked, completed with "unknown". Knows nothing of the decision."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from advisor.questions import UNKNOWN, questions
from corpus.errors import Fault, InputError


@dataclass(frozen=True)
class Answers:
    """One checked answer for every question; ``"unknown"`` where there is none."""

    values: tuple[tuple[str, Any], ...]

    @classmethod
    def of(cls, given: dict[str, Any], where: str = "answers") -> Answers:
        """Check ``given``. Raises ``InputError`` naming every key that is unknown and every value out of range."""
        known = {q.key: q for q in questions()}
        faults, parsed = [], {}
        for key, value in given.items():
            if key not in known:
                near = get_close_matches(str(key), known, n=1)
                mend = f'write "{near[0]}"' if near else f"use one of {', '.join(known)}"
                faults.append(Fault(f'{where}, key "{key}"', "no such question", mend=mend))
                continue
            try:
                parsed[key] = known[key].parse(value)
            except (ValueError, TypeError):
                faults.append(Fault(f'{where}, key "{key}"', f"{value!r}", known[key].wanted))
        if faults:
            raise InputError(f"{where}: {len(faults)} of the answers cannot be used", faults)
        return cls(tuple((key, parsed.get(key, UNKNOWN)) for key in known))

    def __getitem__(self, key: str) -> Any:
        return dict(self.values)[key]

    def number(self, key: str) -> float | None:
        """The number answered, or None where it is not known."""
        value = self[key]
        return None if value == UNKNOWN else float(value)

    def changed(self, key: str, value: Any) -> Answers:
        """The same answers with one other value."""
        return Answers.of(dict(self.values) | {key: value})

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(key for key, value in self.values if value == UNKNOWN)


def read_answers(path: Path) -> Answers:
    """Answers from a YAML or JSON file. Raises ``InputError`` with key, line and mend."""
    if not path.is_file():
        raise InputError(f"{path}: no such file", mend="name a YAML or JSON file with the answers")
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        given = json.loads(text) if path.suffix == ".json" else _yaml(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{path.name}, line {error.lineno}: not JSON ({error.msg})") from error
    except ValueError as error:
        raise InputError(f"{path.name}, {error}", mend='write "key: value" on each line') from error
    if not isinstance(given, dict):
        raise InputError(f"{path.name}: {type(given).__name__}; wanted keys and values")
    return Answers.of(given, path.name)


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else "unknown line"
        raise ValueError(f"{line}: not YAML ({getattr(error, 'problem', None) or 'malformed'})") from error
