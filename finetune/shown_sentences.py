"""Which of the sentences found for an example it is shown with: what is learned of it, else what their prior says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from corpus.examples.evidence_passages import Evidence
from corpus.examples.labels import labels
from corpus.records import Candidate, Example, ShownText
from finetune.budget import SELECTOR_SHARE
from finetune.finetune_request import FinetuneRequest
from finetune.mixture import Retrieve
from finetune.parity import PARITY_PROMPTS, likelihoods_apart
from finetune.selecting import Choice, Selection, in_order
from finetune.versions import SELECTOR
from lm.engine_contract import TextGenerator
from lm.prompts import question_messages

FoundSentences = Mapping[str, Sequence[Candidate]]
"""The sentences found, by the example's id, the best by their prior first."""


def learned_selection(request: FinetuneRequest, sentences: FoundSentences, folder: Path) -> Selection | None:
    """Learn into ``folder`` which sentence answers a question; None where too few questions tell."""
    from finetune.selecting import MINIMUM_CHOICES, SelectorTrainer, choices, learn_to_select

    known = choices(request.examples, sentences, Evidence(request.passages, labels(request.examples)))
    if len(known) < MINIMUM_CHOICES:
        return None

    def check(adapter: Path) -> None:
        if request.engine is not None:
            _require_same_likelihoods(request.engine, request.model, known[:PARITY_PROMPTS], adapter)

    trainer = SelectorTrainer(
        request.model,
        known,
        request.recipe,
        checkpoint=folder / "selector.pt",
        device=request.device,
        seed=request.seed,
        on_progress=request.on_progress,
        budget=request.budget.share(SELECTOR_SHARE),
    )
    return learn_to_select(trainer, folder / SELECTOR, check)


def _require_same_likelihoods(engine: TextGenerator, model: Path, asked: Sequence[Choice], adapter: Path) -> None:
    from lm.engines.transformers_engine import TransformersGenerator

    chats = [question_messages(c.right[0].text) for c in asked]
    reference = TransformersGenerator(model, "reference", device="cpu")
    likelihoods_apart(engine, reference, chats, [c.question for c in asked], adapter)


def shown_first(sentences: FoundSentences, selection: Selection | None) -> Retrieve:
    """What is shown with an example: the best of the sentences found for it."""

    def retrieve(example: Example, k: int) -> list[ShownText]:
        candidates = sentences[example.id]
        ordered = in_order(candidates, selection, example.id) if selection else [c.text for c in candidates]
        return ordered[:k]

    return retrieve
