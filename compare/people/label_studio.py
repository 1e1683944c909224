"""A blind sheet as tasks for Label Studio, its labelling interface, and its exports back. Names no arm.

Formats: Label Studio's documentation, "Label Studio Task Format" (JSON) and "Export annotations" (JSON and JSON-MIN).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from compare.people.blind_sheet import BlindItem
from compare.people.grade_record import POINTS, PREFERENCES
from compare.people.sheet_row import SheetRow
from corpus.errors import Fault

_CONTROLS = ("points", "preference")
"""The controls of the labelling interface, for one answer and for two."""
_TITLES = {
    "question": "Question",
    "reference": "Reference answer",
    "answer": "Answer",
    "answer_a": "Answer A",
    "answer_b": "Answer B",
}
_FILE = "Label Studio's export: JSON or JSON-MIN"


class TaskJson(TypedDict):
    """A task as Label Studio imports it."""

    data: dict[str, str | int]


def tasks(items: Sequence[BlindItem], seed: int, *, reference: bool = True) -> list[TaskJson]:
    """A task for each item."""
    made: list[TaskJson] = []
    for item in items:
        answers = item.answers if len(item.answers) == 1 else ()
        data: dict[str, str | int] = {"item": item.id, "question_id": item.question, "question": item.text}
        if reference:
            data["reference"] = item.reference
        data |= {"answer": item.answers[0]} if answers else {"answer_a": item.answers[0], "answer_b": item.answers[1]}
        made.append({"data": data | {"seed": seed}})
    return made


def labelling_interface(*, pairs: bool, reference: bool = True) -> str:
    """The labelling interface to paste into the project's settings."""
    shown = ["question", *(["reference"] if reference else []), *(["answer_a", "answer_b"] if pairs else ["answer"])]
    lines = ["<View>"]
    for field in shown:
        lines += [f'  <Header value="{_TITLES[field]}" size="4"/>', f'  <Text name="{field}" value="${field}"/>']
    scale = PREFERENCES if pairs else POINTS
    control, about = (_CONTROLS[1], "question") if pairs else (_CONTROLS[0], "answer")
    lines.append(f'  <Header value="{"; ".join(f"{step}: {sense}" for step, sense in scale.items())}" size="6"/>')
    lines.append(f'  <Choices name="{control}" toName="{about}" choice="single" showInline="true" required="true">')
    hotkeys = {"tie": "t", "bad": "x"}
    lines += [f'    <Choice value="{step}" hotkey="{hotkeys.get(step, step.lower())}"/>' for step in scale]
    return "\n".join([*lines, "  </Choices>", "</View>", ""])


def label_studio_rows(text: str, name: str) -> Iterator[SheetRow | Fault]:
    """A row for each annotation, and for each task without one; ``name``: the file's."""
    try:
        placed = list(_tasks(text))
    except json.JSONDecodeError as error:
        yield Fault(f"{name}, line {error.lineno}, column {error.colno}", f"not JSON ({error.msg})", _FILE)
        return
    if not placed:
        yield Fault(name, "no list of tasks", _FILE)
    for line, task in placed:
        where = f"{name}, line {line}"
        if not isinstance(task, dict):
            yield Fault(where, type(task).__name__, "a task of Label Studio's export")
        elif isinstance(task.get("data"), dict):
            yield from _annotated(where, task["data"], task.get("annotations"))
        else:
            control = next((c for c in _CONTROLS if c in task), _CONTROLS[0])
            grade, grader = _value(task.get(control)), _grader(task.get("annotator"))
            yield SheetRow(where, task.get("item"), grader, grade, task.get("seed"), ("item", "annotator", control))


def _annotated(where: str, data: Mapping[str, object], annotations: object) -> Iterator[SheetRow | Fault]:
    item, seed = data.get("item"), data.get("seed")
    if not isinstance(annotations, list):
        yield Fault(f'{where}, field "annotations"', type(annotations).__name__, "a list", "export annotated tasks")
        return
    if not annotations:
        yield SheetRow(where, item, "", None)
    for number, annotation in enumerate(annotations):
        field = f"annotations[{number}]"
        results = annotation.get("result") if isinstance(annotation, dict) else None
        if not isinstance(results, list):
            yield Fault(f'{where}, field "{field}.result"', "missing", "a list of results")
            continue
        said = [r for r in results if isinstance(r, dict) and r.get("from_name") in _CONTROLS]
        grade = None if annotation.get("was_cancelled") or not said else _value(said[-1].get("value"))
        names = ("data.item", f"{field}.completed_by", f"{field}.result")
        yield SheetRow(where, item, _grader(annotation.get("completed_by")), grade, seed, names)


def _value(said: object) -> object:
    """The one thing that was chosen or rated, however it is wrapped."""
    while True:
        if isinstance(said, list) and len(said) == 1:
            said = said[0]
        elif (
            isinstance(said, dict)
            and len(inner := [said[k] for k in ("choices", "rating", "number") if k in said]) == 1
        ):
            said = inner[0]
        else:
            return said


def _grader(completed_by: object) -> str:
    """A person's address or, where the export has their number alone, that."""
    if isinstance(completed_by, dict):
        return str(completed_by.get("email") or completed_by.get("username") or _grader(completed_by.get("id")))
    return (
        ""
        if completed_by is None
        else f"annotator {completed_by}"
        if isinstance(completed_by, int)
        else str(completed_by)
    )


def _tasks(text: str) -> Iterator[tuple[int, object]]:
    """The entries of the one list that a file is, each with the line where it begins."""
    decoder, at, line, seen = json.JSONDecoder(), _space(text, 0), 1, 0
    if text[at : at + 1] != "[":
        json.loads(text)
        return
    at = _space(text, at + 1)
    while text[at : at + 1] != "]":
        line, seen = line + text.count("\n", seen, at), at
        entry, end = decoder.raw_decode(text, at)
        yield line, entry
        at = _space(text, end)
        if text[at : at + 1] == ",":
            at = _space(text, at + 1)
        elif text[at : at + 1] != "]":
            raise json.JSONDecodeError("no comma behind the entry", text, at)


def _space(text: str, at: int) -> int:
    while text[at : at + 1].isspace() or text[at : at + 1] == "\ufeff":
        at += 1
    return at
