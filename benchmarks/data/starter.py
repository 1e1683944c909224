"""The starter: an adapter that reads short answers from sentences, taught on public questions, for projects with few examples.

``python -m benchmarks.data.starter [--out FOLDER]``: trains it for the offline language model and writes it in peft's
layout. Sets: XQuAD English, the articles that ``benchmarks.quality.xquad`` trains on (google-deepmind/xquad, CC BY-SA 4.0),
and the training halves of HotpotQA (CC BY-SA 4.0) and 2WikiMultihopQA (Apache-2.0) as AdaRAGUE has them, without the
questions of ``ready/hotpotqa``. Which sentences are shown with a question is what ``rag`` would show of its own paragraphs.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import datasets, machine
from benchmarks.quality.xquad import FILE, write_project
from corpus.atomic_files import MANIFEST, read_json, write_json
from corpus.fingerprint import fingerprint
from corpus.records import Document, Example, Passage
from corpus.text.match import holds, normalise
from corpus.text.refusal import REFUSAL
from finetune.mixture import Lesson, Mixture
from finetune.recipe import Recipe
from finetune.train import Trainer
from groundtune.offline import be_quiet
from lm.engine_contract import Embedder
from lm.engines.choose_engine import load_embedder, training_folder
from lm.models.catalogue import cache_folder
from lm.models.weights import weights_id
from lm.prompts import NO_PASSAGE, messages_for, pointed
from rag.answer.shown_texts import Shown
from rag.index.chunk import chunk
from rag.retrieve.select_sentences import TEXTS, ranked_by_prior

HUB_NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
OUT = Path("finetune") / "starters" / "smollm2-135m"
RECIPE = Recipe(rank=8, alpha=16, layers=0.5, epochs=1, validation_share=0.05)
SETS = (
    ("XQuAD English, training articles", "google-deepmind/xquad", "CC BY-SA 4.0"),
    ("HotpotQA, 500 training questions less those of ready/hotpotqa", "AdaRAGUE", "CC BY-SA 4.0"),
    ("2WikiMultihopQA, 500 training questions", "AdaRAGUE", "Apache-2.0"),
)
_UNANSWERED = 0.08
"""Share of the questions shown without what answers them."""


@dataclass(frozen=True)
class Asked:
    """A public question with its answer and the paragraphs that it is looked for in, by title."""

    id: str
    question: str
    answer: str
    paragraphs: tuple[tuple[str, str], ...]
    supporting: frozenset[str]


class Lessons(Mixture):
    """Lessons that stay the same in each epoch: one for each question."""

    def __init__(self, lessons: Sequence[Lesson], seed: int) -> None:
        super().__init__((), (), None, RECIPE, seed)
        self.lessons = list(lessons)
        self.examples = tuple(Example(lesson.example, lesson.question, lesson.reply) for lesson in lessons)

    def hold_back(self, share: float) -> tuple[Mixture, Mixture]:
        """The last ones validate."""
        cut = round((1 - share) * len(self.lessons))
        return Lessons(self.lessons[:cut], self.seed), Lessons(self.lessons[cut:], self.seed)

    def epoch(self, number: int) -> list[list[Lesson]]:
        """Each lesson by itself."""
        return [[lesson] for lesson in self.lessons]


def questions() -> Iterator[Asked]:
    """Every public question of the three sets."""
    with tempfile.TemporaryDirectory() as folder:
        write_project(datasets() / FILE, Path(folder))
        for row in _rows(Path(folder) / "examples.jsonl"):
            text = (Path(folder) / row["source"][0]).read_text(encoding="utf-8")
            yield Asked(row["id"], row["question"], row["answer"], (("", text),), frozenset([""]))
    asked = {
        r["question"] for f in (datasets() / "ready" / "hotpotqa").glob("*.jsonl") for r in _rows(f) if "question" in r
    }
    for name in ("hotpotqa", "2wikimultihopqa"):
        for row in _rows(datasets() / "adarague" / f"{name}_train.jsonl"):
            if row["question"] not in asked:
                paragraphs = tuple((c["title"], c["text"]) for c in row["context"])
                supporting = frozenset(c["title"] for c in row["context"] if c["supporting"])
                yield Asked(row["id"], row["question"], row["references"][0], paragraphs, supporting)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def lesson(asked: Asked, embedder: Embedder, rng: random.Random) -> Lesson | None:
    """The question behind the sentences that would be shown, and its answer; None where no sentence supports it."""
    ranked = _sentences(asked, embedder)
    answer = normalise(asked.answer)
    right = [p for p in ranked if p.title in asked.supporting and holds(normalise(p.text), answer)]
    if not right and answer in ("yes", "no"):
        right = [p for p in ranked if p.title in asked.supporting]
    if not right:
        return None
    k = rng.choice((3, 4))
    if rng.random() < _UNANSWERED:
        shown = [p for p in ranked if p.title not in asked.supporting and not holds(normalise(p.text), answer)][:k]
        shown = shown or [p for p in ranked if not holds(normalise(p.text), answer)][:k]
        return Lesson(asked.question, tuple(shown), pointed(REFUSAL, [NO_PASSAGE]), asked.id)
    shown = ranked[:k]
    if not any(p in right for p in shown):
        shown[rng.randrange(len(shown))] = right[0]
    places = [n for n, p in enumerate(shown, 1) if p in right]
    return Lesson(asked.question, tuple(shown), pointed(asked.answer, places[:1]), asked.id)


def _sentences(asked: Asked, embedder: Embedder) -> list[Passage]:
    documents = [Document(str(n), title, text) for n, (title, text) in enumerate(asked.paragraphs)]
    passages = [p for d in documents for p in chunk(d, embedder.count_tokens, max_tokens=32)]
    vectors = embedder.embed([asked.question, *(f"{p.label}\n{p.text}" for p in passages)])
    nearest = sorted(range(len(passages)), key=lambda n: -float(vectors[n + 1] @ vectors[0]))[:TEXTS]
    texts = [Shown(passages[n], (passages[n],)) for n in nearest]
    return [s.shown.text for s in ranked_by_prior(embedder, asked.question, texts, vectors[0])]


def main() -> None:
    """Make the lessons, train, write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=OUT)
    given = options.parse_args()
    be_quiet()
    embedder, rng = load_embedder("minilm-l6", cache_folder()), random.Random(0)
    made = [lesson(asked, embedder, rng) for asked in questions()]
    lessons = [x for x in made if x is not None]
    rng.shuffle(lessons)
    print(len(lessons), "lessons,", len(made) - len(lessons), "questions left out: no sentence supports their answer")
    for x in lessons[:6]:
        print(x)
    model = training_folder("smollm2-135m", cache_folder())
    given.out.mkdir(parents=True, exist_ok=True)
    checkpoint = Path(tempfile.gettempdir()) / f"groundtune-starter-{_taught(lessons)}.pt"
    trainer = Trainer(
        model,
        Lessons(lessons, 0),
        RECIPE,
        checkpoint=checkpoint,
        on_progress=lambda at: print(at, flush=True) if at.done % 20 == 0 or at.validation_loss else None,
    )
    trained = trainer.run(given.out)
    checkpoint.unlink(missing_ok=True)
    _shorten(given.out)
    told = {
        "model": "smollm2-135m",
        "weights": weights_id(model),
        "sentences": True,
        "recipe": RECIPE.model_dump(),
        "lessons": len(lessons),
        "sets": SETS,
    }
    write_json(given.out / MANIFEST, told | {"training": vars(trained), "machine": machine()})


def _taught(lessons: Sequence[Lesson]) -> str:
    """Tells what is taught, word for word: a checkpoint of other lessons or prompts is not resumed."""
    chats = [[messages_for(x.question, x.passages), x.reply] for x in lessons]
    return fingerprint((), (), chats, RECIPE.model_dump())[:16]


def _shorten(folder: Path) -> None:
    """Store the matrices in half precision, and the model by its public name, not by where it lies here."""
    import torch
    from safetensors.torch import load_file, save_file

    file = folder / "adapter_model.safetensors"
    save_file({n: w.to(torch.float16) for n, w in load_file(file).items()}, file)
    config = folder / "adapter_config.json"
    write_json(config, read_json(config) | {"base_model_name_or_path": HUB_NAME})
    (folder / "README.md").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
