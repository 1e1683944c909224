"""The whole path on a sample project, each step shown as it happens. Does nothing the verbs do not do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.answers import read_answers
from advisor.decide import decide
from groundtune.project.decision_store import save_decision
from groundtune.project.new_project import init
from groundtune.project.project import open_project
from groundtune.project.project_paths import SETTINGS
from groundtune.screens import answer_screen, comparison_screen, decision_screen
from groundtune.screens.progress_bars import Bars
from groundtune.screens.provision_screen import Building
from groundtune.screens.provision_screen import show as show_provisioned

if TYPE_CHECKING:
    from rich.console import Console

FIRST = "How long does a boot fitting take?"
ASKED = (
    "How much is the Juniper Duo tent?",
    "How long can I return boots I have worn outside?",
    "Who won the football world cup?",
)


def run(folder: Path, sample: Path, out: Console, err: Console) -> None:
    """Advise, build, ask and compare in ``folder``, which is made from ``sample`` where it is not there yet."""
    from groundtune.assistant import Assistant
    from groundtune.jobs.prove import prove
    from groundtune.jobs.provision import provision

    started = time.monotonic()
    if not (folder / SETTINGS).is_file():
        init(folder, [str(sample / "documents")], str(sample / "examples.jsonl"), str(sample / "questions.jsonl"))
    project = open_project(folder)

    out.rule("[bold]1  Advise[/]  groundtune advise --answers answers.yaml", align="left")
    decision = decide(read_answers(sample / "answers.yaml")).to_json()
    save_decision(project.built, decision)
    decision_screen.show(decision, out)

    assistant = Assistant(project)
    out.rule("[bold]2  Provision[/]  groundtune provision", align="left")

    def first_answer(*_: object) -> None:
        screen.indexed(*_)  # type: ignore[arg-type]
        screen.pause()
        out.print(f"\nRetrieval can answer already: [bold cyan]› {FIRST}[/]  [dim](--arm rag)[/]")
        answer_screen.show_stream(assistant.answerer("rag").stream(FIRST), out)
        screen.resume()

    with Building(err) as screen:
        provisioned = provision(
            assistant,
            decision["approach"],
            on_progress=screen.show,
            on_indexed=first_answer,
            on_notice=screen.notice,
        )
    show_provisioned(decision["approach"], provisioned.to_json(), out)

    assistant = Assistant(project, generator=assistant.generator, embedder=assistant.embedder)
    out.rule('[bold]3  Ask[/]  groundtune ask "…"', align="left")
    for question in ASKED:
        out.print(f"[bold cyan]› {question}[/]")
        answer_screen.show_stream(assistant.answerer("auto").stream(question), out)

    out.rule("[bold]4  Compare[/]  groundtune compare", align="left")
    with Bars(err) as asking:
        result, _ = prove(assistant, on_progress=asking.show)
    comparison_screen.show(result, out)
    out.print(f"[dim]{time.monotonic() - started:,.0f} s in all. The project is in {folder}.[/]")
