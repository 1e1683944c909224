"""Can a question be asked of an arm: is it built, does its adapter fit, do any of its documents pass the filter?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.errors import InputError, ProjectError
from groundtune.arms import AUTO, FAST, all_arms
from lm.arm_facts import arm_of, arms, baselines

if TYPE_CHECKING:
    from groundtune.assistant import Assistant
    from rag.index.passage_filter import Filter


def require_arm(assistant: Assistant, arm: str, where: Filter) -> None:
    """Raise ``InputError`` for an unknown arm or a filter that cannot hold, ``ProjectError`` for an arm not built."""
    if arm not in (*all_arms(), FAST):
        raise InputError(f'no arm "{arm}"', mend=f"use one of {', '.join(all_arms())}")
    if where:
        _require_match(assistant, arm, where)
    available = assistant.available_within(where)
    built = (*available, AUTO, *((FAST,) if {*baselines()} & {*available} else ()))
    if arm not in built:
        known = arm_of("extract" if arm == FAST else arm)
        approach = known.approach if known else "hybrid"
        raise ProjectError(f'the arm "{arm}" is not built yet', mend=f"run: groundtune provision --approach {approach}")
    assistant.adapter_of(arm)  # one that does not fit is told before anything is loaded


def _require_match(assistant: Assistant, arm: str, where: Filter) -> None:
    from rag.index.passage_filter import nothing_passes

    reading = [a.name for a in arms() if a.reads_documents]
    if arm not in (*reading, AUTO, FAST):
        raise InputError(
            f'the arm "{arm}" reads no documents: a filter cannot hold for it',
            mend=f"use {', '.join(reading)} or {AUTO}",
        )
    allowed = assistant.retriever.within(where).allowed()
    if allowed is not None and not len(allowed):
        raise nothing_passes(where, assistant.index.entries())
