"""Changing a document's text so that its sections still lie where they say."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from corpus.records import Document


@dataclass(frozen=True)
class Edit:
    """``text[start:end]`` becomes ``text``."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with every edit made; edits are in order and do not overlap."""
    pieces, at = [], 0
    for edit in edits:
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:]])


def rewritten(document: Document, edits: Sequence[Edit]) -> Document:
    """The document with every edit made; ``document.text[section.start:]`` begins with ``section.text``, as before.

    An edit across the end of a section belongs to the section it begins in. A section with nothing left is dropped.
    """
    if not edits:
        return document
    text, moved = edited(document.text, edits), _moved(edits)
    sections = []
    for section in document.sections:
        start, end = moved(section.start), moved(section.start + len(section.text))
        if text[start:end].strip():
            sections.append(replace(section, text=text[start:end], start=start))
    return replace(document, text=text, sections=tuple(sections))


def _moved(edits: Sequence[Edit]) -> Callable[[int], int]:
    """Where an offset of the old text lies in the new one; inside an edit: at its end."""
    starts, shifts = [e.start for e in edits], [0]
    for edit in edits:
        shifts.append(shifts[-1] + len(edit.text) - (edit.end - edit.start))

    def place(offset: int) -> int:
        before = bisect_right(starts, offset)
        if before and offset == starts[before - 1]:
            before -= 1
        shift = shifts[before]
        inside = before and offset < edits[before - 1].end
        return edits[before - 1].end + shift if inside else offset + shift

    return place
