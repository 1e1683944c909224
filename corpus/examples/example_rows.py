"""What a row of an examples file is, whatever the file, and what it is not taken for."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from corpus.errors import Fault

_MISSING = frozenset({"nan", "<na>", "#n/a"})
"""How tables write that a cell has no value."""
_SHOWN = 60


@dataclass(frozen=True)
class Row:
    """One entry of a file: its value as JSON has it, numbers as they are written, and where it stands."""

    value: object
    number: int
    """Which entry of the file, from 1."""
    line: int | None = None
    """The line it begins on; None where entries have no lines of their own."""
    cells: bool = False
    """Is it of a table whose cells are all text? Lists are then text too."""

    def where(self, name: str) -> str:
        """``examples.csv, line 7``, or ``examples.json, entry 7``."""
        return f"{name}, line {self.line}" if self.line else f"{name}, entry {self.number}"

    @property
    def place(self) -> int:
        """The number for an id where it states none."""
        return self.line or self.number


class Repeating(dict[str, object]):
    """A JSON object that names a key twice: which of the two is meant is not known."""

    key = ""


class Unusable(Exception):
    """A row that cannot be an example and has to be mended. ``field``: where in it."""

    def __init__(self, found: str, wanted: str = "", mend: str = "", *, field: str = "") -> None:
        super().__init__(found)
        self.found, self.wanted, self.mend, self.field = found, wanted, mend, field

    def fault(self, where: str) -> Fault:
        """The same as a record."""
        return Fault(f'{where}, field "{self.field}"' if self.field else where, self.found, self.wanted, self.mend)


class Passed(Exception):
    """A row that is in order and holds no example to learn; its text says why."""


def present(fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The fields that hold a value: NaN is none."""
    return ((name, value) for name, value in fields.items() if not is_missing(value))


def is_missing(value: object) -> bool:
    """Is it how a table writes that there is no value? None is not: it is written on purpose."""
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, str) and value.strip().lower() in _MISSING


def shown(value: object) -> str:
    """A value as a message shows it: what it is, not all of it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"}"' if value.strip() else "empty"
    if isinstance(value, dict):
        return f"an object with {', '.join(field_names(value)) or 'no fields'}"
    return "a list" if isinstance(value, list) else "no value (NaN)"


def field_names(fields: Mapping[str, object]) -> list[str]:
    """The first field names, quoted."""
    names = [f'"{name[:_SHOWN]}"' for name in list(fields)[:8]]
    return names + ["…"] * (len(fields) > 8)


def text_of(value: object, field: str, wanted: str = "text") -> str:
    """The text without space around it. Raises ``Unusable`` for what is no text or says nothing."""
    if not isinstance(value, str) or not value.strip() or is_missing(value):
        raise Unusable("no value (NaN)" if is_missing(value) else shown(value), wanted, field=field)
    if re.search("[\ud800-\udfff]", value):
        raise Unusable("half of a character (a lone surrogate)", "text", "write the character whole", field=field)
    return value.strip()
