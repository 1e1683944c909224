"""Every arm on every held-out question, kept as it goes."""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from compare.answer_costs import Prices
from compare.comparison_result import Comparison
from compare.recorded_arm import RecordedArm
from compare.score import Score, score
from corpus.cancellation import stop_if_cancelled
from corpus.errors import InputError, ModelError, ProjectError, ResourceError
from corpus.progress import OnProgress, Progress, untold
from corpus.records import Example
from lm.answerer import Answerer, Batching, Routing

UNKNOWN = Prices()
_SCORING = 3
"""Raised where the same answer scores otherwise, so that scores kept by an earlier version are not mixed with new ones."""
_TIMED = 48
"""So many questions are answered one by one, for the latency."""
_TOGETHER = 24
"""The others are answered so many at once: 24 prompts took 10.8 s where one by one took 17.9."""


def compare(
    answerers: Mapping[str, Answerer],
    questions: Sequence[Example],
    *,
    seed: int = 0,
    records: Path | None = None,
    on_progress: OnProgress = untold,
    prices: Prices = UNKNOWN,
    stamp: str = "",
    taught: Collection[str] = (),
    documents: Mapping[str, str] | None = None,
    reference: str = "",
) -> Comparison:
    """Ask every arm every question, arm after arm, after one uncounted warm-up question each. Without any: ``InputError``.

    An arm that can answers a sample of the questions one by one, for its latency, and the others together.
    An arm that routes takes over what the arm of its choice has answered, with the time of the routing added.
    ``records`` (JSONL) gets each score as it is made; a killed run goes on where it was. ``stamp`` names what the arms
    were built from: records of another stamp, or of other questions, are begun anew. ``taught``: the ids of the questions
    that ask for what was learned, shown apart. ``documents``: by question's id the document that it asks about.
    ``reference``: the arm that the others are tested against; empty: every pair is tested. A question that ends in an error
    is left out of all figures and counted, and is asked again the next time; an arm that fails on more than half of the
    questions raises its last error.
    """
    if not questions:
        raise InputError("no question to compare on", mend="name held-out questions, or hold out more of the examples")
    done = _Records(records, _stamp(questions, stamp))
    scores: list[Score] = []
    failed: dict[str, list[str]] = {}
    with done.writing() as keep:
        for arm, answerer in answerers.items():
            known = done.of(arm)
            failed[arm] = []
            for one in _asked(arm, answerer, questions, known, scores, failed[arm], seed):
                known[one.id] = keep(one)
                on_progress(Progress("compare", len(known) + len(failed[arm]), len(questions), arm))
            if not failed[arm]:
                on_progress(Progress("compare", len(questions), len(questions), arm))
            scores += known.values()
    return Comparison.of(
        scores,
        [q.id for q in questions],
        seed=seed,
        prices=prices,
        taught=taught,
        documents=documents,
        failed=failed,
        reference=reference,
    )


def _portions(
    answerer: Answerer, left: Sequence[Example], questions: Sequence[Example], seed: int
) -> list[Sequence[Example]]:
    """The questions left as they are asked: a sample alone, for the latency, the others together where the arm can."""
    if not isinstance(answerer, Batching):
        return [[q] for q in left]
    drawn = random.Random(seed).sample([q.id for q in questions], min(_TIMED, len(questions)))
    alone = [q for q in left if q.id in drawn]
    others = [q for q in left if q.id not in drawn]
    together = [others[at : at + _TOGETHER] for at in range(0, len(others), _TOGETHER)]
    return [*([q] for q in alone), *together]


def _asked(
    arm: str,
    answerer: Answerer,
    questions: Sequence[Example],
    known: Collection[str],
    scores: Sequence[Score],
    failed: list[str],
    seed: int,
) -> Iterator[Score]:
    """Ask what is not ``known``, portion after portion. ``failed`` gets the ids of the questions that end in an error."""
    left = [q for q in questions if q.id not in known]
    if left and not isinstance(answerer, RecordedArm):
        answerer.answer(questions[0].question)
    for some in _portions(answerer, left, questions, seed):
        stop_if_cancelled()
        if len(some) > 1 and isinstance(answerer, Batching):
            with suppress(ModelError, ResourceError):  # one of them failed: each is asked by itself then
                answers = answerer.answer_each([q.question for q in some])
                yield from [score(a, q, arm, timed=False) for a, q in zip(answers, some, strict=True)]
                continue
        for q in some:
            try:
                yield _scored(arm, answerer, q, scores)
            except (ModelError, ResourceError):
                failed.append(q.id)
                if len(failed) > len(questions) / 2:
                    raise


def _scored(arm: str, answerer: Answerer, question: Example, scores: Sequence[Score]) -> Score:
    passed_on = _passed_on(arm, answerer, question, scores) if isinstance(answerer, Routing) else None
    return passed_on or score(answerer.answer(question.question), question, arm)


def _passed_on(arm: str, answerer: Routing, question: Example, scores: Sequence[Score]) -> Score | None:
    """The score of the arm this one routes the question to, where that arm has answered it already."""
    started = time.perf_counter()
    chosen = answerer.route(question.question).arm
    seconds = time.perf_counter() - started
    answered = (s for s in scores if s.arm == chosen and s.id == question.id)
    taken = ((s, None if s.seconds is None else round(s.seconds + seconds, 4)) for s in answered)
    return next((replace(s, arm=arm, seconds=whole) for s, whole in taken), None)


class _Records:
    """The scores on disk: a first line with the stamp, then one score a line; a torn last line is done again."""

    def __init__(self, path: Path | None, stamp: str) -> None:
        self.path = path
        self.stamp = stamp
        self.scores = self._read()

    def of(self, arm: str) -> dict[str, Score]:
        return {s.id: s for s in self.scores if s.arm == arm}

    @contextmanager
    def writing(self) -> Iterator[Callable[[Score], Score]]:
        """Appends and syncs each score; what was kept before is written anew first, whole lines only."""
        if self.path is None:
            yield lambda scored: scored
            return
        from corpus.atomic_files import write_text

        kept = [json.dumps({"stamp": self.stamp}), *(json.dumps(asdict(s)) for s in self.scores)]
        write_text(self.path, "\n".join(kept) + "\n")
        with open(self.path, "a", encoding="utf-8") as out:

            def keep(scored: Score) -> Score:
                out.write(json.dumps(asdict(scored), ensure_ascii=False) + "\n")
                out.flush()
                os.fsync(out.fileno())
                return scored

            yield keep

    def _read(self) -> list[Score]:
        if self.path is None or not self.path.is_file():
            return []
        rows = list(_whole_lines(self.path))
        if not rows or rows[0].get("stamp") != self.stamp:
            return []
        return [Score(**row) for row in rows[1:]]


def recorded_scores(path: Path) -> list[Score]:
    """The scores that a comparison kept in ``path``. Raises ``ProjectError`` where another version wrote them."""
    try:
        return [Score(**row) for row in list(_whole_lines(path))[1:]]
    except TypeError as error:
        raise ProjectError(f"{path}: kept by another version", mend="run: groundtune compare") from error


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8", errors="replace").rstrip("\n").split("\n"):
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            return


def _stamp(questions: Sequence[Example], stamp: str) -> str:
    scored = [f.name for f in fields(Score)]
    whole = json.dumps([_SCORING, scored, stamp, [[q.id, q.question, *q.references, *q.key] for q in questions]])
    return hashlib.sha256(whole.encode()).hexdigest()
