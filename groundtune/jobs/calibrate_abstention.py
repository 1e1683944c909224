"""When a project's arms abstain: learned from its training questions at provisioning. Never sees a held-out question."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.atomic_files import MANIFEST, read_json, write_json
from corpus.fingerprint import fingerprint
from corpus.records import Example, Passage
from groundtune.assistant import Assistant
from groundtune.jobs.taught_examples import taught_examples
from groundtune.reader import reader

if TYPE_CHECKING:
    from router.answerability import Answerability

_MOST = 1500
"""Questions that are looked at: more teach little and cost a hundredth of a second each."""
_ASKED = 60
"""Questions that the adapter was not trained on, asked to see how often it refuses an answerable one."""
_REFUSAL_TOKENS = 10


def calibrate_abstention(assistant: Assistant) -> dict[str, float] | None:
    """Learn to tell unanswerable questions and set the thresholds below which the arms with retrieval abstain.

    ``refuse_below``: whatever the model says. ``insist_from``: from there on a refusal of the tuned model does not count;
    between both it does. They are set so that both together turn away at most 4 % of answerable questions. The starter, which
    ``rag`` reads with, has an ``insist_from`` of its own: ``starter_insist_from``. None where too few examples have known
    documents.
    """
    from router.abstention_thresholds import believed, held_below, turned_away

    project = assistant.project
    if not assistant.index.exists or (learned := _learned(assistant)) is None:
        shutil.rmtree(project.answerability, ignore_errors=True)
        project.abstention_file.unlink(missing_ok=True)
        assistant.forget_tuning()
        return None
    by_starter = _refused_wrongly(assistant, "rag", assistant.starter)
    tuned = assistant.sound_adapter
    refused = _refused_wrongly(assistant, "hybrid", tuned) if tuned else by_starter
    certain, doubted = turned_away(refused)
    thresholds = {
        "refuse_below": round(held_below(learned, certain), 4),
        "insist_from": round(held_below(learned, doubted), 4),
        "refused_by_the_model": round(refused, 4),
    }
    if assistant.starter:
        thresholds |= {
            "starter_insist_from": round(held_below(learned, believed(by_starter, certain)), 4),
            "refused_by_the_starter": round(by_starter, 4),
        }
    write_json(project.abstention_file, thresholds)
    assistant.forget_tuning()
    return thresholds


def _learned(assistant: Assistant) -> Answerability | None:
    """What tells unanswerable questions, learned anew where examples or index changed."""
    from corpus.examples.evidence_passages import same_file
    from rag.retrieve.signs import signs
    from router.answerability import ANSWERABILITY, learn_answerability, load_answerability

    project, embedder, retriever = assistant.project, assistant.embedder, assistant.retriever
    passages = assistant.index.passages()
    examples = _drawn(in_own_words(project.training_examples(), passages), _MOST, project.settings.seed)
    if not examples:
        return None
    made_of = fingerprint(examples, passages, embedder.name, retriever.tuning.word_weight, ANSWERABILITY)
    kept = load_answerability(project.answerability, made_of)
    if kept:
        return kept
    standing, right = taught_examples(assistant).of(examples)
    sources = [entry.source for entry in assistant.index.entries()]
    named = {n: {s for s in sources if same_file(s, n)} for n in {n for e in standing for n in e.source}}
    own = {e.id: {p.source for p in right[e.id]}.union(*(named[n] for n in e.source)) for e in standing}
    vectors = embedder.embed([e.question for e in examples])
    here, gone = [], []
    for e, vector in zip(examples, vectors, strict=True):
        here.append(signs(retriever, e.question, vector)[0])
        known = e.answer is not None and bool(own[e.id])
        gone.append(signs(retriever, e.question, vector, own[e.id])[0] if known else None)
    answerable = [e.answer is not None for e in examples]
    learned = learn_answerability(vectors, answerable, here, gone, project.settings.seed)
    if learned:
        learned.save(project.answerability, made_of)
    return learned


def in_own_words(examples: Sequence[Example], passages: Sequence[Passage]) -> list[Example]:
    """The examples whose question does not stand in the documents word for word.

    A list of questions and answers that is indexed and taught holds them all. How near the documents come to these tells
    nothing of how near they come to a question that somebody asks.
    """
    from corpus.text.match import normalise

    texts = {normalise(t) for p in passages for t in (p.text, p.heading)}
    whole = "\n".join(sorted(texts))
    return [e for e in examples if normalise(e.question) not in whole]


def _refused_wrongly(assistant: Assistant, arm: str, adapter: Path | None) -> float:
    """The share of answerable questions that ``arm`` refuses by this adapter, which was not trained on them; 0 without one.

    One more of each sort is counted than was seen (Laplace), so that a few questions prove nothing too well.
    """
    from corpus.text.refusal import is_refusal
    from lm.engine_contract import generate_each
    from lm.prompts import messages_for, split_pointer

    project = assistant.project
    if adapter is None:
        return 0.0
    held_back = set(read_json(adapter / MANIFEST).get("held_back", ()))
    known = [e for e in project.training_examples() if e.answer is not None and e.kind != "general"]
    asked = _drawn([e for e in known if e.id in held_back] or known, _ASKED, project.settings.seed)
    reading = reader(assistant, arm)
    chats = [messages_for(e.question, [s.text for s in reading.shown(e.question, but=(e.id,))]) for e in asked]
    replies = generate_each(assistant.generator, chats, adapter=adapter, max_new_tokens=_REFUSAL_TOKENS)
    return (sum(is_refusal(split_pointer(m.text)[1]) for m in replies) + 1) / (len(replies) + 2)


def _drawn(examples: Sequence[Example], most: int, seed: int) -> list[Example]:
    few = list(examples)
    return few if len(few) <= most else random.Random(seed).sample(few, most)


def calibrated(assistant: Assistant) -> dict[str, Any] | None:
    """When to say that nothing is known: as the training questions teach (``calibrated``), else by the defaults."""
    from router.default_judge import default_judge

    learned = calibrate_abstention(assistant)
    if learned:
        assistant.project.router_file.unlink(missing_ok=True)
        return learned | {"calibrated": True}
    router = calibrate_router(assistant)
    if router is None:
        return None
    default = default_judge(assistant.embedder.name)
    examples = assistant.project.training_examples()
    if word_for_word := len(examples) - len(in_own_words(examples, assistant.index.passages())):
        router |= {"word_for_word": word_for_word}
    return router | ({"refuse_below": default.refuse_below} if default else {}) | {"calibrated": False}


def by_default() -> dict[str, Any]:
    """What ``calibrated`` tells where there are no documents."""
    from router.rules import default_rules

    return {"nothing_relevant": default_rules().nothing_relevant, "calibrated": False}


def calibrate_router(assistant: Assistant) -> dict[str, float] | None:
    """Set the threshold for "nothing relevant" from the training questions: ``auto`` abstains by it without a judge."""
    from router.relevance_threshold import calibrate
    from router.rules import default_rules

    project = assistant.project
    if not assistant.index.exists:
        return None

    def similarity(question: str) -> float:
        return max((f.similarity for f in assistant.retriever.retrieve(question, project.settings.passages)), default=0)

    asked = in_own_words(project.training_examples(), assistant.index.passages())
    rules = calibrate(asked, similarity, default_rules())
    rules.save(project.router_file)
    return {"nothing_relevant": rules.nothing_relevant}
