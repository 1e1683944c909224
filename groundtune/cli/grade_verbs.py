"""``groundtune grade …``: people grade compared answers blind, elsewhere or here, and see what came of it. Does no work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.errors import InputError
from groundtune.cli.terminal import JsonOption, ProjectOption, err, out, print_result

grade_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

GraderOption = Annotated[str, typer.Option("--grader", "-g", metavar="NAME", help="Who grades.")]
PairsOption = Annotated[
    bool, typer.Option("--pairs/--points", help="Two answers against each other, or 1 to 5 points for each (default).")
]
ArmsOption = Annotated[str | None, typer.Option(help="Only what these arms answered, with commas.")]
SampleOption = Annotated[int | None, typer.Option(min=1, help="Only so many questions, the same ones for everybody.")]
SeedOption = Annotated[int | None, typer.Option(help="Of the sample and the order; the project's by default.")]
ComparisonOption = Annotated[
    str | None, typer.Option(metavar="ID", help="The folder's name in .groundtune/comparisons; the newest by default.")
]
ReferenceOption = Annotated[bool, typer.Option("--reference/--no-reference", help="Show the reference answer.")]


@grade_app.callback()
def grade(
    context: typer.Context,
    grader: GraderOption = "",
    pairs: PairsOption = False,
    arms: ArmsOption = None,
    sample: SampleOption = None,
    seed: SeedOption = None,
    reference: ReferenceOption = True,
    comparison: ComparisonOption = None,
    project: ProjectOption = Path("."),
) -> None:
    """Grade a comparison's answers, without knowing which arm gave them.

    One key a grade; u takes the last one back, s skips, q ends. The same command goes on where the last one ended.
    """
    if context.invoked_subcommand:
        _pass_on(context, context.invoked_subcommand)
        return
    from groundtune.cli.grading_loop import grade_all
    from groundtune.jobs.grade import GradingRequest, sitting
    from groundtune.project.project import open_project
    from groundtune.screens.grading_screen import show_damaged

    request = GradingRequest(_required(grader), pairs, _names(arms), sample, seed, comparison)
    with sitting(open_project(project), request) as (at_work, damaged):
        show_damaged(damaged, err())
        grade_all(at_work, out(), reference=reference)


@grade_app.command()
def export(
    file: Annotated[Path, typer.Argument(help="FILE.csv for a spreadsheet, FILE.json for Label Studio.")],
    grader: GraderOption = "",
    pairs: PairsOption = False,
    arms: ArmsOption = None,
    sample: SampleOption = None,
    seed: SeedOption = None,
    reference: ReferenceOption = True,
    label_studio: Annotated[
        bool, typer.Option("--label-studio", help="Tasks for Label Studio, whatever the suffix.")
    ] = False,
    comparison: ComparisonOption = None,
    project: ProjectOption = Path("."),
) -> None:
    """Write a blind sheet for a spreadsheet or Label Studio.

    It names no arm. The grades come back with: groundtune grade import FILE.
    """
    from groundtune.jobs.grade import GradingRequest
    from groundtune.jobs.grade_exchange import export_sheet
    from groundtune.project.project import open_project
    from groundtune.screens.grading_screen import show_exported

    request = GradingRequest(grader, pairs, _names(arms), sample, seed, comparison)
    sheet = export_sheet(open_project(project), request, file, label_studio=label_studio, reference=reference)
    show_exported(sheet, out())


@grade_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A graded sheet (CSV), or Label Studio's export (JSON, JSON-MIN).")],
    grader: GraderOption = "",
    comparison: ComparisonOption = None,
    project: ProjectOption = Path("."),
) -> None:
    """Take over grades from a sheet.

    Every row is checked first; where one is not in order none is taken over.
    """
    from groundtune.jobs.grade_exchange import import_grades
    from groundtune.project.project import open_project
    from groundtune.screens.grading_screen import show_taken_over

    show_taken_over(import_grades(open_project(project), file, grader, comparison), "grade", out())


@grade_app.command()
def answers(
    file: Annotated[
        Path | None,
        typer.Argument(help='Answers to take over: JSONL with rows {"id", "answer"}; else they are asked here.'),
    ] = None,
    grader: GraderOption = "",
    sample: SampleOption = None,
    seed: SeedOption = None,
    project: ProjectOption = Path("."),
) -> None:
    """Collect experts' own answers: the arm "human".

    They are scored as every other arm's, and graded among them.
    """
    from groundtune.cli.grading_loop import answer_all
    from groundtune.jobs.grade import grader_of
    from groundtune.jobs.human_answers import answering, take_over_answers
    from groundtune.project.project import open_project
    from groundtune.screens.grading_screen import show_damaged, show_taken_over

    opened, expert = open_project(project), grader_of(_required(grader))
    if file:
        show_taken_over(take_over_answers(opened, file, expert), "answer", out())
        return
    with answering(opened, expert, sample, seed) as (at_work, damaged):
        show_damaged(damaged, err())
        answer_all(at_work, out())


@grade_app.command()
def results(
    comparison: ComparisonOption = None, project: ProjectOption = Path("."), as_json: JsonOption = False
) -> None:
    """Reveal which arm was graded how.

    Points, win rates, how far graders agree with one another and with the scores. Who reads it is no longer blind.
    """
    from groundtune.jobs.grade_results import grade_results
    from groundtune.project.project import open_project
    from groundtune.screens.grade_results_screen import show_results

    print_result(grade_results(open_project(project), comparison), show_results, as_json)


def _pass_on(context: typer.Context, verb: str) -> None:
    """Let options that stand before a verb count for it. Raises ``InputError`` for those that it lacks."""
    from click.core import Group, ParameterSource

    given = {n: v for n, v in context.params.items() if context.get_parameter_source(n) is ParameterSource.COMMANDLINE}
    command = context.command.get_command(context, verb) if isinstance(context.command, Group) else None
    known = {p.name for p in command.params} if command else set()
    if unknown := [n for n in given if n not in known]:
        raise InputError(f"grade {verb} takes no --{', --'.join(unknown)}", mend="leave it out")
    context.default_map = {verb: given}


def _required(grader: str) -> str:
    if not grader:
        raise InputError("whose grades?", mend="add --grader NAME")
    return grader


def _names(arms: str | None) -> tuple[str, ...] | None:
    return tuple(name for a in arms.split(",") if (name := a.strip())) if arms else None
