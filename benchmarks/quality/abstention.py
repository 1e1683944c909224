"""When to say "I don't know.": how well answerable and unanswerable questions are told apart, and what arms do with it.

``python -m benchmarks.quality.abstention --sample DIR --xquad DIR``: two provisioned projects, calibrated on their training
questions. The sample shop's held-out questions hold 27 without an answer, near misses about the same shop; XQuAD's held-out
questions are asked once as they are and once with every paragraph of their own article taken for absent. Area under the ROC
curve with a bootstrap interval, of the calibrated probability and of the best cosine alone; refusals at the calibrated
thresholds. For the sample shop also what the arms reply, with and without the calibration. Kept in
``benchmarks/results/abstention.json``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy

from benchmarks.machine import keep, rounded
from compare.score import score
from compare.significance import interval, share
from corpus.atomic_files import read_json
from corpus.records import Example
from groundtune.assistant import Assistant
from groundtune.offline import be_quiet
from groundtune.project.project import open_project
from lm.answerer import Answer
from rag.answer.reading_arm import PassageAnswerer
from rag.retrieve.signs import signs

ARMS = ("hybrid", "rag")
_BOOTSTRAPS = 2_000
_TOGETHER = 16


def main() -> None:
    """Judge, answer, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sample", type=Path, required=True)
    options.add_argument("--xquad", type=Path, required=True)
    options.add_argument("--arms", default=",".join(ARMS))
    given = options.parse_args()
    be_quiet()
    sample, xquad = (Assistant(open_project(folder)) for folder in (given.sample, given.xquad))
    told = {"sample": told_apart(sample, _sample), "xquad_other_articles": told_apart(xquad, _other_articles)}
    print(told, flush=True)
    arms = {arm: replies(sample, arm) for arm in given.arms.split(",")}
    print(
        keep(
            "abstention", {"data": "data/outdoor-shop, XQuAD English (CC BY-SA 4.0)", "told_apart": told, "arms": arms}
        )
    )


def told_apart(assistant: Assistant, asked: Any) -> dict[str, Any]:
    """AUROC and refusals by the calibrated probability over ``asked(assistant)``: question, absent sources, answerable."""
    rows: list[tuple[str, frozenset[str], bool]] = asked(assistant)
    judge, retriever = assistant.judge, assistant.retriever
    vectors = assistant.embedder.embed([q for q, _, _ in rows])
    started = time.perf_counter()
    read = [signs(retriever, q, v, gone)[0] for (q, gone, _), v in zip(rows, vectors, strict=True)]
    chances = numpy.array([judge.probability(s, v) for s, v in zip(read, vectors, strict=True)])
    seconds = (time.perf_counter() - started) / len(rows)
    truth = numpy.array([answerable for _, _, answerable in rows])
    set_at = read_json(assistant.project.abstention_file)
    return {
        "answerable": int(truth.sum()),
        "unanswerable": int((~truth).sum()),
        "auroc": _auroc(truth, chances, [q for q, _, _ in rows]),
        "auroc_of_the_best_cosine": _auroc(
            truth, numpy.array([s["similarity"] for s in read]), [q for q, _, _ in rows]
        ),
        "thresholds": set_at,
        "refused_at": {
            name: {
                "wrongly": _share(chances[truth] < set_at[name]),
                "rightly": _share(chances[~truth] < set_at[name]),
            }
            for name in ("refuse_below", "insist_from")
        },
        "milliseconds_a_question": round(seconds * 1000, 2),
    }


def replies(assistant: Assistant, arm: str) -> dict[str, Any]:
    """Refusals and F1 of one arm on the held-out questions, by its own word and with the calibration."""
    questions = assistant.project.held_out_questions()
    built = assistant.answerer(arm)
    assert isinstance(built, PassageAnswerer)
    alone = built.over(built.retriever)
    alone.judge = None
    told: dict[str, Any] = {}
    f1: dict[str, list[float]] = {}
    own = _answers(alone, questions)
    for way, answers in (("own_word", own), ("calibrated", _answers(built, questions, own))):
        refused = numpy.array([a.abstained for a in answers])
        known = numpy.array([q.answer is not None for q in questions])
        f1[way] = [score(a, q, arm).f1 for a, q in zip(answers, questions, strict=True)]
        told[way] = {
            "wrongly_refused": _share(refused[known]),
            "rightly_refused": _share(refused[~known]),
            "f1": rounded(asdict(interval(f1[way]))),
            "f1_answerable": round(float(numpy.array(f1[way])[known].mean()), 4),
        }
        print(arm, way, told[way], flush=True)
    gained = [b - a for a, b in zip(f1["own_word"], f1["calibrated"], strict=True)]
    return told | {"f1_gained": rounded(asdict(interval(gained)))}


def _answers(answerer: PassageAnswerer, questions: Sequence[Example], own: Sequence[Answer] = ()) -> list[Answer]:
    """Each question's answer; those the calibration leaves as they are by the arm's ``own`` word are not made again."""
    made: list[Answer] = list(own) or [Answer(q.question, "", answerer.name) for q in questions]
    left = [n for n, answer in enumerate(made) if not own or answer.abstained or answerer.abstains(answer.question)]
    for at in range(0, len(left), _TOGETHER):
        some = left[at : at + _TOGETHER]
        for n, answer in zip(some, answerer.answer_each([questions[n].question for n in some]), strict=True):
            made[n] = answer
    return made


def _sample(assistant: Assistant) -> list[tuple[str, frozenset[str], bool]]:
    questions = assistant.project.held_out_questions()
    return [(q.question, frozenset(), q.answer is not None) for q in questions]


def _other_articles(assistant: Assistant) -> list[tuple[str, frozenset[str], bool]]:
    """Each question with all documents, and with those of its own article, ``ARTICLE-PARAGRAPH.txt``, taken for absent."""
    sources = {p.source for p in assistant.index.passages()}
    rows: list[tuple[str, frozenset[str], bool]] = []
    for q in assistant.project.held_out_questions():
        own = q.source[0].rpartition("-")[0]
        rows.append((q.question, frozenset(), True))
        rows.append((q.question, frozenset(s for s in sources if s.rpartition("-")[0] == own), False))
    return rows


def _auroc(truth: numpy.ndarray, scores: numpy.ndarray, asked: Sequence[str], seed: int = 0) -> dict[str, float]:
    """The area with a percentile bootstrap interval over the questions; one that was asked both ways is drawn both ways."""
    number = {question: n for n, question in enumerate(dict.fromkeys(asked))}
    yes, no = (
        [
            numpy.array([s for q, s, t in zip(asked, scores, truth, strict=True) if q == one and t == kind])
            for one in number
        ]
        for kind in (True, False)
    )
    draws = numpy.random.default_rng(seed)
    drawn = []
    for _ in range(_BOOTSTRAPS):
        some = draws.integers(0, len(number), len(number))
        drawn.append(_area(numpy.concatenate([yes[n] for n in some]), numpy.concatenate([no[n] for n in some])))
    low, high = numpy.percentile(drawn, [2.5, 97.5])
    return rounded({"mean": _area(scores[truth], scores[~truth]), "low": float(low), "high": float(high)})


def _area(yes: numpy.ndarray, no: numpy.ndarray) -> float:
    """Mann and Whitney: how often an answerable question scores above an unanswerable one, ties counted half."""
    order = numpy.sort(no)
    below, up_to = numpy.searchsorted(order, yes, "left"), numpy.searchsorted(order, yes, "right")
    return float((below + up_to).sum() / 2 / (len(yes) * len(no)))


def _share(hits: numpy.ndarray) -> dict[str, float]:
    return {"count": int(hits.sum()), "of": len(hits)} | rounded(asdict(share(int(hits.sum()), len(hits))))


if __name__ == "__main__":
    main()
