"""How much of the documents ``extract`` quotes: learned from the examples when a project is provisioned."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from corpus.atomic_files import read_json, write_json
from corpus.fingerprint import fingerprint

if TYPE_CHECKING:
    from groundtune.assistant import Assistant
    from rag.answer.quote_length import LearnedQuoting

_MOST = 150
"""Examples that are looked at: each takes a twentieth of a second."""
_QUOTING = 1
"""Raised where it is learned differently."""


def learn_quotes(assistant: Assistant) -> LearnedQuoting | None:
    """Choose how much is quoted by what the examples' answers are like; None where there are too few of them."""
    from rag.answer.extract_arm import ExtractAnswerer
    from rag.answer.quote_length import LearnedQuoting, learn_quoting

    project = assistant.project
    file, seed = project.quoting_file, project.settings.seed
    examples = [e for e in project.training_examples() if e.answer is not None]
    asked = random.Random(seed).sample(examples, min(_MOST, len(examples)))
    retriever = assistant.retriever
    made_of = fingerprint(
        asked, assistant.index.passages(), assistant.embedder.name, retriever.tuning.word_weight, _QUOTING
    )
    kept = read_json(file) if file.is_file() else {}
    if kept.get("made_of") == made_of:
        return LearnedQuoting.from_json(kept["learned"])
    extract = ExtractAnswerer(retriever, assistant.embedder, project.settings.passages)
    learned = learn_quoting(extract.each_quoting, asked)
    if learned:
        write_json(file, {"made_of": made_of, "learned": learned.to_json()})
    else:
        file.unlink(missing_ok=True)
    assistant.forget_tuning()
    return learned
