"""The arms of a project: what each is, what must be built for it, how it is made. To add one, enter it here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lm.arm_facts import Arm, arm_of, baselines, enter, generating

if TYPE_CHECKING:
    from groundtune.assistant import Assistant
    from lm.answerer import Answerer
    from rag.index.passage_filter import Filter

AUTO = "auto"
"""The router's choice among the arms."""
FAST = "fast"
"""What ``auto`` is without a language model: it quotes, or looks up."""


@dataclass(frozen=True, kw_only=True)
class ProjectArm(Arm):
    """An arm that a project can build."""

    is_built: Callable[[Assistant], bool]
    make: Callable[[Assistant, Filter], Answerer]
    """From the assistant, for questions to the documents that pass the filter; arms without documents take no other."""


def project_arm(name: str) -> ProjectArm:
    """The arm of this name. Raises ``KeyError`` where there is none."""
    arm = arm_of(name)
    if not isinstance(arm, ProjectArm):
        raise KeyError(name)
    return arm


def _indexed(assistant: Assistant) -> bool:
    return assistant.index.exists


def _tuned(assistant: Assistant) -> bool:
    from finetune.versions import current

    return current(assistant.project.adapters) is not None


def _indexed_and_tuned(assistant: Assistant) -> bool:
    return _indexed(assistant) and _tuned(assistant)


def _model_alone(name: str) -> Callable[[Assistant, Filter], Answerer]:
    def make(assistant: Assistant, where: Filter) -> Answerer:
        from lm.model_arm import ModelAnswerer

        adapter = assistant.adapter_of(name)
        opening = assistant.opening if adapter else None
        return ModelAnswerer(name, assistant.generator, adapter, assistant.project.settings.answer_tokens, opening)

    return make


def _reading(name: str) -> Callable[[Assistant, Filter], Answerer]:
    def make(assistant: Assistant, where: Filter) -> Answerer:
        from groundtune.reader import reader

        return reader(assistant, name, where)

    return make


def _extract(assistant: Assistant, where: Filter) -> Answerer:
    from rag.answer.extract_arm import ExtractAnswerer

    settings, judge = assistant.project.settings, assistant.judge
    if judge and not judge.calibrated and settings.examples:
        judge = None  # a default would turn away more than the examples ever asked for
    retriever = assistant.retriever.within(where)
    return ExtractAnswerer(retriever, assistant.embedder, settings.passages, assistant.quoting, judge)


def _lookup(assistant: Assistant, where: Filter) -> Answerer:
    from rag.answer.lookup_arm import LookupAnswerer

    project = assistant.project
    return LookupAnswerer(assistant.embedder, project.training_examples(), project.lookup, project.settings.seed)


def _has_examples(assistant: Assistant) -> bool:
    return bool(assistant.project.settings.examples)


enter(
    ProjectArm(
        "base",
        generates_with="base",
        preference=5,
        preference_alone=2,
        is_built=lambda assistant: True,
        make=_model_alone("base"),
    )
)
enter(
    ProjectArm(
        "rag",
        generates_with="starter",
        reads_documents=True,
        preference=2,
        preference_alone=4,
        approach="rag",
        is_built=_indexed,
        make=_reading("rag"),
    )
)
enter(
    ProjectArm(
        "tuned",
        generates_with="adapter",
        preference=4,
        preference_alone=1,
        approach="finetune",
        is_built=_tuned,
        make=_model_alone("tuned"),
    )
)
enter(
    ProjectArm(
        "hybrid",
        generates_with="adapter",
        reads_documents=True,
        preference=1,
        preference_alone=3,
        is_built=_indexed_and_tuned,
        make=_reading("hybrid"),
    )
)
enter(
    ProjectArm(
        "extract",
        reads_documents=True,
        preference=3,
        preference_alone=5,
        approach="rag",
        is_built=_indexed,
        make=_extract,
    )
)
enter(
    ProjectArm(
        "lookup",
        recalls_examples=True,
        preference=6,
        preference_alone=6,
        is_built=_has_examples,
        make=_lookup,
    )
)


def all_arms() -> tuple[str, ...]:
    """The names of every arm, ``auto`` between those with a language model and those without."""
    return (*generating(), AUTO, *baselines())


def arms_in_words() -> str:
    """Every arm's name for a sentence, ``auto`` first: ``auto, base, rag or lookup``."""
    *first, last = (AUTO, *generating(), *baselines())
    return f"{', '.join(first)} or {last}"
