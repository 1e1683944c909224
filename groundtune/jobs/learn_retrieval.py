"""What a project's examples teach retrieval, and which passages hold each one's answer."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpus.fingerprint import fingerprint
from corpus.records import Example, Passage
from groundtune.assistant import Assistant

if TYPE_CHECKING:
    from rag.retrieve.retrieve import Retriever
    from rag.retrieve.tune_retrieval import Tuned


_NEAR = 10


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
    made_of = fingerprint(examples, passages, assistant.embedder.name, project.settings.seed, remembered, TUNING)
    tuned = load_tuned(project.retrieval, passages, assistant.memory, made_of)
    if tuned:  # written last
        return tuned
    retriever = Retriever(assistant.index, assistant.embedder)
    standing, right = right_passages(retriever, examples)
    memory = Memory.of(standing, right, assistant.embedder)
    memory.save(project.memory)
    tuned = tune(retriever, standing, right, memory if remembered else None, project.settings.seed)
    if tuned:
        tuned.save(project.retrieval, made_of)
    else:
        shutil.rmtree(project.retrieval, ignore_errors=True)
    assistant.forget_tuning()
    return tuned


def right_passages(
    retriever: Retriever, examples: Sequence[Example]
) -> tuple[list[Example], dict[str, tuple[Passage, ...]]]:
    """The examples as the documents have them now, and the passages that hold each one's answer, by its id.

    An example whose answer stands in no passage has the sentence that says the same in newer words or figures as its
    answer; where there is none, it has no passages.
    """
    from corpus.examples.evidence_passages import Evidence
    from corpus.examples.restated import Restatements

    passages = retriever.index.passages()
    evidence, restatements = Evidence(passages), Restatements(passages)
    standing: list[Example] = []
    right: dict[str, tuple[Passage, ...]] = {}
    for e in examples:
        near = [] if e.evidence or e.answer is None else [f.passage for f in retriever.retrieve(e.question, _NEAR)]
        held = evidence.right(e, near)
        restated = None if held else restatements.now(e)
        standing.append(restated or e)
        right[e.id] = evidence.right(restated) if restated else held
    return standing, right
