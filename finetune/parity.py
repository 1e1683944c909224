"""Does an adapter answer alike in two engines? Exports that silently differ are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from corpus.errors import ModelError
from corpus.text.match import token_f1
from lm.engine_contract import Message, ScoringGenerator, TextGenerator

PARITY_PROMPTS = 16
"""So many prompts are compared at most."""
MINIMUM = 0.6
"""Mean token F1 below which an export is refused. Measured over free-running greedy answers: 0.92 for a trained adapter
(24 prompts), 0.76 for one of ten steps, whose choices are near ties (8 prompts); 0.03 where the adapter is missing."""


@dataclass(frozen=True)
class Parity:
    """How alike the answers were: mean token F1 and the share that is identical, over ``prompts`` prompts."""

    prompts: int
    f1: float
    identical: float


def parity(
    engine: TextGenerator, reference: TextGenerator, chats: Sequence[Sequence[Message]], adapter: Path | None
) -> Parity:
    """Compare greedy answers of ``engine`` with those of ``reference``, prompt by prompt."""
    pairs = []
    for chat in chats:
        ours = engine.generate(chat, adapter=adapter, max_new_tokens=48).text.strip()
        theirs = reference.generate(chat, adapter=adapter, max_new_tokens=48).text.strip()
        pairs.append((ours, theirs))
    n = max(1, len(pairs))
    return Parity(len(pairs), sum(token_f1(a, [b]) for a, b in pairs) / n, sum(float(a == b) for a, b in pairs) / n)


MOST_APART = 0.15
"""Mean difference of mean log-probabilities, in nats, above which a selector is refused. bfloat16 against float32: .02."""


def likelihoods_apart(
    engine: TextGenerator,
    reference: TextGenerator,
    chats: Sequence[Sequence[Message]],
    replies: Sequence[str],
    adapter: Path,
) -> float | None:
    """The mean difference of what both say of the replies' likelihood, in nats; None where ``engine`` says nothing."""
    if not (isinstance(engine, ScoringGenerator) and isinstance(reference, ScoringGenerator)) or not chats:
        return None
    ours = engine.log_probabilities(chats, replies, adapter=adapter)
    theirs = reference.log_probabilities(chats, replies, adapter=adapter)
    pairs = [(fmean(a), fmean(b)) for a, b in zip(ours, theirs, strict=True)]
    apart = fmean(abs(a - b) for a, b in pairs)
    if apart > MOST_APART:
        raise ModelError(
            f"the selector scores differently in the serving engine: {apart:.2f} nats apart over {len(ours)} sentences; "
            f"wanted at most {MOST_APART}",
            mend="set engine: transformers in groundtune.yaml, and report the model",
        )
    return apart


def require_parity(agreement: Parity) -> None:
    """Raise ``ModelError`` where the engines differ too much to serve the adapter."""
    if agreement.prompts and agreement.f1 < MINIMUM:
        raise ModelError(
            f"the adapter answers differently in the serving engine: mean token F1 {agreement.f1:.2f} over "
            f"{agreement.prompts} prompts; wanted at least {MINIMUM}",
            mend="set engine: transformers in groundtune.yaml, and report the model",
        )
