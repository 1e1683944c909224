"""Blind grading in a project: which comparison's answers, in which order, and where grades are kept. Shows nothing."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compare.people.blind_sheet import PEOPLE, AnsweredQuestion, BlindItem, answered_questions, blind_items
from compare.people.grade_record import SKIP, UNDO, Grade, checked_grader, grade_of, standing
from compare.people.record_log import RecordLog
from compare.run_comparison import recorded_scores
from corpus.errors import Fault, InputError, ProjectError
from groundtune.jobs.human_answers import human_scores_of

if TYPE_CHECKING:
    from groundtune.project.project import Project


@dataclass(frozen=True)
class GradingRequest:
    """What is to be graded, and by whom."""

    grader: str
    pairs: bool = False
    """Two answers against each other; else points for one after another."""
    arms: tuple[str, ...] | None = None
    """Only what these arms answered."""
    sample: int | None = None
    """Of so many questions, the same ones for all graders."""
    seed: int | None = None
    """The project's by default."""
    comparison: str | None = None
    """The folder's name; the newest one by default."""


@dataclass(frozen=True)
class Compared:
    """A comparison's answers to the questions that are held out now, experts' own answers among them."""

    id: str
    answered: tuple[AnsweredQuestion, ...]


@dataclass(frozen=True)
class Sheet:
    """All that one grader is to grade, in their order."""

    grader: str
    comparison: str
    seed: int
    items: tuple[BlindItem, ...]
    questions: int


def compared(project: Project, comparison: str | None = None, arms: Sequence[str] | None = None) -> Compared:
    """The answers that a comparison recorded. Raises ``ProjectError`` where there is none, ``InputError`` for unknown names."""
    files = {f.parent.name: f for f in project.comparisons.glob("*/answers.jsonl")}
    if not files:
        raise ProjectError("nothing was compared in this project yet", mend="run: groundtune compare")
    if comparison is not None and comparison not in files:
        names = ", ".join(sorted(files))
        raise InputError(f'--comparison: there is no "{comparison}"', mend=f"name one of {names}, or leave it out")
    chosen = comparison or max(files, key=lambda name: files[name].stat().st_mtime)
    examples = project.held_out_questions()
    human = human_scores_of(project, examples)
    scores = [s for s in recorded_scores(files[chosen]) if s.arm != PEOPLE] + [score for _, score in human]
    known = dict.fromkeys(s.arm for s in scores)
    if unknown := [arm for arm in arms or () if arm not in known]:
        raise InputError(f"--arms: {', '.join(unknown)} did not answer", mend=f"name some of {', '.join(known)}")
    answered = answered_questions(examples, scores, arms, {score.id: name for name, score in human})
    if not answered:
        raise ProjectError(
            f"{files[chosen]}: answers none of the questions that are held out now", mend="run: groundtune compare"
        )
    return Compared(chosen, answered)


def sheet_of(project: Project, request: GradingRequest) -> Sheet:
    """What is to be graded. Raises ``InputError`` where nothing is, or where the grader's name is none."""
    grader = grader_of(request.grader) if request.grader else ""
    of = compared(project, request.comparison, request.arms)
    seed = project.settings.seed if request.seed is None else request.seed
    items = blind_items(of.answered, grader, seed, pairs=request.pairs, sample=request.sample)
    if not items:
        what = "no question has two different answers" if request.pairs else "there is no answer to grade"
        raise InputError(what, mend="name other --arms, or compare more of them")
    return Sheet(grader, of.id, seed, items, len({i.question for i in items}))


def grader_of(name: str) -> str:
    """The name as it is kept. Raises ``InputError`` for what is none."""
    try:
        return checked_grader(name)
    except ValueError as error:
        mend = "letters, digits, spaces and . _ - @, beginning with a letter or digit; 60 at most"
        raise InputError(f'--grader: "{name}" is no name', mend=mend) from error


def grade_log(project: Project) -> RecordLog[Grade]:
    """All grades of the project."""
    return RecordLog(project.grades, grade_of)


class Sitting:
    """One grader at work: one item after another, each kept before the next is shown."""

    def __init__(self, sheet: Sheet, records: Sequence[Grade], keep: Callable[[Grade], Grade]) -> None:
        """``records``: all that was said before, in order of time; ``keep`` appends to it."""
        self.sheet = sheet
        self._keep = keep
        self._items = {i.key: i for i in sheet.items}
        stand = {key: g for (who, key), g in standing(records).items() if who == sheet.grader and key in self._items}
        skipped = [i for i in sheet.items if i.key in stand and not stand[i.key].is_grade]
        self._left = deque([*(i for i in sheet.items if i.key not in stand), *skipped])
        self._said = sorted((g for g in stand.values() if g.is_grade), key=lambda g: g.time)
        """Grades that stand and skips of this sitting, the last one last."""
        self.given = 0
        """Grades that were given in this sitting and stand."""

    @property
    def current(self) -> BlindItem | None:
        """What is to be graded now; None at the end."""
        return self._left[0] if self._left else None

    @property
    def graded(self) -> int:
        return sum(g.is_grade for g in self._said)

    @property
    def skipped(self) -> int:
        """Of this sitting."""
        return sum(not g.is_grade for g in self._said)

    def give(self, grade: str) -> None:
        """Keep a grade of the current item, or ``SKIP``."""
        self._said.append(self._append(self._left[0], grade))
        self._left.popleft()
        self.given += grade != SKIP

    def undo(self) -> bool:
        """Take back the last grade or skip, of this sitting or an earlier one; its item is the current one again.

        False where there is none.
        """
        if not self._said:
            return False
        last = self._said[-1]
        self._append(self._items[last.key], UNDO)
        self._said.pop()
        self._left.appendleft(self._items[last.key])
        self.given -= last.is_grade
        return True

    def _append(self, item: BlindItem, grade: str) -> Grade:
        sheet = self.sheet
        return self._keep(
            Grade("", sheet.grader, item.question, item.fingerprints, grade, sheet.seed, sheet.comparison)
        )


@contextlib.contextmanager
def sitting(project: Project, request: GradingRequest) -> Iterator[tuple[Sitting, list[Fault]]]:
    """A grader's sitting, from where the last one ended, and the damaged lines among what is kept.

    Raises ``BusyError`` where the same grader is at work in another process.
    """
    sheet, log = sheet_of(project, request), grade_log(project)
    with log.writing(sheet.grader) as keep:
        records, damaged = log.read()
        yield Sitting(sheet, records, keep), damaged
