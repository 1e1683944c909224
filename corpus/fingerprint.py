"""Tells whether what was learned from examples and passages is still what would be learned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from corpus.records import Example, Passage


def fingerprint(examples: Sequence[Example], passages: Sequence[Passage], *settings: object) -> str:
    """SHA-256 over the examples, the passages and everything else it depends on (``settings``: what JSON can hold)."""
    parts = [[e.id, e.question, e.answer, e.kind, e.source, e.evidence] for e in examples]
    parts += [[p.id, p.text] for p in passages]
    return hashlib.sha256(json.dumps([parts, *settings], ensure_ascii=False).encode()).hexdigest()
