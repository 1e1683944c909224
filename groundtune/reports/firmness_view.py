"""How firmly a decision stands, in words: what terminal, Markdown and HTML draw. Computes no share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.decision_json import DecisionJson, PilotJson, PossibleJson, StretchJson


@dataclass(frozen=True)
class Worlds:
    """How often each approach wins around the answers."""

    draws: str
    shares: Mapping[str, float]

    @property
    def sentence(self) -> str:
        """Every share."""
        return f"In {self.draws} plausible worlds around the answers: {self.shares_text()}"

    def shares_text(self, least: float = 0) -> str:
        """The shares from ``least`` on."""
        return ", ".join(f"{name} {share:.0%}" for name, share in self.shares.items() if share >= least)


@dataclass(frozen=True)
class Open:
    """What the unknown answers leave open, and which of them to find out first."""

    approaches: str
    first: str
    outcomes: str
    """What each answer to ``first`` would leave."""

    @classmethod
    def of(cls, possible: PossibleJson) -> Open | None:
        """From JSON. None where nothing is open."""
        if not possible["decides"]:
            return None
        outcomes = "; ".join(f"{value} → {', '.join(names)}" for value, names in possible["outcomes"].items())
        return cls(", ".join(possible["approaches"]), possible["decides"], outcomes)

    @property
    def sentence(self) -> str:
        """What is left open."""
        return f"Unknown answers leave open: {self.approaches}"


@dataclass(frozen=True)
class Turn:
    """An answer that would change the advice."""

    when: str
    then: str

    @property
    def sentence(self) -> str:
        """Both."""
        return f"Would change with {self.when} → {self.then}"


@dataclass(frozen=True)
class GreyZone:
    """Where the documents are silent or contradict."""

    zone: str
    because: str
    measure: str

    @property
    def sentence(self) -> str:
        """Why, and the cheapest test."""
        return f"{self.because}. Cheapest test: {self.measure}"


@dataclass(frozen=True)
class FirmnessView:
    """All of it."""

    worlds: Worlds
    open: Open | None
    turns: tuple[Turn, ...]
    grey_zones: tuple[GreyZone, ...]
    pilot: PilotJson | None
    stretches: Mapping[str, list[StretchJson]]
    """By the answer that is varied."""

    @classmethod
    def of(cls, decision: DecisionJson) -> FirmnessView:
        """From the JSON of the whole decision."""
        worlds = decision["worlds"]
        return cls(
            Worlds(f"{worlds['draws']:,}", worlds["shares"]),
            Open.of(decision["possible"]),
            tuple(Turn(f["if"], f["then"]) for f in decision["flips"]),
            tuple(GreyZone(g["zone"], g["because"], g["measure"]) for g in decision["grey_zones"]),
            decision["pilot"],
            decision["sweeps"],
        )
