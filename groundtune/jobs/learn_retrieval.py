"""What a project's examples teach retrieval, and which of them are remembered."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from corpus.examples.labels import VERSION, labels
from corpus.fingerprint import fingerprint
from groundtune.assistant import Assistant
from groundtune.jobs.taught_examples import taught_examples

if TYPE_CHECKING:
    from rag.retrieve.tune_retrieval import Tuned


def tune_retrieval(assistant: Assistant) -> Tuned | None:
    """Learn from the training examples how to retrieve, where enough of them have known right passages."""
    from rag.retrieve.earlier_answers import Memory
    from rag.retrieve.retrieve import Retriever
    from rag.retrieve.tune_retrieval import TUNING, load_tuned, tune

    project = assistant.project
    examples, passages = project.training_examples(), assistant.index.passages()
    assistant.forget_tuning()
    if not examples:
        for folder in (project.retrieval, project.memory):
            shutil.rmtree(folder, ignore_errors=True)
        return None
    remembered = project.settings.recipe.remembered > 0
    parts = [assistant.embedder.name, project.settings.seed, remembered, TUNING]
    made_of = fingerprint(examples, passages, *parts, *([VERSION] if labels(examples) else []))
    tuned = load_tuned(project.retrieval, passages, assistant.memory, made_of)
    if tuned:  # written last
        return tuned
    retriever = Retriever(assistant.index, assistant.embedder)
    standing, right = taught_examples(assistant).of(examples)
    memory = Memory.of(standing, right, assistant.embedder)
    memory.save(project.memory)
    tuned = tune(retriever, standing, right, memory if remembered else None, project.settings.seed)
    if tuned:
        tuned.save(project.retrieval, made_of)
    else:
        shutil.rmtree(project.retrieval, ignore_errors=True)
    assistant.forget_tuning()
    return tuned
