"""Reading questions and answers as people have them: JSON in every arrangement, CSV, and the field's common layouts.

``example_layouts`` says which layouts; ``json_examples`` and ``csv_examples`` read files. What they teach is not known here.
"""

from __future__ import annotations

from pathlib import Path

from corpus.examples.examples_file import ExamplesFile, examples_file
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
