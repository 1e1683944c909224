"""Which arms there are and what tells them apart. ``groundtune.arms`` enters them; the rooms ask here, by fact, not by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Weights = Literal["base", "starter", "adapter"]


@dataclass(frozen=True)
class Arm:
    """The facts of one arm. ``auto`` is none: it is the choice among them."""

    name: str
    generates_with: Weights | None = None
    """The language model as it came, with the starter, or with the project's adapter; None: it generates nothing."""
    reads_documents: bool = False
    """Do its answers rest on documents?"""
    recalls_examples: bool = False
    """Does it answer with a stored example's answer?"""
    preference: int = 0
    """Where nothing was measured: of those that are built, the one with the lowest number answers."""
    preference_alone: int = 0
    """The same for questions that are answered without documents."""
    approach: str = "hybrid"
    """What ``groundtune provision --approach`` builds it."""

    @property
    def is_tuned(self) -> bool:
        """Does it need the project's own adapter?"""
        return self.generates_with == "adapter"

    @property
    def generates(self) -> bool:
        """Does a language model write its answers?"""
        return self.generates_with is not None

    @property
    def reads(self) -> bool:
        """Does a language model read documents for it?"""
        return self.generates and self.reads_documents


_ARMS: dict[str, Arm] = {}


def enter(arm: Arm) -> Arm:
    """Enter an arm, behind those that are there; one of the same name takes its place."""
    _ARMS[arm.name] = arm
    return arm


def withdraw(name: str) -> None:
    """Take an arm out again. Raises ``KeyError`` where there is none of this name."""
    del _ARMS[name]


def arms() -> tuple[Arm, ...]:
    """Every arm: those that generate first, then the baselines that need no model, each in the order of entry."""
    return tuple(sorted(_ARMS.values(), key=lambda arm: not arm.generates))


def arm_of(name: str) -> Arm | None:
    """The arm of this name; None where there is none."""
    return _ARMS.get(name)


def generating() -> tuple[str, ...]:
    """The names of the arms with a language model."""
    return tuple(arm.name for arm in arms() if arm.generates)


def baselines() -> tuple[str, ...]:
    """The names of the arms without one, printed beside every result."""
    return tuple(arm.name for arm in arms() if not arm.generates)


def preferred(names: Sequence[str], *, alone: bool = False) -> str:
    """Of these arms the one that answers where nothing was measured; ``alone``: a question answered without documents."""
    known = [arm for arm in arms() if arm.name in names]
    return min(known, key=lambda arm: arm.preference_alone if alone else arm.preference).name if known else names[0]


def readers(names: Sequence[str]) -> tuple[str, ...]:
    """Those of these arms in which a language model reads documents, the preferred one first."""
    reading = [arm for arm in arms() if arm.name in names and arm.reads]
    return tuple(arm.name for arm in sorted(reading, key=lambda arm: arm.preference))


def reads_by_adapter(name: str) -> bool:
    """Does the project's own model read documents in this arm?"""
    arm = arm_of(name)
    return arm is not None and arm.reads and arm.is_tuned
