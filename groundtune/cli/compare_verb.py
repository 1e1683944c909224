"""``groundtune compare``: every arm on the held-out questions, and what a pipeline asks of the result."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundtune.cli.terminal import JsonOption, ProjectOption, err, out, print_json

FAILED = 3
"""The exit status where a condition of ``--fail-if`` holds."""


ArmsOption = Annotated[str | None, typer.Option(help="Arms to compare, with commas; every built one by default.")]
LimitOption = Annotated[int | None, typer.Option(min=2, help="Only the first N held-out questions.")]
PricesOption = Annotated[Path | None, typer.Option(help="TOML file that overrides entries of the price table.")]
ReferenceOption = Annotated[str, typer.Option(help="Test each arm against this one only, not every pair.")]
OthersOption = Annotated[
    list[Path],
    typer.Option(
        "--jsonl", help="Another system's answers (question or id, answer): an arm of the file's name. Repeatable."
    ),
]
AgainstOption = Annotated[
    Path | None, typer.Option(help="An earlier comparison, or a project with one: what changed since.")
]
ConditionsOption = Annotated[
    list[str], typer.Option("--fail-if", help='Exit status 3 where this holds, as "auto.key < 0.5". Repeatable.')
]


def compare(
    project: ProjectOption = Path("."),
    arms: ArmsOption = None,
    limit: LimitOption = None,
    prices: PricesOption = None,
    reference: ReferenceOption = "",
    others: OthersOption = [],  # noqa: B006
    against: AgainstOption = None,
    conditions: ConditionsOption = [],  # noqa: B006
    as_json: JsonOption = False,
) -> None:
    """Prove it: every arm on the held-out questions.

    With intervals, paired tests, refusals, latency and cost.
    """
    from compare.conditions import Condition
    from groundtune.assistant import open_assistant
    from groundtune.jobs.prove import prove
    from groundtune.screens.changes_screen import show_changes
    from groundtune.screens.comparison_screen import show
    from groundtune.screens.progress_bars import Bars

    failing = [Condition.of(text) for text in conditions]
    assistant = open_assistant(project)
    with Bars(err()) as screen:
        result, kept = prove(
            assistant,
            arms.split(",") if arms else None,
            limit,
            screen.show,
            prices,
            reference=reference,
            imported=others,
            against=against,
        )
    if as_json:
        print_json(result)
    else:
        show(result, out())
        if "changes" in result:
            show_changes(result["changes"], out())
        out().print(f"[dim]Each answer: {kept}[/]")
    held = [words for condition in failing if (words := condition.holds(result))]
    for words in held:
        err().print(f"[red]✗[/] {words}")
    if held:
        raise typer.Exit(FAILED)
