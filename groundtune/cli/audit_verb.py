"""The verb ``audit``: what the documents and examples hold that someone should know. Looks at nothing itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundtune.cli.terminal import JsonOption, ProjectOption, err, out, print_json


def audit(
    project: ProjectOption = Path("."),
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit status 1 where something is left to be decided or mended.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Look through documents and examples: personal data, secrets, copies, faulty examples.

    Tells kinds and places, never values.
    """
    from groundtune.jobs.audit import audit as look_through
    from groundtune.project.project import open_project

    opened = open_project(project)
    with err().status("looking through documents and examples"):
        report = look_through(opened)
    if as_json:
        print_json(report)
    else:
        from groundtune.screens.audit_screen import show

        show(report, out())
        out().print(f"[dim]Every place: {opened.audit_file}[/]", soft_wrap=True)
    if strict and report["to_decide"]:
        raise typer.Exit(1)
