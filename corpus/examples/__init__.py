"""Reading questions and answers as people have them: JSON in every arrangement, CSV, and the field's common layouts.

``layouts`` says which layouts; ``json_rows`` and ``csv_rows`` read files. Knows nothing of what the examples teach.
"""

from __future__ import annotations

from pathlib import Path

from corpus.examples.files import ExamplesFile, examples_file
from corpus.records import Example

__all__ = ["ExamplesFile", "example_json", "examples_file", "read_examples"]


def read_examples(path: Path) -> tuple[Example, ...]:
    """Every example of ``path``, in order. Raises ``InputError`` naming each row that is not usable.

    Rows that hold nothing to learn (weight 0, the call of a tool) are passed over: ``examples_file`` names them.
    """
    return examples_file(path).require().examples


def example_json(example: Example) -> dict[str, object]:
    """The example as ``read_examples`` reads it back."""
    fields = {n: list(getattr(example, n)) for n in ("source", "evidence", "key", "answers")}
    head = {"id": example.id, "question": example.question, "answer": example.answer, "kind": example.kind}
    return head | {k: v for k, v in fields.items() if v}
