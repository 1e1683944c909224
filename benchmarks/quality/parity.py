"""Does the adapter answer alike in both engines? openvino (int8) against transformers + peft (float32), on XQuAD.

``python -m benchmarks.quality.parity [--project DIR]``: needs the project that ``python -m benchmarks.quality.xquad``
provisioned. Greedy answers to 50 prompts compared with one another, and to 300 compared with the gold answers (paired). Kept
in ``benchmarks/results/parity.json``. Data: XQuAD, google-deepmind/xquad, CC BY-SA 4.0.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from benchmarks.machine import keep
from benchmarks.quality.xquad import PROJECT
from compare.significance import paired_difference
from corpus.text.match import token_f1
from groundtune.assistant import Assistant
from groundtune.offline import be_quiet
from groundtune.project.project import open_project
from lm.engine_contract import Generation
from lm.engines.choose_engine import training_folder
from lm.engines.transformers_engine import TransformersGenerator
from lm.models.catalogue import cache_folder
from lm.prompts import messages_for, split_pointer
from rag.answer.shown_texts import what_to_show

ALIKE, SCORED = 50, 300


def main() -> None:
    """Answer in both engines, compare, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--project", type=Path, default=PROJECT)
    given = options.parse_args()
    be_quiet()
    assistant = Assistant(open_project(given.project))
    settings = assistant.project.settings
    asked = random.Random(0).sample(assistant.project.held_out_questions(), SCORED)
    recipe, retriever, memory = settings.recipe, assistant.tuned_retriever, assistant.memory
    shown = [what_to_show(retriever, memory, q.question, recipe.passages, recipe.remembered) for q in asked]
    chats = [messages_for(q.question, [s.text for s in texts]) for q, texts in zip(asked, shown, strict=True)]
    model = training_folder(settings.generator, cache_folder())
    served, reference = assistant.generator, TransformersGenerator(model, "reference", device="cpu")

    def texts(generator: object) -> list[str]:
        made: list[Generation] = [
            generator.generate(chat, adapter=assistant.adapter, max_new_tokens=settings.answer_tokens)  # type: ignore[attr-defined]
            for chat in chats
        ]
        return [split_pointer(m.text)[1].strip() for m in made]

    ours, theirs = texts(served), texts(reference)
    alike = [token_f1(a, [b]) for a, b in zip(ours, theirs, strict=True)]
    gold_ours = [token_f1(a, q.references) for a, q in zip(ours, asked, strict=True)]
    gold_theirs = [token_f1(a, q.references) for a, q in zip(theirs, asked, strict=True)]
    against_gold = paired_difference(gold_ours, gold_theirs, seed=0)
    figures = {
        "data": "XQuAD English, google-deepmind/xquad, CC BY-SA 4.0",
        "engines": ["openvino int8", "transformers + peft float32"],
        "alike": {
            "prompts": ALIKE,
            "token_f1": round(sum(alike[:ALIKE]) / ALIKE, 4),
            "identical": sum(a == b for a, b in zip(ours[:ALIKE], theirs, strict=False)) / ALIKE,
        },
        "alike_on_all": {"prompts": SCORED, "token_f1": round(sum(alike) / SCORED, 4)},
        "against_gold": {
            "prompts": SCORED,
            "openvino_f1": round(sum(gold_ours) / SCORED, 4),
            "transformers_f1": round(sum(gold_theirs) / SCORED, 4),
            "paired": vars(against_gold),
        },
    }
    print(figures["alike"], figures["against_gold"], keep("parity", figures), sep="\n")


if __name__ == "__main__":
    main()
