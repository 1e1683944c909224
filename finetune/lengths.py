"""How long examples are in the model's tokens: too long to be learned, or longer than what is generated when asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.errors import Fault
from corpus.records import Example
from corpus.text.refusal import REFUSAL

_PLACES = 5
"""Of the examples concerned at most so many are named in a message."""
_MOST_ANSWER_TOKENS = 2048
"""What the setting takes."""
_STEP = 8
"""Settings that would do are rounded up to a multiple of it."""

CountTokens = Callable[[Sequence[str]], Sequence[int]]


@dataclass(frozen=True)
class LeftOut:
    """An example that was neither learned nor validated on: its shortest prompt and answer have ``tokens`` tokens.

    ``tokens`` is 0 where it is not its length that kept it out.
    """

    id: str
    tokens: int


@dataclass(frozen=True)
class LongAnswers:
    """Taught answers that would be cut off when asked for, for they are longer than ``answer_tokens``."""

    answer_tokens: int
    count: int
    longest: int
    """Tokens of the longest one."""
    examples: tuple[str, ...]
    """Ids of the first ones."""

    @property
    def fault(self) -> Fault:
        """What is told before training."""
        enough = _rounded(self.longest)
        return Fault(
            "groundtune.yaml, answer_tokens",
            f"{self.answer_tokens}; {self.count} taught answers are longer ({_places(self.examples, self.count)}) and would "
            "be cut off when asked for",
            f"at least {self.longest}, the longest one",
            f"set answer_tokens: {enough}, or shorten the answers" if enough <= _MOST_ANSWER_TOKENS else "shorten them",
        )


def long_answers(
    examples: Sequence[Example], count_tokens: CountTokens, answer_tokens: int, max_tokens: int, pointer: str = ""
) -> LongAnswers | None:
    """The answers, behind the ``pointer`` they are taught with, that ``answer_tokens`` cuts off; None: there are none.

    Those longer than ``max_tokens`` do not count: they are not taught at all.
    """
    counts = count_tokens([pointer + (e.answer or REFUSAL) for e in examples])
    longer = {e.id: n for e, n in zip(examples, counts, strict=True) if answer_tokens < n <= max_tokens}
    return LongAnswers(answer_tokens, len(longer), max(longer.values()), tuple(longer)[:_PLACES]) if longer else None


def too_long(left_out: Sequence[LeftOut], of: int, max_tokens: int) -> Fault:
    """What is told of examples, ``of`` so many, that are longer than ``max_tokens`` with their prompts."""
    longest = max(x.tokens for x in left_out)
    return Fault(
        "groundtune.yaml, recipe.max_tokens",
        f"{max_tokens}; {len(left_out)} of {of} examples are longer with their prompts and left out "
        f"({_places([x.id for x in left_out], len(left_out))})",
        f"{longest} tokens for the longest one",
        f"set recipe.max_tokens: {_rounded(longest)}, or shorten them",
    )


def _places(ids: Sequence[str], count: int) -> str:
    shown = ", ".join(ids[:_PLACES])
    return shown if count <= _PLACES else f"{shown} and {count - min(len(ids), _PLACES)} more"


def _rounded(tokens: int) -> int:
    return -(-tokens // _STEP) * _STEP
