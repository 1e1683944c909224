"""Answers of any other system as an arm: a team's present assistant, read from a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import Fault, InputError, ModelError
from corpus.text.match import normalise
from lm.answerer import Answer

_MEND = 'write one JSON object a line: {"question": "...", "answer": "...", "seconds": 1.2}'


@dataclass(frozen=True)
class RecordedAnswer:
    """What the other system said, and how long it took, in seconds; None where that was not recorded."""

    text: str
    seconds: float | None


class RecordedArm:
    """An arm that answers what its file answers. A question that it does not hold is a failed measurement."""

    def __init__(self, name: str, answers: Mapping[str, RecordedAnswer], file: Path) -> None:
        self.name = name
        self.answers = answers
        self.file = file

    @classmethod
    def read(cls, name: str, file: Path, ids: Mapping[str, str]) -> RecordedArm:
        """From JSONL with ``question`` or ``id``, ``answer``, ``seconds`` if known. ``ids``: the question of each id.

        Raises ``InputError`` with every unusable line, or where no line answers any of the questions.
        """
        answers: dict[str, RecordedAnswer] = {}
        faults: list[Fault] = []
        for number, row in _rows(file, faults):
            question = row.get("question") if isinstance(row.get("question"), str) else ids.get(str(row.get("id")))
            answer, seconds = row.get("answer"), row.get("seconds")
            where = f"{file.name}, line {number}"
            if not isinstance(answer, str):
                faults.append(Fault(f'{where}, field "answer"', f"{answer!r:.60}", "a text", _MEND))
            elif not (seconds is None or (isinstance(seconds, int | float) and seconds >= 0)):
                faults.append(Fault(f'{where}, field "seconds"', f"{seconds!r:.60}", "a number of seconds", _MEND))
            elif isinstance(question, str):
                recorded = RecordedAnswer(answer, seconds)
                if answers.setdefault(normalise(question), recorded).text != answer:
                    faults.append(
                        Fault(where, f'a second answer to "{question:.60}"', "one a question", "leave one out")
                    )
            elif "question" not in row and "id" not in row:
                faults.append(Fault(where, "neither question nor id", "one of them", _MEND))
        if faults:
            raise InputError(f"{file}: {len(faults)} of its lines cannot be used", faults, mend=_MEND)
        if not any(normalise(q) in answers for q in ids.values()):
            raise InputError(
                f"{file}: answers none of the {len(ids)} held-out questions", mend="give their questions or ids"
            )
        return cls(name, answers, file)

    def answer(self, question: str) -> Answer:
        """See ``Answerer``. Raises ``ModelError`` for a question that the file does not answer."""
        recorded = self.answers.get(normalise(question))
        if recorded is None:
            raise ModelError(f'{self.file.name} has no answer to "{question}"', mend="add it to the file")
        return Answer(question, recorded.text, self.name, generate_s=recorded.seconds or 0.0)

    def stream(self, question: str) -> Iterator[str | Answer]:
        """See ``Answerer``: the whole text at once."""
        answer = self.answer(question)
        yield answer.text
        yield answer


def _rows(file: Path, faults: list[Fault]) -> Iterator[tuple[int, Mapping[str, object]]]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read ({error})", mend=_MEND) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            faults.append(Fault(f"{file.name}, line {number}", f"no JSON ({error})", "an object", _MEND))
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            faults.append(Fault(f"{file.name}, line {number}", f"{row!r:.60}", "an object", _MEND))
