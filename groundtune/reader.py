"""The arms that read, put together from what a project learned: retriever, judge, selector, earlier answers, openings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.atomic_files import read_json
from corpus.records import ShownText
from finetune.versions import selector_of
from lm.arm_facts import arm_of
from lm.engine_contract import ScoringGenerator, TextGenerator
from rag.index.passage_filter import EVERYTHING, Filter

if TYPE_CHECKING:
    from groundtune.assistant import Assistant
    from lm.questions.followup import Rewrite
    from rag.answer.judge import Judge
    from rag.answer.reading_arm import PassageAnswerer
    from rag.retrieve.select_sentences import Selector


def reader(assistant: Assistant, arm: str, where: Filter = EVERYTHING) -> PassageAnswerer:
    """The arm of this name, which reads what it is shown of the documents that pass ``where``.

    It reads by the project's own adapter, or by the starter.
    """
    from rag.answer.reading_arm import PassageAnswerer

    settings, known = assistant.project.settings, arm_of(arm)
    adapter, parts = assistant.adapter_of(arm), partial(_parts, assistant, where)
    if known is None or not known.is_tuned:
        return PassageAnswerer(
            arm,
            assistant.retriever.within(where),
            assistant.generator,
            adapter,
            settings.passages,
            settings.answer_tokens,
            judge=starter_judge(assistant),
            selector=_selector(assistant, None),
            parts=parts,
        )
    return PassageAnswerer(
        arm,
        assistant.tuned_retriever.within(where),
        assistant.generator,
        adapter,
        settings.recipe.passages,
        settings.answer_tokens,
        assistant.memory,
        settings.recipe.remembered,
        judge=assistant.judge,
        selector=_selector(assistant, adapter),
        parts=parts,
        opening=assistant.opening,
    )


def judge(assistant: Assistant) -> Judge | None:
    """When the arms with retrieval abstain: as calibrated, else a default learned from other projects, if any."""
    from rag.answer.judge import NEVER, Judge
    from router.answerability import load_answerability
    from router.default_judge import default_judge

    project = assistant.project
    learned = load_answerability(project.answerability)
    if learned is None or not project.abstention_file.is_file():
        default = default_judge(assistant.embedder.name)
        return Judge(default.probability, default.refuse_below, NEVER, calibrated=False) if default else None
    set_at = read_json(project.abstention_file)
    return Judge(learned.probability, set_at["refuse_below"], set_at["insist_from"])


def starter_judge(assistant: Assistant) -> Judge | None:
    """The same for the starter: it refuses answerable questions as often as others, so it is not believed untested."""
    known = assistant.judge
    if known is None:
        return None
    own = read_json(assistant.project.abstention_file) if known.calibrated else {}
    return replace(known, insist_from=own.get("starter_insist_from", known.refuse_below))


def rewrite(assistant: Assistant, where: Filter) -> Rewrite | None:
    """What makes a follow-up question stand by itself, as the settings say; None: nothing."""
    from lm.questions.followup import rewrite_by_model, rewrite_by_rules

    how = assistant.project.settings.rewrite
    if how == "model":
        return partial(rewrite_by_model, generator=assistant.generator)
    nearness = assistant.retriever.within(where).nearness if assistant.index.exists else None
    return partial(rewrite_by_rules, nearness=nearness) if how == "rules" else None


def _parts(assistant: Assistant, where: Filter, question: str) -> tuple[str, ...]:
    """The questions that a question asks: a later one is understood as a follow-up of the one before."""
    from lm.questions.question_parts import question_parts

    by_rules = assistant.project.settings.rewrite == "rules"
    return question_parts(question, rewrite(assistant, where) if by_rules else None)


def _selector(assistant: Assistant, adapter: Path | None) -> Selector | None:
    """What chooses the sentences that are shown: as learned with the adapter, else by the model as it came.

    None where the adapter learned to read whole passages.
    """
    from rag.retrieve.select_sentences import UNTAUGHT_PRIOR, Selector

    if not assistant.selects(adapter):
        return None
    learned, engine = selector_of(adapter) if adapter else None, assistant.generator
    likelihood = partial(_likelihood, engine, learned.folder if learned else None)
    return Selector(
        assistant.embedder,
        likelihood if isinstance(engine, ScoringGenerator) else None,
        learned.prior_weight if learned else UNTAUGHT_PRIOR,
        assistant.project.settings.recipe.candidates,
    )


def _likelihood(
    engine: TextGenerator, selector: Path | None, question: str, sentences: Sequence[ShownText]
) -> list[list[float]]:
    """The log-probabilities of the question's tokens after each sentence."""
    from lm.prompts import question_messages

    assert isinstance(engine, ScoringGenerator)
    chats = [question_messages(s) for s in sentences]
    return engine.log_probabilities(chats, [question] * len(chats), adapter=selector)
