"""What only some engines can, and what is done without it. Each ability is an opt-in protocol of ``lm.engine_contract``.

The places that use one ask ``isinstance(engine, …)``; whoever shows a project's state asks ``lacking``.
"""

from __future__ import annotations

from dataclasses import dataclass

from lm.engine_contract import (
    BatchGenerator,
    ContinuingGenerator,
    ScoringGenerator,
    TextGenerator,
    tells_confidence,
)


@dataclass(frozen=True)
class Lack:
    """Something that an engine cannot do."""

    ability: str
    """``likelihood`` (of a given text), ``going on`` (from a begun reply), ``certainty`` (of its own) or ``batches``."""
    consequence: str
    """What is done without it, for a user to read."""


_LIKELIHOOD = Lack("likelihood", "sentences are chosen by retrieval and words alone")
_CONTINUE = Lack("going on", "a refusal stays, though the answer may be there")
_CONFIDENCE = Lack("certainty", "how likely an answer is right is told without it")
_BATCH = Lack("batches", "a comparison asks one question after another")


def lacking(engine: TextGenerator) -> tuple[Lack, ...]:
    """What this engine cannot do, the weightiest first."""
    able = {
        _LIKELIHOOD: isinstance(engine, ScoringGenerator),
        _CONTINUE: isinstance(engine, ContinuingGenerator),
        _CONFIDENCE: tells_confidence(engine),
        _BATCH: isinstance(engine, BatchGenerator),
    }
    return tuple(lack for lack, is_able in able.items() if not is_able)
