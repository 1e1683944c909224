"""Experts' own answers to a project's held-out questions: collected, taken over from a file, scored. Shows nothing."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from compare.people.human_answer import HumanAnswer, asked_of, human_answer_of, human_scores, standing_answers
from compare.people.record_log import RecordLog
from corpus.errors import Fault, InputError
from corpus.text.refusal import REFUSAL
from corpus.yaml_files import text_of

if TYPE_CHECKING:
    from compare.score import Score
    from corpus.records import Example
    from groundtune.project.project import Project

_ROW = '{"id": "q1", "answer": "Within 60 days."}'


def answer_log(project: Project) -> RecordLog[HumanAnswer]:
    """All answers that people gave."""
    return RecordLog(project.human_answers, human_answer_of)


def human_scores_of(project: Project, examples: Sequence[Example]) -> list[tuple[str, Score]]:
    """The arm ``human`` in a comparison of these questions: who answered, and the score, one for each answered question."""
    records, _ = answer_log(project).read()
    return human_scores(standing_answers(records, examples), examples)


class AnsweringSitting:
    """One expert at work: one question after another, in one order for all, each answer kept before the next is shown."""

    def __init__(
        self,
        expert: str,
        examples: Sequence[Example],
        records: Sequence[HumanAnswer],
        keep: Callable[[HumanAnswer], HumanAnswer],
    ) -> None:
        """``examples`` in the order asked; ``records``: all that was said before, in order of time."""
        self.expert = expert
        self.count = len(examples)
        answers = standing_answers(records, examples)
        self._keep = keep
        self._answered = [e for e in examples if expert in answers[e.id]]
        self._left = [e for e in examples if expert not in answers[e.id]]
        self.skipped = 0

    @property
    def current(self) -> Example | None:
        """The question to answer now; None at the end."""
        return self._left[0] if self._left else None

    @property
    def answered(self) -> int:
        return len(self._answered)

    def give(self, answer: str) -> None:
        """Keep the answer to the current question."""
        question = self._left[0]
        self._append(question, answer)
        self._answered.append(self._left.pop(0))

    def skip(self) -> None:
        """Go on; the question comes again in the next sitting."""
        self._left.pop(0)
        self.skipped += 1

    def undo(self) -> bool:
        """Take back the last answer; its question is the current one again. False where there is none."""
        if not self._answered:
            return False
        self._append(self._answered[-1], None)
        self._left.insert(0, self._answered.pop())
        return True

    def _append(self, question: Example, answer: str | None) -> None:
        self._keep(HumanAnswer("", self.expert, question.id, asked_of(question), answer))


@contextlib.contextmanager
def answering(
    project: Project, expert: str, sample: int | None = None, seed: int | None = None
) -> Iterator[tuple[AnsweringSitting, list[Fault]]]:
    """An expert's sitting, from where the last one ended, and the damaged lines among what is kept."""
    log = answer_log(project)
    examples = sorted(project.held_out_questions(), key=lambda e: e.id)
    if not examples:
        raise InputError("there is no question to answer", [project.nothing_held_out()])
    random.Random(f"{project.settings.seed if seed is None else seed}").shuffle(examples)
    with log.writing(expert) as keep:
        records, damaged = log.read()
        yield AnsweringSitting(expert, examples[:sample], records, keep), damaged


@dataclass(frozen=True)
class TakenOver:
    """What became of a file that was taken over."""

    kept: int
    known: int
    """Rows that say what is kept already."""
    blank: int = 0
    """Rows without a grade."""
    people: tuple[str, ...] = ()


def take_over_answers(project: Project, file: Path, expert: str) -> TakenOver:
    """Keep the answers of a JSONL file of rows ``{"id", "answer"}``; ``answer`` null: it is not known.

    Raises ``InputError`` with every fault of every row; nothing is taken over then.
    """
    if not file.is_file():
        raise InputError(f"{file}: no such file", mend=f"name a JSONL file with rows such as {_ROW}")
    examples = {e.id: e for e in project.held_out_questions()}
    lines = [(n, line) for n, line in enumerate(text_of(file).split("\n"), 1) if line.strip()]
    answers: dict[str, str] = {}
    faults: list[Fault] = []
    for number, line in lines:
        read = _read_row(line, f"{file.name}, line {number}", examples, answers)
        if isinstance(read, Fault):
            faults.append(read)
        else:
            answers[read[0]] = read[1]
    if faults or not answers:
        mend = f"correct or remove them; nothing was taken over. A row is such as {_ROW}"
        raise InputError(f"{file}: {'not usable as answers' if faults else 'no row in it'}", faults, mend=mend)
    log = answer_log(project)
    stand = standing_answers(log.read()[0], list(examples.values()))
    new = {i: text for i, text in answers.items() if stand[i].get(expert) != text}
    if new:
        log.take_over([HumanAnswer("", expert, i, asked_of(examples[i]), text) for i, text in new.items()])
    return TakenOver(len(new), len(answers) - len(new), people=(expert,))


def _read_row(line: str, where: str, examples: dict[str, Example], before: dict[str, str]) -> tuple[str, str] | Fault:
    """Id and answer of a row."""
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        return Fault(where, f"not JSON ({error})", "one JSON object a line")
    if not isinstance(row, dict):
        return Fault(where, f"{type(row).__name__}", "a JSON object")
    name, answer = str(row.get("id", "")), row.get("answer", "")
    shown = json.dumps(row.get("id"), ensure_ascii=False)[:60] if "id" in row else "missing"
    if name not in examples:
        return Fault(f'{where}, field "id"', shown, "the id of a held-out question")
    if name in before:
        return Fault(f'{where}, field "id"', f"{shown} stands on an earlier line", "each id once")
    if answer is None:
        return name, REFUSAL
    if not isinstance(answer, str) or not answer.strip():
        found = json.dumps(answer, ensure_ascii=False)[:60] if "answer" in row else "missing"
        return Fault(f'{where}, field "answer"', found, "the answer's text, or null where it is not known")
    return name, answer.strip()
