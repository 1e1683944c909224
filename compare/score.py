"""One answer scored against its question's references."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.records import Example
from corpus.text.match import exact_match, has_key, token_f1
from corpus.text.refusal import is_refusal
from corpus.text.squad_scores import squad_exact, squad_f1
from lm.answerer import Answer

_RIGHT_F1 = 0.5


@dataclass(frozen=True)
class Score:
    """One arm's answer to one question, scored. All scores are 0 to 1."""

    arm: str
    id: str
    kind: str
    text: str
    routed_to: str
    f1: float
    exact: float
    contains: float
    squad_f1: float
    """As the official script has it, for comparison with published figures alone; of unanswerable questions as SQuAD 2.0."""
    squad_exact: float
    answerable: bool
    refused: bool
    seconds: float | None
    """The answer's latency; None where it was answered together with others."""
    prompt_tokens: int
    completion_tokens: int
    right: float | None = None
    """What the arm itself says of how likely its answer is right, 0 to 1."""
    contains_quoted: float = 0.0
    """As ``contains``, where the quotes that stand under the answer are read with it; 0 in records of earlier versions."""

    @property
    def is_right(self) -> bool:
        """Does the answer hold all key facts, or share half of its words with the reference?"""
        return self.contains == 1 or self.f1 >= _RIGHT_F1


def score(answer: Answer, example: Example, arm: str, timed: bool = True) -> Score:
    """Score one answer; for an unanswerable question a refusal is the right answer and anything else is wrong.

    What equals its reference is right, however it begins. ``timed``: it was answered alone, so its time is a latency, where
    one was taken.
    """
    answerable = not all(map(is_refusal, example.references))
    exact = exact_match(answer.text, example.references)
    refused = (answer.abstained or is_refusal(answer.text)) and not (answerable and exact)
    if answerable and not refused:
        f1, contains = token_f1(answer.text, example.references), float(has_key(answer.text, example))
        quoted = contains or float(has_key(" ".join([answer.text, *(c.quote for c in answer.citations)]), example))
    else:
        f1 = exact = contains = quoted = float(refused and not answerable)
    return Score(
        arm=arm,
        id=example.id,
        kind=example.kind,
        text=answer.text,
        routed_to=answer.arm,
        f1=round(f1, 4),
        exact=exact,
        contains=contains,
        squad_f1=round(squad_f1(answer.text, example.references) if answerable else exact, 4),
        squad_exact=squad_exact(answer.text, example.references) if answerable else exact,
        answerable=answerable,
        refused=refused,
        seconds=round(answer.total_s, 4) if timed and answer.total_s else None,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        right=None if answer.right is None else round(answer.right, 4),
        contains_quoted=quoted,
    )
