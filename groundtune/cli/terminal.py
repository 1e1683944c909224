"""What every verb shares: the project and JSON options, the two consoles, JSON on standard output. Does no work."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from groundtune.cli.streams import shows_unicode

if TYPE_CHECKING:
    from rich.console import Console

    from rag.index.passage_filter import Filter

Result = TypeVar("Result")
ProjectOption = Annotated[Path, typer.Option("--project", "-p", help="The project folder.")]
SourceOption = Annotated[str, typer.Option("--source", help="Only documents whose path matches, as 'policies/*'.")]
SinceOption = Annotated[str, typer.Option("--since", metavar="DAY", help="Only documents of this day or later.")]
UntilOption = Annotated[str, typer.Option("--until", metavar="DAY", help="Only documents of this day or earlier.")]
TagOption = Annotated[list[str], typer.Option("--tag", help="Only documents with this tag; repeat for more.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Refuse where a file, or a piece of one, cannot be read.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print exactly one JSON value on standard output.")]


def out() -> Console:
    """The console of results."""
    from rich.console import Console

    return Console(highlight=False)


def err() -> Console:
    """The console of progress and questions."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def print_json(value: object) -> None:
    """``value`` as the only thing on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=not shows_unicode()) + "\n")


def print_result(result: Result, show: Callable[[Result, Console], None], as_json: bool) -> None:
    """``result`` as JSON, or on its screen."""
    print_json(result) if as_json else show(result, out())


def where_of(source: str, since: str, until: str, tags: list[str]) -> Filter:
    """The filter that the options make. Raises ``InputError`` for what is no day."""
    from rag.index.passage_filter import Filter

    return Filter(source, since, until, tuple(tags))
