"""The kinds of personal data and secrets, as ``tables/personal_data.toml`` lists them. Looks at no text."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypedDict, cast

_TABLE = Path(__file__).parent / "tables" / "personal_data.toml"


Issuer = TypedDict("Issuer", {"name": str, "from": str, "to": str, "lengths": list[int]})
"""An issuer of payment cards: its first digits, from and to, and how many digits its numbers have."""


class Phone(TypedDict):
    """Where phone numbers without a country code are recognised."""

    regions: list[str]


class Table(TypedDict):
    """``tables/personal_data.toml`` as it is parsed."""

    veto: dict[str, list[str]]
    phone: Phone
    iban: dict[str, int]
    issuer: list[Issuer]
    kind: list[dict[str, Any]]
    """The fields of ``Kind``, which checks their names."""


@dataclass(frozen=True)
class Pattern:
    """One form in which a kind is written; the group ``value``, if there is one, is the thing itself."""

    regex: re.Pattern[str]
    needs: tuple[str, ...] = ()
    """A text that, case folded, has none of these in it holds none."""
    check: str = ""
    """Name in ``corpus.privacy.checksums.CHECKS``; empty: the form says enough."""
    in_context: bool = False
    """Only near one of the kind's context words."""
    veto: str = ""
    """Not right behind one of these words (a list of the table) unless a context word is nearer."""


@dataclass(frozen=True)
class Kind:
    """What is looked for, how sure it is, and what laws call it."""

    name: str
    title: str
    placeholder: str
    group: str
    """``secret``, ``proven`` (a check digit proves it), ``contact`` or ``context`` (told by words around it)."""
    gdpr: str
    """``ordinary`` or ``special`` (Art. 9) personal data, or ``none``."""
    hipaa: str
    """Which of the Safe Harbor identifiers it is, 45 CFR 164.514(b)(2)(i)(A) to (R); empty for none."""
    patterns: tuple[Pattern, ...]
    context: re.Pattern[str] | None = None
    before: int = 50
    """How many characters before it a context word may stand."""
    after: int = 16

    @property
    def long_number(self) -> bool:
        """Does every form of it hold at least five digits near one another?"""
        return self.group == "proven" or self.name == "phone"

    @property
    def masked_by_default(self) -> bool:
        """Is it certain and harmful enough to be masked unless a policy keeps it?"""
        return self.group in ("secret", "proven")


@cache
def table() -> Table:
    """The table as it stands."""
    return cast("Table", tomllib.loads(_TABLE.read_text(encoding="utf-8")))


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its name, the surer ones first."""
    return {row["name"]: _kind(row) for row in table()["kind"]}


@cache
def vetoes() -> dict[str, re.Pattern[str]]:
    """The lists of words that say that a number behind them is something else."""
    return {name: _words(row) for name, row in table()["veto"].items()}


def _kind(row: dict[str, Any]) -> Kind:
    flags = {"i": re.IGNORECASE, "": 0}
    patterns = tuple(
        Pattern(re.compile(p.pop("regex"), flags[p.pop("flags", "")]), tuple(p.pop("needs", ())), **p)
        for p in map(dict, row["pattern"])
    )
    context = _words(row["context"]) if "context" in row else None
    rest = {k: v for k, v in row.items() if k not in ("pattern", "context")}
    return Kind(patterns=patterns, context=context, **rest)


def _words(words: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(words)})(?![^\W_])", re.IGNORECASE)
