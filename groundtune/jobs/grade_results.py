"""What people said of a project's compared answers, with the arms' names. Shows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.errors import ProjectError
from groundtune.jobs.grade import compared, grade_log
from groundtune.jobs.human_answers import answer_log

if TYPE_CHECKING:
    from compare.people.grades_json import GradesJson
    from groundtune.project.project import Project


def grade_results(project: Project, comparison: str | None = None) -> GradesJson:
    """Sum up all grades of a comparison's answers, the newest one's by default.

    Raises ``ProjectError`` where nobody graded or answered anything.
    """
    from compare.people.graded_comparison import graded_comparison

    of = compared(project, comparison)
    records, damaged = grade_log(project).read()
    answers, damaged_answers = answer_log(project).read()
    if not records and not answers:
        raise ProjectError("nobody graded anything yet", mend="run: groundtune grade --grader NAME")
    return graded_comparison(of.id, of.answered, records, [f.where for f in (*damaged, *damaged_answers)])
