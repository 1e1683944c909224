"""The fine-tune of a project: its examples, each with what retrieval shows, in; an adapter version out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.errors import Fault, InputError, ProjectError
from corpus.progress import OnProgress, untold
from corpus.records import Candidate, Example, ShownText
from groundtune.assistant import Assistant
from lm.models.catalogue import cache_folder

if TYPE_CHECKING:
    from finetune.adapter_report import AdapterReport
    from groundtune.project.project import Project
    from rag.retrieve.earlier_answers import Memory
    from rag.retrieve.tune_retrieval import Tuned


@dataclass(frozen=True)
class _ShownToExamples:
    """What is found for an example: as the assistant will be shown a new question, and not the example itself."""

    assistant: Assistant
    tuned: Tuned | None
    """Where something was tuned: what is found for an example by what was not tuned on it."""
    memory: Memory | None

    def texts(self, example: Example, k: int, most: int) -> list[ShownText]:
        """The best ``k``, of these at most so many earlier answers."""
        from rag.answer.shown_texts import at_most, what_to_show

        if self.tuned and example.id in self.tuned.out_of_fold:
            return at_most(most, self.tuned.out_of_fold[example.id])[:k]
        retriever = self.assistant.tuned_retriever
        return [s.text for s in what_to_show(retriever, self.memory, example.question, k, most, but=(example.id,))]

    def candidates(self, example: Example, most: int) -> list[Candidate]:
        """The sentences of the texts found, the best by their prior first; of these texts so many earlier answers."""
        from rag.answer.shown_texts import Shown
        from rag.retrieve.select_sentences import TEXTS, ranked_by_prior

        texts = [Shown(t, ()) for t in self.texts(example, TEXTS, most)]
        return [s.candidate for s in ranked_by_prior(self.assistant.embedder, example.question, texts)]


def train_adapter(
    assistant: Assistant,
    on_progress: OnProgress = untold,
    tuned: Tuned | None = None,
    on_notice: Callable[[Fault], None] | None = None,
) -> AdapterReport:
    """Fine-tune on the training examples, shown with what retrieval returns where there is an index."""
    from finetune.finetune_request import FinetuneRequest
    from finetune.run_finetune import finetune
    from groundtune.jobs.training_memory import training_memory
    from lm.engines.choose_engine import training_folder
    from rag.retrieve.select_sentences import EARLIER_TEXTS, all_sentences

    project, settings = assistant.project, assistant.project.settings
    examples = project.training_examples()
    _require_enough(project, len(examples))
    if on_notice and not settings.questions and not project.held_out_questions():
        on_notice(project.nothing_held_out())
    model = training_folder(settings.generator, cache_folder())
    indexed = assistant.index.exists
    passages = assistant.index.passages() if indexed else ()
    memory, most = assistant.memory if indexed else None, settings.recipe.remembered
    shown = _ShownToExamples(assistant, tuned, memory)
    selecting = indexed and settings.recipe.selector
    request = FinetuneRequest(
        examples,
        retrieve=(lambda e, k: shown.texts(e, k, most)) if indexed else None,
        passages=[*all_sentences(passages), *passages] if selecting else passages,
        candidates=(lambda e: shown.candidates(e, EARLIER_TEXTS if most else 0)) if selecting else None,
        model=model,
        folder=project.adapters,
        recipe=settings.recipe,
        seed=settings.seed,
        generator=settings.generator,
        project=project.folder.resolve().name,
        engine=assistant.generator,
        answer_tokens=settings.answer_tokens,
        starter=assistant.starter,
        memory_gib=training_memory(model, settings.recipe.rank),
        on_progress=on_progress,
        on_notice=on_notice,
    )
    return finetune(request)


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
    count, mend = f"{learned_from} training examples", "collect more examples"
    if held_out:
        count = f"{learned_from + held_out} examples, of which {held_out} are held out to compare on"
        count += f": {learned_from} to learn from"
        mend += ", or name held-out questions of their own (questions: FILE), and all of these are learned from"
    raise InputError(f"{settings.examples}: {count}; wanted at least {MINIMUM_EXAMPLES}", mend=mend)
