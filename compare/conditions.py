"""Conditions on a comparison's figures, for a pipeline to fail on: ``auto.key < 0.5``, ``hybrid.f1 <= rag.f1``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from corpus.errors import InputError

if TYPE_CHECKING:
    from compare.comparison_json import ArmJson, ComparisonJson

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FIGURES: dict[str, Callable[[ArmJson], float | None]] = {
    "f1": lambda arm: arm["f1"]["mean"],
    "exact": lambda arm: arm["exact"]["mean"],
    "key": lambda arm: arm["contains"]["mean"],
    "quoted": lambda arm: arm["contains_quoted"]["mean"],
    "wrong_refusals": lambda arm: arm["refusals"]["wrong"],
    "missed_refusals": lambda arm: arm["refusals"]["missed"],
    "p50": lambda arm: arm["seconds"]["p50"],
    "p95": lambda arm: arm["seconds"]["p95"],
    "p99": lambda arm: arm["seconds"].get("p99"),
    "usd": lambda arm: arm["usd_per_1000"],
}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)"
_SIDE = rf"{_NUMBER}|[^\s<>=]+\.[a-z]\w*"
_CONDITION = re.compile(rf"\s*(?P<left>{_SIDE})\s*(?P<operator><=|>=|<|>)\s*(?P<right>{_SIDE})\s*")
_MEND = f'write ARM.FIGURE < NUMBER, such as "auto.key < 0.5"; figures: {", ".join(_FIGURES)}'


@dataclass(frozen=True)
class Condition:
    """``text`` as the user wrote it: two sides, each an arm's figure or a number, and how they are held together."""

    text: str
    left: str
    operator: str
    right: str

    @classmethod
    def of(cls, text: str) -> Condition:
        """Raises ``InputError`` where ``text`` is no condition on figures that there are."""
        match = _CONDITION.fullmatch(text)
        if match is None:
            raise InputError(f'--fail-if "{text}": not a condition', mend=_MEND)
        for side in (match["left"], match["right"]):
            figure = side.rpartition(".")[2]
            if not _is_number(side) and figure not in _FIGURES:
                raise InputError(f'--fail-if "{text}": there is no figure "{figure}"', mend=_MEND)
        return cls(text, match["left"], match["operator"], match["right"])

    def holds(self, comparison: ComparisonJson) -> str | None:
        """The condition with its figures where it holds, else None. Raises ``InputError`` for an arm or figure not measured."""
        left, right = self._value(self.left, comparison), self._value(self.right, comparison)
        if not _OPERATORS[self.operator](left, right):
            return None
        return f"{_shown(self.left, left)} {self.operator} {_shown(self.right, right)}"

    def _value(self, side: str, comparison: ComparisonJson) -> float:
        if _is_number(side):
            return float(side)
        name, _, figure = side.rpartition(".")
        arm = comparison["arms"].get(name)
        if arm is None or "refusals" not in arm:
            compared = ", ".join(n for n, a in comparison["arms"].items() if "refusals" in a)
            raise InputError(f'--fail-if "{self.text}": {name} was not compared', mend=f"name one of {compared}")
        value = _FIGURES[figure](cast("ArmJson", arm))
        if value is None:
            raise InputError(
                f'--fail-if "{self.text}": {side} was not measured', mend="give --prices, or another figure"
            )
        return value


def _shown(side: str, value: float) -> str:
    return side if _is_number(side) else f"{side} ({value:.4g})"


def _is_number(side: str) -> bool:
    return re.fullmatch(_NUMBER, side) is not None
