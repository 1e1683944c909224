"""``groundtune index …``: keep, check, restore, search and measure the index of a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.terminal import JsonOption, ProjectOption, err, out, print_json

index_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Keep, check, restore or search the index.")
StrictOption = Annotated[bool, typer.Option("--strict", help="Refuse where a document cannot be read.")]


@index_app.command()
def update(project: ProjectOption = Path("."), strict: StrictOption = False, as_json: JsonOption = False) -> None:
    """Bring the index in step with the documents; what is unchanged costs nothing."""
    _build(project, strict, as_json, anew=False)


@index_app.command()
def rebuild(project: ProjectOption = Path("."), strict: StrictOption = False, as_json: JsonOption = False) -> None:
    """Throw the index away, sound or damaged, and make it anew from the documents."""
    _build(project, strict, as_json, anew=True)


@index_app.command()
def verify(project: ProjectOption = Path("."), as_json: JsonOption = False) -> None:
    """Check that the index holds exactly its documents. Exit status 1 where it does not."""
    from app.assistant import open_assistant
    from app.screens.index import show_health
    from corpus.read import read_documents
    from rag.verify import verify as check

    assistant = open_assistant(project)
    reading = read_documents(assistant.project.document_paths(), assistant.project.folder)
    protector = assistant.project.protector()
    health = check(assistant.index, [made for d in reading.documents if (made := protector.document(d))])
    if as_json:
        print_json(health.to_json())
    else:
        show_health(health, out())
    if not health.clean:
        raise typer.Exit(1)


@index_app.command()
def search(
    question: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("--passages", "-k", min=1, max=100, help="How many passages to show.")] = 5,
    project: ProjectOption = Path("."),
    as_json: JsonOption = False,
) -> None:
    """Show the passages that are found for a question, best first, with their scores. Needs no language model."""
    from dataclasses import asdict

    from app.assistant import open_assistant
    from app.screens.index import show_found
    from lm.model_answer import checked_question

    found = open_assistant(project).tuned_retriever.retrieve(checked_question(question), k)
    if as_json:
        print_json([asdict(f) for f in found])
    else:
        show_found(found, out())


@index_app.command()
def stats(project: ProjectOption = Path("."), as_json: JsonOption = False) -> None:
    """What the index holds: documents, passages, their lengths, its size on disk."""
    from app.assistant import open_assistant
    from app.screens.index import show_stats
    from rag.stats import stats_of

    told = stats_of(open_assistant(project).index)
    if as_json:
        print_json(told)
    else:
        show_stats(told, out())


def _build(folder: Path, strict: bool, as_json: bool, *, anew: bool) -> None:
    from app.assistant import open_assistant
    from app.provision import build_index
    from app.screens.provision import Building, show_index

    assistant = open_assistant(folder)
    with Building(err()) as screen:
        report, skipped = build_index(assistant, strict=strict, on_progress=screen.indexing, anew=anew)
        screen.indexed(report, skipped)
    if as_json:
        print_json({"index": vars(report), "skipped": [str(f) for f in skipped]})
    else:
        show_index(vars(report), out())
