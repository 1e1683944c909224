"""Grades that come back from other programs: each row checked, all faults at once, nothing taken over unless all is right."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from compare.people.blind_sheet import BlindItem
from compare.people.grade_record import Grade, checked_grader, scale_of
from corpus.errors import Fault

_BOTH_BAD = ("both bad", "bad", "x", "neither")


@dataclass(frozen=True)
class SheetRow:
    """One grade as a file has it."""

    where: str
    """File and line."""
    item: object
    """``BlindItem.id``."""
    grader: object
    grade: object
    seed: object = None
    """Of the order in which answers were shown, as exported."""
    fields: tuple[str, str, str] = ("item", "grader", "grade")
    """What the file calls these three."""


def grades_of(
    rows: Iterable[SheetRow], items: Mapping[str, BlindItem], *, grader: str, seed: int, comparison: str
) -> tuple[list[Grade], list[Fault], int]:
    """The grades of a file, every fault, and the number of rows without a grade.

    ``items``: by id what can be graded, pairs in either order. ``grader``: whose grades these are where a row names nobody.
    """
    grades: list[Grade] = []
    faults: list[Fault] = []
    places: dict[tuple[str, tuple[str, ...]], str] = {}
    blank = 0
    for row in rows:
        if row.grade is None or not str(row.grade).strip():
            blank += 1
            continue
        outcome = _checked(row, items, grader, seed, comparison)
        if isinstance(outcome, list):
            faults += outcome
            continue
        key = (outcome.grader, outcome.key)
        if key in places:
            wanted = f'one grade of "{outcome.grader}" for each item'
            faults.append(Fault(f'{row.where}, field "{row.fields[0]}"', f"graded at {places[key]} too", wanted))
        else:
            places[key] = row.where
            grades.append(outcome)
    return grades, faults, blank


def _checked(
    row: SheetRow, items: Mapping[str, BlindItem], grader: str, seed: int, comparison: str
) -> Grade | list[Fault]:
    item_field, grader_field, grade_field = row.fields
    faults: list[Fault] = []
    named = str(row.grader or "").strip() or grader
    try:
        name = checked_grader(named)
    except ValueError:
        mend = "fill in the name, or give --grader NAME"
        faults.append(Fault(f'{row.where}, field "{grader_field}"', _shown(named), "a person's name", mend))
    shown = str(row.item or "").strip()
    item = items.get(shown)
    if item is None:
        wanted = f"an item of comparison {comparison}, as exported"
        mend = "export again where the answers have changed since, or name the --comparison it was exported of"
        faults.append(Fault(f'{row.where}, field "{item_field}"', _shown(row.item), wanted, mend))
        return faults
    grade = _grade(row.grade, len(item.fingerprints))
    if grade is None:
        wanted = "a whole number from 1 to 5" if len(item.fingerprints) == 1 else "A, B, tie or both bad"
        faults.append(Fault(f'{row.where}, field "{grade_field}"', _shown(row.grade), f"{wanted}, or nothing"))
    if faults or grade is None:
        return faults
    by_seed = int(str(row.seed)) if str(row.seed).isdecimal() else seed
    return Grade("", name, item.question, tuple(shown.split("-")), grade, by_seed, comparison)


def _grade(said: object, answers: int) -> str | None:
    """The step of the scale that was meant, or None: spreadsheets write 4 as ``4.0``, people ``both bad`` as ``Both bad``."""
    words = " ".join(str(said).split()).casefold()
    if answers == 2 and words in _BOTH_BAD:
        return "bad"
    return next((s for s in scale_of(answers) if s.casefold() == words.removesuffix(".0")), None)


def _shown(value: object) -> str:
    return "missing" if value is None or value == "" else json.dumps(value, ensure_ascii=False)[:60]
