"""The questionnaire in the terminal: one question at a time, with help, a way back and a review. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.console import Console
from rich.table import Table

from advisor.questions import UNKNOWN, Answer, Question, conflicts, questions
from corpus.errors import InputError

_PARTS = {"checklist": "The checklist", "risk": "What must be kept", "cost": "What it costs"}


def ask_questions(
    console: Console,
    offered: Mapping[str, Answer] | None = None,
    kept: Mapping[str, Answer] | None = None,
    keep: Callable[[dict[str, Answer]], None] | None = None,
) -> dict[str, Answer]:
    """Ask every question. Enter takes the default, ``?`` explains, ``<`` goes back.

    ``offered`` are defaults from the project; ``kept`` the answers of an interrupted run, which goes on after them;
    ``keep`` gets the answers after each one. Raises ``InputError`` where the input ends before the last answer.
    """
    asked, defaults = questions(), dict(offered or {})
    given: dict[str, Answer] = {k: v for k, v in (kept or {}).items() if any(q.key == k for q in asked)}
    console.print("[dim]Enter: the default · ?: why this is asked · <: back · unknown: I don't know[/]")
    n = next((i for i, q in enumerate(asked) if q.key not in given), len(asked))
    if given:
        console.print(f"[dim]Going on after {len(given)} answers of an interrupted run; < goes back.[/]")
    shown, reviewing = "", False
    while True:
        if n == len(asked):
            n, reviewing = _reviewed(asked, given, console), True
            if n == len(asked):
                return given
        if asked[n].part != shown and not reviewing:
            shown = asked[n].part
            console.print(f"\n[bold]{_PARTS[shown]}[/]")
        value = _ask(asked[n], f"{n + 1}/{len(asked)}", given.get(asked[n].key, defaults.get(asked[n].key)), console)
        if value is None:
            n, reviewing = max(0, n - 1), False
            continue
        given[asked[n].key] = value
        if keep:
            keep(given)
        n = len(asked) if reviewing else n + 1


def _ask(question: Question, place: str, offered: Answer | None, console: Console) -> Answer | None:
    """The checked answer, or None for "back"."""
    default: Answer | None = question.default if offered is None else offered
    shown = UNKNOWN if default is None else f"{default:,g}" if isinstance(default, int | float) else str(default)
    choices = f" [dim]({' / '.join(question.choices)})[/]" if question.choices else f" [dim]({question.unit})[/]"
    while True:
        try:
            said = console.input(f"[bold]{place}[/] {question.text}{choices} [cyan]\\[{shown}][/] ").strip()
        except EOFError as error:
            raise InputError(
                f'the answers ended before "{question.key}"', mend="answer every question, or use --answers FILE"
            ) from error
        if said == "?":
            console.print(f"    {question.why}\n    Sensible: {question.sensible}.\n    Wanted: {question.wanted}.")
            continue
        if said == "<":
            return None
        if said == "":
            return UNKNOWN if default is None else question.parse(default)
        try:
            return question.parse(said.replace(",", "").removesuffix("%"))
        except (ValueError, TypeError, OverflowError):
            console.print(f'    [red]"{said}" cannot be used.[/] Wanted: {question.wanted}.')


def _reviewed(asked: tuple[Question, ...], given: Mapping[str, Answer], console: Console) -> int:
    """The number of the question to go back to; their count to go on."""
    table = Table(box=None, title="Your answers", title_justify="left", show_header=False)
    for n, question in enumerate(asked, 1):
        table.add_row(str(n), question.key, str(given[question.key]))
    console.print(table)
    wrong = conflicts(given)
    for c in wrong:
        console.print(f"[red]{c['keys']}[/]: {c['because']}; {c['mend']}")
    prompt = "number of the one to change: " if wrong else "Enter to decide, or the number of the one to change: "
    while True:
        try:
            said = console.input(prompt).strip()
        except EOFError as error:
            if wrong:
                raise InputError("the answers contradict", mend=wrong[0]["mend"]) from error
            return len(asked)
        if said == "" and not wrong:
            return len(asked)
        if said == "<":
            return len(asked) - 1
        if said.isdigit() and 1 <= int(said) <= len(asked):
            return int(said) - 1
        console.print(f'    [red]"{said}" cannot be used.[/] Wanted: 1 to {len(asked)}.')
