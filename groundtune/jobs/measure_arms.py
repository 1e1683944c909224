"""Which arm answers what: measured on the examples that training held back, when a project is provisioned.

Nothing was trained on these questions, and no earlier answer of theirs is shown or looked up while they are asked. Where no
adapter is built nothing was trained on any example: they are asked part by part, each as if it had never been seen. Never
sees a held-out question.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from corpus.atomic_files import MANIFEST, read_json, write_json
from corpus.examples.split import alike
from corpus.progress import OnProgress, Progress, untold
from corpus.records import Example
from finetune.versions import current
from groundtune.assistant import Assistant
from groundtune.jobs.prove import what_is_built
from groundtune.jobs.taught_examples import taught_examples
from lm.answerer import Answer, Answerer, Batching
from lm.arm_facts import baselines, preferred
from router.measured_arms import ALONE, DOCUMENTS, Measured, mean

if TYPE_CHECKING:
    from compare.score import Score
    from router.answer_chance import Chance
    from router.question_sort import QuestionSort
    from router.wording import Wording

_MOST = 96
"""Questions that every arm is asked, at most: a few minutes on two cores."""

_PARTS = 5
"""Of the examples, where none was trained on."""

_MEASURED = 7
"""Raised where the arms are measured differently."""


def measure_arms(assistant: Assistant, *, anew: bool = False, on_progress: OnProgress = untold) -> Measured | None:
    """Ask every built arm the examples held back, and learn which questions are answered without documents.

    None where nothing was held back, or there are no examples; the rules decide then. ``anew``: whatever is kept.
    ``on_progress`` is told each arm before it is asked.
    """
    project = assistant.project
    file = project.routes_file
    examples = project.training_examples()
    unseen = _unseen(assistant, examples)
    if not unseen:
        file.unlink(missing_ok=True)
        return None
    made_of = _made_of(assistant)
    if not anew and file.is_file() and (kept := read_json(file))["made_of"] == made_of:
        return Measured.from_json(kept["measured"])
    closed = _closed(assistant, examples)
    scores, chances = _scores(assistant, examples, unseen, closed, on_progress)
    measured = Measured(scores, *_answered_alone(assistant, examples, closed), chances)
    write_json(file, {"made_of": made_of, "measured": measured.to_json()})
    assistant.forget_tuning()
    return measured


def _unseen(assistant: Assistant, examples: Sequence[Example]) -> list[set[str]]:
    """The ids of the examples that nothing was trained on, in parts that are each asked together.

    Without an adapter these are all but questions that nearly all say the same; what says the same stays together.
    """
    adapter = assistant.sound_adapter
    if adapter:
        held_back = set(read_json(adapter / MANIFEST).get("held_back", ()))
        return [held_back] if held_back else []
    if current(assistant.project.adapters):
        return []
    groups = [group for group in alike(examples) if len(group) * _PARTS <= len(examples)]
    random.Random(assistant.project.settings.seed).shuffle(groups)
    parts = [{examples[n].id for group in groups[at::_PARTS] for n in group} for at in range(_PARTS)]
    return [part for part in parts if part]


def _closed(assistant: Assistant, examples: Sequence[Example]) -> dict[str, bool]:
    """By id: was the example answered although no document is known to hold its answer?"""

    if not assistant.index.exists:
        return dict.fromkeys((e.id for e in examples), False)
    _, right = taught_examples(assistant).of(examples)

    def alone(e: Example) -> bool:
        return e.answer is not None and not (right[e.id] or e.evidence or e.source or e.kind == "changed")

    return {e.id: alone(e) for e in examples}


def _answered_alone(
    assistant: Assistant, examples: Sequence[Example], closed: dict[str, bool]
) -> tuple[QuestionSort | None, Wording]:
    """What tells questions that are answered without documents, and the words it reads."""
    from router.question_sort import learn_sort
    from router.wording import learn_wording, with_words

    asked = [e.question for e in examples]
    wording = learn_wording(asked)
    vectors = with_words(assistant.embedder.embed(asked), asked, wording)
    return learn_sort(vectors, [closed[e.id] for e in examples], assistant.project.settings.seed), wording


def _scores(
    assistant: Assistant,
    examples: Sequence[Example],
    unseen: Sequence[set[str]],
    closed: dict[str, bool],
    on_progress: OnProgress,
) -> tuple[dict[str, dict[str, tuple[float, ...]]], dict[str, Chance]]:
    """The mean of token F1 and key facts by sort and arm, on up to ``_MOST`` examples that were not seen.

    F1 alone favours short answers, key facts alone long ones. Beside it, by arm, how likely an answer of it to
    a question that documents answer, or should, is right.
    """
    from compare.score import score
    from router.answer_chance import features_of, learn_chance

    known = [e for e in examples if any(e.id in part for part in unseen)]
    asked = random.Random(assistant.project.settings.seed).sample(known, min(_MOST, len(known)))
    sorts = {DOCUMENTS: [e for e in asked if not closed[e.id]], ALONE: [e for e in asked if closed[e.id]]}
    worths: dict[str, dict[str, tuple[float, ...]]] = {sort: {} for sort in sorts}
    chances: dict[str, Chance] = {}
    near = _nearest(assistant, unseen, asked)
    arms = _asked(assistant)
    for done, arm in enumerate(arms):
        on_progress(Progress("measure", done, len(arms), arm))
        said = _answers(assistant.answerer(arm), asked, unseen)
        features, right = [], []
        for sort, of in sorts.items():
            answers = [said[e.id] for e in of]
            scores = [score(a, e, arm, False) for a, e in zip(answers, of, strict=True)]
            worths[sort][arm] = tuple(map(_worth, scores))
            if sort == ALONE:
                continue
            features += [features_of(a, near[a.question]) for a in answers if not a.abstained]
            right += [s.is_right for a, s in zip(answers, scores, strict=True) if not a.abstained]
        if chance := learn_chance(features, right):
            chances[arm] = chance
    return worths, chances


def _asked(assistant: Assistant) -> tuple[str, ...]:
    """The arms that are measured: where there is no adapter, none that needs a model which is not here."""
    here = assistant.sound_adapter or assistant.model_is_here
    return tuple(arm for arm in assistant.available if here or arm in baselines())


def _nearest(assistant: Assistant, unseen: Sequence[set[str]], asked: Sequence[Example]) -> dict[str, float]:
    """By question the cosine of the nearest example of another part."""
    cosines: dict[str, float] = {}
    for part in unseen:
        lookup = assistant.lookup.without(part)
        of = [e.question for e in asked if e.id in part]
        cosines |= {q: lookup.nearest(q)[1] for q in of} if lookup.examples else dict.fromkeys(of, 0.0)
    return cosines


def _worth(scored: Score) -> float:
    return (scored.f1 + scored.contains) / 2


def _answers(answerer: Answerer, asked: Sequence[Example], unseen: Sequence[set[str]]) -> dict[str, Answer]:
    """By the id of the question the answer that is given as if nothing of its part had ever been seen."""
    answers_by_id: dict[str, Answer] = {}
    for part in unseen:
        of, unknowing = [e for e in asked if e.id in part], _without(answerer, part)
        if isinstance(unknowing, Batching) and of:
            answers = unknowing.answer_each([e.question for e in of])
        else:
            answers = [unknowing.answer(e.question) for e in of]
        answers_by_id |= {e.id: answer for e, answer in zip(of, answers, strict=True)}
    return answers_by_id


def _without(answerer: Answerer, ids: set[str]) -> Answerer:
    """The same arm as if these examples had never been seen."""
    from rag.answer.lookup_arm import LookupAnswerer
    from rag.answer.reading_arm import PassageAnswerer

    if isinstance(answerer, LookupAnswerer):
        return answerer.without(ids)
    if isinstance(answerer, PassageAnswerer) and answerer.memory:
        arm = copy(answerer)
        arm.memory = answerer.memory.without(ids)
        return arm
    return answerer


def _made_of(assistant: Assistant) -> str:
    return f"{what_is_built(assistant, measured=False)}/{_MEASURED}"


def known(assistant: Assistant) -> dict[str, Any]:
    """What the router of a project knows: what was measured of the arms, else why nothing was, and its thresholds and rules."""
    from groundtune.jobs.status import abstention
    from router.rules import load_rules

    project, file = assistant.project, assistant.project.routes_file
    kept = read_json(file) if file.is_file() else None
    measured = Measured.from_json(kept["measured"]) if kept else None
    rules = load_rules(project.router_file)
    return {
        "arms": list(assistant.available),
        "best": preferred(assistant.available),
        "measured": routes_report(measured, assistant.available) if measured else None,
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
    examples = assistant.project.training_examples()
    if not examples:
        return "there are no examples to measure the arms on"
    if not _unseen(assistant, examples):
        return "no example was kept out of training to measure the arms on"
    return "not measured yet: groundtune router train does it"


def routes_report(measured: Measured, available: Sequence[str]) -> dict[str, Any]:
    """What ``provision`` reports: for each sort of question the arm that answers it, and what the arms scored."""
    sorts: dict[str, Any] = {}
    for sort in (DOCUMENTS, ALONE):
        chosen = measured.best(sort, available)
        scores = {arm: round(mean(s), 4) for arm, s in measured.scores.get(sort, {}).items() if s}
        sorts[sort] = {"arm": chosen.arm, "measured": chosen.measured, "questions": chosen.questions, "score": scores}
    closed = measured.closed_book
    sorts["answered_alone"] = {"known": closed.right, "mistaken": closed.wrong} if closed else None
    return sorts
