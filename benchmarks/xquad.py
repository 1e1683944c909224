"""Every arm on XQuAD (English): split by article, 30 % of the articles held out, retrieval over all 240 paragraphs.

``python -m benchmarks.xquad [--folder DIR] [--epochs N]``: trains (or resumes, in ``--folder``), compares, and keeps the
figures in ``benchmarks/results/xquad.json``. Data: XQuAD, google-deepmind/xquad, CC BY-SA 4.0.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.quiet import be_quiet
from benchmarks.machine import datasets, keep
from compare.run import compare
from corpus.records import Document, Example, Section
from finetune.recipe import Recipe
from finetune.run import finetune
from finetune.versions import current
from lm.catalogue import cache_folder
from lm.load import load_embedder, load_generator, training_folder
from lm.lookup import LookupAnswerer
from lm.model_answer import ModelAnswerer
from rag.answer import PassageAnswerer
from rag.extract import ExtractAnswerer
from rag.index import Index
from rag.retrieve import Retriever

FILE = Path("xquad") / "xquad.en.json"
HELD_OUT = 0.3
WHOLE_PARAGRAPH = 2000
PASSAGES = 3


def load(file: Path, seed: int = 0) -> tuple[list[Document], list[Example], list[Example]]:
    """Paragraphs as documents, and the questions of the training and of the held-out articles."""
    documents: list[Document] = []
    train: list[Example] = []
    held: list[Example] = []
    articles = json.loads(file.read_text(encoding="utf-8"))["data"]
    order = random.Random(seed).sample(range(len(articles)), len(articles))
    held_out = set(order[: round(HELD_OUT * len(articles))])
    for a, article in enumerate(articles):
        for p, paragraph in enumerate(article["paragraphs"]):
            source, text = f"{a}-{p}", paragraph["context"]
            documents.append(Document(source, "", text, (Section(text),)))
            for asked in paragraph["qas"]:
                said = tuple(dict.fromkeys(x["text"] for x in asked["answers"]))
                example = Example(asked["id"], asked["question"], said[0], source=(source,), answers=said)
                (held if a in held_out else train).append(example)
    return documents, train, held


def main() -> None:
    """Train, compare, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=Path(".groundtune-bench") / "xquad")
    options.add_argument("--epochs", type=int, default=4)
    options.add_argument("--limit", type=int, default=None, help="only the first N held-out questions")
    given = options.parse_args()
    be_quiet()
    documents, train, held = load(datasets() / FILE)
    cache = cache_folder()
    embedder, generator = load_embedder("minilm-l6", cache), load_generator("smollm2-135m", cache)
    index = Index(given.folder / "index", embedder, max_tokens=WHOLE_PARAGRAPH)
    indexed = index.build(documents)
    retriever = Retriever(index, embedder)
    recipe = Recipe(
        epochs=given.epochs,
        learning_rate=4e-4,
        dropout=0.05,
        passages=PASSAGES,
        closed_book_share=0.25,
        unanswerable_share=0.05,
        patience=4,
        max_tokens=1200,
    )
    adapters = given.folder / "adapters"
    trained = finetune(
        train,
        retrieve=lambda question, k: [f.passage for f in retriever.retrieve(question, k)],
        passages=index.passages(),
        model=training_folder("smollm2-135m", cache),
        folder=adapters,
        recipe=recipe,
        engine=generator,
        on_progress=lambda at: print(at, flush=True) if at.validation_loss is not None else None,
    )
    adapter = current(adapters)
    arms: dict[str, Any] = {
        "base": ModelAnswerer("base", generator, max_new_tokens=48),
        "rag": PassageAnswerer("rag", retriever, generator, k=PASSAGES, max_new_tokens=48),
        "tuned": ModelAnswerer("tuned", generator, adapter, max_new_tokens=48),
        "hybrid": PassageAnswerer("hybrid", retriever, generator, adapter, PASSAGES, max_new_tokens=48),
        "extract": ExtractAnswerer(retriever, embedder, PASSAGES, sentences=1),
        "lookup": LookupAnswerer(embedder, train),
    }
    records = given.folder / "answers.jsonl"
    result = compare(arms, held[: given.limit], records=records, stamp=trained.version).to_json()
    right = [any(f.passage.source in q.source for f in retriever.retrieve(q.question, PASSAGES)) for q in held]
    file = keep(
        "xquad",
        {
            "data": "XQuAD English, google-deepmind/xquad, CC BY-SA 4.0",
            "training_questions": len(train),
            "recall_at_3": round(sum(right) / len(right), 4),
            "index": asdict(indexed),
            "recipe": recipe.model_dump(),
            "adapter": asdict(trained),
            "comparison": result,
        },
    )
    print(result["verdict"], file, sep="\n")


if __name__ == "__main__":
    main()
