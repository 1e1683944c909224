"""Examples as the documents have them now, each with the passages that hold its answer: worked out once, used by all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.fingerprint import fingerprint
from corpus.records import Example, Passage

if TYPE_CHECKING:
    from groundtune.assistant import Assistant
    from rag.retrieve.retrieve import Retriever


@dataclass(frozen=True)
class TaughtExamples:
    """Training examples with their right passages."""

    standing: Mapping[str, Example]
    """By id: the example as the documents have it now."""
    right: Mapping[str, tuple[Passage, ...]]
    """By id: the passages that hold its answer; none where no document does."""

    def of(self, examples: Iterable[Example]) -> tuple[list[Example], dict[str, tuple[Passage, ...]]]:
        """Some of them, in this order, as ``right_passages`` returns them."""
        wanted = [e.id for e in examples]
        return [self.standing[i] for i in wanted], {i: self.right[i] for i in wanted}


def taught_examples(assistant: Assistant) -> TaughtExamples:
    """All training examples of a project, found by untuned retrieval; kept until examples or index change."""
    from rag.retrieve.retrieve import Retriever

    examples = assistant.project.training_examples()
    made_of = fingerprint(examples, assistant.index.passages())
    if made_of not in assistant.taught:
        standing, right = right_passages(Retriever(assistant.index, assistant.embedder), examples)
        assistant.taught.clear()
        assistant.taught[made_of] = TaughtExamples({e.id: e for e in standing}, right)
    return assistant.taught[made_of]


_NEAR = 10


def right_passages(
    retriever: Retriever, examples: Sequence[Example]
) -> tuple[list[Example], dict[str, tuple[Passage, ...]]]:
    """The examples as the documents have them now, and the passages that hold each one's answer, by its id.

    An example whose answer stands in no passage has the sentence that says the same in newer words or figures as its
    answer; where there is none, it has no passages.
    """
    from corpus.examples.evidence_passages import Evidence
    from corpus.examples.labels import labels
    from corpus.examples.restated import Restatements

    passages = retriever.index.passages()
    evidence, restatements = Evidence(passages, labels(examples)), Restatements(passages)
    standing: list[Example] = []
    right: dict[str, tuple[Passage, ...]] = {}
    for e in examples:
        near = [] if e.evidence or e.answer is None else [f.passage for f in retriever.retrieve(e.question, _NEAR)]
        held = evidence.right(e, near)
        restated = None if held or evidence.is_label(e) else restatements.now(e)
        standing.append(restated or e)
        right[e.id] = evidence.right(restated) if restated else held
    return standing, right
