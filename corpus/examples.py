"""Reading questions and answers: JSONL, JSON and CSV in the field's common layouts. Knows nothing of what they teach.

Layouts: question/answer, prompt/completion, instruction/(input)/output, and chat ``messages`` (last user and assistant turn).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.errors import Fault, InputError
from corpus.records import Example

_PAIRS = (("question", "answer"), ("prompt", "completion"), ("instruction", "output"))
_KNOWN = {"id", "kind", "source", "evidence", "key", "answers"}
_LAYOUTS = '"question" and "answer", "prompt" and "completion", "instruction" and "output", or "messages"'


def read_examples(path: Path) -> tuple[Example, ...]:
    """Every example of ``path``, in order. Raises ``InputError`` naming each line that is not usable."""
    if not path.is_file():
        raise InputError(f"{path}: no such file", mend="name a .jsonl, .json or .csv file with questions and answers")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text (byte {error.start})", mend="save it as UTF-8") from error
    faults: list[Fault] = []
    examples: list[Example] = []
    seen: dict[str, int] = {}
    for line, row in _rows(path, text, faults):
        made = _example(row, f"{path.name}, line {line}", f"{path.stem}-{line}", faults)
        if made is None:
            continue
        if made.id in seen:
            where = f'{path.name}, line {line}, field "id"'
            faults.append(Fault(where, f'"{made.id}" stands on line {seen[made.id]} too', "an id of its own"))
            continue
        seen[made.id] = line
        examples.append(made)
    if faults:
        count = "1 line" if len(faults) == 1 else f"{len(faults)} lines"
        raise InputError(f"{path}: {count} not usable", faults, mend="correct or remove them; nothing was changed")
    if not examples:
        raise InputError(f"{path}: no examples in it", mend=f"write one JSON object a line with {_LAYOUTS}")
    return tuple(examples)


def example_json(example: Example) -> dict[str, Any]:
    """The example as ``read_examples`` reads it back."""
    fields = {n: list(getattr(example, n)) for n in ("source", "evidence", "key", "answers")}
    head = {"id": example.id, "question": example.question, "answer": example.answer, "kind": example.kind}
    return head | {k: v for k, v in fields.items() if v}


def _rows(path: Path, text: str, faults: list[Fault]) -> Iterator[tuple[int, Any]]:
    if path.suffix.lower() == ".csv":
        reader = csv.DictReader(io.StringIO(text))
        for row in reader:
            yield reader.line_num, {k: v for k, v in row.items() if k}
    elif path.suffix.lower() == ".json":
        try:
            whole = json.loads(text)
        except json.JSONDecodeError as error:
            faults.append(Fault(f"{path.name}, line {error.lineno}", f"not JSON ({error.msg})", "a list of objects"))
            return
        yield from enumerate(whole if isinstance(whole, list) else [whole], 1)
    else:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except json.JSONDecodeError as error:
                    found = f"not JSON ({error.msg}, column {error.colno})"
                    faults.append(Fault(f"{path.name}, line {number}", found, "one JSON object a line"))


def _example(row: Any, where: str, default_id: str, faults: list[Fault]) -> Example | None:
    if not isinstance(row, dict):
        faults.append(Fault(where, f"{type(row).__name__}", "a JSON object"))
        return None
    pair = _messages(row) if "messages" in row else _pair(row)
    if pair is None:
        found = ", ".join(f'"{k}"' for k in row) or "no field"
        faults.append(Fault(where, f"fields {found}", _LAYOUTS))
        return None
    question, answer, field = pair
    if not isinstance(question, str) or not question.strip():
        faults.append(Fault(f'{where}, field "{field}"', "empty" if question in (None, "") else repr(question), "text"))
        return None
    if answer is not None and not isinstance(answer, str):
        faults.append(Fault(f"{where}, answer", repr(answer)[:60], "text, or null where it is not known"))
        return None
    if isinstance(answer, str) and not answer.strip():
        faults.append(Fault(f"{where}, answer", "empty", "text, or null where it is not known"))
        return None
    return Example(
        id=str(row.get("id") or default_id),
        question=question.strip(),
        answer=answer.strip() if answer else None,
        kind=str(row.get("kind") or "fact"),
        source=_texts(row.get("source")),
        evidence=_texts(row.get("evidence")),
        key=_texts(row.get("key")),
        answers=_texts(row.get("answers")),
        extra={k: str(v) for k, v in row.items() if k not in _KNOWN and k not in ("question", "answer", "messages")},
    )


def _pair(row: dict[str, Any]) -> tuple[Any, Any, str] | None:
    for question, answer in _PAIRS:
        if question in row and answer in row:
            asked = row[question]
            if question == "instruction" and row.get("input"):
                asked = f"{asked}\n{row['input']}"
            return asked, row[answer], question
    return None


def _messages(row: dict[str, Any]) -> tuple[Any, Any, str] | None:
    turns = row["messages"] if isinstance(row["messages"], list) else []
    said = {t.get("role"): t.get("content") for t in turns if isinstance(t, dict)}
    return (said["user"], said["assistant"], "messages") if {"user", "assistant"} <= said.keys() else None


def _texts(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    return tuple(str(v) for v in value) if isinstance(value, list) else (str(value),)
