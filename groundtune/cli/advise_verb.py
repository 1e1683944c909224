"""The verb ``advise``: options in, a decision out; also its history, and two decisions side by side."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import InputError, ProjectError
from groundtune.cli.terminal import JsonOption, ProjectOption, err, out, print_json, print_result

if TYPE_CHECKING:
    from advisor.decision_json import DecisionJson


def advise(
    answers: Annotated[Path | None, typer.Option(help="Answers as YAML or JSON, instead of being asked.")] = None,
    preset: Annotated[
        str | None, typer.Option(help="Start from a preset, such as customer-service or prototype.")
    ] = None,
    settings: Annotated[list[str], typer.Option("--set", help="One answer, KEY=VALUE; repeat for more.")] = [],  # noqa: B006
    evidence: Annotated[
        Path | None, typer.Option(help="A comparison (JSON) whose measurements replace guesses.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="Stakeholders' weights: quality=3,cost=1,…")] = None,
    prices: Annotated[Path | None, typer.Option(help="A TOML file whose prices replace the built-in ones.")] = None,
    measure: Annotated[bool, typer.Option("--measure", help="Time this machine first, on the project's data.")] = False,
    report: Annotated[list[Path], typer.Option(help="Also write FILE.md or FILE.html; repeat for both.")] = [],  # noqa: B006
    history: Annotated[bool, typer.Option("--history", help="Show the decisions so far and what changed.")] = False,
    compare: Annotated[tuple[str, str] | None, typer.Option(help="Show what differs between two versions.")] = None,
    project: ProjectOption = Path("."),
    as_json: JsonOption = False,
) -> None:
    """Answer the questionnaire; get a decision with its reasons.

    With low, middle and high costs, what would change it, and a plan.
    """
    from groundtune.jobs.advise import Request

    asked = Request(project, answers, preset, tuple(settings), evidence, prices, weights)
    if history or compare:
        _look_back(asked.built, compare, as_json)
        return
    from groundtune.jobs.advise import advise as decided
    from groundtune.project.decision_store import save_decision

    _require_known_kinds(report)
    if measure:
        _measure(project)
    decision = decided(asked, err).to_json()
    if asked.built:
        decision["version"] = save_decision(asked.built, decision)
    for file in report:
        _write_report(file, decision)
    if as_json:
        print_json(decision)
    else:
        from groundtune.screens.decision_screen import show

        show(decision, out())
        for file in report:
            out().print(f"[green]✓[/] {file}")


def _look_back(folder: Path | None, compare: tuple[str, str] | None, as_json: bool) -> None:
    from groundtune.project.decision_store import changes, history, read_version
    from groundtune.screens.history_screen import show_changes, show_history

    if folder is None:
        raise ProjectError("not in a project: no decisions are kept here", mend="name one: --project DIR")
    if compare:
        differences = changes(read_version(folder, compare[0]), read_version(folder, compare[1]))
        print_result(differences, partial(show_changes, compare), as_json)
        return
    print_result(history(folder), show_history, as_json)


def _measure(folder: Path) -> None:
    from datetime import UTC, datetime

    from corpus.atomic_files import write_json
    from groundtune.assistant import open_assistant
    from groundtune.jobs.advise import ESTIMATE
    from groundtune.jobs.measure_machine import measure

    assistant = open_assistant(folder)
    with err().status("timing a short burst of indexing and training on this machine"):
        speeds = measure(assistant)
    write_json(assistant.project.built / ESTIMATE, speeds | {"measured_on": datetime.now(UTC).date().isoformat()})


def _require_known_kinds(files: list[Path]) -> None:
    unknown = [str(f) for f in files if f.suffix not in (".md", ".html")]
    if unknown:
        raise InputError(f"--report {', '.join(unknown)}: unknown kind", mend="end the name in .md or .html")


def _write_report(file: Path, decision: DecisionJson) -> None:
    from corpus.atomic_files import write_text
    from groundtune.reports.html_report import html
    from groundtune.reports.markdown_report import markdown

    write_text(file, html(decision) if file.suffix == ".html" else markdown(decision))
