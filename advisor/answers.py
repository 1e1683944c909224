"""The answers to the questionnaire: read, checked, completed with "unknown"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from advisor.questions import UNKNOWN, Answer, conflicts, presets, questions
from corpus.errors import Fault, InputError
from corpus.yaml_files import read_keyed


@dataclass(frozen=True)
class Answers:
    """One checked answer for every question; ``"unknown"`` where there is none."""

    values: tuple[tuple[str, Answer], ...]

    @classmethod
    def of(cls, given: Mapping[str, object], where: str = "answers") -> Answers:
        """Check ``given``.

        Raises ``InputError`` naming every unknown key, every value out of range and all answers that contradict.
        """
        known = {q.key: q for q in questions()}
        faults: list[Fault] = []
        parsed: dict[str, Answer] = {}
        for key, value in given.items():
            if key not in known:
                near = get_close_matches(str(key), known, n=1)
                mend = f'write "{near[0]}"' if near else f"use one of {', '.join(known)}"
                faults.append(Fault(f'{where}, key "{key}"', "no such question", mend=mend))
                continue
            try:
                parsed[key] = known[key].parse(value)
            except (ValueError, TypeError, OverflowError):
                mend = f"{known[key].sensible}; or {UNKNOWN}"
                faults.append(Fault(f'{where}, key "{key}"', f"{value!r}", known[key].wanted, mend))
        faults += [Fault(f"{where}, {c['keys']}", c["because"], mend=c["mend"]) for c in conflicts(parsed)]
        if faults:
            raise InputError(f"{where}: {len(faults)} of the answers cannot be used", faults)
        return cls(tuple((key, parsed.get(key, UNKNOWN)) for key in known))

    @cached_property
    def by_key(self) -> dict[str, Answer]:
        return dict(self.values)

    def __getitem__(self, key: str) -> Answer:
        return self.by_key[key]

    def number(self, key: str) -> float | None:
        """The number answered, or None where it is not known."""
        value = self[key]
        return None if value == UNKNOWN else float(value)

    def figure(self, key: str) -> float:
        """The number answered, or the question's default."""
        value = self.number(key)
        return float(_default(key)) if value is None else value

    def choice(self, key: str) -> str:
        """The choice made, or the question's default."""
        return str(_default(key) if self[key] == UNKNOWN else self[key])

    def changed(self, key: str, value: object) -> Answers:
        """The same answers with one other value."""
        return Answers.of(self.by_key | {key: value})

    @property
    def known(self) -> dict[str, Answer]:
        return {key: value for key, value in self.values if value != UNKNOWN}

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(key for key, value in self.values if value == UNKNOWN)


def preset_answers(name: str) -> dict[str, Answer]:
    """The answers of a preset. Raises ``InputError`` naming those there are."""
    known = {p.name: p for p in presets()}
    if name not in known:
        near = get_close_matches(name, known, n=1)
        raise InputError(
            f'no preset "{name}"' + (f'; did you mean "{near[0]}"?' if near else ""),
            mend=f"use one of {', '.join(known)}",
        )
    return dict(known[name].answers)


def given_in(path: Path) -> dict[str, object]:
    """The keys and values of a YAML or JSON file, unchecked. Raises ``InputError`` with line and mend."""
    if not path.is_file():
        raise InputError(f"{path}: no such file", mend="name a YAML or JSON file with the answers")
    return read_keyed(path)


def given_as(settings: Sequence[str]) -> dict[str, str]:
    """``KEY=VALUE`` texts as a mapping. Raises ``InputError`` naming every one that is not."""
    faults = [
        Fault(f"--set {s}", "no equals sign", "KEY=VALUE", "--set examples=500") for s in settings if "=" not in s
    ]
    if faults:
        raise InputError("--set cannot be used", faults)
    return {key.strip(): value.strip() for key, _, value in (s.partition("=") for s in settings)}


def read_answers(path: Path) -> Answers:
    """Checked answers from a YAML or JSON file. Raises ``InputError`` with key, line and mend."""
    return Answers.of(given_in(path), path.name)


def _default(key: str) -> Answer:
    question = next(q for q in questions() if q.key == key)
    return 0 if question.default is None else question.default
