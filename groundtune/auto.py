"""``auto``, put together from what a project measured: rules, router, and how likely each arm's answer is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from groundtune.arms import FAST
from lm.answerer import Answerer
from lm.arm_facts import baselines, readers

if TYPE_CHECKING:
    from groundtune.assistant import Assistant
    from rag.index.passage_filter import Filter
    from router.answer_chance import Weighing


def auto(assistant: Assistant, name: str, where: Filter) -> Answerer:
    """The router over the arms that are built; by the name ``FAST`` over those without a language model.

    With a filter: over those that read documents, and these only documents that pass ``where``.
    """
    from router.auto_arm import AutoAnswerer
    from router.route import Router
    from router.rules import load_rules

    built, shown = assistant.available_within(where), assistant.project.settings.passages
    retriever = assistant.retriever.within(where) if assistant.index.exists else None
    rules = load_rules(assistant.project.router_file)
    if assistant.judge and assistant.judge.calibrated and readers(built):
        rules = replace(rules, nothing_relevant=-1.0)  # the arm itself knows better when to abstain
    router = Router(
        tuple(arm for arm in built if name != FAST or arm in baselines()),
        rules,
        (lambda question: retriever.retrieve(question, shown)) if retriever else None,
        assistant.nearest_example if "lookup" in built else None,
        assistant.measured,
        assistant.vector_of,
    )
    return AutoAnswerer(router, _Lazy(assistant, where), weighing(assistant), name)


def weighing(assistant: Assistant) -> Weighing | None:
    """What tells how likely an answer is right; None where that was not learned."""
    from router.answer_chance import Weighing
    from router.measured_arms import ALONE

    measured = assistant.measured
    if not measured or not measured.chances:
        return None

    def is_alone(question: str) -> bool:
        return measured.sort(measured.answered_alone(question, assistant.vector_of(question))) == ALONE

    return Weighing(measured.chances, lambda question: assistant.nearest_example(question)[1], is_alone)


class _Lazy(Mapping[str, Answerer]):
    """The assistant's arms as a mapping that makes each at first use."""

    def __init__(self, assistant: Assistant, where: Filter) -> None:
        self.assistant = assistant
        self.where = where
        self.arms = assistant.available_within(where)

    def __getitem__(self, arm: str) -> Answerer:
        return self.assistant.answerer(arm, self.where)

    def __iter__(self) -> Iterator[str]:
        return iter(self.arms)

    def __len__(self) -> int:
        return len(self.arms)
