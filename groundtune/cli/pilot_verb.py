"""``groundtune pilot``: which way pays, measured within the minutes given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundtune.cli.terminal import JsonOption, ProjectOption, err, out, print_json


def pilot(
    project: ProjectOption = Path("."),
    minutes: Annotated[float, typer.Option(min=1, help="How long it may take, all in all.")] = 15.0,
    questions: Annotated[int | None, typer.Option(min=10, help="Ask at most so many; by default 240.")] = None,
    approach: Annotated[
        str | None, typer.Option(help="Build this: rag, finetune or hybrid; by default all there is material for.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Build and compare within a few minutes; ends early where it is sure. advise --evidence takes the result."""
    from corpus.errors import InputError
    from groundtune.assistant import open_assistant
    from groundtune.jobs.run_pilot import PilotRequest, run_pilot
    from groundtune.screens.pilot_screen import show_pilot
    from groundtune.screens.progress_bars import Bars

    if approach not in (None, "rag", "finetune", "hybrid"):
        raise InputError(f"--approach {approach}: unknown", mend="choose rag, finetune or hybrid")
    assistant = open_assistant(project)
    with Bars(err()) as screen:
        result, file = run_pilot(assistant, PilotRequest(minutes, questions, approach), screen.show)
    if as_json:
        print_json(result)
    else:
        show_pilot(result, file, out())
