"""Every arm on every held-out question, kept as it goes."""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from compare.answer_costs import Prices
from compare.comparison_result import Comparison
from compare.paired_arms import SIGNIFICANT
from compare.recorded_arm import RecordedArm
from compare.score import Score, score
from corpus.cancellation import stop_if_cancelled
from corpus.errors import GroundtuneError, InputError, ModelError, ProjectError, ResourceError
from corpus.progress import OnProgress, Progress, untold
from corpus.records import Example
from lm.answerer import Answerer, Batching, Routing

UNKNOWN = Prices()
Looks = Sequence[tuple[int, float]]
"""Numbers of questions, rising, and the p below which a difference counts at each."""
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
    looks: Looks = (),
    enough: Callable[[Comparison], bool] | None = None,
) -> Comparison:
    """Ask every arm every question, arm after arm, after one uncounted warm-up question each. Without any: ``InputError``.

    An arm that can answers a sample of the questions one by one, for its latency, and the others together.
    An arm that routes takes over what the arm of its choice has answered, with the time of the routing added.
    ``records`` (JSONL) gets each score as it is made; a killed run goes on where it was. ``stamp`` names what the arms
    were built from: records of another stamp, or of other questions, are begun anew. ``taught``: the ids of the questions
    that ask for what was learned, shown apart. ``documents``: by question's id the document that it asks about.
    ``reference``: the arm that the others are tested against; empty: every pair is tested. A question that ends in an error
    is left out of all figures, counted, and asked again the next time; an arm that fails on more than half raises its last
    error. ``looks``: after so many questions each the comparison, with the p that counts as significant there, is shown to
    ``enough``, which may end it.
    """
    if not questions:
        raise InputError("no question to compare on", mend="name held-out questions, or hold out more of the examples")
    done = _Records(records, _stamp(questions, stamp))
    asking = _Asking(answerers, seed, on_progress, {arm: done.of(arm) for arm in answerers})
    with done.writing() as keep:
        for count, level in looks or [(len(questions), SIGNIFICANT)]:
            part = questions[:count]
            asking.ask_all(part, keep)
            result = Comparison.of(
                asking.scores_of(part),
                [q.id for q in part],
                seed=seed,
                prices=prices,
                taught=taught,
                documents=documents,
                failed=asking.failed,
                reference=reference,
                elsewhere=asking.elsewhere,
                level=level,
            )
            if enough and enough(result):
                break
    return result


@dataclass
class _Asking:
    """The arms under way. ``known``: by arm and question what is scored already."""

    answerers: Mapping[str, Answerer]
    seed: int
    on_progress: OnProgress
    known: dict[str, dict[str, Score]]
    failed: dict[str, list[str]] = field(default_factory=dict)
    """By arm the questions that ended in an error."""
    warm: set[str] = field(default_factory=set)
    last_error: GroundtuneError | None = None

    @property
    def elsewhere(self) -> list[str]:
        """The arms whose answers were given elsewhere."""
        return [arm for arm, answerer in self.answerers.items() if isinstance(answerer, RecordedArm)]

    def ask_all(self, questions: Sequence[Example], keep: Callable[[Score], Score]) -> None:
        """Ask each arm in turn: one that routes comes behind those that it routes to."""
        for arm in self.answerers:
            self._ask(arm, questions, keep)

    def _ask(self, arm: str, questions: Sequence[Example], keep: Callable[[Score], Score]) -> None:
        """Ask one arm what is not known yet, portion after portion."""
        known, failed, answerer = self.known[arm], self.failed.setdefault(arm, []), self.answerers[arm]
        left = [q for q in questions if q.id not in known and q.id not in failed]
        if left and arm not in self.warm and not isinstance(answerer, RecordedArm):
            answerer.answer(questions[0].question)
            self.warm.add(arm)
        for some in _portions(answerer, left, questions, self.seed):
            stop_if_cancelled()
            for one in self._scored(arm, answerer, some):
                known[one.id] = keep(one)
            if self.last_error and len(failed) > len(questions) / 2:
                raise self.last_error
            count = sum(q.id in known or q.id in failed for q in questions)
            self.on_progress(Progress("compare", count, len(questions), arm))
        if not left:
            self.on_progress(Progress("compare", len(questions), len(questions), arm))

    def scores_of(self, questions: Sequence[Example]) -> list[Score]:
        """The scores of all arms on these questions."""
        wanted = {q.id for q in questions}
        return [s for of in self.known.values() for s in of.values() if s.id in wanted]

    def _scored(self, arm: str, answerer: Answerer, asked: Sequence[Example]) -> Iterator[Score]:
        if len(asked) > 1 and isinstance(answerer, Batching):
            with suppress(ModelError, ResourceError):  # one of them failed: each is asked by itself then
                answers = answerer.answer_each([q.question for q in asked])
                yield from [score(a, q, arm, timed=False) for a, q in zip(answers, asked, strict=True)]
                return
        for q in asked:
            try:
                passed_on = self._passed_on(arm, answerer, q) if isinstance(answerer, Routing) else None
                yield passed_on or score(answerer.answer(q.question), q, arm)
            except (ModelError, ResourceError) as error:
                self.failed[arm].append(q.id)
                self.last_error = error

    def _passed_on(self, arm: str, answerer: Routing, question: Example) -> Score | None:
        """The score of the arm this one routes the question to, where that arm has answered it already."""
        started = time.perf_counter()
        chosen = answerer.route(question.question).arm
        seconds = time.perf_counter() - started
        taken = self.known.get(chosen, {}).get(question.id)
        if taken is None:
            return None
        return replace(taken, arm=arm, seconds=None if taken.seconds is None else round(taken.seconds + seconds, 4))


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
