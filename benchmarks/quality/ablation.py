"""What each part of reading is worth: the sample shop's questions answered with one part off at a time.

``python -m benchmarks.quality.ablation [--project DIR]``: takes a provisioned project, answers its held-out questions with
the hybrid arm as it is and with each part off, and sets ``auto`` together from that: questions that it sends elsewhere keep
their arm's answer. Differences are paired. Only what is used when a question is asked can be switched off here: nothing is
trained anew. Kept in ``benchmarks/results/ablation.json``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy

from benchmarks.machine import keep, rounded
from compare.score import Score, score
from compare.significance import paired_difference
from corpus.records import Example
from groundtune.assistant import Assistant
from groundtune.offline import be_quiet
from groundtune.project.project import open_project
from groundtune.reader import reader
from rag.answer.reading_arm import PassageAnswerer
from router.auto_arm import AutoAnswerer

Change = Callable[[PassageAnswerer], None]


def _prior_alone(arm: PassageAnswerer) -> None:
    arm.selector = arm.selector and replace(arm.selector, likelihood=None)


def _likelihood_alone(arm: PassageAnswerer) -> None:
    arm.selector = arm.selector and replace(arm.selector, prior_weight=0.0)


def _whole_passages(arm: PassageAnswerer) -> None:
    arm.selector = None


def _without(name: str) -> Change:
    return lambda arm: setattr(arm, name, None)


OFF: dict[str, Change] = {
    "as it is": lambda arm: None,
    "no likelihood: sentences by place, cosine and words": _prior_alone,
    "no prior: sentences by likelihood alone": _likelihood_alone,
    "no sentences: whole passages are shown": _whole_passages,
    "no earlier answers": _without("memory"),
    "questions that ask two things are read as one": _without("parts"),
    "no openings": _without("opening"),
    "never abstains by itself": _without("judge"),
}


def main() -> None:
    """Answer with one part off at a time, compare, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--project", type=Path, default=Path(".groundtune-bench") / "sample")
    be_quiet()
    assistant = Assistant(open_project(options.parse_args().project))
    questions = assistant.project.held_out_questions()
    routed = elsewhere(assistant, questions)
    made: dict[str, list[Score]] = {}
    for name, change in OFF.items():
        arm = copy(reader(assistant, "hybrid"))
        change(arm)
        made[name] = _scored(arm, questions)
        print(name, _mean(made[name], "f1"), flush=True)
    whole = made["as it is"]
    figures: dict[str, Any] = {name: _figures(of, whole, questions) for name, of in made.items()}
    auto = [routed.get(s.id, s) for s in whole]
    figures["no routing: hybrid answers everything"] = figures["as it is"] | {
        "auto_less": _less(whole, auto),
        "auto": _means(whole),
    }
    for name, of in made.items():
        changed = [routed.get(s.id, s) for s in of]
        figures[name] |= {"auto": _means(changed), "auto_less": _less(changed, auto)}
    print(keep("ablation", {"data": "data/outdoor-shop", "sent_elsewhere": len(routed), "off": figures}))


def elsewhere(assistant: Assistant, questions: Sequence[Example]) -> dict[str, Score]:
    """By id the scores of the questions that ``auto`` sends to another arm than hybrid."""
    auto = assistant.answerer("auto")
    if not isinstance(auto, AutoAnswerer):
        raise TypeError(f"auto routes nothing here: {type(auto).__name__}")
    sent = [q for q in questions if auto.route(q.question).arm != "hybrid"]
    return {q.id: score(auto.answer(q.question), q, "auto") for q in sent}


def _scored(arm: PassageAnswerer, questions: Sequence[Example]) -> list[Score]:
    answers = arm.answer_each([q.question for q in questions])
    return [score(a, q, "hybrid", False) for a, q in zip(answers, questions, strict=True)]


def _figures(of: Sequence[Score], whole: Sequence[Score], questions: Sequence[Example]) -> dict[str, Any]:
    kinds = dict.fromkeys(q.kind for q in questions)
    by_kind = {kind: _means([s for s in of if s.kind == kind]) for kind in kinds}
    refused = {
        "right": sum(s.refused and not s.answerable for s in of),
        "wrong": sum(s.refused and s.answerable for s in of),
    }
    return {"hybrid": _means(of), "hybrid_less": _less(of, whole), "refused": refused, "kinds": by_kind}


def _means(of: Sequence[Score]) -> dict[str, float]:
    return {"f1": _mean(of, "f1"), "key_facts": _mean(of, "contains")}


def _mean(of: Sequence[Score], metric: str) -> float:
    return round(float(numpy.mean([getattr(s, metric) for s in of])), 4)


def _less(of: Sequence[Score], whole: Sequence[Score]) -> dict[str, dict[str, float]]:
    """What is gained by F1 and by key facts over the whole, question by question."""
    return {
        shown: rounded(asdict(paired_difference([getattr(s, m) for s in of], [getattr(s, m) for s in whole])))
        for shown, m in (("f1", "f1"), ("key_facts", "contains"))
    }


if __name__ == "__main__":
    main()
