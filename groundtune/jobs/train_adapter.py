"""The fine-tune of a project: its examples, each with what retrieval shows, in; an adapter version out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from corpus.errors import Fault, InputError, ProjectError
from corpus.records import Candidate, Example, Passage
from groundtune.assistant import Assistant
from lm.models.catalogue import cache_folder

if TYPE_CHECKING:
    from finetune.run_finetune import AdapterReport
    from groundtune.project.project import Project
    from rag.retrieve.tune_retrieval import Tuned


def train_adapter(
    assistant: Assistant,
    on_progress: Callable[[Any], None] | None = None,
    tuned: Tuned | None = None,
    on_notice: Callable[[Fault], None] | None = None,
) -> AdapterReport:
    """Fine-tune on the training examples, shown with what retrieval returns where there is an index."""
    from finetune.run_finetune import finetune
    from groundtune.jobs.training_memory import training_memory
    from lm.models.load_model import training_folder
    from rag.answer.shown_texts import Shown, at_most, what_to_show
    from rag.retrieve.select_sentences import EARLIER_TEXTS, TEXTS, all_sentences, ranked_by_prior

    project, settings = assistant.project, assistant.project.settings
    examples = project.training_examples()
    _require_enough(project, len(examples))
    if on_notice and not settings.questions and not project.held_out_questions():
        on_notice(project.nothing_held_out())
    model = training_folder(settings.generator, cache_folder())
    indexed = assistant.index.exists
    passages = assistant.index.passages() if indexed else ()

    memory, most = assistant.memory if indexed else None, settings.recipe.remembered
    earlier = {e.id for e in memory.entries} if memory else set()

    def shown(example: Example, k: int, most: int) -> list[Passage]:
        """As the assistant will be shown a new question: by what was not tuned on this one, and not itself."""
        if tuned and example.id in tuned.out_of_fold:
            return at_most(most, tuned.out_of_fold[example.id], earlier)[:k]
        texts = what_to_show(assistant.tuned_retriever, memory, example.question, k, most, but=(example.id,))
        return [s.text for s in texts]

    def candidates(example: Example) -> list[Candidate]:
        texts = [Shown(t, (t,)) for t in shown(example, TEXTS, EARLIER_TEXTS if most else 0)]
        return [s.candidate for s in ranked_by_prior(assistant.embedder, example.question, texts)]

    selecting = indexed and settings.recipe.selector
    return finetune(
        examples,
        retrieve=(lambda e, k: shown(e, k, most)) if indexed else None,
        passages=[*all_sentences(passages), *passages] if selecting else passages,
        candidates=candidates if selecting else None,
        model=model,
        folder=project.adapters,
        recipe=settings.recipe,
        seed=settings.seed,
        generator=settings.generator,
        engine=assistant.generator,
        answer_tokens=settings.answer_tokens,
        starter=assistant.starter,
        memory_gib=training_memory(model, settings.recipe.rank),
        on_progress=on_progress,
        on_notice=on_notice,
    )


def _require_enough(project: Project, learned_from: int) -> None:
    """Raise where there is too little to learn from, told with what of the examples is held out to compare on."""
    from finetune.ledger import MINIMUM_EXAMPLES

    settings = project.settings
    if not settings.examples:
        raise ProjectError(
            "the project names no examples to learn from", mend='add "examples: FILE" to groundtune.yaml'
        )
    if learned_from >= MINIMUM_EXAMPLES:
        return
    held_out = 0 if settings.questions else len(project.held_out_questions())
    told, mend = f"{learned_from} training examples", "collect more examples"
    if held_out:
        told = f"{learned_from + held_out} examples, of which {held_out} are held out to compare on"
        told += f": {learned_from} to learn from"
        mend += ", or name held-out questions of their own (questions: FILE), and all of these are learned from"
    raise InputError(f"{settings.examples}: {told}; wanted at least {MINIMUM_EXAMPLES}", mend=mend)
