"""The screen of a pilot: its comparison, why it ended, and what it cannot tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from groundtune.screens.comparison_screen import show

if TYPE_CHECKING:
    from rich.console import Console

    from compare.comparison_json import ComparisonJson

_ENDED = {
    "sure": "the differences asked about were sure",
    "time": "the time was over",
    "all asked": "all questions were asked",
}


def show_pilot(result: ComparisonJson, file: Path, console: Console) -> None:
    """As ``compare`` shows it, then what makes it a pilot, and the next step."""
    show(result, console)
    run = result["pilot"]
    console.print(
        f"[bold]Pilot:[/] {run['asked']} of {run['of']} questions in {run['spent']:.1f} of {run['minutes']:g} minutes; "
        f"ended as {_ENDED[run['ended']]}. A difference counts here below p {result['level']:.4f}."
    )
    for words in run["cannot_tell"]:
        console.print(f"[yellow]cannot tell[/] {escape(words)}")
    console.print(f"Next: groundtune advise --evidence {escape(str(file))}")
