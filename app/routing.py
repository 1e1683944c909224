"""Which arm answers what: measured on the examples that training held back, when a project is provisioned.

Nothing was trained on these questions, and no earlier answer of theirs is shown or looked up while they are asked. Never sees
a held-out question.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from app.assistant import Assistant
from app.proof import what_is_built
from corpus.records import Example
from corpus.store import MANIFEST, read_json, write_json
from lm.answer import Answer, Answerer, Batching
from router.measured import ALONE, DOCUMENTS, Measured, mean

if TYPE_CHECKING:
    from compare.run import Score
    from router.chance import Chance
    from router.sort import QuestionSort
    from router.wording import Wording

OnArm = Callable[[str, int, int], None]
_MOST = 48
"""Questions that every arm is asked, at most: a few minutes on two cores."""

_MEASURED = 2
"""Raised where the arms are measured differently."""


def measure_arms(assistant: Assistant, *, anew: bool = False, on_arm: OnArm | None = None) -> Measured | None:
    """Ask every built arm the examples held back, and learn which questions are answered without documents.

    None where there is no adapter or nothing was held back; the rules decide then. ``anew``: whatever is kept. ``on_arm`` is
    told the arm, how many are done and how many there are.
    """
    project, adapter = assistant.project, assistant.sound_adapter
    file = project.routes_file
    held_back = set(read_json(adapter / MANIFEST).get("held_back", ())) if adapter else set()
    examples = project.training_examples()
    if not held_back or not assistant.index.exists:
        file.unlink(missing_ok=True)
        return None
    made_of = _made_of(assistant)
    if not anew and file.is_file() and (kept := read_json(file))["made_of"] == made_of:
        return Measured.from_json(kept["measured"])
    closed = _closed(assistant, examples)
    scores, chances = _scores(assistant, examples, held_back, closed, on_arm)
    measured = Measured(scores, *_answered_alone(assistant, examples, closed), chances)
    write_json(file, {"made_of": made_of, "measured": measured.to_json()})
    assistant.forget_tuning()
    return measured


def _closed(assistant: Assistant, examples: Sequence[Example]) -> dict[str, bool]:
    """By id: was the example answered although no document is known to hold its answer?"""
    from app.provision import right_passages

    _, right = right_passages(assistant.retriever, examples)

    def alone(e: Example) -> bool:
        return e.answer is not None and not (right[e.id] or e.evidence or e.source or e.kind == "changed")

    return {e.id: alone(e) for e in examples}


def _answered_alone(
    assistant: Assistant, examples: Sequence[Example], closed: dict[str, bool]
) -> tuple[QuestionSort | None, Wording]:
    """What tells questions that are answered without documents, and the words it reads."""
    from router.sort import learn_sort
    from router.wording import learn_wording, with_words

    asked = [e.question for e in examples]
    wording = learn_wording(asked)
    vectors = with_words(assistant.embedder.embed(asked), asked, wording)
    return learn_sort(vectors, [closed[e.id] for e in examples], assistant.project.settings.seed), wording


def _scores(
    assistant: Assistant,
    examples: Sequence[Example],
    held_back: set[str],
    closed: dict[str, bool],
    on_arm: OnArm | None,
) -> tuple[dict[str, dict[str, tuple[float, ...]]], dict[str, Chance]]:
    """The mean of token F1 and key facts by sort and arm, on up to ``_MOST`` examples held back.

    F1 alone favours short answers, key facts alone long ones. Beside it, by arm, how likely an answer of it is right.
    """
    from compare.run import score
    from router.chance import RIGHT_F1, features_of, learn_chance

    known = [e for e in examples if e.id in held_back]
    asked = random.Random(assistant.project.settings.seed).sample(known, min(_MOST, len(known)))
    sorts = {DOCUMENTS: [e for e in asked if not closed[e.id]], ALONE: [e for e in asked if closed[e.id]]}
    told: dict[str, dict[str, tuple[float, ...]]] = {sort: {} for sort in sorts}
    chances: dict[str, Chance] = {}
    near = _nearest(assistant, held_back, [e.question for of in sorts.values() for e in of])
    for done, arm in enumerate(assistant.available):
        if on_arm:
            on_arm(arm, done, len(assistant.available))
        answerer = _without(assistant.answerer(arm), held_back)
        features, right = [], []
        for sort, of in sorts.items():
            answers = _answers(answerer, [e.question for e in of])
            scores = [score(a, e, arm, False) for a, e in zip(answers, of, strict=True)]
            told[sort][arm] = tuple(map(_worth, scores))
            features += [features_of(a, near[a.question]) for a in answers if not a.abstained]
            right += [
                s.contains == 1 or s.f1 >= RIGHT_F1 for a, s in zip(answers, scores, strict=True) if not a.abstained
            ]
        if chance := learn_chance(features, right):
            chances[arm] = chance
    return told, chances


def _nearest(assistant: Assistant, held_back: set[str], questions: Sequence[str]) -> dict[str, float]:
    """By question the cosine of the nearest example that was not held back."""
    lookup: Any = _without(assistant.answerer("lookup"), held_back)
    return {q: lookup.nearest(q)[1] for q in questions} if lookup.examples else dict.fromkeys(questions, 0.0)


def _worth(scored: Score) -> float:
    return (scored.f1 + scored.contains) / 2


def _answers(answerer: Answerer, questions: Sequence[str]) -> list[Answer]:
    if isinstance(answerer, Batching) and questions:
        return answerer.answer_each(questions)
    return [answerer.answer(q) for q in questions]


def _without(answerer: Answerer, ids: set[str]) -> Answerer:
    """The same arm as if these examples had never been seen."""
    from lm.lookup import LookupAnswerer
    from rag.answer import PassageAnswerer

    if isinstance(answerer, LookupAnswerer):
        return LookupAnswerer(answerer.embedder, [e for e in answerer.examples if e.id not in ids])
    if isinstance(answerer, PassageAnswerer) and answerer.memory:
        made = copy(answerer)
        made.memory = answerer.memory.without(ids)
        return made
    return answerer


def _made_of(assistant: Assistant) -> str:
    return f"{what_is_built(assistant, measured=False)}/{_MEASURED}"


def known(assistant: Assistant) -> dict[str, Any]:
    """What the router of a project knows: what was measured of the arms, else why nothing was, and its thresholds and rules."""
    from app.status import abstention
    from router.route import PREFERENCE
    from router.rules import load_rules

    project, file = assistant.project, assistant.project.routes_file
    kept = read_json(file) if file.is_file() else None
    measured = Measured.from_json(kept["measured"]) if kept else None
    rules = load_rules(project.router_file)
    return {
        "arms": list(assistant.available),
        "best": next(arm for arm in PREFERENCE if arm in assistant.available),
        "measured": told_of(measured, assistant.available) if measured else None,
        "up_to_date": kept["made_of"] == _made_of(assistant) if kept else None,
        "not_measured": None if measured else _not_measured(assistant),
        "abstention": abstention(project) if assistant.index.exists else None,
        "rules": {
            "nothing_relevant": rules.nothing_relevant,
            "near_example": rules.near_example,
            "fresh_words": list(rules.fresh_words),
            "reasons": rules.reasons,
        },
    }


def _not_measured(assistant: Assistant) -> str:
    adapter = assistant.sound_adapter
    if not assistant.index.exists:
        return "there is no index: groundtune provision builds one"
    if adapter is None:
        return "there is no adapter, so the arms are not told apart by their scores"
    if not read_json(adapter / MANIFEST).get("held_back"):
        return "no example was kept out of training to measure the arms on"
    return "not measured yet: groundtune router train does it"


def told_of(measured: Measured, available: Sequence[str]) -> dict[str, Any]:
    """What ``provision`` reports: for each sort of question the arm that answers it, and what the arms scored."""
    made: dict[str, Any] = {}
    for sort in (DOCUMENTS, ALONE):
        chosen = measured.best(sort, available)
        scores = {arm: round(mean(s), 4) for arm, s in measured.scores.get(sort, {}).items() if s}
        made[sort] = {"arm": chosen.arm, "measured": chosen.measured, "questions": chosen.questions, "score": scores}
    closed = measured.closed_book
    made["answered_alone"] = {"known": closed.right, "mistaken": closed.wrong} if closed else None
    return made
