"""The command ``groundtune``: options in, screens or JSON out. Every verb's work is done elsewhere.

Heavy libraries are imported inside the verbs, so that ``--help`` and ``advise`` answer at once.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from click.exceptions import Abort, ClickException

from corpus.errors import InputError
from groundtune.arms import arms_in_words
from groundtune.cli.advise_verb import advise
from groundtune.cli.audit_verb import audit
from groundtune.cli.compare_verb import compare
from groundtune.cli.ending import STOPPED, end, end_for
from groundtune.cli.grade_verbs import grade_app
from groundtune.cli.index_verbs import index_app
from groundtune.cli.models_verbs import models_app
from groundtune.cli.pilot_verb import pilot
from groundtune.cli.router_verbs import router_app
from groundtune.cli.streams import adapt_streams
from groundtune.cli.terminal import (
    JsonOption,
    ProjectOption,
    SinceOption,
    SourceOption,
    StrictOption,
    TagOption,
    UntilOption,
    err,
    out,
    print_json,
    print_result,
    where_of,
)
from groundtune.offline import be_quiet

if TYPE_CHECKING:
    from groundtune.assistant import Assistant
    from rag.index.passage_filter import Filter

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Retrieve, fine-tune, both or neither? Advises, builds what it advised, and proves it on held-out questions.",
)
app.add_typer(models_app, name="models")
app.add_typer(index_app, name="index")
app.add_typer(router_app, name="router")
app.add_typer(grade_app, name="grade")

ArmOption = Annotated[str, typer.Option(help=f"{arms_in_words()}.")]
ApproachOption = Annotated[str | None, typer.Option(help="Build this instead: rag, finetune or hybrid.")]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make a project of.")],
    documents: Annotated[
        list[str], typer.Option(help="Files, folders and globs to retrieve from; repeat for more.")
    ] = [],  # noqa: B006
    examples: Annotated[str | None, typer.Option(help="Training questions and answers (JSONL, JSON, CSV).")] = None,
    questions: Annotated[str | None, typer.Option(help="Held-out questions; else some examples are held out.")] = None,
) -> None:
    """Make a project folder with groundtune.yaml."""
    from groundtune.project.new_project import init as make
    from groundtune.project.project_paths import SETTINGS
    from groundtune.screens.examples_screen import show_left_out, show_not_learned

    if not documents and not examples:
        raise InputError("a project needs documents, examples or both", mend="add --documents PATH or --examples FILE")
    project = make(folder, documents, examples, questions)
    for file in project.examples_files():
        show_left_out(file.left_out, err())
        show_not_learned(file.beside, err())
    out().print(f"[green]✓[/] {folder / SETTINGS} written. Next: groundtune advise --project {folder}")


app.command()(advise)
app.command()(audit)


@app.command()
def provision(
    project: ProjectOption = Path("."),
    approach: ApproachOption = None,
    strict: StrictOption = False,
    minutes: Annotated[
        float | None, typer.Option(min=0.1, help="Train about so many minutes at most; what is not reached is told.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Build what was advised: the index, the adapter, the router. Run it again to resume or to bring it up to date."""
    from groundtune.assistant import Assistant, open_assistant
    from groundtune.jobs.provision import chosen_approach
    from groundtune.jobs.provision import provision as build
    from groundtune.screens.provision_screen import Building, show

    assistant = open_assistant(project)
    if minutes is not None:
        assistant = Assistant(assistant.project.within(minutes))
    chosen = chosen_approach(assistant, approach)
    with Building(err()) as screen:
        provisioned = build(
            assistant,
            chosen,
            strict=strict,
            on_progress=screen.show,
            on_indexed=screen.indexed,
            on_notice=screen.notice,
        )
    print_result(provisioned.to_json(), partial(show, chosen), as_json)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What to ask.")],
    arm: ArmOption = "auto",
    source: SourceOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    tag: TagOption = [],  # noqa: B006
    fast: Annotated[bool, typer.Option("--fast", help="Without the language model: quoted, or looked up.")] = False,
    project: ProjectOption = Path("."),
    as_json: JsonOption = False,
) -> None:
    """Ask one question; see the answer and its sources."""
    if fast:
        from groundtune.arms import FAST

        if arm != "auto":
            raise InputError(f"--fast and --arm {arm} exclude each other", mend="leave one of them out")
        arm = FAST
    where = where_of(source, since, until, tag)
    answerer = _opened(project, arm, where).answerer(arm, where)
    if as_json:
        print_json(answerer.answer(question).to_json())
    else:
        from groundtune.screens.answer_screen import show_stream

        show_stream(answerer.stream(question), out())


@app.command()
def chat(
    arm: ArmOption = "auto",
    source: SourceOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    tag: TagOption = [],  # noqa: B006
    project: ProjectOption = Path("."),
) -> None:
    """Ask one question after another: a follow-up is understood with those before it. /help lists the commands."""
    from groundtune.cli.chat_loop import Chat

    where = where_of(source, since, until, tag)
    assistant = _opened(project, arm, where)
    Chat(assistant.conversation(arm, where), partial(assistant.answerer, where=where), out()).run()


app.command()(compare)
app.command()(pilot)


@app.command()
def doctor(project: ProjectOption = Path("."), as_json: JsonOption = False) -> None:
    """Check this machine: each line is ok or says how to mend it. Exit status 1 where something is not ok."""
    from groundtune.jobs.doctor import checks

    results = list(checks(project))
    if as_json:
        print_json([vars(c) for c in results])
    else:
        from groundtune.screens.status_screen import show_checks

        show_checks(results, out())
    if not all(c.ok for c in results):
        raise typer.Exit(1)


@app.command()
def status(project: ProjectOption = Path("."), as_json: JsonOption = False) -> None:
    """What is advised, built and measured in this project."""
    from groundtune.jobs.status import status_of
    from groundtune.project.project import open_project

    report = status_of(open_project(project))
    if as_json:
        print_json(report)
    else:
        from groundtune.screens.status_screen import show_status

        show_status(report, out())


@app.command()
def demo(
    project: ProjectOption = Path("demo-project"),
    sample: Annotated[Path, typer.Option(help="A folder with documents/, examples, questions and answers.")] = Path(
        "data/outdoor-shop"
    ),
) -> None:
    """The whole path on a sample: advise, provision, ask, compare."""
    from groundtune.cli.demo_verb import run

    be_quiet()
    run(project, sample, out(), err())


def _opened(folder: Path, arm: str, where: Filter) -> Assistant:
    """The project's assistant; the arm's weights load beside all else that the first answer needs."""
    from groundtune.assistant import open_assistant

    assistant = open_assistant(folder)
    assistant.prepare(arm, where)
    return assistant


def main() -> None:
    """Run the command: what the user can mend is told without a traceback and ends with status 2, Ctrl-C with 130.

    A pipe that nobody reads any more ends it with status 0.
    """
    adapt_streams()
    try:
        status = app(standalone_mode=False)
    except SystemExit as ended:
        closed_pipe = isinstance(ended.__context__, BrokenPipeError)  # typer's own way to end then
        end(0 if closed_pipe else int(ended.code or 0), at_once=closed_pipe)
    except ClickException as error:
        error.show()
        end(error.exit_code)
    except Abort:
        end_for(
            InputError("the input ended before the last answer", mend="answer in a terminal, or use --answers FILE")
        )
    except BaseException as error:  # noqa: BLE001 - tells what it knows and raises the rest again
        end_for(error)
    if status == STOPPED:
        end_for(KeyboardInterrupt())
    end(status or 0, at_once=sys.argv[1:2] == ["ask"] and not status)


if __name__ == "__main__":
    main()
