"""Short bursts of indexing and training on this machine, to predict what the whole will take. Keeps nothing it makes."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import ProjectError
from lm.models.catalogue import cache_folder

if TYPE_CHECKING:
    from corpus.records import Document, Example, ShownText
    from groundtune.assistant import Assistant
    from rag.retrieve.retrieve import Retriever

_DOCUMENTS, _EXAMPLES = 200, 2000
"""At most so many are looked at; the rest is extrapolated."""
_TRAINING_S = 20.0


def measure(assistant: Assistant) -> dict[str, float]:
    """Time indexing and training of the project's own data and predict the whole.

    ``index_tokens_per_s``, ``index_s``, ``train_tokens_per_s``, ``train_tokens_per_pass``, ``train_s``,
    ``train_memory_gib`` (peak of this process). Raises ``ProjectError`` where the project has neither documents nor
    examples.
    """
    from groundtune.project.project_documents import Documents

    project = assistant.project
    with Documents(project, anew=True) as reading:
        documents = list(reading.each())
        if project.settings.documents:
            reading.require(strict=False, any_is_left=bool(documents))
    if not documents and not project.settings.examples:
        raise ProjectError("nothing to measure: the project names neither documents nor examples")
    measured: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="groundtune-measure-") as scratch:
        retriever = None
        if documents:
            retriever = _index(assistant, documents, Path(scratch), measured)
        if project.settings.examples:
            _train(assistant, retriever, Path(scratch), measured)
    return {name: round(value, 3) for name, value in measured.items()}


def _index(assistant: Assistant, documents: Sequence[Document], scratch: Path, measured: dict[str, float]) -> Retriever:
    from rag.index.index import Index
    from rag.retrieve.retrieve import Retriever

    embedder, rng = assistant.embedder, random.Random(assistant.project.settings.seed)
    few = documents if len(documents) <= _DOCUMENTS else rng.sample(list(documents), _DOCUMENTS)
    embedder.embed(["warm up"])
    index = Index(scratch / "index", embedder, max_tokens=assistant.project.settings.passage_tokens)
    report = index.build(few)
    tokens = sum(embedder.count_tokens([p.text for p in index.passages()]))
    measured["index_tokens_per_s"] = tokens / max(0.01, report.seconds)
    measured["index_s"] = report.seconds * len(documents) / len(few)
    return Retriever(index, embedder)


def _train(assistant: Assistant, retriever: Retriever | None, scratch: Path, measured: dict[str, float]) -> None:
    import psutil

    from finetune.budget import Budget
    from finetune.mixture import Mixture
    from finetune.train import Trainer
    from groundtune.jobs.taught_examples import right_passages
    from lm.engines.choose_engine import training_folder
    from rag.answer.shown_texts import what_to_show
    from rag.retrieve.earlier_answers import Memory

    project, settings = assistant.project, assistant.project.settings
    recipe = settings.recipe
    examples = project.training_examples()
    rng = random.Random(settings.seed)
    few = examples if len(examples) <= _EXAMPLES else rng.sample(list(examples), _EXAMPLES)

    started = time.monotonic()
    passages = retriever.index.passages() if retriever else ()
    memory = Memory.of(*right_passages(retriever, few), assistant.embedder) if retriever else None

    def retrieve(example: Example, k: int) -> list[ShownText]:
        assert retriever
        shown = what_to_show(retriever, memory, example.question, k, recipe.remembered, but=(example.id,))
        return [s.text for s in shown]

    mixture = Mixture(few, passages, retrieve if retriever else None, recipe, settings.seed)
    preparing = time.monotonic() - started
    model = training_folder(settings.generator, cache_folder())
    speed = Trainer(model, mixture, recipe, checkpoint=scratch / "state.pt").speed(_TRAINING_S)
    more = len(examples) / len(few)
    measured["train_tokens_per_s"] = speed.tokens_per_s
    measured["train_tokens_per_pass"] = speed.tokens_per_epoch * more
    seconds = (speed.seconds(recipe.passes(len(examples))) + preparing) * more
    measured["train_s"] = min(seconds, Budget.of(recipe.minutes).seconds)
    measured["train_memory_gib"] = psutil.Process().memory_info().rss / 2**30
