"""A comparison in a project: which arms, which questions, where the scores are kept. Scores nothing itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.atomic_files import MANIFEST, read_json, write_json
from corpus.errors import InputError
from corpus.fingerprint import fingerprint
from corpus.progress import OnProgress, untold
from corpus.records import Example, file_of
from corpus.text.match import normalise
from finetune.starter import starter_id
from finetune.versions import current
from groundtune.arms import all_arms
from groundtune.assistant import Assistant
from rag.answer.answer_classes import CLASSES
from router.default_judge import default_judge

if TYPE_CHECKING:
    from compare.comparison_json import ComparisonJson

_WORDS = 4
"""Of an answer by which a question is known again: a shorter one answers many."""


def prove(
    assistant: Assistant,
    arms: Sequence[str] | None = None,
    limit: int | None = None,
    on_progress: OnProgress = untold,
    prices: Path | None = None,
    reference: str = "",
) -> tuple[ComparisonJson, Path]:
    """Compare ``arms`` (every built one, and ``auto``) on the held-out questions: the result and the file of answers.

    ``prices`` overrides entries of the price table; ``reference`` is the arm that each other one is tested against, where not
    every pair is. Raises ``InputError`` where no question is held out. The folder's number
    follows from what is compared: the same arms on the same questions again resume or reuse it.
    """
    from advisor.price_table import read_prices
    from compare.run_comparison import compare
    from groundtune.project.prices import prices_of
    from router.answer_chance import weighed

    project = assistant.project
    table = read_prices(prices)
    questions = project.held_out_questions()[:limit]
    if not questions:
        raise InputError("there is no question to compare on", [project.nothing_held_out()])
    built = (*assistant.available, "auto")
    chosen = [a.strip() for a in arms] if arms else [a for a in all_arms() if a in built]
    if reference and reference not in chosen:
        raise InputError(f"--reference {reference}: not among the arms that are compared ({', '.join(chosen)})")
    answerers = {arm: assistant.answerer(arm) for arm in chosen}
    if weighing := assistant.weighing:
        answerers |= {arm: weighed(answerer, weighing) for arm, answerer in answerers.items() if arm != "auto"}
    stamp = what_is_built(assistant)
    folder = project.comparisons / hashlib.sha256(json.dumps([stamp, chosen, len(questions)]).encode()).hexdigest()[:12]
    result = compare(
        answerers,
        questions,
        seed=project.settings.seed,
        records=folder / "answers.jsonl",
        on_progress=on_progress,
        prices=prices_of(assistant, table),
        stamp=stamp,
        taught=taught(questions, project.training_examples()),
        documents={q.id: file_of(q.source[0]) for q in questions if q.source},
        reference=reference,
    ).to_json()
    write_json(folder / "comparison.json", result)
    return result, folder / "answers.jsonl"


def taught(questions: Sequence[Example], examples: Sequence[Example]) -> set[str]:
    """The ids of the questions that ask for what an example teaches already: by their evidence, else by their answer."""
    evidence = {normalise(piece) for e in examples for piece in e.evidence}
    answers = {normalise(e.answer) for e in examples if e.answer}

    def learned(q: Example) -> bool:
        if q.evidence:
            return all(normalise(piece) in evidence for piece in q.evidence)
        return q.answer is not None and len(q.answer.split()) >= _WORDS and normalise(q.answer) in answers

    return {q.id for q in questions if learned(q)}


def what_is_built(assistant: Assistant, *, measured: bool = True) -> str:
    """A hash of everything an answer depends on: settings, examples, index, adapter and starter, router, default judge.

    With what was ``measured`` of the arms, unless that is what is asked for.
    """
    project = assistant.project
    parts: list[Any] = [project.settings.model_dump(exclude={"recipe": {"minutes"}})]
    manifests = [p / MANIFEST for p in (project.index, project.retrieval, project.memory)] + [
        project.router_file,
        project.answerability / MANIFEST,
        project.abstention_file,
        project.openings_file,
        project.quoting_file,
    ]
    if measured:
        manifests.append(project.routes_file)
    if adapter := current(project.adapters):
        manifests.append(adapter / MANIFEST)
    parts += [read_json(file) if file.is_file() else None for file in manifests]
    parts.append([fingerprint(project.training_examples(), ()), CLASSES])
    starter, judge = (
        assistant.starter,
        None if project.abstention_file.is_file() else default_judge(assistant.embedder.name),
    )
    parts.append([starter and starter_id(starter), judge and asdict(judge)])
    parts[1] = {**(parts[1] or {}), "generation": None}  # how often the index was written says nothing of what it holds
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
