"""The questionnaire in the terminal: one question at a time, with help, a way back and a review. Decides nothing."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from advisor.answers import Answers
from advisor.questions import UNKNOWN, Question, questions
from corpus.errors import InputError


def ask_questions(console: Console) -> Answers:
    """Ask every question. Enter takes the default, ``?`` explains, ``<`` goes back.

    Raises ``InputError`` where the input ends before the last answer.
    """
    asked = questions()
    given: dict[str, Any] = {}
    console.print("[dim]Enter: the default · ?: why this is asked · <: back · unknown: I don't know[/]\n")
    n = 0
    while n < len(asked):
        value = _ask(asked[n], f"{n + 1}/{len(asked)}", console)
        if value is None:
            n = max(0, n - 1)
            continue
        given[asked[n].key] = value
        n += 1
        if n == len(asked) and not _reviewed(asked, given, console):
            n = 0
    return Answers.of(given)


def _ask(question: Question, place: str, console: Console) -> Any:
    """The checked answer, or None for "back"."""
    default = UNKNOWN if question.default is None else f"{question.default:,.0f}"
    choices = f" [dim]({' / '.join(question.choices)})[/]" if question.choices else f" [dim]({question.unit})[/]"
    while True:
        try:
            said = console.input(f"[bold]{place}[/] {question.text}{choices} [cyan]\\[{default}][/] ").strip()
        except EOFError as error:
            raise InputError(
                f'the answers ended before "{question.key}"', mend="answer every question, or use --answers FILE"
            ) from error
        if said == "?":
            console.print(f"    {question.why} Wanted: {question.wanted}.")
            continue
        if said == "<":
            return None
        if said == "":
            return UNKNOWN if question.default is None else question.parse(question.default)
        try:
            return question.parse(said.replace(",", "").removesuffix("%"))
        except ValueError:
            console.print(f'    [red]"{said}" cannot be used.[/] Wanted: {question.wanted}.')


def _reviewed(asked: tuple[Question, ...], given: dict[str, Any], console: Console) -> bool:
    table = Table(box=None, title="Your answers", title_justify="left")
    for question in asked:
        table.add_row(question.key, str(given[question.key]))
    console.print(table)
    try:
        return not console.input("Enter to decide, < to go through them again: ").strip().startswith("<")
    except EOFError:
        return True
