"""Blind sheets for other programs, and the grades that come back: CSV and Label Studio. Shows nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from compare.people.blind_sheet import blind_items
from compare.people.grade_record import standing
from compare.people.grading_csv import csv_rows, csv_sheet
from compare.people.label_studio import label_studio_rows, labelling_interface, tasks
from compare.people.sheet_row import grades_of
from corpus.atomic_files import write_json, write_text
from corpus.documents.encodings import encoding_of
from corpus.errors import Fault, InputError
from groundtune.jobs.grade import GradingRequest, compared, grade_log, grader_of, sheet_of
from groundtune.jobs.human_answers import TakenOver

if TYPE_CHECKING:
    from groundtune.project.project import Project


@dataclass(frozen=True)
class ExportedSheet:
    """What was written."""

    file: Path
    items: int
    questions: int
    interface: Path | None = None
    """Label Studio's labelling interface, beside the tasks."""


def export_sheet(
    project: Project, request: GradingRequest, file: Path, *, label_studio: bool = False, reference: bool = True
) -> ExportedSheet:
    """Write a blind sheet: ``.csv`` for a spreadsheet, ``.json`` (or ``label_studio``) as tasks for Label Studio.

    Grades that stand already are filled into a CSV. Raises ``InputError`` for other suffixes, and where the file is there: it
    may hold grades.
    """
    suffix = file.suffix.lower()
    if suffix not in (".csv", ".json") and not label_studio:
        raise InputError(f"{file}: neither .csv nor .json", mend="name FILE.csv or FILE.json, or add --label-studio")
    if file.exists():
        raise InputError(f"{file}: is there already, perhaps with grades in it", mend="name another file, or delete it")
    sheet = sheet_of(project, request)
    if label_studio or suffix == ".json":
        write_json(file, tasks(sheet.items, sheet.seed, reference=reference))
        interface = file.with_suffix(".interface.xml")
        write_text(interface, labelling_interface(pairs=request.pairs, reference=reference))
        return ExportedSheet(file, len(sheet.items), sheet.questions, interface)
    stand = standing(grade_log(project).read()[0])
    given = {}
    for item in sheet.items:
        grade = stand.get((sheet.grader, item.key))
        if grade and grade.is_grade:
            turned = grade.answers != item.fingerprints and grade.grade in ("A", "B")
            given[item.id] = "BA"["AB".index(grade.grade)] if turned else grade.grade
    write_text(file, csv_sheet(sheet.items, given, sheet.grader, sheet.seed, reference=reference))
    return ExportedSheet(file, len(sheet.items), sheet.questions)


def import_grades(project: Project, file: Path, grader: str = "", comparison: str | None = None) -> TakenOver:
    """Keep the grades of a CSV or of Label Studio's export. ``grader``: whose they are where the file does not say.

    Raises ``InputError`` with every fault of every row; nothing is taken over then.
    """
    text = _text(file)
    name = grader_of(grader) if grader else ""
    of = compared(project, comparison)
    items = {
        "-".join(fingerprints): item
        for pairs in (False, True)
        for item in blind_items(of.answered, "", 0, pairs=pairs)
        for fingerprints in (item.fingerprints, item.fingerprints[::-1])
    }
    as_json = text.lstrip("\ufeff \t\r\n").startswith(("[", "{"))
    read = list((label_studio_rows if as_json else csv_rows)(text, file.name))
    faults = [f for f in read if isinstance(f, Fault)]
    rows = [r for r in read if not isinstance(r, Fault)]
    seed = project.settings.seed
    grades, bad, blank = grades_of(rows, items, grader=name, seed=seed, comparison=of.id)
    if faults + bad:
        raise InputError(f"{file}: not usable as grades", [*faults, *bad], mend="correct it; nothing was taken over")
    if not grades:
        raise InputError(f"{file}: no grade in it", mend='fill in the column "grade", or annotate the tasks')
    log = grade_log(project)
    stand = standing(log.read()[0])
    known = [(g.grader, g.key, g.answers, g.grade) for g in stand.values()]
    new = [g for g in grades if (g.grader, g.key, g.answers, g.grade) not in known]
    if new:
        log.take_over(new)
    people = tuple(dict.fromkeys(g.grader for g in grades))
    return TakenOver(len(new), len(grades) - len(new), blank, people)


def _text(file: Path) -> str:
    """The file's text, in whatever encoding a spreadsheet saved it. Raises ``InputError`` where it has none."""
    if not file.is_file():
        raise InputError(f"{file}: no such file", mend="name an exported sheet, or Label Studio's export (JSON)")
    try:
        encoding, errors = encoding_of(file)
        return file.read_bytes().decode(encoding, errors).replace("\r\n", "\n").replace("\r", "\n")
    except (ValueError, LookupError) as error:
        raise InputError(f"{file}: no text ({error})", mend="save it as CSV or JSON, in UTF-8") from error
