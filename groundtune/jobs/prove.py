"""A comparison in a project: which arms, which questions, where the scores are kept. Scores nothing itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
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
    from compare.answer_costs import Prices
    from compare.changes import ChangesJson
    from compare.comparison_json import ComparisonJson
    from compare.comparison_result import Comparison
    from compare.run_comparison import Looks
    from compare.score import Score
    from lm.answerer import Answerer

COMPARISON = "comparison.json"
_ANSWERS = "answers.jsonl"
_WORDS = 4
"""Of an answer by which a question is known again: a shorter one answers many."""


@dataclass(frozen=True)
class PilotPlan:
    """The questions that a pilot may ask, after how many it is looked at, and when it is enough."""

    questions: Sequence[Example]
    looks: Looks
    enough: Callable[[Comparison], bool]


def prove(
    assistant: Assistant,
    arms: Sequence[str] | None = None,
    limit: int | None = None,
    on_progress: OnProgress = untold,
    prices: Path | None = None,
    *,
    reference: str = "",
    imported: Sequence[Path] = (),
    against: Path | None = None,
    plan: PilotPlan | None = None,
) -> tuple[ComparisonJson, Path]:
    """Compare ``arms`` (every built one, and ``auto``) on the held-out questions: the result and the file of answers.

    ``prices`` overrides entries of the price table; ``reference`` is the arm that each other one is tested against, where not
    every pair is; each file of ``imported`` holds the answers of another system; ``against`` is an earlier comparison;
    ``plan`` is a pilot's. Raises ``InputError`` where no question is held out. The folder's number follows from what is
    compared: the same again resumes or reuses it.
    """
    from compare.run_comparison import compare

    project = assistant.project
    questions = list(plan.questions) if plan else project.held_out_questions()[:limit]
    if not questions:
        raise InputError("there is no question to compare on", [project.nothing_held_out()])
    before = _earlier(against) if against else None
    answerers = _answerers(assistant, arms, imported, questions, reference)
    stamp = what_is_built(assistant)
    stamp += "pilot" * bool(plan) + "".join(sha256(file.read_bytes()).hexdigest() for file in imported)
    folder = project.comparisons / _number_of(stamp, list(answerers), len(questions))
    documents = {q.id: file_of(q.source[0]) for q in questions if q.source}
    result = compare(
        answerers,
        questions,
        seed=project.settings.seed,
        records=folder / _ANSWERS,
        on_progress=on_progress,
        prices=_prices(assistant, prices),
        stamp=stamp,
        taught=taught(questions, project.training_examples()),
        documents=documents,
        reference=reference,
        looks=plan.looks if plan else (),
        enough=plan.enough if plan else None,
    ).to_json()
    answers = folder / _ANSWERS
    if before:
        result["changes"] = _since(before, answers, project.settings.seed, documents)
    write_json(folder / COMPARISON, result)
    return result, answers


def _prices(assistant: Assistant, file: Path | None) -> Prices:
    from advisor.price_table import read_prices
    from groundtune.project.prices import prices_of

    return prices_of(assistant, read_prices(file))


def _number_of(stamp: str, arms: Sequence[str], questions: int) -> str:
    """The comparison's number: the same for the same arms, questions and build."""
    return sha256(json.dumps([stamp, arms, questions]).encode()).hexdigest()[:12]


def _earlier(run: Path) -> tuple[Path, list[Score]]:
    """The answers of an earlier comparison, read before new ones may take their place."""
    from compare.run_comparison import recorded_scores

    file = earlier_answers(run)
    return file, recorded_scores(file)


def _since(earlier: tuple[Path, list[Score]], now: Path, seed: int, documents: Mapping[str, str]) -> ChangesJson:
    from compare.changes import changes
    from compare.run_comparison import recorded_scores

    file, before = earlier
    return changes(recorded_scores(now), before, str(file), seed=seed, documents=documents)


def _answerers(
    assistant: Assistant,
    arms: Sequence[str] | None,
    imported: Sequence[Path],
    questions: Sequence[Example],
    reference: str,
) -> dict[str, Answerer]:
    """The arms to compare by name: the project's own, then the other systems' recorded ones."""
    from compare.recorded_arm import RecordedArm
    from router.answer_chance import weighed

    built = (*assistant.available, "auto")
    chosen = [a.strip() for a in arms] if arms else [a for a in all_arms() if a in built]
    answerers = {arm: assistant.answerer(arm) for arm in chosen}
    if weighing := assistant.weighing:
        answerers |= {arm: weighed(answerer, weighing) for arm, answerer in answerers.items() if arm != "auto"}
    ids = {q.id: q.question for q in questions}
    for file in imported:
        if file.stem in answerers:
            mend = "name the file as the system should be called"
            raise InputError(f"--jsonl {file}: an arm is called {file.stem} already", mend=mend)
        answerers[file.stem] = RecordedArm.read(file.stem, file, ids)
    if reference and reference not in answerers:
        mend = f"name one of {', '.join(answerers)}"
        raise InputError(f"--reference {reference}: not among the arms that are compared", mend=mend)
    return answerers


def earlier_answers(run: Path) -> Path:
    """The file of answers of an earlier comparison: ``run`` is it, its folder, or a project, whose last one is taken.

    Raises ``InputError`` where there is none.
    """
    if run.is_file():
        return run.with_name(_ANSWERS)
    kept = [run / _ANSWERS] if (run / _ANSWERS).is_file() else [*run.glob(f".groundtune/comparisons/*/{_ANSWERS}")]
    if not kept:
        mend = "name a comparison's folder or file under .groundtune/comparisons, or a project that was compared"
        raise InputError(f"--against {run}: no comparison there", mend=mend)
    return max(kept, key=lambda file: file.stat().st_mtime)


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
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
