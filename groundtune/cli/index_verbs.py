"""``groundtune index …``: fill, keep, check, restore, search and measure the index of a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.errors import InputError
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

index_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Fill, keep, check, restore or search the index."
)


@index_app.command()
def update(project: ProjectOption = Path("."), strict: StrictOption = False, as_json: JsonOption = False) -> None:
    """Bring the index in step with the documents.

    What is unchanged is not even read.
    """
    _build(project, strict, as_json, anew=False)


@index_app.command()
def rebuild(project: ProjectOption = Path("."), strict: StrictOption = False, as_json: JsonOption = False) -> None:
    """Make the index anew from the documents.

    Whatever is there, sound or damaged, is thrown away at the end.
    """
    _build(project, strict, as_json, anew=True)


@index_app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    project: ProjectOption = Path("."),
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Name further documents and index them.

    They are added to groundtune.yaml, whose comments stay.
    """
    from corpus.atomic_files import write_text
    from groundtune.project.document_list import add as name
    from groundtune.project.project import open_project

    opened = open_project(project)
    before = opened.settings_file.read_text(encoding="utf-8")
    name(opened, paths)
    try:
        _build(project, strict, as_json, anew=False)
    except InputError:
        if strict:  # what is refused is not named either
            write_text(opened.settings_file, before)
        raise


@index_app.command()
def remove(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders as groundtune.yaml names them.")] = [],  # noqa: B006
    collection: Annotated[str, typer.Option(help="A collection that was adopted.")] = "",
    project: ProjectOption = Path("."),
    as_json: JsonOption = False,
) -> None:
    """Take documents out of the index.

    They are taken out of groundtune.yaml, whose comments stay; the files themselves are not touched.
    """
    from groundtune.project.document_list import remove as unname
    from groundtune.project.document_list import require_named
    from groundtune.project.project import open_project

    if not paths and not collection:
        raise InputError("nothing to remove", mend="name PATH… or --collection NAME")
    opened = open_project(project)
    require_named(opened, paths)
    if collection:
        from rag.index.adopt_collection import give_up

        give_up(opened.adopted, collection)
    unname(opened, paths)
    _build(project, False, as_json, anew=False, emptied=True)


@index_app.command()
def adopt(
    collection: Annotated[str, typer.Option(help="Its name.")],
    path: Annotated[Path | None, typer.Option(help="The folder with chroma.sqlite3; it is only read.")] = None,
    url: Annotated[str | None, typer.Option(help="Or the Chroma server, http://HOST:PORT; it is only read.")] = None,
    project: ProjectOption = Path("."),
    as_json: JsonOption = False,
) -> None:
    """Take over a Chroma collection made elsewhere.

    Its texts, what they say of themselves and, where our embedder made them, its vectors. It is only read.
    """
    from groundtune.assistant import open_assistant
    from groundtune.screens.index_screen import show_adopted
    from rag.index.adopt_collection import adopt as take

    if (path is None) == (url is None):
        raise InputError("where is the collection?", mend="name either --path DIR or --url URL")
    assistant = open_assistant(project)
    taken = take(path or str(url), collection, assistant.project.adopted, assistant.embedder)
    if not as_json:
        show_adopted(taken, out())
    _build(project, False, as_json, anew=False, also={"adopted": vars(taken)})


@index_app.command()
def verify(project: ProjectOption = Path("."), strict: StrictOption = False, as_json: JsonOption = False) -> None:
    """Check that the index holds exactly its documents. Exit status 1 where it does not."""
    from groundtune.assistant import open_assistant
    from groundtune.project.project_documents import Documents
    from groundtune.screens.index_screen import show_health
    from rag.index.verify_index import verify as check

    assistant = open_assistant(project)
    with Documents(assistant.project) as documents:
        health = check(assistant.index, documents.each())
        not_read = documents.not_read
    if as_json:
        unreadable = [vars(f) for f in not_read.files]
        print_json(health.to_json() | {"unreadable": unreadable} | not_read.to_json())
    else:
        show_health(health, not_read, out())
    if not health.clean or (strict and not_read):
        raise typer.Exit(1)


@index_app.command()
def search(
    question: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("--passages", "-k", min=1, max=100, help="How many passages to show.")] = 5,
    source: SourceOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    tag: TagOption = [],  # noqa: B006
    project: ProjectOption = Path("."),
    as_json: JsonOption = False,
) -> None:
    """Show the passages found for a question.

    Best first, with their scores. Needs no language model.
    """
    from dataclasses import asdict

    from groundtune.assistant import open_assistant
    from groundtune.screens.index_screen import show_passages
    from lm.answerer import checked_question
    from rag.index.passage_filter import nothing_passes

    where = where_of(source, since, until, tag)
    assistant = open_assistant(project)
    passages = assistant.tuned_retriever.within(where).retrieve(checked_question(question), k)
    if where and not passages:
        raise nothing_passes(where, assistant.index.entries())
    if as_json:
        print_json([asdict(f) for f in passages])
    else:
        show_passages(passages, out())


@index_app.command()
def stats(project: ProjectOption = Path("."), as_json: JsonOption = False) -> None:
    """What the index holds, in numbers."""
    from groundtune.assistant import open_assistant
    from groundtune.screens.index_screen import show_stats
    from rag.index.index_stats import stats_of

    print_result(stats_of(open_assistant(project).index), show_stats, as_json)


def _build(
    folder: Path,
    strict: bool,
    as_json: bool,
    *,
    anew: bool,
    emptied: bool = False,
    also: dict[str, object] | None = None,
) -> None:
    from corpus.atomic_files import read_json
    from groundtune.assistant import open_assistant
    from groundtune.jobs.build_index import build_index
    from groundtune.screens.not_read_screen import show_not_read
    from groundtune.screens.provision_screen import Building, show_index, show_protection

    assistant = open_assistant(folder)
    with Building(err()) as screen:
        report, not_read = build_index(assistant, strict=strict, on_progress=screen.show, anew=anew, emptied=emptied)
        screen.indexed(report)
    protection = read_json(assistant.project.protection_file)
    if as_json:
        built = {
            "index": vars(report),
            "skipped": [vars(f) for f in not_read.files],
            "protection": {"documents": protection},
        }
        print_json(built | not_read.to_json() | (also or {}))
    else:
        show_index(vars(report), out())
        show_not_read(not_read, out())
        show_protection("documents", protection, out())
