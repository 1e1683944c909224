"""The screens of grading: what is asked, how far it is, what was kept. They name no arm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from compare.people.grade_record import POINTS, PREFERENCES

if TYPE_CHECKING:
    from compare.people.blind_sheet import BlindItem
    from corpus.errors import Fault
    from groundtune.jobs.grade import Sitting
    from groundtune.jobs.grade_exchange import ExportedSheet
    from groundtune.jobs.human_answers import AnsweringSitting, TakenOver

_KEYS = {"A": "a", "B": "b", "tie": "t", "bad": "x"}
_ALWAYS = "[cyan]u[/] undo  [cyan]s[/] skip  [cyan]q[/] quit"
_MANY = 400
"""Items from which on a smaller sample is named as the way out."""
_SIDE_BY_SIDE = 100
"""Columns from which on two answers stand side by side."""


def show_start(sitting: Sitting, console: Console) -> None:
    """How much there is to do, before the first item."""
    sheet = sitting.sheet
    what = "pairs of answers" if len(sheet.items[0].answers) == 2 else "answers"
    console.print(f"{len(sheet.items):,} {what} to {sheet.questions:,} questions, {sitting.graded:,} graded already")
    if len(sheet.items) > _MANY:
        console.print("[dim]Fewer: --sample N questions, or --arms for some arms only.[/]")


def show_item(sitting: Sitting, item: BlindItem, console: Console, *, reference: bool) -> None:
    """A question with one answer, or with two to choose from, and the keys."""
    sheet = sitting.sheet
    place = f"{sheet.grader} · question {item.question_number} of {sheet.questions}"
    if item.count > 1:
        place += f" · {item.number} of {item.count}"
    console.print()
    console.print(
        Rule(f"{escape(place)} · {sitting.graded:,} of {len(sheet.items):,} graded", align="left", style="dim")
    )
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    table.add_row("question", Text(item.text, style="bold"))
    if reference:
        table.add_row("reference", Text(item.reference))
    console.print(table)
    if len(item.answers) == 1:
        console.print(Panel(Text(item.answers[0]), title="answer", title_align="left", border_style="cyan"))
    else:
        _show_two(item.answers, console)
    _show_keys(len(item.answers), console)


def _show_two(answers: Sequence[str], console: Console) -> None:
    beside = console.width >= _SIDE_BY_SIDE
    panels = [
        Panel(
            Text(text),
            title=name,
            title_align="left",
            border_style="cyan",
            width=(console.width - 1) // 2 if beside else None,
        )
        for name, text in zip("AB", answers, strict=True)
    ]
    if beside:
        console.print(Columns(panels, padding=(0, 1)))
    else:
        for panel in panels:
            console.print(panel)


def _show_keys(answers: int, console: Console) -> None:
    scale = POINTS if answers == 1 else PREFERENCES
    keys = "  ".join(f"[cyan]{_KEYS.get(step, step)}[/] {meaning}" for step, meaning in scale.items())
    console.print(f"{keys}\n{_ALWAYS}")


def show_not_understood(key: str, answers: int, console: Console) -> None:
    """Which keys there are."""
    wanted = "1 to 5" if answers == 1 else "a, b, t or x"
    shown = repr(key) if key.isprintable() else "that key"
    console.print(f"[red]{escape(shown)} says nothing.[/] Wanted: {wanted}; u, s or q.")


def show_nothing_to_undo(console: Console) -> None:
    """There is nothing to take back."""
    console.print("[dim]There is nothing to take back.[/]")


def show_end(sitting: Sitting, console: Console) -> None:
    """What was done, what is left, and what comes next."""
    left = len(sitting.sheet.items) - sitting.graded
    console.print()
    given = "1 grade" if sitting.given == 1 else f"{sitting.given:,} grades"
    console.print(f"[green]✓[/] {given} in this sitting, {sitting.graded:,} in all: every one is kept")
    if left:
        console.print(f"{left:,} left; the same command goes on from there{_again(sitting.skipped)}.")
    else:
        console.print("All is graded. Once everybody is through: [cyan]groundtune grade results[/]", soft_wrap=True)


def _again(skipped: int) -> str:
    return f" ({skipped:,} skipped come last)" if skipped else ""


def show_damaged(damaged: Sequence[Fault], console: Console) -> None:
    """Lines that cannot be read any more."""
    for fault in damaged:
        console.print(f"[yellow]![/] {escape(str(fault))}", soft_wrap=True)


def show_exported(sheet: ExportedSheet, console: Console) -> None:
    """Where the sheet is and how it comes back."""
    console.print(f"[green]✓[/] {sheet.items:,} items on {sheet.questions:,} questions", end="")
    console.print(f": {escape(str(sheet.file))}", soft_wrap=True)
    if sheet.interface:
        console.print(f"  Label Studio's labelling interface: {escape(str(sheet.interface))}", soft_wrap=True)
        console.print("  Import the tasks there, annotate, export as JSON.\n  Then: groundtune grade import FILE")
    else:
        console.print('  Fill in the column "grade". Then: groundtune grade import FILE')


def show_taken_over(taken: TakenOver, what: str, console: Console) -> None:
    """How much was taken over, and of whom."""
    plural = what if taken.kept == 1 else f"{what}s"
    console.print(f"[green]✓[/] {taken.kept:,} {plural} taken over, of {escape(', '.join(taken.people))}")
    if taken.known or taken.blank:
        console.print(f"  {taken.known:,} were kept already, {taken.blank:,} rows are blank")


def show_asked_question(sitting: AnsweringSitting, console: Console) -> None:
    """The question that an expert is to answer; nothing at the end."""
    question = sitting.current
    if question is None:
        return
    console.print()
    place = f"{sitting.expert} · {sitting.answered:,} of {sitting.count:,} answered"
    console.print(Rule(escape(place), align="left", style="dim"))
    console.print(Text(question.question, style="bold"))
    console.print("[dim]a line, “I don't know.” too; Enter skips, /undo, /quit[/]")


def show_answered(sitting: AnsweringSitting, console: Console) -> None:
    """What is kept and what is left."""
    console.print()
    console.print(f"[green]✓[/] {sitting.answered:,} of {sitting.count:,} questions answered: every answer is kept")
    if sitting.answered < sitting.count:
        console.print("The same command goes on with the others.")
