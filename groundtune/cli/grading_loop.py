"""The keys of a grader and the lines of an expert at the terminal, one after another, until the end or ``q``."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

import click

from compare.people.grade_record import SKIP, scale_of
from groundtune.screens.grading_screen import (
    show_answered,
    show_asked_question,
    show_end,
    show_item,
    show_not_understood,
    show_nothing_to_undo,
    show_start,
)

if TYPE_CHECKING:
    from rich.console import Console

    from groundtune.jobs.grade import Sitting
    from groundtune.jobs.human_answers import AnsweringSitting

_PREFERENCES = {"a": "A", "b": "B", "t": "tie", "x": "bad"}


def grade_all(sitting: Sitting, console: Console, *, reference: bool) -> None:
    """Show one item after another and keep what is said of it. A terminal takes single keys; a pipe lines."""
    show_start(sitting, console)
    while item := sitting.current:
        show_item(sitting, item, console, reference=reference)
        points = len(item.answers) == 1
        while True:
            key = _key(console)
            if key == "q":
                show_end(sitting, console)
                return
            if key == "u" and not sitting.undo():
                show_nothing_to_undo(console)
                continue
            if key != "u":
                grade = SKIP if key == "s" else key if points else _PREFERENCES.get(key)
                if grade != SKIP and grade not in scale_of(len(item.answers)):
                    show_not_understood(key, len(item.answers), console)
                    continue
                sitting.give(str(grade))
            break
    show_end(sitting, console)


def _key(console: Console) -> str:
    """One key, in lower case; the end of the input is ``q``."""
    console.print("[bold]›[/] ", end="")
    try:
        key = click.getchar() if sys.stdin.isatty() else input().strip()
    except EOFError:
        key = "q"
    console.print(key if key.isprintable() else "?", markup=False)
    return key.lower()


def answer_all(sitting: AnsweringSitting, console: Console) -> None:
    """Ask one question after another and keep each answer, a line each."""
    show_asked_question(sitting, console)
    while sitting.current:
        said = _line(console)
        if said == "/quit":
            break
        if said == "/undo":
            if not sitting.undo():
                show_nothing_to_undo(console)
        elif said in ("", "/skip"):
            sitting.skip()
        else:
            sitting.give(said)
        show_asked_question(sitting, console)
    show_answered(sitting, console)


def _line(console: Console) -> str:
    """A line, with editing on a terminal, echoed from a pipe; the end of the input is ``/quit``."""
    try:
        if not sys.stdin.isatty():
            line = input().strip()
            console.print(f"› {line}", markup=False, soft_wrap=True)
            return line
        with contextlib.suppress(ImportError):  # not on Windows
            import readline  # noqa: F401 - its import gives ``input`` line editing
        return input("› ").strip()
    except EOFError:
        return "/quit"
