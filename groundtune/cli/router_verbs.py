"""``groundtune router …``: measure the arms anew, show what the router knows, replay recorded answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundtune.cli.terminal import JsonOption, ProjectOption, err, print_result

if TYPE_CHECKING:
    from groundtune.assistant import Assistant

router_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Which arm answers what: measure it, show it, replay it."
)


@router_app.command()
def train(project: ProjectOption = Path("."), as_json: JsonOption = False) -> None:
    """Measure the arms anew on the examples that were kept out of training.

    Whatever was measured before is replaced.
    """
    from groundtune.assistant import open_assistant
    from groundtune.jobs.measure_arms import known, measure_arms
    from groundtune.screens.progress_bars import Bars
    from groundtune.screens.router_screen import show_known

    assistant = open_assistant(project)
    with Bars(err()) as screen:
        measure_arms(assistant, anew=True, on_progress=screen.show)
    print_result(known(assistant), show_known, as_json)


@router_app.command()
def show(project: ProjectOption = Path("."), as_json: JsonOption = False) -> None:
    """Show what the router knows: the arms as measured, thresholds and rules."""
    from groundtune.assistant import open_assistant
    from groundtune.jobs.measure_arms import known
    from groundtune.screens.router_screen import show_known

    print_result(known(open_assistant(project)), show_known, as_json)


@router_app.command()
def replay(
    file: Annotated[
        Path | None, typer.Argument(help="Recorded answers (JSONL); those of the last comparison by default.")
    ] = None,
    project: ProjectOption = Path("."),
    as_json: JsonOption = False,
) -> None:
    """Show what routing would have scored on recorded answers. No model answers anything.

    A row of FILE: {"id", "question", "scores": {arm: 0 to 1}, "costs": {arm: number}}; "costs" may be left out throughout.
    Cross-validated: no question is judged by what was learned from it.
    """
    from groundtune.jobs.replay_recorded import last_comparison, read_rows, replayed
    from groundtune.screens.router_screen import show_replayed

    if file:
        rows, assistant = read_rows(file), _assistant(project)
    else:
        assistant = _assistant(project)
        file, rows = last_comparison(assistant.project)
    scores = replayed(rows, assistant.embedder, assistant.project.settings.seed)
    print_result({"source": str(file)} | scores, show_replayed, as_json)


def _assistant(folder: Path) -> Assistant:
    """The project's; outside a project one with the default settings, whose embedder is all that is used."""
    from groundtune.assistant import Assistant, open_assistant
    from groundtune.offline import be_quiet
    from groundtune.project.project import Project
    from groundtune.project.project_paths import SETTINGS
    from groundtune.project.settings import Settings

    if folder != Path(".") or (folder / SETTINGS).is_file():
        return open_assistant(folder)
    be_quiet()
    return Assistant(Project(folder, Settings()))
